"""Receive callbacks in Flask: a blueprint."""

from collections.abc import Callable

from flask import Blueprint, request
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Response

from ._receiver import IncomingDelivery, Receiver, check_place, check_receiver
from .wsgi import body_reader, header_pairs


def callback_blueprint(
    path: str, receiver: Receiver, *, name: str = "runflow_callbacks"
) -> Blueprint:
    """Return the blueprint that receives callbacks at this path, with a final slash and without:
    `app.register_blueprint(callback_blueprint(...))`.

    Functions of `before_request` may read the body with `request.get_data()`, `get_json()`, `form`
    and the like, which keep its bytes. MAX_CONTENT_LENGTH does not apply; the receiver's own limit
    does.
    """
    check_receiver(receiver)
    check_place(path, name)
    blueprint = Blueprint(name, __name__)

    def receive() -> Response:
        incoming = receiver.open(request.method, header_pairs(request.environ))
        _fill(incoming)
        answer = incoming.answer()
        return Response(answer.body, status=int(answer.status), headers=answer.headers)

    # Otherwise the other spelling would be answered with a redirect, or a 404.
    blueprint.add_url_rule(path, view_func=receive, methods=["POST"], strict_slashes=False)
    return blueprint


def _fill(incoming: IncomingDelivery) -> None:
    try:
        # Flask's own stream knows what was read from it; the server's would block at its end.
        read: Callable[[int], bytes] = request.stream.read
    except RequestEntityTooLarge:  # nothing was read yet
        read = body_reader(request.environ)
    incoming.fill(read)
    if incoming.wants_more and incoming.may_lack_bytes:
        try:
            kept = request.get_data()
        except Exception:  # it was given up before, or Flask refuses it
            return
        if kept:
            incoming.replace(kept)


__all__ = ["callback_blueprint"]
