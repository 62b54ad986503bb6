"""Receive callbacks in Starlette and FastAPI: a route, and a dependency that returns the verified
event.
"""

import re
from collections.abc import Awaitable, Callable

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.routing import Route

from ._answers import Answers
from ._events import CallbackEvent
from ._receiver import Receiver, check_place, check_receiver
from .asgi import CallbackApp


def callback_route(path: str, receiver: Receiver, *, name: str = "runflow_callbacks") -> Route:
    """Return the route that receives callbacks at this path, with a final slash and without:
    `Starlette(routes=[...])`, `app.router.routes.append(...)`.

    Otherwise the other spelling would be answered with a redirect, which a sender of callbacks need
    not follow.
    """
    check_receiver(receiver)
    check_place(path, name)
    route = Route(path, endpoint=CallbackApp(receiver), name=name)
    exact = route.path_regex.pattern.removesuffix("$").removesuffix("/")
    route.path_regex = re.compile(f"{exact}/?$")
    return route


def callback_event(receiver: Receiver) -> Callable[[Request], Awaitable[CallbackEvent]]:
    """Return a dependency for FastAPI: `event: Annotated[CallbackEvent,
    Depends(callback_event(receiver))]`.

    The event is verified and stored before your function begins, which then only acknowledges; it
    sees every delivery of an event, the repeated ones too, so do the work in the inbox's worker. A
    refusal raises HTTPException. Other parameters and dependencies may read the body before with
    `request.body()` or `request.json()`, which keep its bytes. It is read once: what comes after
    finds all that was sent in the event's `payload`.
    """
    check_receiver(receiver)
    answers = Answers()

    async def receive(request: Request) -> CallbackEvent:
        incoming = receiver.open(request.method, request.headers)
        try:
            async for chunk in request.stream():
                incoming.add(chunk)
                if not incoming.wants_more:
                    break
        # RuntimeError: another dependency read the stream and did not keep it
        except (RuntimeError, ClientDisconnect) as error:
            incoming.give_up(error)
        answer = await answers.answer(incoming)
        if answer.event is None:
            raise HTTPException(answer.status, answer.text, answer.headers)
        return answer.event

    return receive


__all__ = ["callback_event", "callback_route"]
