"""Receiving callbacks in Django: a view."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from ._receiver import Receiver
from .wsgi import header_pairs


def callback_view(receiver: Receiver) -> Callable[[HttpRequest], HttpResponse]:
    """The view that receives callbacks: `path("runflow/", callback_view(receiver))`.

    It is exempt from CSRF checks, for the signature is the proof, and reads the body itself, so
    that DATA_UPLOAD_MAX_MEMORY_SIZE does not apply; the receiver's own limit does.
    """

    @csrf_exempt
    def receive(request: HttpRequest) -> HttpResponse:
        incoming = receiver.open(request.method or "", header_pairs(request.META))
        incoming.fill(request.read)
        answer = incoming.answer()
        return HttpResponse(answer.body, status=int(answer.status), headers=answer.headers)

    return receive


__all__ = ["Receiver", "callback_view"]
