"""The mock server serves the client's catalog, in the form of the API reference."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
from runflow_mock import MockRunflow, ModelInput, Settings, SteppedClock
from runflow_mock.simulation.catalog import packaged_models

from .calling import RUN_SECONDS, create_run, error_of, get_run

CATALOG = Path(__file__).parents[3] / "catalog"


def shipped() -> dict[str, Any]:
    rows = [
        row
        for file in CATALOG.glob("*.json")
        for row in json.loads(file.read_text(encoding="utf-8"))["models"]
    ]
    return {row["id"]: row for row in rows if row["kind"] == "model"}


MODELS = shipped()


def test_every_model_of_the_catalog_is_served_and_no_other(api: httpx.Client) -> None:
    models = {model.model_id for model in packaged_models() if not model.is_workflow}
    assert models == set(MODELS)
    items = api.get("/v1/models", params={"limit": 500}).json()["items"]
    assert {item["slug"] for item in items} == {model_id.partition("/")[2] for model_id in MODELS}


@pytest.mark.parametrize("model_id", MODELS)
def test_a_model_has_the_inputs_and_the_price_of_the_catalog(
    api: httpx.Client, model_id: str
) -> None:
    row = api.get(f"/v1/models/{model_id}").json()
    assert [(entry["name"], entry["is_required"]) for entry in row["inputs"]] == [
        (entry["name"], entry["required"] is True) for entry in MODELS[model_id]["inputs"]
    ]
    assert not [entry for entry in row["inputs"] if "|" in entry["variable_type_code"]]
    price = MODELS[model_id]["price"]
    (packaged,) = (model for model in packaged_models() if model.model_id == model_id)
    assert packaged.price == Decimal(0 if price is None else price["amount"])


def test_what_is_packaged_is_what_the_files_say() -> None:
    """Every field of every model and workflow, and of each of its inputs."""
    files = sorted(CATALOG.glob("*.json"))
    rows = [row for file in files for row in json.loads(file.read_text("utf-8"))["models"]]
    runnable = [row for row in rows if row["kind"] in ("model", "comfyui-workflow")]
    models = packaged_models()
    assert [model.model_id for model in models] == [row["id"] for row in runnable]
    assert {model.is_workflow for model in models} == {True, False}
    for model, row in zip(models, runnable, strict=True):
        price, output = row["price"] or {}, row["output"]
        assert (model.name, model.unit) == (row["name"], price.get("unit", "request"))
        assert (model.license, model.price_note) == (row["license"], price.get("note"))
        assert model.output_fields == tuple(output["fields"])
        assert model.output_kind == output["kind"].replace("unknown", "image")
        assert model.batches == (model.owner == "runflow")
        assert model.is_workflow == (row["kind"] == "comfyui-workflow")
        assert model.is_active
        assert model.inputs_complete is row["inputs_complete"]
        assert model.example_input == row["example"]
        assert f"{model.owner}/{model.slug}" == model.model_id
        for entry, declared in zip(model.inputs, row["inputs"], strict=True):
            assert (entry.name, entry.type) == (declared["name"], declared["type"])
            assert entry.required is (declared["required"] is True)
            assert entry.default == declared.get("default")
            assert entry.limits == declared.get("limits", {})
            allowed = declared.get("allowed", [])
            if (model.model_id, entry.name) == ("runflow/smart-resize", "aspect_ratio"):
                allowed = [*declared["suggested"], "25:36"]
            assert list(entry.allowed) == allowed


def test_a_field_of_two_types_takes_both_and_no_third(api: httpx.Client) -> None:
    for size, status in (("square_hd", 201), ({"width": 512, "height": 512}, 201), (512, 422)):
        answer = api.post(
            "/v1/models/openai/gpt-image-2/runs",
            json={"input": {"prompt": "x" * 10, "image_size": size}},
        )
        assert answer.status_code == status, answer.text
    assert error_of(answer, 422)["errors"][0]["loc"] == ["body", "input", "image_size"]


def test_the_public_list_needs_no_key_and_hides_what_is_retired(
    mock: MockRunflow, api: httpx.Client
) -> None:
    for _ in range(2):  # once more changes nothing
        mock.models.retire("google/veo3.1")
    mock.models.add("acme/own-model", price="0.10")
    url = f"{mock.base_url}/v1/public/models"
    listed = httpx.get(url, params={"limit": 500}).json()["items"]
    slugs = {item["slug"] for item in listed}
    assert "own-model" in slugs
    assert "veo3.1" not in slugs
    assert not {"org_id", "is_public", "created_by", "deleted_at", "deleted_by"} & set(listed[0])
    hidden = httpx.get(url, params={"q": "slug.eq:'veo3.1'"}).json()["items"]
    assert hidden == []
    retired = api.get("/v1/models/google/veo3.1").json()
    assert retired["status_code"] == "inactive"
    run = create_run(api, "google/veo3.1")  # it still runs, as the model that it is
    mock.advance(RUN_SECONDS)
    [output] = get_run(api, run["id"])["output"]["outputs"]
    assert (output["type"], run["model_id"]) == ("video", retired["id"])


@pytest.mark.parametrize(
    ("name", "value"),
    [("q", "org_id.eq:'x'"), ("sort_by", "deleted_at:asc"), ("fields", "id,created_by")],
)
def test_the_public_list_takes_only_fields_that_it_shows(
    mock: MockRunflow, name: str, value: str
) -> None:
    lenient = Settings(unknown_fields="warn")
    with MockRunflow(SteppedClock(), settings=lenient) as warning:
        for server in (mock, warning):
            answer = httpx.get(f"{server.base_url}/v1/public/models", params={name: value})
            assert error_of(answer, 422)["errors"][0]["loc"] == ["query", name]


def test_creators_are_listed_and_read(mock: MockRunflow, api: httpx.Client) -> None:
    creators = {one["slug"]: one for one in api.get("/v1/model-creators").json()["items"]}
    assert set(creators) == {model_id.partition("/")[0] for model_id in MODELS}
    model = api.get("/v1/models/google/veo3.1").json()
    assert api.get(f"/v1/model-creators/{model['model_creator_id']}").json() == creators["google"]
    assert httpx.get(f"{mock.base_url}/v1/model-creators").status_code == 401


def test_the_file_of_the_website_names_every_model_and_its_price(mock: MockRunflow) -> None:
    mock.models.retire("google/veo3.1")
    mock.models.add("acme/cheap", price="0.0000005", unit="token")
    mock.models.add("acme/number", price=0.1)
    answer = httpx.get(f"{mock.base_url}/models-catalog.json")
    rows = {row["slug"]: row for row in answer.json()}
    assert set(rows) == {*MODELS, "acme/cheap", "acme/number"}
    assert rows["acme/number"]["price_label"] == "$0.1/request"
    assert rows["acme/cheap"]["price_label"] == "$0.0000005/token"
    assert rows["google/nano-banana-pro"]["price_label"] == "$0.15/image"
    assert "price_label" not in rows["runflow/model-removal"]
    assert rows["google/veo3.1"]["active"] is False
    assert rows["runflow/skin-fix"]["isWorkflow"] is True
    head = httpx.head(f"{mock.base_url}/models-catalog.json")
    assert (head.status_code, head.content) == (200, b"")
    refused = httpx.post(f"{mock.base_url}/models-catalog.json")
    assert (error_of(refused, 405)["code"], refused.headers["allow"]) == (
        "METHOD_NOT_ALLOWED",
        "GET, HEAD",
    )


def test_a_workflow_is_no_model(mock: MockRunflow, api: httpx.Client) -> None:
    declared = ModelInput("prompt", "string")
    workflow = mock.models.add("acme/flow", is_workflow=True, batches=True, inputs=(declared,))
    below = [f"/v1/models/{one}" for one in ("acme%2Fflow", workflow.id)]
    kinds = ("inputs", "outputs", "examples")
    for path in ("/v1/models/acme/flow", *(f"{one}/{kind}" for one in below for kind in kinds)):
        assert error_of(api.get(path), 404)["code"] == "MODEL_NOT_FOUND"
    for what, given in (("runs", {}), ("batches", [{}])):
        refused = api.post(f"/v1/models/acme/flow/{what}", json={"input": given})
        assert error_of(refused, 404)["code"] == "MODEL_NOT_FOUND"
    assert "flow" not in {one["slug"] for one in api.get("/v1/models?limit=500").json()["items"]}
