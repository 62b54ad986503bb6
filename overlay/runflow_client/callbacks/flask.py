"""Receiving callbacks in Flask: a blueprint."""

from flask import Blueprint, request
from werkzeug.wrappers import Response

from ._receiver import Receiver
from .wsgi import CallbackApp


def callback_blueprint(
    path: str, receiver: Receiver, *, name: str = "runflow_callbacks"
) -> Blueprint:
    """The blueprint that receives callbacks at this path:
    `app.register_blueprint(callback_blueprint(...))`.
    """
    blueprint = Blueprint(name, __name__)
    application = CallbackApp(receiver)

    def receive() -> Response:
        return Response.from_app(application, request.environ)

    blueprint.add_url_rule(path, view_func=receive, methods=["POST"])
    return blueprint


__all__ = ["Receiver", "callback_blueprint"]
