"""The caller, its memberships and its balance, for several keys, as a stored list."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import httpx
from runflow_mock import MockRunflow

from ..snapshot import check_snapshot

TABLE: Final = Path(__file__).with_name("tables") / "account.txt"
OTHER: Final = "0190aaaa-0000-7000-8000-000000000001"
CALLERS: Final[dict[str, dict[str, str]]] = {
    "the usual key": {},
    "for another organization": {"X-Organization-Id": OTHER.upper()},
    "a limited key": {"Authorization": "Bearer rf_live_limited"},
    "a key that may do nothing": {"Authorization": "Bearer rf_live_nothing"},
    "a key with its own money": {"Authorization": "Bearer rf_live_own"},
}
CHANGES: Final[tuple[Any, ...]] = (
    {"low_balance_threshold": 2.5},
    {"low_balance_threshold": None},
    {"low_balance_threshold": "1"},
    {},
    {"low_balance_threshold": 0},
    {"low_balance_threshold": 0.1},
)


def answers(mock: MockRunflow, api: httpx.Client) -> Iterator[str]:
    """What each caller is told of itself and its money, and what a change makes of it."""
    for caller, headers in CALLERS.items():
        yield f"{caller}:"
        for path in ("auth/me?embed=memberships", "auth/me", "billing/balance"):
            answer = api.get(f"/v1/{path}", headers=headers)
            yield f"    GET {path}: {answer.status_code}"
            yield from (f"        {name}: {value}" for name, value in answer.json().items())
    for change in CHANGES:
        mock.advance(60)
        answer = api.patch("/v1/billing/balance", json=change)
        yield f"PATCH billing/balance {change}: {answer.status_code} {answer.json()}"
    other = api.get("/v1/billing/balance", headers=CALLERS["for another organization"]).json()
    yield f"another then: {other}"


def test_each_caller_is_told_of_its_own_account(mock: MockRunflow, api: httpx.Client) -> None:
    mock.keys.add("rf_live_limited", scopes=["runs:read", "credit_balance:read"])
    mock.keys.add("rf_live_nothing", scopes=[])
    mock.keys.add("rf_live_own", balance="0")
    check_snapshot(TABLE, "\n".join(answers(mock, api)) + "\n")
