"""Write down what becomes of each public call whose answers are odd: empty, of other kinds, of
another thing, with words that are newer than this client.
"""

import json
import random
import re
from collections.abc import Callable, Mapping
from itertools import count
from typing import Any, Final

from runflow_api.http_library import httpx
from runflow_client import RetryPolicy

from .calls import BASE, Recorder, calls, methods, settled, shown, unified
from .connected import connected

OTHER: Final = "00000000-0000-7000-8000-000000004711"
RETRIES: Final = RetryPolicy(attempts=1)
NEEDED: Final = ("id", "items", "plain_secret", "asset_id", "upload_url")
"""Fields without which an answer is no answer."""
_NUMBERS: Final = count()

_PLACE: Final = re.compile(r"[A-Z]+ /v1/\S+: ")
_REST: Final = re.compile(r" \(status .*")
_NUMBERED: Final = re.compile(r"order-\d+|0{8}-0000-7000-8000-0*[1-9]\d*00\d\b")

Bend = Callable[[dict[str, Any]], Any]


def _of_another_kind(value: object) -> object:
    if isinstance(value, bool | dict):
        return [value]
    if isinstance(value, int | float | None):
        return {"of": value}
    return 7


BENDS: Final[Mapping[str, Bend | bytes]] = {
    "nothing": b"",
    "no JSON": b"<html>",
    "no end": b"[" * 100_000,
    "null": lambda fields: None,
    "a list": lambda fields: [fields],
    "no fields": lambda fields: {},
    "null in each field": lambda fields: dict.fromkeys(fields),
    "little": lambda fields: {name: fields[name] for name in fields if name in NEEDED},
    "other kinds": lambda fields: {name: _of_another_kind(one) for name, one in fields.items()},
    "another's": lambda fields: {
        name: OTHER if name == "id" else "another's" if name == "client_ref" else one
        for name, one in fields.items()
    },
    "newer words": lambda fields: (
        {
            name: f"new {name}" if name in {"status_code", "event", "level_code"} else one
            for name, one in fields.items()
        }
        | {"new": 7}
    ),
    "odd items": lambda fields: {
        **fields,
        "items": [None, "text", {}, *fields.get("items", ()), {"id": 7, "status_code": None}],
    },
}


class Bending(Recorder):
    """Answers the requests of the API oddly, each of them."""

    def __init__(self) -> None:
        super().__init__()
        self.bend: Bend | bytes | None = None
        self.sent = 0

    def answer(self, request: httpx.Request) -> httpx.Response:
        """Answer a request."""
        self.sent += 1
        usual = super().answer(request)
        if self.bend is None or not str(request.url).startswith(f"{BASE}/v1/"):
            return usual
        if isinstance(self.bend, bytes):
            return httpx.Response(usual.status_code, content=self.bend)
        body = json.loads(usual.content)
        odd = [*map(self.bend, body)] if isinstance(body, list) else self.bend(body)
        return httpx.Response(usual.status_code, json=odd)


async def _told(network: Bending, bend: Bend | bytes | None, method: Any, given: Any) -> list[str]:
    """Return the parts of what the call returns, or its error."""
    random.seed(7)
    network.bend, network.sent = bend, 0
    if "client_ref" in given:  # creates of one reference would belong together
        given = {**given, "client_ref": f"order-{next(_NUMBERS)}"}
    try:
        told = shown(await settled(method(**given)))
    except Exception as error:
        reason = _REST.sub("", _PLACE.sub("", str(error)))
        hidden = ", without the body" if getattr(error, "body", None) == "" else ""
        return [unified(_NUMBERED.sub("*", f"{type(error).__name__}: {reason}{hidden}"))]
    return unified(_NUMBERED.sub("*", told)).split(", ")


async def _of_a_method(network: Bending, name: str, method: Any) -> dict[str, list[str]]:
    """Return the oddities by what becomes of the call."""
    given = [*calls(name, method)][:2][-1]  # what it needs, alone
    usual = await _told(network, None, method, given)
    found: dict[str, list[str]] = {}
    if not network.sent:
        return found
    for what, bend in BENDS.items():
        told = await _told(network, bend, method, given)
        if told != usual:
            others = [part for part in told if part not in usual]
            outcome = ", ".join(others) or f"{len(told)} parts of {len(usual)}"
            found.setdefault(outcome, []).append(what)
    return found


async def _lines(network: Bending, client: Any) -> list[str]:
    found: dict[str, list[str]] = {}
    for name, method in methods(client):
        for outcome, oddities in (await _of_a_method(network, name, method)).items():
            found.setdefault(f"{'; '.join(oddities)}: {outcome}", []).append(name)
    return [line for told in sorted(found) for line in (told, f"    {', '.join(found[told])}")]


async def lines(colour: str) -> list[str]:
    """Return the list as one of the clients makes it, `sync` or `async`."""
    network = Bending()
    async with connected(colour, network.answer, base_url=BASE, retries=RETRIES) as client:
        return await _lines(network, client)
