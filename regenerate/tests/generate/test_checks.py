"""The gates: each damage to a client is found, and named."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from ...correct.bodies import BYTES, settle_bodies
from ...document.json_tree import object_at
from ...generate.checks import GateError, check_imports, check_operations, check_types
from ..trap_document import NOTHING, document, json_response, operation, reference
from ..traps import PACKAGE, Traps


@pytest.fixture
def client(traps: Traps, tmp_path: Path) -> Path:
    """Copy the client of the trap document, to be damaged."""
    package = tmp_path / PACKAGE
    shutil.copytree(traps.path, package, ignore=shutil.ignore_patterns("__pycache__"))
    return package


def edit(path: Path, old: str, new: str) -> None:
    """Change one place of a file."""
    text = path.read_text()
    assert text.count(old) >= 1
    path.write_text(text.replace(old, new, 1))


def problems(client: Path) -> str:
    """Run the gate of imports and give what it finds."""
    with pytest.raises(GateError) as caught:
        check_imports(document(), client)
    return str(caught.value)


def test_the_client_as_it_is_passes(client: Path) -> None:
    check_operations(document(), client)
    check_imports(document(), client)


def test_a_missing_and_a_foreign_module_are_named(client: Path) -> None:
    (client / "api/things/get_thing.py").rename(client / "api/things/other.py")
    with pytest.raises(GateError) as caught:
        check_operations(document(), client)
    assert caught.value.problems == (
        "GET /v1/things/{id} has no module things/get_thing",
        "things/other belongs to no operation",
    )


def test_a_lost_status_or_type_is_named(client: Path) -> None:
    edit(
        client / "api/things/get_thing.py",
        "response.status_code == 404",
        "response.status_code == 410",
    )
    edit(client / "api/things/create_thing.py", "500 <= response.status_code <= 599", "False")
    default = client / "api/things/get_default.py"
    edit(
        default,
        "return _responses.json_body(OPERATION, response, Thing.from_dict)",
        "raise _unexpected(response)",
    )
    edit(
        default,
        "OPERATION: Final",
        "_unexpected = lambda response: _errors.UnexpectedStatus(OPERATION, "
        "response)\nOPERATION: Final",
    )
    edit(
        default,
        "from ... import responses",
        "from ... import errors as _errors\nfrom ... import responses",
    )
    read = "def parse_response(response: httpx.Response) -> "
    edit(client / "api/things/get_counts.py", f"{read}Counts:", f"{read}None:")
    edit(client / "api/things/get_text.py", f"{read}str:", f"{read}None:")
    send = client / "api/things/create_thing.py"
    edit(send, "body: ThingCreate", "body: Part")
    edit(
        send,
        "from ...models.thing import",
        "from ...models.part import Part\nfrom ...models.thing import",
    )
    found = problems(client)
    for problem in (
        "things.get_thing: does not read the documented status 404",
        "things.create_thing: does not read the documented status 5XX",
        "things.get_default: does not read the documented status default",
        "things.get_counts: status 200: the type does not name Counts",
        "things.get_text: status 200: has no type",
        "things.create_thing: body: the type does not name ThingCreate",
    ):
        assert problem in found


def test_a_dead_module_is_named(client: Path) -> None:
    edit(
        client / "models/part.py", "import annotations", "import annotations\nimport no_such_module"
    )
    found = problems(client)
    assert "traps_api.models.part: ModuleNotFoundError" in found
    assert "traps_api.api.things.get_report: ModuleNotFoundError" in found


def test_a_type_hint_that_no_program_can_read_is_named(client: Path) -> None:
    edit(client / "models/thing.py", "_models.Part", "Part")
    assert "traps_api.models.thing: the type hints of Thing: name 'Part' is not" in problems(client)


def test_a_warning_is_an_error(client: Path) -> None:
    edit(
        client / "kinds.py",
        "import annotations",
        "import annotations\nimport warnings\nwarnings.warn('old')",
    )
    assert "traps_api.kinds: UserWarning: old" in problems(client)


def test_a_module_that_needs_another_first_is_named(client: Path) -> None:
    (client / "first.py").write_text('"""x"""\nimport sys\nsys.modules["traps_api"].ready = True\n')
    (client / "second.py").write_text(
        '"""x"""\nimport sys\nassert sys.modules["traps_api"].ready\n'
    )
    assert "traps_api.second: " in problems(client)


def test_there_are_two_type_checkers(client: Path) -> None:
    with pytest.raises(
        ValueError, match="'pylint' is not a type checker: take one of mypy, pyright"
    ):
        check_types(client, "pylint")
    with pytest.raises(GateError, match="gate pyright: "):
        check_types(client / "nothing-here", "pyright")


def test_a_body_of_any_content_type_gets_one_that_the_generator_knows() -> None:
    source = document(
        {
            "/a": {
                "post": operation(
                    "a",
                    {
                        "200": {"description": "", "content": {"image/*": {}}},
                        "201": {
                            "description": "",
                            "content": {"text/html": {"schema": reference("Part")}, "text/csv": {}},
                        },
                        "202": {
                            "description": "",
                            "content": {"application/problem+json": {}, "application/json": {}},
                        },
                        "203": {
                            "description": "",
                            "content": {"application/xml": {}, "application/json": {}},
                        },
                        "204": NOTHING,
                    },
                    content={"*/*": {}, "text/plain; charset=utf-8": {}, "application/json": {}},
                )
            }
        }
    )
    settled = settle_bodies(source)
    call: Any = object_at(object_at(object_at(settled.document, "paths"), "/a"), "post")
    binary = {"schema": {"type": "string", "format": "binary"}}
    assert [response.get("content") for response in call["responses"].values()] == [
        {BYTES: binary},
        {"text/x-response": {"schema": {"type": "string"}}},
        json_response({})["content"],
        json_response({})["content"],
        None,
    ]
    assert settled.several == {"things/a": {"203"}}
    assert call["requestBody"]["content"] == {
        BYTES: binary,
        "text/plain; charset=utf-8": {"schema": {"type": "string"}},
        "application/json": {"schema": {}},
    }
    assert settled.content_type_overrides == {BYTES: BYTES, "text/plain; charset=utf-8": BYTES}
    assert "image/*" in source["paths"]["/a"]["post"]["responses"]["200"]["content"]
