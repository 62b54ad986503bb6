"""What body faults do to an answer after it was validated.

They put in what no document describes and a client must survive: unknown fields and values, nulls,
other types.
"""

import random
from collections.abc import Callable, Iterator
from copy import deepcopy
from datetime import timedelta
from typing import Any, TypeAlias, cast

from ..contract.json_types import JsonObject
from ..state.clock import api_instant, parse_instant
from .plan import (
    CLOCK_SKEW,
    MISSING_FIELD,
    NULL,
    UNKNOWN_ENUM,
    UNKNOWN_FIELD,
    UNKNOWN_STATUS,
    Fault,
)

STATUS_FIELD = "status_code"
ENUM_FIELDS = (
    "target_type",
    "source_code",
    "failure_stage_code",
    "job_class_code",
    "variable_type_code",
)

# Where a value stands in a body: the object or list that contains it, and its name or index.
Position: TypeAlias = tuple[Any, Any]


def apply_body_fault(body: object, fault: Fault) -> object:
    """Return the body as the fault changes it.

    If the fault finds nothing to change, the body is returned as it is.
    """
    changed = deepcopy(body)
    if fault.kind == CLOCK_SKEW:
        return _map_text(changed, lambda text: _later(text, fault.skew))
    if fault.kind == UNKNOWN_FIELD:
        return _with_unknown_field(changed)
    positions = list(_positions(changed))
    if fault.field is not None:
        positions = [
            (holder, name) for path, holder, name in _paths(changed) if path == fault.field
        ]
    elif fault.kind == UNKNOWN_STATUS:
        positions = [position for position in positions if position[1] == STATUS_FIELD]
    elif fault.kind == UNKNOWN_ENUM:
        positions = [
            position
            for position in positions
            if position[1] in ENUM_FIELDS and position[0][position[1]] is not None
        ]
    elif positions:
        positions = [fault.source.choice(positions)]
    for holder, name in positions:
        if fault.kind == MISSING_FIELD:
            del holder[name]
        else:
            holder[name] = _replacement(holder[name], fault)
    return changed


def _replacement(value: object, fault: Fault) -> object:
    if fault.kind == NULL:
        return None
    if fault.kind in (UNKNOWN_STATUS, UNKNOWN_ENUM):
        return fault.value
    return _value_of_another_type(value, fault.source)


def _value_of_another_type(value: object, source: random.Random) -> object:
    """Return a value of another JSON type."""
    candidates: list[object] = ["text", 12345, True, [], {}]
    return source.choice(
        [candidate for candidate in candidates if type(candidate) is not type(value)]
    )


def _with_unknown_field(body: object) -> object:
    if isinstance(body, list):
        return [_with_unknown_field(item) for item in cast("list[object]", body)]
    if not isinstance(body, dict):
        return body
    content = cast(JsonObject, body)
    if isinstance(content.get("items"), list):
        content["items"] = _with_unknown_field(content["items"])
    return {**content, "mock_unknown_field": {"added": ["by", "the", "mock", "server"]}}


def _positions(node: object) -> Iterator[Position]:
    for _, holder, name in _paths(node):
        yield holder, name


def _paths(node: object, prefix: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Yield every value of the body as (dotted path, container, name in the container)."""
    if isinstance(node, dict):
        entries: list[tuple[Any, object]] = list(cast(JsonObject, node).items())
    elif isinstance(node, list):
        entries = list(enumerate(cast("list[object]", node)))
    else:
        return
    for name, value in entries:
        path = f"{prefix}{name}"
        yield path, cast(Any, node), name
        yield from _paths(value, f"{path}.")


def _map_text(node: object, change: Callable[[str], str]) -> object:
    if isinstance(node, str):
        return change(node)
    if isinstance(node, list):
        return [_map_text(item, change) for item in cast("list[object]", node)]
    if isinstance(node, dict):
        return {name: _map_text(value, change) for name, value in cast(JsonObject, node).items()}
    return node


def _later(text: str, seconds: float) -> str:
    """Return an instant moved by that many seconds; other text unchanged."""
    if len(text) < len("2026-01-01T00:00:00Z") or text[4:5] != "-" or text[10:11] != "T":
        return text
    try:
        return api_instant(parse_instant(text) + timedelta(seconds=seconds))
    except (ValueError, OverflowError):
        return text
