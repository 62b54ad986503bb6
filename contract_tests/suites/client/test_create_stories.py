"""Every story of up to six outcomes of one create, and of up to four each of two creates with one
client_ref of the caller's: at most one run is billed for each, nobody gets another's run, and each
run that is billed is given back or named.
"""

from collections.abc import Iterator

import pytest
from runflow_client import OutcomeUnknown, RunflowError
from runflow_client._flows.find_lost_run import SEARCH_SECONDS

from .stories import (
    CREATE_OUTCOMES,
    LIST_OUTCOMES,
    REF,
    Caller,
    Choice,
    Story,
    walk,
)

MAX_SECONDS = 2 * 60.0 + 2 * SEARCH_SECONDS


def names(caller: Caller) -> bool:
    """Whether the error says how to find the run and with which key it was sent."""
    error = caller.error
    notes = " ".join([str(error), *getattr(error, "__notes__", [])])
    key = caller.request.idempotency_key
    named = f"q=client_ref.EQ:'{REF}'" in notes and key in notes
    if isinstance(error, RunflowError):
        return named and (error.client_ref, error.idempotency_key) == (REF, key)
    return named and isinstance(error, KeyboardInterrupt)


def check(story: Story, path: list[Choice]) -> None:
    """Whether the story ended well."""
    for caller in story.callers:
        billed = [run.id for run in story.server.runs if run.maker == caller.number]
        assert len(billed) <= 1, path
        if caller.result is not None:
            assert [str(caller.result.id)] == billed, path
        else:
            assert isinstance(caller.error, RunflowError | KeyboardInterrupt), path
            assert not billed or names(caller), path
            assert not isinstance(caller.error, OutcomeUnknown) or names(caller), path
    assert story.server.seconds - 1000.0 <= MAX_SECONDS


def outcomes_of_one(story: Story) -> Iterator[Choice]:
    """What may happen next to a create that is alone, six times."""
    caller = story.callers[0]
    caller.wake()
    if caller.has_ended or caller.outcomes == 6:
        return
    if not caller.has_begun:
        yield 0, "begin"
        return
    for outcome in CREATE_OUTCOMES if caller.is_creating else LIST_OUTCOMES:
        yield 0, outcome


@pytest.mark.parametrize("honours_key", [True, False])
def test_every_story_of_one_create_ends_with_at_most_one_run(honours_key: bool) -> None:
    stories, _ = walk(
        lambda choices: Story.begin(1, choices, honours_key=honours_key), outcomes_of_one, check
    )
    assert stories > 1_400_000


def test_a_server_that_honours_the_key_bills_once_however_its_lists_lag() -> None:
    walk(
        lambda choices: Story.begin(1, choices, honours_key=True, keeps_lag=False),
        outcomes_of_one,
        check,
    )


def _first_acting(path: list[Choice]) -> str:
    return next(
        outcome for _, outcome in path if outcome == "created" or outcome.endswith(" after")
    )


def test_a_run_is_billed_twice_only_where_the_key_is_ignored_and_a_late_list_hides_it() -> None:
    twice: list[list[Choice]] = []

    def check_beyond(story: Story, path: list[Choice]) -> None:
        caller, runs = story.callers[0], story.server.runs
        if len(runs) < 2:
            check(story, path)
            return
        assert caller.result is None or str(caller.result.id) in {run.id for run in runs}, path
        assert caller.error is None or names(caller), path
        shown = [outcome for _, outcome in path if outcome.startswith("shows")]
        assert not shown or path.index((0, shown[-1])) < path.index((0, _first_acting(path))), path
        twice.append(path)

    walk(
        lambda choices: Story.begin(1, choices, honours_key=False, keeps_lag=False),
        outcomes_of_one,
        check_beyond,
    )
    assert twice


CREATES_OF_TWO = (
    "created",
    "acts",
    "reset before",
    "reset after",
    "409 after",
    "hook before",
    "interrupt after",
    "422",
)


def outcomes_of_two(story: Story) -> Iterator[Choice]:
    """What may happen next to two creates, each four times, in whatever order."""
    for caller, other in zip(story.callers, reversed(story.callers), strict=True):
        if caller.has_ended or caller.outcomes == 4:
            continue
        if not caller.has_begun:
            if caller.number == 0 or other.has_begun:
                yield caller.number, "begin"
            continue
        if caller.is_creating:
            for outcome in CREATES_OF_TWO:
                if caller.acted is None or outcome == "created" or outcome.endswith("after"):
                    yield caller.number, outcome
            if other.result is not None and caller.acted is None:
                yield caller.number, "double before"
                yield caller.number, "double after"
        else:
            young = {run.maker for run in story.server.runs if not story.server.is_old(run)}
            yield caller.number, "shows"
            yield caller.number, "403"
            if young:
                yield caller.number, "hides"
            if len(young) == 2:
                yield caller.number, "shows 0"
                yield caller.number, "shows 1"


@pytest.mark.parametrize("honours_key", [True, False])
def test_every_interleaving_of_two_creates_gives_each_its_own_run(honours_key: bool) -> None:
    stories, _ = walk(
        lambda choices: Story.begin(2, choices, honours_key=honours_key), outcomes_of_two, check
    )
    assert stories > 7_900_000
