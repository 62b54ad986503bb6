"""Documents that no sound client can be made of.

Told completely, with an exit code, and nothing is left behind.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from ...__main__ import main
from ...document.yaml_files import read_yaml
from ..other_documents import FOLDER, arguments

UPLOADS = "https://uploads.hospital.example"
SCHEMA = "/components/schemas/Problem"
BODY = "/paths/~1upload/post/requestBody/content/application~1json"
NESTED = {"type": "object", "properties": {"a": {"type": "array", "items": {"type": "string"}}}}
FILTER = {"name": "filter", "in": "query", "style": "deepObject", "schema": NESTED}
ENDS = {"name": "ends", "in": "query", "style": "label", "schema": {"type": "string"}}


def spoiled() -> dict[str, Any]:
    """Return the document of the hospital with one defect of many kinds."""
    document: dict[str, Any] = read_yaml(FOLDER / "pet_hospital.yaml")
    document["paths"]["/patients"]["get"]["parameters"] += [FILTER, ENDS]
    document["paths"]["/gone"] = {"$ref": "other.json#/paths/gone"}
    body = {
        "application/json": {"schema": {"type": "string"}},
        "text/plain": {"schema": {"type": "string"}},
    }
    answers = {"200": {"description": "D"}, "fine": {"description": "D"}}
    document["paths"]["/upload"] = {
        "post": {
            "servers": [{"url": UPLOADS}],
            "requestBody": {"content": body},
            "responses": answers,
        }
    }
    document["components"]["schemas"]["Problem"]["properties"] |= {
        "from_dict": {"type": "string"},
        "mixed": {"type": "string", "enum": ["a", 1]},
        "list": {"type": "array"},
        "lost": {"$ref": "#/components/schemas/Lost"},
        "photo": {"type": "string", "format": "binary"},
        "both": {"allOf": [{"type": "string"}, {"type": "integer"}]},
    }
    return document


FOUND = {
    ("/paths/~1patients/get/parameters/13", "parameter-style"),
    ("/paths/~1patients/get/parameters/14", "parameter-style"),
    ("/paths/~1gone", "path-item-reference"),
    ("/paths/~1upload/post/servers", "other-server"),
    ("/paths/~1upload/post/requestBody/content/text~1plain", "body-type"),
    ("/paths/~1upload/post/responses/fine", "answer"),
    (f"{SCHEMA}/properties/from_dict", "property-name"),
    (f"{SCHEMA}/properties/mixed/enum", "enum"),
    (f"{SCHEMA}/properties/lost", "reference"),
    (f"{SCHEMA}/properties/both/allOf", "all-of"),
}


def test_everything_is_told_and_nothing_left(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    published, into = tmp_path / "published.json", tmp_path / "client"
    published.write_text(json.dumps(spoiled()), encoding="utf-8")
    assert main(arguments(into, "hospital_api"), {"SPEC_URL": str(published)}) == 1
    lines = capsys.readouterr().err.splitlines()
    assert lines[-1] == "Nothing was changed."
    found = [line.strip() for line in lines[1 : 1 + len(FOUND)]]
    told = {(line.partition(": ")[0], line.rpartition(" (")[2].partition(")")[0]) for line in found}
    assert told == FOUND
    assert all(line.endswith(".") for line in found)
    report = json.loads((into / "reports" / "regenerate.json").read_text())
    (lint,) = (step for step in report["steps"] if step["step"] == "lint")
    assert (report["outcome"], lint["findings"]) == (
        "refused",
        found,
    )
    left = [path.relative_to(into).as_posix() for path in into.rglob("*") if path.is_file()]
    assert sorted(left) == [".regenerate/guard", "reports/regenerate.json", "reports/regenerate.md"]


@pytest.mark.parametrize(
    "name", ["parcel-service", "Parcels", "2fast", "class", "json", "httpx", "../parcels", ""]
)
def test_a_name_that_cannot_be_imported_is_refused_first(
    tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        main(
            ["regenerate", "--into", str(tmp_path / "client"), "--package-name", name],
            {"SPEC_URL": "missing.json"},
        )
    assert caught.value.code == 2
    assert "is not a usable package name" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
