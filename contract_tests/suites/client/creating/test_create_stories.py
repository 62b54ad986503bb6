"""Every story of up to five outcomes of one create, and of up to three each of two creates with one
client_ref of the caller's, in the thorough profile up to six and four: at most one run is billed
for each, nobody gets another's run, and each run that is billed is given back or named. Beside them
one create with a client_ref of the caller's, one that must not be sent again, two that are sent
again, two of two processes, and a process that is killed and started again.

How many stories there are is stored: a request more or less, anywhere, changes their number.
"""

from collections.abc import Iterator
from functools import partial

import pytest
from runflow_client import OutcomeUnknown, RunflowError
from runflow_client._flows.find_lost_run import SEARCH_SECONDS

from ...profile import is_thorough
from .stories import (
    BEGIN,
    CREATE_OUTCOMES,
    LIST_OUTCOMES,
    REF,
    REFUSALS,
    TIMEOUT,
    Caller,
    Choice,
    Killed,
    Scene,
    Story,
    walk,
)

MAX_SECONDS = 2 * TIMEOUT + 2 * SEARCH_SECONDS


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
    assert story.server.seconds - BEGIN <= MAX_SECONDS + 1e-6, path


LONGEST = 6 if is_thorough() else 4
"""Outcomes of one create in most walks."""

LONGEST_OF_TWO = 4 if is_thorough() else 3
"""Outcomes of each of two creates."""


def outcomes_of_one(story: Story, longest: int = LONGEST) -> Iterator[Choice]:
    """What may happen next to a create that is alone, so many times."""
    caller = story.callers[0]
    if caller.is_asleep and caller.outcomes < longest:
        yield 0, "interrupt asleep"
    caller.wake()
    if caller.has_ended or caller.outcomes == longest:
        return
    if not caller.has_begun:
        yield 0, "begin"
        return
    for outcome in CREATE_OUTCOMES if caller.is_creating else LIST_OUTCOMES:
        yield 0, outcome


def are_all(stories: int, stored: int) -> bool:
    """Whether there are as many stories as are stored, and more where they are longer."""
    return stories > 12 * stored if is_thorough() else stories == stored


def test_every_story_of_one_create_ends_with_at_most_one_run() -> None:
    longest = max(LONGEST, 5)
    stories, _ = walk(Scene(honours_key=False), partial(outcomes_of_one, longest=longest), check)
    assert are_all(stories, 1_030_767)


def test_a_server_that_honours_the_key_bills_once_however_its_lists_lag() -> None:
    stories, _ = walk(Scene(honours_key=True, keeps_lag=False), outcomes_of_one, check)
    assert are_all(stories, 87_066)


@pytest.mark.parametrize("honours_key", [True, False])
def test_a_client_ref_of_the_callers_changes_nothing(honours_key: bool) -> None:
    """Although another run carries it already."""
    scene = Scene(honours_key, keeps_lag=not honours_key, is_shared=True, older=1)
    stories, _ = walk(scene, outcomes_of_one, check)
    assert are_all(stories, 149_094)


@pytest.mark.parametrize("is_shared", [False, True])
def test_raise_on_unknown_outcome_bills_once_whatever_the_server_does(is_shared: bool) -> None:
    scene = Scene(
        honours_key=False, keeps_lag=False, is_shared=is_shared, on_unknown_outcome="raise"
    )
    stories, _ = walk(scene, outcomes_of_one, check)
    assert are_all(stories, 149_094 if is_shared else 85_666)


def _first_acting(path: list[Choice]) -> str:
    return next(
        outcome
        for _, outcome in path
        if outcome.startswith("created") or outcome.endswith(" after")
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

    walk(Scene(honours_key=False, keeps_lag=False), outcomes_of_one, check_beyond)
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


def outcomes_of_two(
    story: Story, longest: int = LONGEST_OF_TWO, *, long: bool = False
) -> Iterator[Choice]:
    """What may happen next to two creates, each so many times, in whatever order. `long` lets
    searches find nothing, after which a create is sent again.
    """
    for caller, other in zip(story.callers, reversed(story.callers), strict=True):
        if caller.has_ended or caller.outcomes == longest:
            continue
        if not caller.has_begun:
            if caller.number == 0 or other.has_begun:
                yield caller.number, "begin"
        elif caller.is_asleep and long:
            yield caller.number, "wake"
        elif caller.is_creating:
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
            if young and long:
                yield caller.number, "hides on"
            if len(young) == 2:
                yield caller.number, "shows 0"
                yield caller.number, "shows 1"


@pytest.mark.parametrize("honours_key", [True, False])
def test_every_interleaving_of_two_creates_gives_each_its_own_run(honours_key: bool) -> None:
    scene = Scene(honours_key, count=2, is_shared=True)
    stories, _ = walk(scene, partial(outcomes_of_two, long=is_thorough()), check)
    assert are_all(stories, 200_016)


def test_two_creates_that_are_sent_again_get_each_its_own_run() -> None:
    scene = Scene(honours_key=False, count=2, is_shared=True)
    walk(scene, partial(outcomes_of_two, longest=3, long=True), check)


def check_of_processes(story: Story, path: list[Choice]) -> None:
    """Whether each run was billed once, and given to one of the callers or named."""
    results = {str(one.result.id) for one in story.callers if one.result is not None}
    for caller in story.callers:
        billed = [run.id for run in story.server.runs if run.maker == caller.number]
        assert len(billed) <= 1, path
        assert set(billed) <= results or names(caller), path


def test_processes_that_share_a_client_ref_lose_no_run() -> None:
    """One may get the run of the other."""

    def outcomes(story: Story) -> Iterator[Choice]:
        # that an answer is another process's cannot be seen
        return (one for one in outcomes_of_two(story, 3) if not one[1].startswith("double"))

    scene = Scene(honours_key=False, count=2, is_shared=True, one_process=False)
    walk(scene, outcomes, check_of_processes)


def outcomes_of_restart(story: Story) -> Iterator[Choice]:
    """What may happen to a process, which is killed in the end, and to the next one."""
    first, second = story.callers
    if not first.has_begun:
        yield 0, "begin"
    elif not first.has_ended and first.outcomes < 3:
        yield 0, "kill"
        first.wake()
        for outcome in CREATE_OUTCOMES if first.is_creating else LIST_OUTCOMES:
            yield 0, outcome
    elif not first.has_ended:
        yield 0, "kill"
    elif not second.has_begun:
        yield 1, "begin later"
        if story.server.honours_key:
            yield 1, "begin"


@pytest.mark.parametrize("honours_key", [True, False])
def test_a_process_that_is_started_again_gets_the_run_of_the_one_that_was_killed(
    honours_key: bool,
) -> None:
    def check_restart(story: Story, path: list[Choice]) -> None:
        first, second = story.callers
        [run] = story.server.runs
        assert str(second.result.id) == run.id, path
        assert first.result is None or str(first.result.id) == run.id, path
        assert isinstance(first.error, Killed | RunflowError | KeyboardInterrupt | None), path

    scene = Scene(honours_key, count=2, is_identified=True, one_process=False)
    stories, _ = walk(scene, outcomes_of_restart, check_restart)
    assert stories > 1000


@pytest.mark.parametrize("refusal", REFUSALS)
def test_a_create_that_was_refused_leaves_nothing_to_the_next_one(refusal: str) -> None:
    """Which finds its run after a lost answer as if it had been alone."""
    story = Story.begin(Scene(honours_key=False, count=2, is_shared=True), [])
    first, second = story.callers
    first.begin()
    while not first.has_ended:
        first.wake()
        first.take(refusal if first.is_creating else "shows")
    assert isinstance(first.error, RunflowError)
    second.begin()
    while not second.has_ended:
        second.wake()
        second.take("reset after" if second.is_creating else "shows")
    assert second.error is None
    assert [str(second.result.id)] == [run.id for run in story.server.runs]
