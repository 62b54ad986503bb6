"""Requests that other programs send to the real API, and what they read of its answers.

`third_party.json` has them as data: official tools, templates, applications, and the samples of
the documentation.
"""

import io
import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image
from runflow_client import ModelInput, inputs
from runflow_mock import MockRunflow

from .calling import RUN_SECONDS, error_of, get_run

RECORDED = json.loads(Path(__file__).with_name("third_party.json").read_text(encoding="utf-8"))
INPUTS: list[dict[str, Any]] = RECORDED["inputs"]
CALLS: list[dict[str, Any]] = RECORDED["calls"]


def at(value: Any, path: str) -> Any:
    """Return what stands at a dotted path; fail if nothing does."""
    for name in path.split("."):
        value = value[int(name)] if isinstance(value, list) else value[name]
    return value


def filled(value: Any, known: dict[str, str]) -> Any:
    """Return the value with each `{name}` replaced by what was read before."""
    if isinstance(value, str):
        for name, text in known.items():
            value = value.replace(f"{{{name}}}", text)
    elif isinstance(value, dict):
        value = {name: filled(inner, known) for name, inner in value.items()}
    return value


@pytest.mark.parametrize(
    "sent", INPUTS, ids=[f"{number}-{sent['model']}" for number, sent in enumerate(INPUTS)]
)
def test_an_input_is_accepted_or_refused_as_documented(
    mock: MockRunflow, api: httpx.Client, sent: dict[str, Any]
) -> None:
    response = api.post(f"/v1/models/{sent['model']}/runs", json={"input": sent["input"]})
    assert response.status_code == sent["status"], response.text
    if sent["status"] != 201:
        error_of(response, sent["status"])
        return
    mock.advance(RUN_SECONDS)
    run = get_run(api, response.json()["id"])
    assert run["status_code"] == "succeeded"
    for path in sent["reads"]:
        assert at(run, path)


@pytest.mark.parametrize("flow", CALLS, ids=[flow["program"] for flow in CALLS])
def test_a_program_gets_the_answers_that_it_reads(
    mock: MockRunflow, api: httpx.Client, flow: dict[str, Any]
) -> None:
    known: dict[str, str] = {}
    assert flow["steps"]
    for step in flow["steps"]:
        if "advance" in step:
            mock.advance(step["advance"])
            continue
        method, _, target = step["call"].partition(" ")
        target = filled(target, known)
        if "content" in step:
            headers = {"Content-Type": step["type"]}
            response = httpx.request(method, target, content=step["content"], headers=headers)
        elif target.startswith("http"):
            response = httpx.request(method, target)
        else:
            body = {"json": filled(step["body"], known)} if "body" in step else {}
            response = api.request(method, target, **body)
        assert response.status_code == step["status"], (step, response.text)
        for path in step.get("reads", ()):
            value = at(response.json(), path)
            assert value is not None, path
            if isinstance(value, str):
                known[path] = value


def ended(mock: MockRunflow, api: httpx.Client, model: str, **body: Any) -> Any:
    answer = api.post(f"/v1/models/{model}/runs", json=body)
    assert answer.status_code == 201, answer.text
    mock.advance(RUN_SECONDS)
    return get_run(api, answer.json()["id"])


def test_smart_resize_gives_a_bare_webp(mock: MockRunflow, api: httpx.Client) -> None:
    given = {"image_url": "https://example.com/a.png", "aspect_ratio": "16:9", "resolution": "2K"}
    output = ended(mock, api, "runflow/smart-resize", input=given)["output"]
    [item] = output.pop("outputs")
    assert output == {"seed": None, "timing": None, "nsfw_detected": None}
    assert set(item) == {"url", "type"}
    response = httpx.get(item["url"])
    assert response.headers["content-type"] == "image/webp"
    path = item["url"].partition("?")[0]
    assert path.endswith(".webp")
    with Image.open(io.BytesIO(response.content)) as picture:
        assert (picture.format, picture.size) == ("WEBP", (2752, 1536))


def test_an_older_tool_finds_image_urls_beside_outputs(
    mock: MockRunflow, api: httpx.Client
) -> None:
    given = {"image_url": "https://example.com/a.png"}
    output = ended(mock, api, "runflow/background-removal", input=given)["output"]
    assert output["image_urls"] == [item["url"] for item in output["outputs"]]
    assert "model_data" not in output


def test_a_data_uri_in_metadata_becomes_an_asset(mock: MockRunflow, api: httpx.Client) -> None:
    metadata = {"campaign": "x", "inner": {"thumb": "data:image/png;base64,YWJjZA=="}}
    body = {"input": {"prompt": "x"}, "metadata": metadata}
    created = api.post("/v1/models/google/nano-banana-pro/runs", json=body).json()
    assert created["metadata"]["inner"]["thumb"].startswith("runflow://assets/")
    read = get_run(api, created["id"])["metadata"]
    assert read["campaign"] == "x"
    assert httpx.get(read["inner"]["thumb"]).content == b"abcd"


@pytest.mark.parametrize("model", ["google/nano-banana-pro/edit", "alibaba/wan/v2.7/pro/edit"])
def test_what_is_known_of_a_model_is_checked_although_other_fields_are_unknown(
    api: httpx.Client, model: str
) -> None:
    answer = api.post(f"/v1/models/{model}/runs", json={"input": {"further": 1}})
    fields = [entry["loc"] for entry in error_of(answer, 422)["errors"]]
    assert fields == [["body", "input", "prompt"], ["body", "input", "image_urls"]]


@pytest.mark.parametrize(
    "sent",
    [sent for sent in INPUTS if sent["status"] == 201],
    ids=lambda sent: str(sent["model"]),
)
def test_the_typed_inputs_take_what_programs_send(sent: dict[str, Any]) -> None:
    kind: type[ModelInput] = getattr(inputs, inputs.CLASSES[sent["model"]])
    attributes = {field.name: name for name, field in kind.known_fields().items()}
    given = {attributes[name]: value for name, value in sent["input"].items()}
    assert kind(**given).to_input() == sent["input"]
