"""Each command that a flow gives its driver is what the list says, and each answer is logged."""

import logging
from pathlib import Path

import pytest

from ..snapshot import check_snapshot
from .flow_commands import Scene
from .flow_scenes import FLOWS, lines

LIST = Path(__file__).with_name("flow_commands.txt")


def test_each_command_of_a_flow_is_that_of_the_list() -> None:
    check_snapshot(LIST, "\n".join(lines()) + "\n")


BATCHES = "POST /v1/models/runflow/background-removal/batches"


@pytest.mark.parametrize(
    ("flow", "logged"),
    [
        (
            "create a batch, refused once",
            [
                f"DEBUG {BATCHES} was answered 503",
                f"INFO {BATCHES} is sent again in 0.25 s: answered 503",
                f"DEBUG {BATCHES} was answered 201",
            ],
        ),
        (
            "create an evaluation",
            [
                "INFO POST /v1/evaluations is sent again in 0.25 s: ReadError",
                "DEBUG POST /v1/evaluations was answered 201",
            ],
        ),
    ],
)
def test_what_is_answered_and_what_is_sent_again_is_logged(
    flow: str, logged: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    troubles, make = FLOWS[flow]
    scene = Scene(troubles())
    with caplog.at_level(logging.DEBUG, "runflow_client"):
        scene.carry_out(make(scene))
    told = [
        f"{record.levelname} {record.getMessage()}"
        for record in caplog.records
        if record.name == "runflow_client"
    ]
    assert [line for line in told if "asset" not in line] == logged
