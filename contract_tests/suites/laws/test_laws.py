"""The state machine of the laws on the mock server, with a sound and a broken network."""

from collections.abc import Generator
from contextlib import contextmanager
from functools import partial

import pytest
from hypothesis import HealthCheck, seed, settings
from hypothesis.stateful import run_state_machine_as_test
from runflow_conformance.laws import Target
from runflow_mock import Fault

from .. import profile
from ..profile import is_thorough
from .mock_target import mock_target
from .state_machine import OpenTarget, laws_on

SETTINGS = settings(
    max_examples=200 if is_thorough() else 12,
    stateful_step_count=30 if is_thorough() else 14,
    derandomize=not is_thorough(),
    deadline=None,
    database=None,
    suppress_health_check=(
        HealthCheck.too_slow,
        HealthCheck.filter_too_much,
        HealthCheck.data_too_large,
    ),
)
NETWORK_FAULTS = {
    "reset before acting": {"kind": "reset_before"},
    "reset after acting": {"kind": "reset_after"},
    "503": {"kind": "status", "status": 503},
    "429": {"kind": "status", "status": 429},
    "a gateway's HTML": {"kind": "html"},
    "a cut body": {"kind": "truncate"},
}


@contextmanager
def broken(kinds: tuple[str, ...], probability: float) -> Generator[Target, None, None]:
    """Give a target where each request meets one of these faults with that probability."""
    faults = [
        Fault(count=None, probability=probability, seed=number, **NETWORK_FAULTS[kind])  # type: ignore[arg-type] # by field
        for number, kind in enumerate(kinds)
    ]
    with mock_target(faults) as target:
        yield target


def play(open_target: OpenTarget, *, broken_network: bool = False) -> None:
    machine = laws_on(open_target, broken_network=broken_network)
    run_state_machine_as_test(
        seed(profile.seed())(machine) if is_thorough() else machine, settings=SETTINGS
    )


def test_the_laws_hold() -> None:
    play(mock_target)


@pytest.mark.parametrize("kind", ["reset after acting", "a cut body"])
def test_the_laws_hold_when_every_third_answer_is_lost(kind: str) -> None:
    play(partial(broken, (kind,), 0.33), broken_network=True)


def test_the_laws_hold_in_every_trouble_at_once() -> None:
    play(partial(broken, tuple(NETWORK_FAULTS), 0.08), broken_network=True)
