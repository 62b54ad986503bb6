"""Each law holds on the mock server, alone and after the others, and sees the bends of its list."""

import ast
import inspect
import re
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from types import ModuleType

import pytest
from runflow_conformance.laws import CHECKS, law_name
from runflow_conformance.laws.checks import SUBJECTS

from ..snapshot import check_snapshot
from .bending import MORE, bends
from .mock_target import mock_target
from .replaying import SHOWN, Check, Said, record, said

BENDS = Path(__file__).with_name("bends")


@pytest.mark.parametrize(
    "check", CHECKS, ids=lambda check: f"{check.__module__.rpartition('.')[2]}-{check.__name__}"
)
def test_it_holds(check: Check) -> None:
    record(check)


def test_they_hold_one_after_the_other_on_one_server() -> None:
    with mock_target() as target:
        for check in CHECKS:
            check(target)


UNREAD = {"absent", "null", "other"}
"""A field that can be bent so unseen is not read: it is bent no further."""


def seen(check: Check, broken: set[tuple[str, int]]) -> Iterator[str]:
    """Give what a law does, and what it says of each bend of what it is told; `-` for nothing.

    Add to `broken` where it does not hold.
    """
    recording = record(check)
    assert said(check, recording) == Said()
    yield f"== {law_name(check)}"
    for step, repeated in groupby(recording.steps):
        count = len(list(repeated))
        yield f"{step} x {count}" if count > 1 else step
    lines = dict[tuple[str, str], list[str]]()
    for what, how, bent in bends(check, recording):
        if {*lines.get((what, "-"), ())} >= UNREAD:
            continue
        told = said(check, bent)
        broken |= told.lines
        if told.text or what != MORE:
            lines.setdefault((what, told.text or "-"), []).append(how)
    yield from (f"  {what} {', '.join(hows)}: {text}" for (what, text), hows in lines.items())


DEMAND = re.compile(
    r"(require|expect_refusal|_refusal|patch_changes_only|secrets_are_shown_once)\(|raise "
)


def never_broken(subject: ModuleType, broken: set[tuple[str, int]]) -> Iterator[str]:
    """Give the demands of the laws of a subject that no bend breaks."""
    source = inspect.getsource(subject)
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call | ast.Raise) and DEMAND.match(ast.unparse(node)):
            lines = range(node.lineno, (node.end_lineno or 0) + 1)
            if broken.isdisjoint((str(subject.__file__), line) for line in lines):
                yield f"never broken: {ast.unparse(node)[:SHOWN]}"


@pytest.mark.parametrize("subject", SUBJECTS, ids=lambda subject: subject.__name__.split(".")[-1])
def test_it_sees_what_it_saw_before(subject: ModuleType) -> None:
    broken: set[tuple[str, int]] = set()
    lines = [line for check in subject.CHECKS for line in seen(check, broken)]
    lines += never_broken(subject, broken)
    name = subject.__name__.rpartition(".")[2]
    check_snapshot(BENDS / f"{name}.txt", "\n".join(lines) + "\n")


def test_every_list_has_its_subject() -> None:
    assert {path.stem for path in BENDS.iterdir()} == {
        subject.__name__.rpartition(".")[2] for subject in SUBJECTS
    }
