"""A worker asks its inbox and its leases what the list says, in that order, and nothing else."""

from pathlib import Path

from ..snapshot import check_snapshot
from . import worker_steps

LIST = Path(__file__).with_name("worker_steps.txt")


def test_the_steps_of_a_worker_are_those_of_the_list() -> None:
    check_snapshot(LIST, "\n".join(worker_steps.lines()) + "\n")
