"""What a create holds is right before it is sent, and is sent as it is."""

from contextlib import suppress
from typing import Any, Final

import pytest
from runflow_api.http_library import httpx
from runflow_client import InvalidArgument, RetryPolicy, RunflowError
from runflow_client._flows.batches import NewBatch
from runflow_client._flows.commands import Context, SendRequest
from runflow_client._flows.create_run import (
    Create,
    create,
    idempotency_key_of,
    max_create_seconds,
)

from ..scripted import Answer, answer, drive
from ..stepped_time import SteppedTime

ID: Final = "0198c0de-0000-7000-8000-000000000000"

USUAL: Final[dict[str, Any]] = {"model": "a/b", "input": {}}


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"model": ""}, "model"),
        ({"model": "a"}, "model"),
        ({"model": "comfyui-workflows/poster"}, "workflow is 'poster': .*acme/poster"),
        ({"model": "comfyui-workflows/"}, "workflow is '': .*acme/poster"),
        ({"model": "a/b/comfyui-workflows/"}, "model"),
        ({"client_ref": ""}, "client_ref"),
        ({"client_ref": "it's"}, "client_ref"),
        ({"client_ref": 256 * "a"}, "client_ref"),
        ({"idempotency_key": ""}, "idempotency_key"),
        ({"idempotency_key": "a\n"}, "idempotency_key"),
        ({"on_unknown_outcome": "again"}, "on_unknown_outcome"),
        ({"on_unknown_outcome": None}, "on_unknown_outcome"),
        ({"metadata": {"a": object()}}, "metadata.a"),
    ],
)
def test_what_cannot_be_right_is_refused(given: dict[str, Any], told: str) -> None:
    with pytest.raises(InvalidArgument, match=told):
        Create(**{**USUAL, **given})


@pytest.mark.parametrize(
    ("model", "is_workflow", "url"),
    [
        ("a/b", False, "/v1/models/a/b/runs"),
        ("a/b/c", False, "/v1/models/a/b/c/runs"),
        ("comfyui-workflows/a/b", True, "/v1/comfyui-workflows/a/b/runs"),
    ],
)
@pytest.mark.parametrize(
    "given",
    [
        {},
        {"metadata": {}, "callback_url": ""},
        {"metadata": {"a": None}, "callback_url": "https://me.test/"},
    ],
)
def test_what_is_right_is_sent_as_it_is(
    model: str, is_workflow: bool, url: str, given: dict[str, Any]
) -> None:
    values = {"prompt": "x", "none": None, "no": False, "zero": 0, "empty": ""}
    names: dict[str, Any] = {"client_ref": 255 * "a", "idempotency_key": "key-7"}
    made = Create(model=model, input=values, is_workflow=is_workflow, **names, **given)
    request: dict[str, Any] = dict(made.build_request())
    assert (request["method"], request["url"]) == ("POST", url)
    assert request["headers"]["Idempotency-Key"] == "key-7"
    usual = {"metadata": None, "callback_url": None}
    expected = {"input": values, "client_ref": 255 * "a", **usual, **given}
    assert request["json"] == expected


def test_what_is_made_up_is_new_each_time_and_what_is_not_given_is_the_usual() -> None:
    first, second = Create(**USUAL), Create(**USUAL)
    assert first.client_ref != second.client_ref
    assert first.client_ref.startswith("runflow-client-")
    assert first.idempotency_key != second.idempotency_key
    assert (first.is_shared, first.is_workflow, first.strict) == (False, False, True)
    assert (first.inline_below, first.on_unknown_outcome) == (0, "resend")
    assert (first.upload_progress, first.callback_url, first.metadata) == (None, None, None)


def test_the_key_of_a_client_ref_is_the_same_in_every_process() -> None:
    assert idempotency_key_of("order-7") == "bb4caec9-ef18-5636-9e1f-58a7e63694cf"


def test_an_unknown_outcome_names_the_create() -> None:
    made = Create(**USUAL, client_ref="order-7", idempotency_key="key-7")
    error = made.unknown("it was lost")
    assert (error.model, error.client_ref, error.idempotency_key) == ("a/b", "order-7", "key-7")
    assert "it was lost" in str(error)
    assert "secret" not in repr(Create(model="a/b", input={"prompt": "secret"}))


@pytest.mark.parametrize(
    ("attempts", "timeout", "seconds"), [(5, 60.0, 310.0), (1, 60.0, 70.0), (2, 7.0, 24.0)]
)
def test_a_create_has_time_for_each_attempt_and_one_search(
    attempts: int, timeout: float, seconds: float
) -> None:
    context = Context(lambda: 0.0, lambda: 0.5, RetryPolicy(attempts=attempts), timeout)
    assert max_create_seconds(context) == seconds


@pytest.mark.parametrize(
    ("end", "lists", "is_lost"),
    [
        (422, 200, False),
        (402, 200, False),
        (httpx.ConnectError, 200, False),
        (500, 200, True),
        (httpx.ReadTimeout, 200, True),
        (httpx.ReadTimeout, 403, True),
        (KeyboardInterrupt, 200, True),
        (GeneratorExit, 200, True),
        (201, 200, False),
        (201, 403, False),
        (201, KeyboardInterrupt, False),
    ],
)
def test_a_create_that_may_have_made_a_run_is_remembered(
    end: int | type[BaseException], lists: int | type[BaseException], is_lost: bool
) -> None:
    time = SteppedTime()
    context = Context(time.now, lambda: 0.5, RetryPolicy(attempts=1))

    def serve(send: SendRequest) -> Answer:
        is_list = send.arguments["method"] == "GET"
        body: dict[str, object] = {"items": []} if is_list else {"id": ID}
        told = lists if is_list else end
        return answer(send, told, body) if isinstance(told, int) else told("it broke")

    request = Create(model="a/b", input={}, client_ref="mine", is_shared=True)
    with suppress(RunflowError, KeyboardInterrupt, GeneratorExit):
        drive(create(context, request), time, serve)
    assert list(context.client_refs.lost) == (["mine"] if is_lost else [])
    assert not context.client_refs.open


def test_a_batch_that_is_not_checked_may_be_of_a_model_that_takes_none() -> None:
    options: dict[str, Any] = {"callback_url": None, "metadata": None, "idempotency_key": None}
    batch = NewBatch.of("google/nano-banana-pro", [{}], strict=False, **options)
    assert batch.unchecked == ["inputs[0]"]
