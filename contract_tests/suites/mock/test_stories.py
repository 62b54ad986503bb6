"""Whatever happens, and whenever the server is restarted: what is seen is what a model says."""

from pathlib import Path

import pytest

from .stories.checks import check
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
