"""Money: what runs cost, who pays, and that nothing is paid twice."""

from decimal import Decimal

import httpx
import pytest
from runflow_mock import MockRunflow

from .calling import NANO_BANANA, RUN_SECONDS, create_run, error_of, get_run

RUNS = f"/v1/models/{NANO_BANANA}/runs"


@pytest.mark.parametrize(
    ("model", "values", "amount"),
    [
        (NANO_BANANA, {"prompt": "x"}, "0.15"),
        (NANO_BANANA, {"prompt": "x", "num_images": 3, "resolution": "4K"}, "0.45"),
        ("google/veo3.1/fast", {"prompt": "x", "duration": "8s"}, "0.8"),
        ("alibaba/wan/v2.7/text-to-video", {"prompt": "x", "duration": 5}, "0.5"),
        (
            "black-forest-labs/flux-2-klein-4b",
            {"prompt": "x", "image_size": "square_hd"},
            "0.005243",
        ),
        ("elevenlabs/tts/eleven-v3", {"text": "x" * 1000}, "0.1"),
        ("runflow/skin-fix", {"image_url": "https://example.com/a.png"}, "0.12"),
        ("runflow/background-removal", {}, "0"),
    ],
)
def test_a_run_costs_the_catalog_price(
    mock: MockRunflow, api: httpx.Client, model: str, values: dict[str, object], amount: str
) -> None:
    run_id = create_run(api, model, input=values)["id"]
    assert get_run(api, run_id)["cost"] is None
    mock.advance(RUN_SECONDS)
    assert get_run(api, run_id)["cost"] == amount
    assert [(entry.run_id, entry.model_id, entry.amount) for entry in mock.ledger] == [
        (run_id, model, Decimal(amount))
    ]
    assert mock.balance == 100 - Decimal(amount)
    assert Decimal(api.get("/v1/billing/balance").json()["balance"]) == mock.balance


def test_failed_runs_are_free_and_partial_ones_cost_what_they_made(
    mock: MockRunflow, api: httpx.Client
) -> None:
    for status in ("failed", "partial_succeeded"):
        mock.next_outcome(status)
        create_run(api, input={"prompt": "x", "num_images": 4})
    mock.advance(RUN_SECONDS)
    assert [entry.amount for entry in mock.ledger] == [Decimal("0.30")]
    assert [run["cost"] for run in mock.runs] == ["0", "0.3"]
    assert len(mock.runs[1]["output"]["outputs"]) == 2


def test_a_canceled_run_costs_only_once_it_ran(mock: MockRunflow, api: httpx.Client) -> None:
    early, late = create_run(api)["id"], create_run(api)["id"]
    mock.cancel(early)
    mock.advance(3)
    mock.cancel(late)
    assert [entry.run_id for entry in mock.ledger] == [late]


def test_a_balance_that_is_out_refuses_runs(mock: MockRunflow, api: httpx.Client) -> None:
    mock.balance = Decimal("0.30")
    create_run(api)
    create_run(api)
    error = error_of(api.post(RUNS, json={"input": {"prompt": "x"}}), 402)
    assert error["code"] == "INSUFFICIENT_CREDIT"
    mock.advance(RUN_SECONDS)
    assert mock.balance == 0
    error_of(api.post(RUNS, json={"input": {"prompt": "x"}}), 402)
    picture = {"generated_image_url": "https://example.com/a.png", "task_type": "text-to-image"}
    error_of(api.post("/v1/evaluations", json=picture), 402)
    mock.balance = Decimal("0.20")
    create_run(api)
    assert (
        "the credit left is 0.05"
        in error_of(api.post(RUNS, json={"input": {"prompt": "x"}}), 402)["message"]
    )


def test_an_idempotency_key_creates_once(mock: MockRunflow, api: httpx.Client) -> None:
    key = {"Idempotency-Key": "order-1"}
    first = api.post(RUNS, json={"input": {"prompt": "x"}}, headers=key)
    mock.advance(RUN_SECONDS)
    again = api.post(RUNS, json={"input": {"prompt": "x"}}, headers=key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    error = error_of(api.post(RUNS, json={"input": {"prompt": "y"}}, headers=key), 409)
    assert error["code"] == "CONFLICT"
    assert len(mock.ledger) == 1
    create_run(api)
    assert len(mock.runs) == 2


@pytest.mark.parametrize("key", ["k0", "0190a5b4-9c7e-7d7c-8f5e-0123456789ab"])
def test_a_key_in_other_letters_is_another_key(
    mock: MockRunflow, api: httpx.Client, key: str
) -> None:
    first = create_run(api, headers={"Idempotency-Key": key})
    second = create_run(api, headers={"Idempotency-Key": key.upper()})
    assert second["id"] != first["id"]
    assert [row["id"] for row in mock.runs] == [first["id"], second["id"]]
    assert get_run(api, str(first["id"]).upper())["id"] == first["id"]


def test_a_refused_request_does_not_use_up_its_key(mock: MockRunflow, api: httpx.Client) -> None:
    key = {"Idempotency-Key": "order-2"}
    mock.balance = Decimal(0)
    error_of(api.post(RUNS, json={"input": {"prompt": "x"}}, headers=key), 402)
    mock.balance = Decimal(1)
    create_run(api, headers=key)


def test_the_threshold_can_be_set(api: httpx.Client) -> None:
    changed = api.patch("/v1/billing/balance", json={"low_balance_threshold": 2.5}).json()
    assert changed["low_balance_threshold"] == "2.5"
    assert api.get("/v1/billing/balance").json() == changed


def test_an_idempotency_key_belongs_to_one_path(mock: MockRunflow, api: httpx.Client) -> None:
    key, body = {"Idempotency-Key": "order-3"}, {"input": {"prompt": "x"}}
    first = api.post(RUNS, json=body, headers=key).json()["id"]
    others = ("/v1/models/google/nano-banana-2/runs", "/v1/callback-secrets")
    for path in others:
        error_of(api.post(path, json=body, headers=key), 409)
    assert api.post(RUNS, json=body, headers=key).json()["id"] == first
    assert len(mock.runs) == 1
    mock.keys.add("rf_live_other", balance="5")
    headers = {**key, "Authorization": "Bearer rf_live_other"}
    assert api.post(RUNS, json=body, headers=headers).json()["id"] != first


def test_a_key_is_free_again_after_a_refusal(mock: MockRunflow, api: httpx.Client) -> None:
    key = {"Idempotency-Key": "order-4"}
    error_of(api.post(RUNS, json={"input": {}}, headers=key), 422)
    assert api.post(RUNS, json={"input": {"prompt": "x"}}, headers=key).status_code == 201


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (RUNS, {"input": {"prompt": "x"}}),
        (
            "/v1/models/runflow/skin-fix/batches",
            {"input": [{"image_url": "https://a.test/a.png"}]},
        ),
        ("/v1/callback-secrets", {"label": "one"}),
        (
            "/v1/evaluations",
            {"generated_image_url": "https://a.test/a.png", "task_type": "product_photo"},
        ),
    ],
)
def test_a_key_gives_the_first_answer_again_whatever_changed_in_between(
    mock: MockRunflow, api: httpx.Client, path: str, body: dict[str, object]
) -> None:
    key = {"Idempotency-Key": "order-5"}
    first = api.post(path, json=body, headers=key)
    assert first.status_code in (201, 202), first.text
    mock.advance(RUN_SECONDS * 10)
    paid = len(mock.ledger)
    assert api.post(path, json=body).status_code == first.status_code
    mock.advance(RUN_SECONDS * 10)
    mock.balance = Decimal(0)
    again = api.post(path, json=body, headers=key)
    assert (again.status_code, again.json()) == (first.status_code, first.json())
    mock.advance(RUN_SECONDS * 10)
    assert len(mock.ledger) in (0, 2 * paid)
