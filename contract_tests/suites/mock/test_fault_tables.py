"""Which faults can be planned, what they answer, and what they make of bodies, as tables."""

import json
from collections.abc import Callable, Iterator
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any, Final

import pytest
from attrs import fields as fields_of
from runflow_mock import Fault
from runflow_mock.api.handlers import operation_names
from runflow_mock.contract.document import Document
from runflow_mock.contract.requests import IncomingRequest
from runflow_mock.faults.body_faults import apply_body_fault
from runflow_mock.faults.plan import IN_THE_BODY, KINDS, TO_A_CALLBACK, Faults

from ..snapshot import check_snapshot

ENDLESS: Final = (float("nan"), float("inf"))


def tried(act: Callable[..., object], *arguments: Any) -> str:
    """Return what the call gives, or what it refuses."""
    try:
        return str(act(*arguments))
    except (ValueError, TypeError) as problem:
        return f"{type(problem).__name__}: {problem}"


def planned() -> Iterator[str]:
    """Which faults can be planned, and what they answer."""
    wrong: tuple[dict[str, Any], ...] = (
        {"count": 0},
        {"count": -1},
        {"probability": 0},
        {"probability": 1.01},
        {"status": 199},
        {"status": 1000},
        {"status": "500"},
        {"delay": -0.5},
        {"delay": "1"},
        {"skew": "1"},
        {"contains": 7},
        *({name: 7} for name in ("operation", "code", "message", "field")),
        *({"count": wrong} for wrong in (1.5, "2")),
        {"status": 500.5},
        *({name: wrong} for name in ("delay", "skew") for wrong in (*ENDLESS, 1e12, -1e12)),
        *({"retry_after": wrong} for wrong in ("1\nX: y", "€", "\ud800")),
        {"kind": "nul"},
        {"source": 1, "applied": 2, "new": 3},
    )
    for fields in wrong:
        yield f"{fields}: {tried(Fault.read, {'kind': 'status', **fields})}"
    for name in (one.name for one in fields_of(Fault) if one.init):
        empty: tuple[Any, ...] = ("", 0, 0.0, False, [], {}, None)
        said = [tried(Fault.read, {"kind": "status", name: value}) for value in empty]
        yield f"empty {name}: {[one.partition('(')[0][:70] for one in said]}"
    yield f"{Fault.read({'kind': 'null', 'count': None}).describe()} {tried(Fault.read, {})}"
    answers: tuple[dict[str, Any], ...] = (
        {},
        {"status": 200},
        {"status": 999, "code": "", "message": ""},
        {"status": 402, "code": "X", "message": "m", "retry_after": ""},
        {"kind": "html"},
        {"kind": "html", "status": 404, "retry_after": "3"},
        {"status": 429, "retry_after": 0},
        {"operation": "storage", "status": 503, "retry_after": "1"},
        {"operation": "storage", "code": "SlowDown", "message": "<&>"},
        {"operation": "storage", "code": "<&>", "message": "\ud800"},
    )
    for fields in answers:
        yield f"{fields}: {Fault.read({'kind': 'status', **fields}).reply()}"
    document = Document.read()
    tries: list[tuple[str, str]] = [*product(("*", "storage", "get_run"), sorted(KINDS))]
    tries += product(("get /v1/runs/{any}", "GET /v1/run", "get_runs"), ("null", "late_callback"))
    for operation, kind in tries:
        faults = Faults(operation_names(), document.operations)
        fault = Fault(kind=kind, operation=operation)
        refusal = tried(faults.add, fault)
        assert (fault in list(faults)) == (fault in faults.unused()) == ("Error" not in refusal)
        runs, others = ("GET", "/v1/runs/{}"), ("GET", "/v1/runs")
        request = IncomingRequest("GET", "/v1/runs/1", "", {}, b"")
        takes: dict[str, Callable[[], Fault | None]] = {
            "another operation": partial(faults.for_request, others, request),
            "the operation": partial(faults.for_request, runs, request),
            "the storage": partial(faults.for_storage, request),
            "a callback": partial(faults.for_callback, "{}"),
        }
        taken = [name for name, take in takes.items() if take() is fault]
        if "Error" not in refusal:
            yield f"{operation} {kind}: {taken}, left {len(list(faults))}"
        elif kind in ("null", "late_callback"):
            yield f"{operation} {kind}: {refusal}, {taken}"


BODIES: Final[tuple[Any, ...]] = (
    {
        "items": [{"id": "a", "status_code": "queued", "at": "2026-01-01T00:00:00Z"}, {"cost": 0}],
        "target_type": None,
        "source_code": "api",
        "deep": {"status_code": None, "list": [1, [True, ""]], "at": "2026-13-01T00:00:00Z"},
    },
    [{"job_class_code": "standard"}, 3, None],
    {"items": None, "at": "2026-02-28T23:59:59.5+05:30"},
    {"failure_stage_code": "a", "variable_type_code": 0, "job_class_code": None},
    {},
    "2026-01-01T00:00:00Z",
    None,
    {"at": "0001-01-01T00:00:00Z"},
)


def spoiled() -> Iterator[str]:
    """What each fault makes of each body."""
    for kind in sorted(IN_THE_BODY):
        fields = (None, "items.0.id", "deep.list.1.0", "1", "nothing.0")
        for field in fields if kind not in ("clock_skew", "unknown_field") else (None,):
            fault = Fault(kind=kind, field=field, value="new", skew=-90.5, seed=5)
            found: list[str] = []
            for body in BODIES:
                before = json.dumps(body)
                changed = apply_body_fault(body, fault)
                assert json.dumps(body) == before
                found.append("=" if changed == body else json.dumps(changed))
            yield f"{kind} {field}"
            yield from (f"    {number} {one}" for number, one in enumerate(found) if one != "=")
    for kind in ("clock_skew", "null"):
        yield f"{json.dumps(apply_body_fault(BODIES, Fault(kind=kind)))}"[:300]
    values: tuple[Any, ...] = ("a", 1, True, [], {})
    for seed in range(8):
        fault = Fault(kind="wrong_type", field="0", seed=seed)
        found = [json.dumps(apply_body_fault([value], fault)) for value in values]
        yield f"wrong types with seed {seed}: {found}"
    assert not IN_THE_BODY & TO_A_CALLBACK


TABLES: dict[str, Callable[[], Iterator[str]]] = {"planned": planned, "spoiled": spoiled}


@pytest.mark.parametrize("name", TABLES)
def test_a_table_is_what_it_was_before(name: str) -> None:
    lines = list(TABLES[name]())
    check_snapshot(Path(__file__).with_name("tables") / f"{name}.txt", "\n".join(lines) + "\n")
