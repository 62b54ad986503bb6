"""Write down what each option of each public method changes, given alone: in what is sent, and in
what is returned.
"""

import asyncio
import inspect
from collections.abc import Mapping
from datetime import UTC, datetime
from itertools import count
from typing import Any, Final

from runflow_client import AsyncRunflow, Runflow

from .calls import (
    ARGUMENTS,
    ARGUMENTS_THERE,
    BASE,
    NOT_GIVEN,
    Recorder,
    Store,
    methods,
    settled,
    shown,
    unified,
)
from .connected import connected
from .stepped_time import AsyncSteppedTime, SteppedTime

_PORTS: Final = count(1000)
"""Of servers: creates of one client_ref at one server belong together."""
ORGANIZATION: Final = "00000000-0000-7000-8000-000000000008"

ALONE: Final[Mapping[str, Any]] = {
    "created_after": datetime(2027, 1, 2, tzinfo=UTC),
    "created_before": datetime(2026, 1, 2, tzinfo=UTC),
    "inline_below": 100,
    "look_first": False,
    "max_cost": "0.01",
    "mime_type": "image/webp",
    "sort_by": "id:asc",
    "status": "failed",
    "timeout": 3.0,
}
"""Values that show alone: what lists give is of May 2026, and well."""
ALONE_THERE: Final = {"Callbacks.reconcile.callback_url": "https://other.test/"}
TOGETHER: Final[Mapping[str, Mapping[str, Any]]] = {
    "backward": {"cursor": "cursor-1"},
    "Callbacks.reconcile.callback_url": {"created_after": datetime(2026, 1, 2, tzinfo=UTC)},
}
"""What some options need besides."""
IN_TROUBLE: Final = {"on_unknown_outcome", "raise_on_failure", "strict"}
"""Options that do nothing where all is well: other tests show what they do."""


async def _told(colour: str, name: str, given: Mapping[str, Any]) -> list[str]:
    """Return the lines of one call."""
    recorder, base = Recorder(), f"{BASE}:{next(_PORTS)}"
    clock: Any = SteppedTime() if colour == "sync" else AsyncSteppedTime()
    common: dict[str, Any] = {"base_url": base, "organization_id": ORGANIZATION, "clock": clock}
    async with connected(colour, recorder.answer, **common) as client:
        lines = await _call(recorder, client, name, given)
    lines = [line.replace(base, BASE).strip() for line in lines]
    return [*lines, f"waits {sum(clock.slept):g} s"]


async def _call(recorder: Recorder, client: Any, name: str, given: Mapping[str, Any]) -> list[str]:
    method = dict(methods(client))[name]
    try:
        result: Any = await settled(method(**given))
    except Exception as error:
        result = error
    return [*recorder.lines, f"= {unified(shown(result))}"]


def _options(name: str, method: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the arguments that a method needs, and its options."""
    needed: dict[str, Any] = {}
    options: dict[str, Any] = {}
    for one in inspect.signature(method).parameters.values():
        if one.name == "store":
            needed["store"] = Store()
        if one.name in NOT_GIVEN | IN_TROUBLE:
            continue
        value = ARGUMENTS_THERE.get(f"{name}.{one.name}", ARGUMENTS.get(one.name))
        if one.default is one.empty or one.name == "input":
            needed[one.name] = value
        else:
            there = f"{name}.{one.name}"
            options[one.name] = ALONE_THERE.get(there, ALONE.get(one.name, value))
    return needed, options


async def _lines(colour: str) -> list[str]:
    made = Runflow("rf_live_x") if colour == "sync" else AsyncRunflow("rf_live_x")
    found: list[str] = []
    for name, method in methods(made):
        needed, options = _options(name, method)
        if not options:
            continue
        usual = await _told(colour, name, needed)
        found.append(f"{name}:")
        for option, value in options.items():
            others = TOGETHER.get(option) or TOGETHER.get(f"{name}.{option}") or {}
            before = usual
            if others:
                before = await _told(colour, name, {**needed, **others})
            lines = await _told(colour, name, {**needed, **others, option: value})
            changed = [line[:230] for line in lines if line not in before]
            changed += [f"not {line[:60]}" for line in before if line not in lines]
            assert changed, f"{name} does the same with {option} as without it"
            found.append(f"    {option}: {' | '.join(changed)}")
    return found


def lines(colour: str) -> list[str]:
    """Return the list as one of the clients makes it, `sync` or `async`."""
    return asyncio.run(_lines(colour))
