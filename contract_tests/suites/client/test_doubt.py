"""A run that may be ours but may be another's: nothing is sent again while it is there, and nobody
takes it.
"""

from typing import Any
from uuid import UUID

import pytest
from runflow_client._flows.find_lost_run import Undecided

from .scripted import answer
from .test_adoption import IDS, NOW, creating, found_id, looked, run


@pytest.mark.parametrize(
    "shown",
    [
        run(input=None),
        run(input={"prompt": "x", "seed": 7}),
        run(metadata={"order": 8}),
        run(callback_url="https://me.test/other"),
        run(model_id=IDS[5]),
    ],
)
def test_a_run_of_a_shared_client_ref_that_may_be_ours_keeps_another_from_being_paid(
    shown: dict[str, Any],
) -> None:
    facts: dict[str, Any] = {
        "metadata": {"order": 7},
        "callback_url": "https://me.test/cb",
        "model_id": UUID(IDS[4]),
    }
    outcome, _ = looked([shown], dated=NOW, unique=False, **facts)
    assert isinstance(outcome, Undecided)
    assert IDS[0] in str(outcome)
    alike = run(1, metadata={"order": 7}, callback_url="https://me.test/cb", model_id=IDS[4])
    outcome, _ = looked([shown, alike], dated=NOW, unique=False, **facts)
    assert found_id(outcome) == IDS[1]
    outcome, _ = looked([shown], dated=NOW, **facts)
    assert found_id(outcome) == IDS[0]


@pytest.mark.parametrize("year", ["9" * 20, "0000"])
def test_an_impossible_date_does_not_lose_the_run(year: str) -> None:
    outcome, _ = looked([run()], dated=f"Wed, 06 May {year} 10:00:00 GMT", unique=False)
    assert found_id(outcome) == IDS[0]


@pytest.mark.parametrize(("told", "shown"), [(None, IDS[4]), (IDS[4], None), (None, None)])
def test_what_nobody_tells_of_the_model_is_no_difference(
    told: str | None, shown: str | None
) -> None:
    outcome, _ = looked(
        [run(model_id=shown)], dated=NOW, unique=False, model_id=told and UUID(told)
    )
    assert found_id(outcome) == IDS[0]


def test_the_catalog_is_asked_once_for_the_models_id() -> None:
    outcome, sent = looked(
        {"id": IDS[4]}, [], [], [run(model_id=IDS[4])], dated=NOW, unique=False, model="acme/m"
    )
    assert found_id(outcome) == IDS[0]
    assert [request["url"] for request in sent] == ["/v1/models/acme/m", *["/v1/runs"] * 3]


def test_a_lost_create_finds_the_run_that_shows_all_that_it_sent() -> None:
    said: dict[str, Any] = {"metadata": {"order": 7}, "callback_url": "https://me.test/cb"}
    outcome, sent, _ = creating(
        lambda count: 500,
        lambda send: answer(send, 200, {"items": [run(**said)]}),
        own_client_ref=False,
        **said,
    )
    assert found_id(outcome) == IDS[0]
    assert sum(one.arguments["method"] == "POST" for one in sent) == 1
