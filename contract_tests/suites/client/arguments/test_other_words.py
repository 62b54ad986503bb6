"""Words of other clients, typing errors and near misses are answered with what is meant here."""

import asyncio
from collections.abc import Callable
from operator import attrgetter
from typing import Any

import httpx
import pytest
from runflow_client import (
    AsyncRunflow,
    InvalidArgument,
    NotFound,
    RetryPolicy,
    Runflow,
    RunflowError,
    bulk,
    estimate,
    inputs,
)
from runflow_mock import MockRunflow

from ..conftest import MockTime

MODEL = "google/nano-banana-pro"
ASKED = {"prompt": "x"}
CALLS = {
    "arguments": r"input=\{\.\.\.\}",
    "webhook_url": r"callback_url=",
    "version": "the id alone names the model",
    "on_queue_update": "on_update=",
    "api_token": r"Runflow\(api_key=",
    "callbak_url": "Did you mean 'callback_url'",
    "prompt": rf"client\.[\w.]+\('{MODEL}', \{{'prompt': \.\.\.\}}(, client_ref=\.\.\.)?\)",
}
SETTINGS = {
    "token": "api_key=",
    "api_base": "base_url=",
    "max_retries": r"RetryPolicy\(attempts=",
    "base_ur": "Did you mean 'base_url'",
    "quite_different": "insecure_hosts",
}


METHODS = ("run", "submit", "runs.get_or_create")


def finish(call: Callable[[], Any]) -> None:
    """Call it, and wait for what it returns if that is awaited."""
    asyncio.run(call())


def found(client: Any, call: str) -> Any:
    return attrgetter(call)(client)


@pytest.mark.parametrize("call", METHODS)
@pytest.mark.parametrize("word", CALLS)
def test_arguments_of_other_clients(client: Any, mock: MockRunflow, call: str, word: str) -> None:
    with pytest.raises(
        TypeError, match=rf"client\.{call}\(\) has no argument '{word}'.*{CALLS[word]}"
    ):
        found(client, call)(MODEL, **{word: "x"})
    assert mock.requests == []


BATCHES = {
    "arguments": r"Here it is inputs=\[\{\.\.\.\}, \.\.\.\]",
    "input": "Did you mean 'inputs'",
    "webhook_url": "callback_url=",
    "version": "the id alone names the model",
    "prompt": rf"client\.batches\.create\('{MODEL}', \[\{{'prompt': \.\.\.\}}\]\)",
    "client_ref": "It has model, inputs, ",
    "raise_on_failure": "It belongs to the wait",
    "max_wait": r"It belongs to the wait: handle\.wait\(timeout=",
}


@pytest.mark.parametrize("word", BATCHES)
def test_arguments_of_other_clients_for_a_batch(client: Any, mock: MockRunflow, word: str) -> None:
    with pytest.raises(TypeError, match=rf"batches\.create\(\) has no .*{BATCHES[word]}"):
        client.batches.create(MODEL, **{word: "x"})
    assert mock.requests == []


@pytest.mark.parametrize(
    ("call", "word", "told"),
    [
        ("submit", "timeout", r"It .*handle\.wait\(timeout="),
        ("submit", "on_queue_update", r"It .*handle\.wait\(on_update="),
        ("runs.get_or_create", "idempotency_key", "It has model, input, client_ref"),
        ("estimate", "max_cost", "It has model, input"),
        ("evaluations.submit", "image_url", "It has generated_image_url"),
    ],
)
def test_arguments_that_another_call_has(client: Any, call: str, word: str, told: str) -> None:
    with pytest.raises(TypeError, match=rf"client\.{call}\(\) has no argument '{word}'. {told}"):
        found(client, call)(MODEL, **{word: "x"})


def test_bulk_runs_name_their_arguments() -> None:
    with pytest.raises(TypeError, match=r"bulk\.run\(\) has no argument 'inputs'. It has .*items"):
        bulk.run(MODEL, inputs=[ASKED])  # type: ignore[call-arg]


@pytest.mark.parametrize("kind", [Runflow, AsyncRunflow])
@pytest.mark.parametrize("call", [*METHODS, "estimate", "batches.create", "account.balance"])
def test_the_class_instead_of_a_client(kind: Any, call: str) -> None:
    told = rf"{kind.__name__} is a class. Make a client: .*with {kind.__name__}\(\) .*client.{call}"
    with pytest.raises((TypeError, AttributeError), match=told):
        finish(lambda: found(kind, call)(MODEL, ASKED))
    if "." not in call:
        with pytest.raises(TypeError, match=told):
            finish(lambda: found(kind, call)(model=MODEL))


@pytest.mark.parametrize("kind", [Runflow, AsyncRunflow])
@pytest.mark.parametrize("word", SETTINGS)
def test_settings_of_other_clients(kind: Any, word: str) -> None:
    with pytest.raises(TypeError, match=rf"{kind.__name__}\(\) has no .*{SETTINGS[word]}"):
        kind("rf_x", **{word: "x"})


@pytest.mark.parametrize("kind", [Runflow, AsyncRunflow])
def test_retries_are_a_policy(kind: Any) -> None:
    with pytest.raises(InvalidArgument, match=r"retries is 3: .*RetryPolicy\(attempts=4\)"):
        kind("rf_x", retries=3)
    with pytest.raises(InvalidArgument, match=r"class RetryPolicy: .*RetryPolicy\(\)"):
        kind("rf_x", retries=RetryPolicy)


def test_a_class_instead_of_an_object_of_it(client: Any, mock: MockRunflow) -> None:
    with pytest.raises(
        InvalidArgument, match=r"the class GoogleNano.* or GoogleNanoBananaPro\(prompt="
    ):
        client.run(inputs.GoogleNanoBananaPro)
    assert mock.requests == []


@pytest.mark.parametrize(
    "model", ["nano-banana-pro", "Google/Nano-Banana-Pro ", "/nano-banana-pro"]
)
def test_what_is_no_model_id_is_suggested(client: Any, mock: MockRunflow, model: str) -> None:
    for use in (client.run, client.submit):
        with pytest.raises(InvalidArgument, match=f"Did you mean '{MODEL}'"):
            use(model, ASKED)
    with pytest.raises(InvalidArgument, match=f"Did you mean '{MODEL}'"):
        client.models.get(model)
    assert mock.requests == []


def test_a_model_that_the_api_does_not_have_is_suggested(client: Any) -> None:
    for use in (lambda model: client.run(model, ASKED), client.models.get):
        with pytest.raises(NotFound) as caught:
            use("google/nano-banana-po")
        assert f"Did you mean '{MODEL}'?" in str(caught.value.__notes__)
    assert f"Did you mean '{MODEL}'?" in estimate("google/nano-banana-po", {}).reason


def test_a_field_that_is_nearly_right_is_named() -> None:
    with pytest.raises(TypeError, match=r"GoogleNanoBananaPro has no field 'promt'.*'prompt'"):
        inputs.GoogleNanoBananaPro(promt="x")  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="positional"):
        inputs.GoogleNanoBananaPro("x")  # type: ignore[arg-type, call-arg]
    with pytest.raises(InvalidArgument, match=r"prompt is missing .is 'promt' meant for it"):
        Runflow("rf_x").run(MODEL, {"promt": "x"})


def test_a_wrong_base_url_is_named_with_host_and_path(connect: Any, mock: MockRunflow) -> None:
    with pytest.raises(NotFound, match=r"/v1/v1/.* leave /v1 out of base_url"):
        connect(base_url=f"{mock.base_url}/v1").account.balance()
    with pytest.raises(NotFound, match=r"/wrong/v1/billing/balance .*the host is 127\.0\.0\.1"):
        connect(base_url=f"{mock.base_url}/wrong").account.balance()


HTML = "<html><title>Welcome</title></html>"
PAGES = {
    "html": ({"content-type": "text/html"}, HTML),
    "html that says it is json": ({"content-type": "application/json"}, HTML),
    "text": ({"content-type": "text/plain"}, "it works"),
    "nothing": ({}, ""),
}


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("call", ["run", "account.balance", "runs.list", "models.get"])
def test_another_service_that_answers_200_is_named_with_host_and_path(
    mock: MockRunflow, name: str, call: str
) -> None:
    headers, body = PAGES[name]
    paths: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        paths.append(request.url.path)
        return httpx.Response(200, headers=headers, text=body)

    with (
        httpx.Client(transport=httpx.MockTransport(answer)) as http,
        Runflow(
            "rf_x",
            base_url="https://intranet.example/wiki",
            http_client=http,
            clock=MockTime(mock),
        ) as client,
    ):
        given = (MODEL, ASKED) if call == "run" else (MODEL,) if call == "models.get" else ()
        with pytest.raises(RunflowError) as caught:
            list(found(client, call)(*given))
    told = str(caught.value)
    assert "/wiki/v1/" in told
    assert "the host is intranet.example" in told
    assert ("is base_url right?" in told) == bool(body)
    assert paths[0].startswith("/wiki/v1/")
