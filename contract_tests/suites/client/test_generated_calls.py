"""Operations of the generated client that go through ours do what the list says."""

from pathlib import Path
from typing import Any

import pytest
from runflow_api.api.account import get_balance
from runflow_client import AsyncRunflow, Runflow, RunflowError

from ..snapshot import check_snapshot
from . import generated_calls

LIST = Path(__file__).with_name("generated_calls.txt")


@pytest.mark.parametrize("colour", ["sync", "async"])
def test_what_becomes_of_an_operation_is_that_of_the_list(colour: str) -> None:
    check_snapshot(LIST, "\n".join(generated_calls.lines(colour)) + "\n")


def test_a_client_of_the_other_colour_is_refused() -> None:
    with Runflow("rf_live_x") as client, pytest.raises(RunflowError, match="cannot await: use"):
        get_balance.asyncio(client=client.api).send(None)
    other: Any = AsyncRunflow("rf_live_x").api
    with pytest.raises(RunflowError, match="cannot block: use"):
        get_balance.sync(client=other)
