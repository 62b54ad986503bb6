"""Views: a list, a read of one row and a choice of fields show the same values of a row."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from runflow_mock import MockRunflow
from runflow_mock.api.handlers import HANDLERS

from .calling import RUN_SECONDS, create_run
from .receiver import Receiver
from .test_organizations import address, everything

ENDS = ("succeeded", "partial_succeeded", "failed", "canceled", "cancelled")
GETS = {handler.path for handler in HANDLERS.values() if handler.method == "GET"}


@pytest.fixture
def made(mock: MockRunflow, api: httpx.Client, receiver: Receiver) -> dict[str, str]:
    """Make one of each thing, and a run of each end and in the middle of its life."""
    receiver.answers[:] = [500]
    found = everything(mock, api, receiver)
    for end in ENDS:
        mock.next_outcome(end)
        create_run(api)
    mock.advance(RUN_SECONDS)
    mock.settle()
    create_run(api)
    mock.advance(RUN_SECONDS / 2)
    create_run(api)
    deliveries = f"/v1/webhooks/{found['webhooks']}/deliveries"
    delivery = api.get(deliveries).json()["items"][0]["id"]
    model = api.get("/v1/models/google/nano-banana-pro").json()["id"]
    return {**found, "deliveries": delivery, "models": model}


def lists(api: httpx.Client, made: dict[str, str]) -> Iterator[tuple[str, str, list[Any]]]:
    """Give each list: the path of its operation, its address and its rows."""
    for path in sorted(path for path in GETS if not path.endswith("}")):
        where = address(path, made)
        body = api.get(where).json()
        if "items" in body and "id" not in body:
            yield path, where, body["items"]


def test_a_choice_of_fields_shows_them_alone_and_as_they_are(
    api: httpx.Client, made: dict[str, str]
) -> None:
    seen, refused = 0, list[tuple[str, str]]()
    for path, where, rows in lists(api, made):
        for name in {name for row in rows for name in row}:
            answer = api.get(where, params={"fields": name})
            if answer.status_code != 200:
                refused.append((path, name))
                continue
            assert answer.json()["items"] == [{name: row[name]} for row in rows if name in row], (
                where,
                name,
            )
            seen += 1
    assert seen > 150
    assert refused == [("/v1/runs/{run_id}/logs", "created_at")], "the document lacks it"


def test_a_list_shows_what_a_read_of_one_row_shows(api: httpx.Client, made: dict[str, str]) -> None:
    read: set[str] = set()
    for path, where, rows in lists(api, made):
        single = next((one for one in GETS if one.startswith(path + "/{")), None)
        for row in rows if single else ():
            alone = api.get(f"{where}/{row['id']}").json()
            differing = {name for name in row if name in alone and alone[name] != row[name]}
            assert not differing, (where, row["id"])
            if path not in read and "id" in alone and len(row["id"]) == 36:
                assert api.get(f"{where}/{row['id'].upper()}").json() == alone, (
                    path,
                    "in capitals",
                )
            read.add(path)
    assert len(read) > 10


EMBEDDED = {"assets": "created_by_user", "evaluations": "judges", "runs": "logs,node_runs"}


@pytest.mark.parametrize("what", EMBEDDED)
def test_what_is_embedded_is_the_same_beside_other_names(
    api: httpx.Client, made: dict[str, str], what: str
) -> None:
    path = f"/v1/{what}/{made[what]}"
    plain = set(api.get(path).json())
    names = EMBEDDED[what]
    alone = api.get(path, params={"embed": names}).json()
    assert set(alone) - plain <= set(names.split(","))
    for more in (f"other, {names}", f"{names},{names}", f" {names} ,"):
        beside = api.get(path, params={"embed": more}).json()
        assert all(beside[name] == alone[name] and beside[name] for name in names.split(","))
