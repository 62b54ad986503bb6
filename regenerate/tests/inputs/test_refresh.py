"""Bringing the catalog up to the API's own, against a real server on the loopback."""

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from ...inputs.__main__ import ROOT, main
from ...inputs.catalog import Model, read_catalog
from ...inputs.writing import Places, stale_paths
from ..catalog_server import KEY, PUBLIC, CatalogServer, listing

Spoil = Callable[[str, dict[str, Any]], tuple[int, bytes]]


@pytest.fixture(name="places")
def fixture_places(tmp_path: Path) -> Places:
    """Return a project that holds the catalog and the classes alone."""
    own, copy = Places(ROOT), Places(tmp_path)
    for source, target in ((own.catalog, copy.catalog), (own.inputs, copy.inputs)):
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
    return copy


@pytest.fixture(name="server")
def fixture_server(monkeypatch: pytest.MonkeyPatch) -> Iterator[CatalogServer]:
    with listing() as server:
        monkeypatch.setenv("RUNFLOW_API_KEY", KEY)
        monkeypatch.setenv("RUNFLOW_BASE_URL", server.url)
        monkeypatch.setenv("ALLOW_OTHER_SOURCE", "1")
        yield server


def everything(places: Places) -> dict[str, bytes]:
    folders = (places.catalog, places.inputs)
    return {
        str(path): path.read_bytes()
        for folder in folders
        for path in folder.rglob("*")
        if path.is_file()
    }


def models(places: Places) -> dict[str, Model]:
    return {model.id: model for model in read_catalog(places.catalog)}


def refresh(places: Places) -> int:
    return main(["--refresh", "--root", str(places.root)])


def declared(name: str, code: str, **more: Any) -> dict[str, Any]:
    return {
        "name": name,
        "variable_type_code": code,
        "is_required": False,
        "validator_attrs": {},
        **more,
    }


SKIN_FIX: Final = {
    "id": "6f0d1f4e-0000-4000-8000-000000000001",
    "slug": "runflow/skin-fix",
    "name": "Skin Fix 2",
    "pricing_note": "$0.15/request",
    "updated_at": "2026-11-01T10:00:00Z",
    "inputs": [
        declared(
            "strength",
            "float",
            sort_order=2,
            validator_attrs={"min": 0, "max": 1},
            default_value={"value": 0.5},
        ),
        declared("image_url", "string", sort_order=1, is_required=True),
        declared(
            "mode",
            "string",
            sort_order=3,
            description="How\n  it looks.",
            validator_attrs={"enum": ["a", "b"]},
        ),
    ],
}


def test_what_the_api_says_wins_and_what_only_we_know_stays(
    server: CatalogServer, places: Places, capsys: pytest.CaptureFixture[str]
) -> None:
    server.models = [SKIN_FIX]
    before = models(places)
    assert refresh(places) == 0
    message = capsys.readouterr().out
    after = models(places)
    found = after.pop("runflow/skin-fix")
    old = before.pop("runflow/skin-fix")
    assert after == before
    assert [(item.name, item.type, item.required) for item in found.inputs] == [
        ("image_url", "image", True),
        ("strength", "number", False),
        ("mode", "string", False),
    ]
    assert found.inputs[0].description == old.inputs[0].description
    assert (found.inputs[1].limits, found.inputs[1].default) == ({"min": 0, "max": 1}, 0.5)
    assert (found.inputs[2].allowed, found.inputs[2].description) == (["a", "b"], "How it looks.")
    assert found.price is not None
    assert (found.name, found.price.amount, found.price.note) == (
        "Skin Fix 2",
        "0.15",
        "Per image - skin retouch",
    )
    assert (found.provenance.known_from, found.provenance.page_updated) == ("api", "2026-11-01")
    assert found.provenance.sources[-1] == "GET /v1/models"
    for line in (
        "The API lists 1 models; 4 changes.",
        "  BREAKING runflow/skin-fix: the price was $0.12 a request and is $0.15 a request",
        "  runflow/skin-fix: the name was Skin Fix and is Skin Fix 2",
        "  runflow/skin-fix: new input strength (number)",
        "  check: google/veo3.1 is not in the API's catalog; it stays in ours",
    ):
        assert line in message
    assert KEY not in message
    assert stale_paths(read_catalog(places.catalog), places) == []
    assert b"strength: float | None" in (places.inputs / "runflow" / "skin_fix.py").read_bytes()


def test_a_second_look_changes_nothing(
    server: CatalogServer, places: Places, capsys: pytest.CaptureFixture[str]
) -> None:
    server.models = [SKIN_FIX]
    assert refresh(places) == 0
    before = everything(places)
    capsys.readouterr()
    assert refresh(places) == 0
    message = capsys.readouterr().out
    assert "The API lists 1 models; 0 changes." in message
    assert "0 files written" in message
    assert everything(places) == before


def test_pages_are_read_to_the_end_and_inputs_where_the_row_has_none(
    server: CatalogServer, places: Places
) -> None:
    rows = [
        {"id": f"model-{number}", "slug": f"new-{number}", "owner": {"slug": "acme"}}
        for number in range(5)
    ]
    server.models = [{**row, "category_code": "text-to-video"} for row in rows]
    server.inputs["model-4"] = [declared(name, "integer") for name in ("one", "two", "three")]
    assert refresh(places) == 0
    found = models(places)
    assert [f"acme/new-{number}" in found for number in range(5)] == [True] * 5
    assert [item.name for item in found["acme/new-4"].inputs] == ["one", "two", "three"]
    assert found["acme/new-4"].inputs_complete
    assert not found["acme/new-3"].inputs_complete
    assert found["acme/new-3"].output.kind == "video"
    assert (places.inputs / "acme" / "new_4.py").is_file()
    assert [target for target in server.asked if target.startswith("/v1/models?")] == [
        "/v1/models?limit=100",
        "/v1/models?limit=100&pq=2",
        "/v1/models?limit=100&pq=4",
    ]


def test_what_breaks_a_caller_is_marked(
    server: CatalogServer, places: Places, capsys: pytest.CaptureFixture[str]
) -> None:
    server.models = [
        {
            "slug": "google/nano-banana-pro",
            "inputs": [
                declared("prompt", "string", is_required=True),
                declared("resolution", "string", validator_attrs={"allowed": ["1K", "2K", "8K"]}),
                declared("num_images", "string"),
                declared("style", "string", is_required=True),
            ],
        }
    ]
    assert refresh(places) == 0
    message = capsys.readouterr().out
    for line in (
        "  google/nano-banana-pro: input resolution also takes 8K",
        "  BREAKING google/nano-banana-pro: input resolution no longer takes 4K",
        "  BREAKING google/nano-banana-pro: input num_images was of type integer and is of type "
        "string",
        "  BREAKING google/nano-banana-pro: new input style (string, required)",
        "  BREAKING google/nano-banana-pro: input seed is gone",
    ):
        assert line in message


def test_what_is_not_understood_is_told_and_left_alone(
    server: CatalogServer, places: Places, capsys: pytest.CaptureFixture[str]
) -> None:
    before = models(places)
    server.models = [
        {"slug": "of-nobody", "inputs": []},
        {"slug": "edit", "inputs": []},
        {"slug": None},
        {"slug": "runflow/eye-color", "deleted_at": "2026-01-01T00:00:00Z"},
        {"slug": "skin-fix", "inputs": []},
        {"slug": "runflow/skin-fix", "inputs": []},
        {
            "slug": "runflow/background-color",
            "pricing_note": "ask us",
            "inputs": [
                declared(
                    "image_url",
                    "hologram",
                    validator_code="odd",
                    validator_attrs={"shape": "round"},
                ),
                declared(
                    "level", "integer", validator_attrs={"enum": ["high"]}, default_value={"a": 1}
                ),
                declared("level", "integer"),
                {"name": None},
            ],
        },
    ]
    assert refresh(places) == 0
    message = capsys.readouterr().out
    for line in (
        "check: whose model is slug 'of-nobody'?",
        "check: whose model is slug 'edit'?",
        "check: whose model is slug None?",
        "check: runflow/skin-fix is listed twice",
        "check: runflow/skin-fix: the API lists no input; ours stay",
        "check: runflow/eye-color is not in the API's catalog",
        "check: runflow/background-color: image_url: the type 'hologram' is not known, so any "
        "value passes",
        "check: runflow/background-color: image_url: a rule that is not understood: odd ['shape']",
        "check: runflow/background-color: level: allowed values that are not of type integer: "
        "['high']",
        "check: runflow/background-color: an input without a name of its own: None",
    ):
        assert line in message
    after = models(places)
    assert after["runflow/skin-fix"] == before["runflow/skin-fix"]
    assert after["runflow/background-color"].price == before["runflow/background-color"].price
    changed = after["runflow/background-color"]
    assert [(item.name, item.type, item.default) for item in changed.inputs] == [
        ("image_url", "json", None),
        ("level", "integer", None),
    ]


def circle(_: str, page: dict[str, Any]) -> tuple[int, bytes]:
    return 200, json.dumps({**page, "next": "0"}).encode()


def answered(status: int, body: bytes) -> Spoil:
    return lambda _target, _page: (status, body)


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (answered(500, b"{}"), "GET /v1/models was answered 500"),
        (answered(401, b"{}"), "was answered 401: check RUNFLOW_API_KEY"),
        (answered(302, b""), "was answered 302"),
        (answered(200, b"<html>"), "GET /v1/models: not JSON"),
        (answered(200, b"[]"), "GET /v1/models: "),
        (answered(200, b'{"models": []}'), "the answer is not a page"),
        (circle, "the pages lead in a circle"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_refusal_leaves_every_byte(
    server: CatalogServer,
    places: Places,
    capsys: pytest.CaptureFixture[str],
    spoil: Spoil,
    message: str,
) -> None:
    server.models, server.spoil = [SKIN_FIX], spoil
    before = everything(places)
    assert refresh(places) == 2
    told = capsys.readouterr()
    assert message in told.err
    assert KEY not in told.out + told.err
    assert everything(places) == before


def test_an_api_that_lists_what_cannot_be_a_class_leaves_every_byte(
    server: CatalogServer, places: Places, capsys: pytest.CaptureFixture[str]
) -> None:
    server.models = [{"slug": "acme/../../up", "owner": "acme", "inputs": []}]
    before = everything(places)
    assert refresh(places) == 2
    assert "'acme/../../up' is not a model id" in capsys.readouterr().err
    assert everything(places) == before


@pytest.mark.parametrize(
    ("key", "address", "message"),
    [
        ("", "", "RUNFLOW_API_KEY is not set"),
        ("rf_a b", "", "the API key is empty or holds characters that a header cannot carry"),
        (KEY, "http://api.example.com", "http is taken from this machine only"),
        (KEY, "https://user:password@api.example.com", "without credentials"),
        (KEY, "/etc/catalog", "must be https"),
        (KEY, "http://127.0.0.1:1", "is not Runflow's"),
        (KEY, "https://runflow.io.example.com", "is not Runflow's"),
        (KEY, "https://notrunflow.io", "is not Runflow's"),
    ],
)
def test_without_a_key_or_a_safe_address_nothing_is_asked(
    places: Places,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    key: str,
    address: str,
    message: str,
) -> None:
    monkeypatch.setenv("RUNFLOW_API_KEY", key)
    monkeypatch.setenv("RUNFLOW_BASE_URL", address)
    assert refresh(places) == 2
    assert message in capsys.readouterr().err


def test_a_key_that_the_server_refuses_is_not_shown(
    server: CatalogServer,
    places: Places,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("RUNFLOW_API_KEY", "rf_live_wrong")
    assert refresh(places) == 2
    told = capsys.readouterr()
    assert "401" in told.err
    assert "rf_live_wrong" not in told.out + told.err


def test_without_a_key_the_public_catalog_is_compared(
    server: CatalogServer,
    places: Places,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.delenv("RUNFLOW_API_KEY")
    server.public = [
        {"slug": model.id.partition("/")[2], "pricing_note": "on request"}
        for model in models(places).values()
        if model.kind == "model" and model.id not in ("google/veo3.1", "runflow/skin-fix")
    ]
    server.public += [
        {"slug": "skin-fix", "pricing_note": "$0.15/request"},
        {"slug": "brand-new", "pricing_note": "$1/image"},
    ]
    assert main(["--root", str(places.root)]) == 0
    told = capsys.readouterr().out
    for line in (
        "Compared with GET /v1/public/models: 3 differences.",
        "  retired: google/veo3.1\n",
        "  new: brand-new at $1/image\n",
        "  price: runflow/skin-fix at $0.15/request, here at $0.12/request\n",
        "RUNFLOW_API_KEY=... make models",
    ):
        assert line in told
    assert server.keys_in_public == 0
    assert stale_paths(read_catalog(places.catalog), places) == []


def test_a_public_catalog_that_cannot_be_read_stops_nothing(
    server: CatalogServer, places: Places, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--root", str(places.root)]) == 0
    assert "Not compared with the public catalog: GET /v1/public/models" in capsys.readouterr().out
    assert {path.partition("?")[0] for path in server.asked} == set(PUBLIC)


def test_another_source_is_refused_before_anything_is_asked_or_written(
    server: CatalogServer,
    places: Places,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.delenv("ALLOW_OTHER_SOURCE")
    (places.inputs / "__init__.py").unlink()
    before = everything(places)
    for arguments in ([], ["--refresh"]):
        assert main([*arguments, "--root", str(places.root)]) == 2
        assert "is not Runflow's" in capsys.readouterr().err
    assert everything(places) == before
    assert server.asked == []
