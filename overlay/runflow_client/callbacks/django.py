"""Receive callbacks in Django: a view."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from ._receiver import IncomingDelivery, Receiver, check_receiver
from .wsgi import body_reader, header_pairs


def callback_view(receiver: Receiver) -> Callable[[HttpRequest], HttpResponse]:
    """Return the view that receives callbacks.

    Route it with `re_path("^runflow/?$", callback_view(receiver))`. With `path("runflow/", ...)`,
    Django answers the other spelling with a redirect, which a sender of callbacks need not follow.

    It is exempt from CSRF checks, for the signature is the proof. It reads the body itself, so that
    DATA_UPLOAD_MAX_MEMORY_SIZE does not apply; the receiver's own limit does. Middleware may read
    the body before with `request.body` or `request.POST`.
    """
    check_receiver(receiver)

    @csrf_exempt
    def receive(request: HttpRequest) -> HttpResponse:
        incoming = receiver.open(request.method or "", header_pairs(request.META))
        _fill(incoming, request)
        answer = incoming.answer()
        return HttpResponse(answer.body, status=int(answer.status), headers=answer.headers)

    return receive


def _fill(incoming: IncomingDelivery, request: HttpRequest) -> None:
    # Without a length Django takes the body for empty and leaves it to the server.
    if not request.META.get("CONTENT_LENGTH") and "wsgi.input" in request.META:
        incoming.fill(body_reader(request.META))
        return
    incoming.fill(request.read)
    if incoming.wants_more and incoming.may_lack_bytes:
        try:
            incoming.replace(request.body)
        except Exception:  # it was read before and not kept, or Django refuses it
            return


__all__ = ["callback_view"]
