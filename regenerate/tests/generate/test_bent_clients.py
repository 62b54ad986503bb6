"""The overlay on clients of bent documents, against the mock server of the same document.

A document is made once a run, with as many bends as do not hide each other: `TWINS` says which.
Each goes through every gate; the overlay and the mock server are type-checked with its client; and
a program that does what programs do is run with both.
"""

import copy
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import pytest
from attrs import evolve
from suites.sharing import shared_folder

from ...changes.overlay_needs import find_missing, read_needs
from ...correct.corrected import correct
from ...document.json_tree import parse_document, readable_text
from ...generate.build import build
from ...generate.checks import check_slashes, overlay_type_errors
from ...project.paths import DOCUMENT, ROOT, own_paths
from ...project.progress import Progress
from ..fastapi_app import published
from ..programs import EXPECTED, seen_in
from ..respelling import Edit, operations, other_paths, run_id_called

OWN: dict[str, Any] = {**parse_document(DOCUMENT.read_bytes())}
NULL: Final = {"type": "null"}
SEEN: Final[dict[str, dict[str, Any]]] = {
    "other addresses": {
        "attached": "completed",
        "failed": "error",
        "listed": ["completed", "completed"],
        "run": ["completed", "order-1", True, True],
    },
}
"""What else is seen with a twin: its own words for statuses."""
TOLD: Final = frozenset({"one more of each", "other words for statuses"})
"""Programs run as before, and the report still names the status: what it means must be said."""


def schemas(document: dict[str, Any]) -> dict[str, Any]:
    """Return the schemas of the document."""
    found: dict[str, Any] = document["components"]["schemas"]
    return found


def always_there(*names: str) -> Edit:
    """Return what makes every field of these answers required."""

    def bend(document: dict[str, Any]) -> None:
        for name in names:
            schemas(document)[name]["required"] = [*schemas(document)[name]["properties"]]

    return bend


def status(of: str, to: str) -> Edit:
    """Return what gives every answer of one status another."""

    def bend(document: dict[str, Any]) -> None:
        for operation in operations(document):
            if of in operation["responses"] and to not in operation["responses"]:
                operation["responses"][to] = operation["responses"].pop(of)

    return bend


def output(*variants: dict[str, Any]) -> Edit:
    """Return what makes the output of a run and of a batch a union."""

    def bend(document: dict[str, Any]) -> None:
        for name in ("Run", "Batch"):
            schemas(document)[name]["properties"]["output"] = {"anyOf": [*variants, NULL]}

    return bend


def whole_ids(name: str) -> Edit:
    """Return what takes model ids in one parameter."""

    def bend(document: dict[str, Any]) -> None:
        paths: dict[str, Any] = {}
        for path, item in document["paths"].items():
            found = path
            for second in ("slug", "id"):
                found = found.replace(f"/models/{{owner}}/{{{second}}}", f"/models/{{{name}}}")
            if found != path:
                (operation,) = item.values()
                kept = [one for one in operation["parameters"] if one.get("in") != "path"]
                whole = {
                    "name": name,
                    "in": "path",
                    "required": True,
                    "schema": {"type": "string"},
                }
                operation["parameters"] = [whole, *kept]
            paths[found] = item
        document["paths"] = paths

    return bend


def costs(document: dict[str, Any]) -> None:
    """Let every cost be a number."""
    for schema in schemas(document).values():
        if "cost" in schema.get("properties", {}):
            schema["properties"]["cost"] = {"anyOf": [{"type": "number"}, NULL]}


FILES: Final = {
    "type": "object",
    "required": ["outputs"],
    "properties": {"outputs": {"type": "array", "items": {"type": "object"}}},
}
TEXT: Final = {"type": "object", "required": ["text"], "properties": {"text": {"type": "string"}}}


def smaller_pages(document: dict[str, Any]) -> None:
    """Allow pages of 100 only."""
    for operation in operations(document):
        for parameter in operation.get("parameters", []):
            if parameter["name"] == "limit":
                parameter["schema"] = {"type": "integer", "minimum": 1, "maximum": 100}


def renamed_scheme(document: dict[str, Any]) -> None:
    """Call the scheme of the key otherwise."""
    document["components"]["securitySchemes"] = {"Clé": {"type": "http", "scheme": "Bearer"}}
    document["security"] = [{"Clé": []}]
    for operation in operations(document):
        if operation.get("security"):
            operation["security"] = [{"Clé": []}]


def other_words(document: dict[str, Any]) -> None:
    """Call statuses otherwise, and those that end a run in the description only."""
    schemas(document)["RunStatus"] = {
        "type": "string",
        "enum": ["pending", "processing", "completed", "error", "aborted", "expired"],
        "description": "Terminal: completed, error, aborted, expired.",
    }


def names_in_other_letters(document: dict[str, Any]) -> None:
    """Write names in braces, tags and summaries in other letters than ASCII."""
    for operation in operations(document):
        operation["tags"] = [f"Läufe {tag}" for tag in operation["tags"]]
    run_id_called("läufer")(document)


def one_more_of_each(document: dict[str, Any]) -> None:
    """Add a required field to a run, a status and an operation."""
    run = schemas(document)["Run"]
    run["properties"]["region"] = {"type": "string", "enum": ["eu", "us"]}
    run["required"] = ["region"]
    schemas(document)["RunStatus"]["enum"].append("expired")
    answer = {"description": "Fine.", "content": {"application/json": {"schema": FILES}}}
    document["paths"]["/v1/regions"] = {
        "get": {"operationId": "regions", "tags": ["Regions"], "responses": {"200": answer}}
    }


BENDS: Final[dict[str, Edit]] = {
    "a run has every field": always_there("Run"),
    "all that is waited for has every field": always_there("Run", "Batch", "Evaluation", "Asset"),
    "pages have every field": always_there("RunPage", "BatchItem", "AssetUploadSession"),
    "an output is one of two objects": output(FILES, TEXT),
    "an output is an object or text": output({"type": "object"}, {"type": "string"}),
    "an output may be a list": output({"type": "array", "items": {"type": "object"}}, FILES),
    "200 for 201": status("201", "200"),
    "202 for 201": status("201", "202"),
    "model_id for owner and slug": whole_ids("model_id"),
    "model for owner and slug": whole_ids("model"),
    "costs are numbers": costs,
    "pages of 100": smaller_pages,
    "another name of the scheme": renamed_scheme,
    "another prefix": other_paths(lambda path: path.replace("/v1/", "/api/v2/")),
    "a slash at the end": other_paths("{}/".format),
    "names in other letters": names_in_other_letters,
    "one more of each": one_more_of_each,
    "other words for statuses": other_words,
}


def bent(*names: str) -> Edit:
    """Return what makes all these bends, one after the other."""

    def bend(document: dict[str, Any]) -> None:
        for name in names:
            BENDS[name](document)

    return bend


def as_an_app(document: dict[str, Any]) -> None:
    """Put FastAPI's own document of the same API in its place."""
    found = published(document)
    document.clear()
    document.update(found)


TWINS: Final[dict[str, Edit]] = {
    "more is required": bent(
        "all that is waited for has every field",
        "pages have every field",
        "an output is an object or text",
        "200 for 201",
        "model_id for owner and slug",
        "costs are numbers",
        "pages of 100",
        "another name of the scheme",
    ),
    "other addresses": bent(
        "an output is one of two objects",
        "202 for 201",
        "model for owner and slug",
        "names in other letters",
        "one more of each",
        "other words for statuses",
        "another prefix",
        "a slash at the end",
    ),
    "FastAPI's own output": as_an_app,
}
"""Documents with bends that do not hide each other. `an output may be a list` is in none, as the
mock server's outputs are objects."""


def twin(name: str) -> bytes:
    """Return the bytes of the document."""
    document = copy.deepcopy(OWN)
    TWINS[name](document)
    assert document != OWN
    return readable_text(document).encode()


def made(factory: pytest.TempPathFactory, name: str, raw: bytes) -> Path:
    """Return a folder with the client of a document: overlay, mock server and document around it.

    The client passed every gate.
    """

    def make(folder: Path) -> None:
        paths = evolve(own_paths(), output=folder / "runflow_api")
        product = build(paths, raw, folder / "staging", Progress("test"))
        needs = read_needs()
        check_slashes(product.package, sorted({one for need in needs for one in need.slashes}))
        for kept in ("overlay", "contract_tests/runflow_mock", "catalog"):
            shutil.copytree(
                ROOT / kept, folder / kept, ignore=shutil.ignore_patterns("__pycache__")
            )
        shutil.copytree(product.package, folder / "generated" / "runflow_api")
        (folder / DOCUMENT.name).write_bytes(raw)

    return shared_folder(factory, f"twin-{name.replace(' ', '-')}", make)


@pytest.mark.parametrize("name", TWINS)
def test_programs_go_on_with_the_client_of_a_twin(
    name: str, tmp_path_factory: pytest.TempPathFactory, tmp_path: Path, warm_types: None
) -> None:
    project = made(tmp_path_factory, name, twin(name))
    assert seen_in(project, tmp_path / "saved") == EXPECTED | SEEN.get(name, {})


@pytest.mark.parametrize("name", TWINS)
def test_overlay_and_mock_server_type_check_with_the_client_of_a_twin(
    name: str, tmp_path_factory: pytest.TempPathFactory, warm_types: None, warm_overlay: None
) -> None:
    project = made(tmp_path_factory, name, twin(name))
    sources = [ROOT / "overlay" / "runflow_client", ROOT / "contract_tests" / "runflow_mock"]
    assert overlay_type_errors(project / "generated" / "runflow_api", sources) == []


@pytest.mark.parametrize("name", TWINS)
def test_the_mock_server_follows_a_twin(name: str, tmp_path: Path) -> None:
    (tmp_path / "twin.json").write_bytes(twin(name))
    command = [sys.executable, "-m", "runflow_mock", "--document", "twin.json", "--differences"]
    told = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    assert told
    assert "cannot be followed" not in told


@pytest.mark.parametrize("name", BENDS)
def test_the_overlay_misses_nothing_in_a_bent_document(name: str) -> None:
    document = copy.deepcopy(OWN)
    BENDS[name](document)
    missing = [str(one) for one in find_missing(correct(document).document, read_needs())]
    assert bool(missing) == (name in TOLD)
    assert all("RunStatus has " in one for one in missing)
