"""Every scenario gives what it gave before: each answer, header, callback and amount in it."""

from pathlib import Path

import pytest
from runflow_mock.api.handlers import HANDLERS

from ..snapshot import check_snapshot
from .scenarios.playing import SCENARIOS, SNAPSHOTS, play


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_scenario_gives_what_it_gave_before(name: str, tmp_path: Path) -> None:
    check_snapshot(SNAPSHOTS / f"{name}.txt", play(name, tmp_path))


def test_every_snapshot_has_its_scenario() -> None:
    assert {path.stem for path in SNAPSHOTS.iterdir()} == set(SCENARIOS)


def test_the_scenarios_try_the_scopes_of_every_operation() -> None:
    lines = (SNAPSHOTS / "keys.txt").read_text(encoding="utf-8").splitlines()
    tried = {line.partition(": ")[0] for line in lines}
    assert {f"{one.method} {one.path}" for one in HANDLERS.values()} <= tried
