"""One run for one client_ref: looked for first, created only if there is none."""

from typing import Any

import pytest
from runflow_client import InvalidArgument, OutcomeUnknown, inputs
from runflow_client._flows.create_run import idempotency_key_of
from runflow_mock import MockRunflow

from ..answering import Asked, Told, ask
from ..conftest import Connect

MODEL = "google/nano-banana-pro"


def creates(mock: MockRunflow) -> list[Any]:
    return [request for request in mock.requests if request.method == "POST"]


def test_a_second_call_gives_the_run_of_the_first(connect: Connect, mock: MockRunflow) -> None:
    asked = inputs.GoogleNanoBananaPro(prompt="a cathedral")
    first = connect().runs.get_or_create(asked, client_ref="order-7")
    again = connect().runs.get_or_create(MODEL, {"prompt": "another"}, client_ref="order-7")
    other = connect().runs.get_or_create(asked, client_ref="order-8")
    assert first.id == again.id != other.id
    assert len(creates(mock)) == len(mock.runs) == 2
    assert again.state.model_name == MODEL, "as it was found"
    assert again.wait().status == "succeeded"
    assert again.state.model_name == first.state.model_name == MODEL


def test_the_key_is_made_of_the_client_ref(client: Any, mock: MockRunflow) -> None:
    client.runs.get_or_create(MODEL, {"prompt": "x"}, client_ref="order-7")
    headers = {name.lower(): value for name, value in dict(creates(mock)[0].headers).items()}
    assert headers["idempotency-key"] == idempotency_key_of("order-7")
    assert idempotency_key_of("order-7") != idempotency_key_of("order-8")


def test_a_run_that_this_client_created_names_its_model(client: Any, mock: MockRunflow) -> None:
    updates: list[Any] = []
    run = client.run(MODEL, {"prompt": "x"}, on_update=updates.append)
    assert {update.model_name for update in [*updates, run]} == {MODEL}
    handle = client.submit(MODEL, {"prompt": "x"})
    assert handle.state.model_name == handle.refresh().model_name == handle.wait().model_name
    assert client.runs.get(run.id).model_name is None, "the API shows only a uuid"


def test_a_lost_answer_is_found_again(client: Any, mock: MockRunflow) -> None:
    mock.fail_next("create_run", fault="reset_after")
    made = client.runs.get_or_create(MODEL, {"prompt": "x"}, client_ref="order-7")
    assert [made.id] == [run["id"] for run in mock.runs]


def test_of_several_runs_the_newest_counts(client: Any, mock: MockRunflow) -> None:
    for _ in range(2):
        client.submit(MODEL, {"prompt": "x"}, client_ref="order-7")
        mock.advance(1.0)
    found = client.runs.get_or_create(MODEL, {"prompt": "x"}, client_ref="order-7")
    newest = max(mock.runs, key=lambda run: str(run["created_at"]))
    assert found.id == newest["id"]


@pytest.mark.parametrize("client_ref", ["", " a", "it's", None, 7])
def test_a_client_ref_that_cannot_be_right_is_refused(
    client: Any, mock: MockRunflow, client_ref: Any
) -> None:
    with pytest.raises(InvalidArgument, match="client_ref"):
        client.runs.get_or_create(MODEL, {"prompt": "x"}, client_ref=client_ref)
    assert mock.requests == []


@pytest.mark.parametrize("word", ["Raise", "error", "", None, ["raise"]])
def test_a_misspelt_option_is_never_the_unsafe_default(
    client: Any, mock: MockRunflow, word: Any
) -> None:
    for call in (client.runs.get_or_create, client.submit, client.run):
        with pytest.raises(
            InvalidArgument, match=r"on_unknown_outcome is .*: expected 'resend' or"
        ):
            call(MODEL, {"prompt": "x"}, client_ref="order-7", on_unknown_outcome=word)
    assert mock.requests == []


def test_a_list_that_hides_the_client_refs_keeps_it_from_creating() -> None:
    posted: list[Asked] = []

    def tell(asked: Asked) -> Told:
        if asked.method == "POST":
            posted.append(asked)
        return Told({"items": [{"id": "0198c0de-0000-7000-8000-000000000000"}]})

    with pytest.raises(OutcomeUnknown):
        ask(tell, lambda client: client.runs.get_or_create("a/b", {}, client_ref="order-7"))
    assert posted == []
