"""Receive callbacks under ASGI: an application of its own, for any server and any framework that
mounts one.
"""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from .._errors import RunflowError
from ._answers import Answers
from ._receiver import Receiver, check_receiver

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class CallbackApp:
    """An ASGI application that receives callbacks at whatever path it is given:
    `uvicorn.run(CallbackApp(receiver))`.
    """

    def __init__(self, receiver: Receiver) -> None:
        check_receiver(receiver)
        self.receiver = receiver
        self._answers = Answers()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Receive one request. Raises RunflowError for what is not HTTP, as servers expect."""
        if scope["type"] != "http":
            raise RunflowError(f"callbacks come by HTTP, not by {scope['type']}")
        incoming = self.receiver.open(scope["method"], scope["headers"])
        more = True
        while more and incoming.wants_more:
            message = await receive()
            # It ends the body also where middleware has read the body and did not keep it: an
            # answer to a client that is really gone does no harm.
            if message["type"] == "http.disconnect":
                break
            incoming.add(message.get("body") or b"")
            more = message.get("more_body", False)
        answer = await self._answers.answer(incoming)
        headers = {**answer.headers, "Content-Length": str(len(answer.body))}
        pairs = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
        await send({"type": "http.response.start", "status": int(answer.status), "headers": pairs})
        await send({"type": "http.response.body", "body": answer.body})


__all__ = ["CallbackApp"]
