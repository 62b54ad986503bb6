"""Documents that try to bring code into the client or files out of its folder."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from suites.sharing import shared_folder

from ...generate.checks import check_imports
from ...generate.generator import generate
from ..trap_document import JSONObject, document, json_response, operation, parameter, reference
from ..traps import PACKAGE

TOUCH = "__import__('pathlib').Path('SENTINEL').touch()"
PAYLOADS = {
    "docstring": f'"""\n{TOUCH}\n"""',
    "quoted docstring": f'\\"""\n{TOUCH}\n\\"""',
    "string": f'"; {TOUCH}; "',
    "single quotes": f"'; {TOUCH}; '",
    "backslash": f'\\"; {TOUCH}; \\',
    "line": f"x\n{TOUCH}\n",
    "carriage return": f"x\r{TOUCH}\r",
    "other line ends": f"x\x85{TOUCH}\u2028{TOUCH}",
    "comment": f"# type: ignore\n{TOUCH}",
    "format": "{" + TOUCH + "}{0.__class__}",
    "template": "{{ cycler.__init__.__globals__.os.system('touch SENTINEL') }}{% if %}{# ",
    "template end": "%}{{ 1/0 }}{% set facts = {} %}",
    "path": "../../../SENTINEL",
}


def hostile(texts: dict[str, str]) -> JSONObject:
    """Put each payload wherever a document holds text."""
    result = document({}, {})
    for number, payload in enumerate(texts.values()):
        _add(result, number, payload)
    first, *_ = texts.values()
    result["info"] = {"title": first, "version": first, "description": first}
    return result


def _add(result: JSONObject, number: int, payload: str) -> None:
    text: Any = {"type": "string"}
    result["components"]["schemas"] |= {
        f"Thing{number}": {
            "type": "object",
            "description": payload,
            "required": [payload],
            "properties": {
                payload: {**text, "description": payload},
                "kind": {"const": payload},
                "status": {"type": "string", "enum": ["a", f"b{payload}"], "description": payload},
                "described": {
                    **text,
                    "default": payload,
                    "description": payload,
                    "example": payload,
                },
            },
        },
        f"Other{number}": {
            "type": "object",
            "required": ["kind"],
            "properties": {"kind": {"const": f"{payload}2"}},
        },
        f"Union{number}": {"oneOf": [reference(f"Thing{number}"), reference(f"Other{number}")]},
    }
    call = operation(
        f"x{number}{payload}",
        {"200": {**json_response(reference(f"Union{number}")), "description": payload}},
        parameters=[
            parameter("query", payload, {**text, "default": payload}, description=payload),
            parameter(
                "query", "choice", {"type": "string", "enum": ["a", f"b{payload}"], "default": "a"}
            ),
        ],
        content={"application/json": {"schema": reference(f"Thing{number}"), "example": payload}},
        summary=payload,
        description=payload,
        tags=[f"t{number}{payload}"],
    )
    result["paths"][f"/v1/{number}/{payload.replace('{', '(').replace('}', ')')}"] = {"post": call}


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory, warm_types: None) -> Path:
    """Generate the client of a hostile document into an empty folder."""

    def make(made: Path) -> None:
        here = Path.cwd()
        os.chdir(made)  # a relative path in a payload leads into the empty folder
        try:
            texts = payloads(made.parent)
            report = generate(
                hostile(texts), made / "below" / "client", PACKAGE, type_checkers=("mypy",)
            )
        finally:
            os.chdir(here)
        assert report.operations == len(PAYLOADS)

    return shared_folder(tmp_path_factory, "hostile", make)


def payloads(folder: Path) -> dict[str, str]:
    """Return the payloads, of which those that run a shell touch a file in the folder."""
    return {
        name: payload.replace("touch SENTINEL", f"touch {folder}/SENTINEL")
        for name, payload in PAYLOADS.items()
    }


def test_no_text_of_a_document_becomes_code_or_a_path(folder: Path) -> None:
    check_imports(hostile(payloads(folder.parent)), folder / "below" / "client")
    assert not [*folder.rglob("SENTINEL*"), *folder.parent.glob("SENTINEL*")]
    assert {path.name for path in folder.iterdir()} == {"below"}
    assert {path.name for path in (folder / "below").iterdir()} == {"client"}


def test_names_and_constants_of_any_text_go_over_the_wire_as_they_are(folder: Path) -> None:
    code = (
        "import json, sys; sys.path.insert(0, sys.argv[1]); import client.models as models;"
        "payloads = json.load(sys.stdin);"
        "sources = [{payload: 'v', 'kind': payload} for payload in payloads];"
        "things = [getattr(models, f'Thing{i}').from_dict(source) for i, source in "
        "enumerate(sources)];"
        "assert [thing.to_dict() for thing in things] == sources;"
        "assert not any(thing.additional_properties for thing in things)"
    )
    subprocess.run(
        [sys.executable, "-W", "error", "-c", code, str(folder / "below")],
        input=json.dumps(list(payloads(folder.parent).values())).encode(),
        check=True,
    )
