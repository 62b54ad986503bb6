"""Whatever happens, and whenever the server is restarted: what is seen is what a model says."""

import json
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from runflow_mock import Settings, SteppedClock
from runflow_mock.simulation.outcomes import Outcome
from runflow_mock.state.state import State
from runflow_mock.state.state_file import StateFile

from .stories.checks import check
from .stories.expected import Run
from .stories.story import Story
from .stories.world import World

STEPS = 48


@pytest.mark.parametrize("seed", [1, 3, 4, 5])
def test_what_is_seen_after_every_step_is_what_the_model_says(seed: int, tmp_path: Path) -> None:
    world = World(tmp_path, seed)
    story, steps = Story(world, seed), list[str]()
    try:
        for _ in range(STEPS):
            steps.append(story.step())
            try:
                check(story)
            except AssertionError as problem:
                problem.add_note("\n".join(steps))
                raise
    finally:
        world.end()


def rows_of(state: State) -> Any:
    """Return every row by its table, as JSON has it."""
    return json.loads(json.dumps({table.name: list(table) for table in state.tables}))


def test_every_row_is_written_as_it_was_changed(tmp_path: Path) -> None:
    world = World(tmp_path, seed=2)
    story = Story(world, 2)
    for _ in range(STEPS):
        step = story.step()
        kept, file = State(SteppedClock(), Settings(), ""), StateFile(tmp_path / "state.sqlite")
        file.read_into(kept)
        file.close()
        assert rows_of(kept) == rows_of(world.state), step
    world.end()


def test_a_run_that_is_canceled_at_any_moment_of_its_life_stays_as_it_was_then(
    tmp_path: Path,
) -> None:
    world = World(tmp_path, seed=2)
    story, model, place = Story(world, 2), "acme/image", "http://localhost/200"
    moments = [number / 4 for number in range(11)]  # it ends by itself after 2.25 s
    planned: list[tuple[float, Run]] = []
    for outcome, moment in product(("succeeded", "never"), moments):
        world.simulation.outcomes.plan(Outcome(outcome))
        body = {"input": {"num_images": 3}, "callback_url": place}
        status, answer = world.call("POST", f"/v1/models/{model}/runs", body)
        assert status == 201, answer
        run = story.made(answer["id"], model, 3, outcome, body["input"])
        run.callback_url = place
        planned.append((moment, run))
    for _ in range(14):
        for moment, run in planned:
            row = world.state.runs.get(run.id)
            if moment == story.now and row is not None:
                canceled = world.simulation.runs.cancel(row, world.state.now())
                assert canceled == (not run.has_ended(story.now))
                run.canceled = story.now if canceled else None
        world.settle()
        story.notice()
        check(story)
        world.simulation.advance(0.25)
        world.settle()
    world.end()
