"""Two time zones, west and east of Greenwich, one of them with half an hour: no test runs in UTC.

A test that speaks of dates or times of day runs in both. The others run in one: those of the first
worker of pytest-xdist in the west, those of the second in the east.
"""

import ast
import inspect
import os
import re
import time
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Final

import pytest
from attrs import frozen

ZONES: Final = ("America/New_York", "Asia/Kolkata")
OF_THIS_WORKER: Final = ZONES[os.environ.get("PYTEST_XDIST_WORKER") not in (None, "gw0")]

_SPEAKS_OF_TIME: Final = re.compile(
    r"datetime|timezone|tzinfo|strftime|parsedate|mktime|localtime|timestamp|time\.time\b"
    r"|created_(after|before)|\d\d:\d\d:\d\d|\d{4}-\d\d-\d\d|GMT"
)


IN_ONE_ZONE: Final = {
    "test_values_of_another_kind_are_refused_by_name_and_nothing_is_sent": "a date is one of kinds",
    "test_every_method_refuses_arguments_of_another_kind": "a date is one of kinds",
    "test_each_refusal_has_its_status": "no event is read",
    "test_five_hundred_runs_and_a_receiver_that_is_down_for_a_third_of_them": "small outages are "
    "in both, and this one takes a quarter of a minute",
    "targets/test_run.py": "makes whole clients; the moments of the lock are read in fetch",
    "inputs/test_refresh.py": "moments are only compared as text",
}
"""Tests that name dates and read none, or take long, and why."""


def set_zone(zone: str) -> None:
    """Let this process, and those that it starts, be in the zone."""
    if os.environ.get("TZ") != zone:
        os.environ["TZ"] = zone
        time.tzset()


@frozen
class _Module:
    """The text of a module."""

    lines: list[str]
    ends: dict[int, int]
    """The last line of each function, by its first."""
    constants: frozenset[str]
    """The names that it gives to what speaks of time."""


@cache
def _module(path: str) -> _Module:
    """Read a module."""
    source = Path(path).read_text("utf-8")
    lines, ends = source.splitlines(), dict[int, int]()
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = min(one.lineno for one in (node, *node.decorator_list))
            ends[first] = node.end_lineno or first
    constants = frozenset(
        name.id
        for node in tree.body
        if isinstance(node, ast.Assign | ast.AnnAssign)
        and _SPEAKS_OF_TIME.search("\n".join(lines[node.lineno - 1 : node.end_lineno]))
        for name in ast.walk(node)
        if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Store)
    )
    return _Module(lines, ends, constants)


def speaks_of_time(function: Callable[..., object]) -> bool:
    """Tell whether a test speaks of dates or times of day, its parameters included."""
    function = inspect.unwrap(function)
    path = inspect.getsourcefile(function)
    assert path is not None
    if function.__name__ in IN_ONE_ZONE or "/".join(Path(path).parts[-2:]) in IN_ONE_ZONE:
        return False
    function = getattr(getattr(function, "hypothesis", None), "inner_test", function)
    first, module = function.__code__.co_firstlineno, _module(path)
    source = "\n".join(module.lines[first - 1 : module.ends[first]])
    if _SPEAKS_OF_TIME.search(source):
        return True
    return not module.constants.isdisjoint(re.findall(r"\w+", source))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Let what speaks of time run in both zones."""
    if "time_zone" in metafunc.fixturenames and speaks_of_time(metafunc.function):
        metafunc.parametrize("time_zone", ZONES, indirect=True)


@pytest.fixture(autouse=True)
def time_zone(request: pytest.FixtureRequest) -> Iterator[str]:
    """Be in a time zone, and name it."""
    zone = getattr(request, "param", OF_THIS_WORKER)
    set_zone(zone)
    yield zone
    set_zone(OF_THIS_WORKER)


set_zone(OF_THIS_WORKER)
