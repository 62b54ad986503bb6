"""The addresses of the page: the document, its events, its forms."""

import asyncio
import json
from collections.abc import Mapping, Sequence

from starlette.types import Receive, Scope, Send

from ...api.storage import output_reply
from ...contract.answers import Refusal, Reply, invalid, not_allowed
from ...contract.requests import IncomingRequest
from ...simulation.simulation import Simulation
from ..answered import AnsweredRequest
from .access import require_loopback
from .actions import ACTIONS, read_form
from .document import render_document
from .sections import OUTPUTS, render_sections

PAGE = "/_mock/"
EVENTS = "/_mock/events"
FORMS = "/_mock/page/"
EVENT_INTERVAL = 0.4  # real seconds between two looks at what has changed


def is_of_the_page(raw_path: str) -> bool:
    """Return whether the path belongs to the page."""
    return raw_path in (PAGE, PAGE.rstrip("/"), EVENTS) or raw_path.startswith(FORMS)


async def answer_page(
    simulation: Simulation,
    scope: Scope,
    request: IncomingRequest,
    answered: Sequence[AnsweredRequest],
    operations: Mapping[str, tuple[str, str]],
) -> Reply:
    """Return the page, or carry out one of its forms and lead back to it.

    Raise Refusal for a client on another machine and for what the forms do not have.
    """
    require_loopback(scope, request.headers)
    if request.method in ("GET", "HEAD") and request.raw_path.startswith(OUTPUTS):
        run_id, _, name = request.raw_path.removeprefix(OUTPUTS).partition("/")
        return await output_reply(simulation, request, run_id, name)
    if request.raw_path.startswith(FORMS):
        await _act(simulation, request)
        return Reply(b"", 303, {"Location": PAGE}, "text/plain")
    if request.method not in ("GET", "HEAD"):
        raise not_allowed(request.method, ("GET",))
    if request.raw_path != PAGE:
        return Reply(b"", 307, {"Location": PAGE}, "text/plain")
    html, headers = render_document(
        simulation,
        simulation.state.urls.base_url,
        operations,
        render_sections(simulation, answered),
    )
    return Reply(html.encode(errors="replace"), 200, headers, "text/html; charset=utf-8")


async def _act(simulation: Simulation, request: IncomingRequest) -> None:
    action = ACTIONS.get(request.raw_path.removeprefix(FORMS))
    if action is None or request.method != "POST":
        raise Refusal(404, f"the page has no form {request.raw_path[:100]}")
    try:
        await action(simulation, read_form(request.body))
    except KeyError as problem:
        raise invalid(["body", str(problem.args[0])], "Field required", "missing") from None
    except (ValueError, TypeError, ArithmeticError) as problem:
        raise Refusal(422, str(problem)) from None


async def send_events(
    simulation: Simulation,
    scope: Scope,
    headers: Mapping[str, str],
    receive: Receive,
    send: Send,
    answered: Sequence[AnsweredRequest],
) -> None:
    """Send each section whenever it has changed, as server-sent events, until the browser leaves.

    Raise the 403 for a client on another machine.
    """
    require_loopback(scope, headers)
    await send(
        {
            "type": "http.response.start",
            "status": 200,
            "headers": [(b"content-type", b"text/event-stream"), (b"cache-control", b"no-store")],
        }
    )
    sent: dict[str, str] = {}
    left = asyncio.ensure_future(_left(receive))
    try:
        while not left.done():
            current = render_sections(simulation, answered)
            changed = {name: html for name, html in current.items() if sent.get(name) != html}
            if changed:
                sent = current
                event = f"event: sections\ndata: {json.dumps(changed)}\n\n"
                await send(
                    {"type": "http.response.body", "body": event.encode(), "more_body": True}
                )
            await asyncio.wait([left], timeout=EVENT_INTERVAL)
    finally:
        left.cancel()


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
