"""Write down what becomes of a call when one of its later requests meets trouble, and when a
request is refused after an attempt of it was lost.

`troubles` has what becomes of the first request of each call.
"""

import math
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import groupby
from typing import Any, Final

from .calls import FILE, unified
from .troubles import BATCHED, CALLS, MODEL, Network, tried

EDIT: Final = {"prompt": "a lamp", "image_urls": [FILE]}
OTHERS: Final[dict[str, Callable[[Any], Any]]] = {
    "run with a file": lambda client: client.run(f"{MODEL}/edit", EDIT),
    "create a batch with a file": lambda client: client.batches.create(
        BATCHED, [{"image_url": FILE}]
    ),
    "list the inputs of a model": lambda client: client.models.inputs(MODEL),
    "look for runs that ended": lambda client: client.callbacks.reconcile(
        lambda event, body: None, created_after=datetime(2026, 1, 2, tzinfo=UTC)
    ),
}
SAME: Final = {
    "download what was read",
    "promote in a rotation",
    "put a file",
    "confirm an upload",
    "wait for what never ends",
    "wait for a batch that never ends",
}
"""Calls of `troubles` that differ from another only in where the trouble begins, or wait."""

EVERY: Final = {**{name: call for name, call in CALLS.items() if name not in SAME}, **OTHERS}

LOST: Final = "a broken connection"


async def lines(colour: str) -> list[str]:
    """Return the list as one of the clients makes it, `sync` or `async`."""
    found: list[str] = []
    for name, call in EVERY.items():
        usual = Network("", 0, 0)
        await tried(call, usual, colour)
        number = 0
        for kind, same in groupby(usual.sent):
            found.append(f"{name}, {kind}:")
            troubles = {"lost, then refused": Network(LOST, number, 1, then="400")}
            if number:
                troubles["gone"] = Network("404", number, math.inf)
                troubles["lost"] = Network(LOST, number, math.inf)
            for trouble, network in troubles.items():
                outcome, _ = await tried(call, network, colour)
                found += [f"    {trouble}:", *(f"        {unified(line)}" for line in outcome)]
            number += len(list(same))
    return found
