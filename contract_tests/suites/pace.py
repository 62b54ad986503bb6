"""What makes a whole run quick: the longest files come first, and garbage is looked for less often.

With `--dist worksteal` each worker of pytest-xdist begins with an equal part of all tests,
neighbours together, and takes from the end of another's part when its own is done. So the longest
files are dealt out to the beginnings of the parts: otherwise a worker is left alone with one of
them at the end.
"""

import gc
import os
from collections.abc import Generator, Iterable
from itertools import islice
from typing import Final

import pytest

LONGEST: Final = (
    "regenerate/tests/generate/test_bent_clients.py",
    "contract_tests/suites/client/creating/test_create_stories.py",
    "regenerate/tests/targets/test_proposed_corrections.py",
    "contract_tests/suites/server/test_command.py",
    "regenerate/tests/generate/test_other_documents.py",
    "regenerate/tests/generate/test_pyright.py",
    "regenerate/tests/targets/test_rehearse.py",
    "contract_tests/suites/live/test_rehearsal.py",
    "contract_tests/suites/client/creating/test_lost_answers.py",
    "contract_tests/suites/callbacks/test_processes.py",
    "regenerate/tests/generate/test_generate.py",
    "regenerate/tests/lint/test_every_edit.py",
    "contract_tests/suites/mock/test_fuzz.py",
    "contract_tests/suites/callbacks/test_outage.py",
    "contract_tests/suites/faults/test_campaign.py",
)
"""From the longest on. Whole files, as their tests share what a module makes once."""

GARBAGE: Final = (20_000, 20, 20)
"""After how many new objects, and rounds of younger ones, garbage is looked for."""


def in_parts(items: Iterable[str], workers: int, longest: Iterable[str] = LONGEST) -> list[str]:
    """Return the ids of tests with those of the longest files at the beginnings of the parts."""
    by_file: dict[str, list[str]] = {}
    for item in items:
        by_file.setdefault(item.partition("::")[0], []).append(item)
    total = sum(map(len, by_file.values()))
    first: list[list[str]] = [[] for _ in range(workers)]
    for number, path in enumerate(longest):
        first[number % workers] += by_file.pop(path, [])
    rest = (item for tests in by_file.values() for item in tests)
    ordered: list[str] = []
    for number, beginning in enumerate(first):
        # as the scheduler counts: of what is left, the share of one of the workers that are left
        end = len(ordered) + (total - len(ordered)) // (workers - number)
        ordered += beginning
        ordered += islice(rest, max(0, end - len(ordered)))
    return ordered + list(rest)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Look for garbage when the tests are collected, and less often than Python does.

    Collecting makes a million objects and hardly any garbage; and as long as they are there, each
    search among them takes a third of a second.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.set_threshold(*GARBAGE)
        gc.enable()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Order the tests where several workers run them."""
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    if workers > 1:
        place = {
            name: index for index, name in enumerate(in_parts([i.nodeid for i in items], workers))
        }
        items.sort(key=lambda item: place[item.nodeid])
