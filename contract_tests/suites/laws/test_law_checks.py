"""Each law holds on the mock server, alone and after the others."""

from collections.abc import Callable

import pytest
from runflow_conformance.laws import CHECKS, Target

from .mock_target import mock_target


@pytest.mark.parametrize(
    "check", CHECKS, ids=lambda check: f"{check.__module__.rpartition('.')[2]}-{check.__name__}"
)
def test_it_holds(check: Callable[[Target], None]) -> None:
    with mock_target() as target:
        check(target)


def test_they_hold_one_after_the_other_on_one_server() -> None:
    with mock_target() as target:
        for check in CHECKS:
            check(target)
