"""Words of other clients, typing errors and near misses are answered with what is meant here."""

from typing import Any

import pytest
from runflow_client import (
    AsyncRunflow,
    InvalidArgument,
    NotFound,
    RetryPolicy,
    Runflow,
    estimate,
    inputs,
)
from runflow_mock import MockRunflow

MODEL = "google/nano-banana-pro"
ASKED = {"prompt": "x"}
CALLS = {
    "arguments": r"input=\{\.\.\.\}",
    "webhook_url": r"callback_url=",
    "version": "the id alone names the model",
    "on_queue_update": "on_update=",
    "api_token": r"Runflow\(api_key=",
    "callbak_url": "Did you mean 'callback_url'",
    "prompt": r"client\.(run|submit)\('google/nano-banana-pro', \{'prompt': \.\.\.\}\)",
}
SETTINGS = {
    "token": "api_key=",
    "api_base": "base_url=",
    "max_retries": r"RetryPolicy\(attempts=",
    "base_ur": "Did you mean 'base_url'",
    "quite_different": "insecure_hosts",
}


@pytest.mark.parametrize("call", ["run", "submit"])
@pytest.mark.parametrize("word", CALLS)
def test_arguments_of_other_clients(client: Any, mock: MockRunflow, call: str, word: str) -> None:
    with pytest.raises(TypeError, match=rf"{call}\(\) has no argument '{word}'.*{CALLS[word]}"):
        getattr(client, call)(MODEL, **{word: "x"})
    assert mock.requests == []


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
