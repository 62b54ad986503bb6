"""The import arrows of the house: imports point down only, and the shipped client needs httpx and
attrs alone.
"""

import ast
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

HOUSE = Path(__file__).parents[3]

OURS = {
    "runflow_api",
    "runflow_client",
    "runflow_mock",
    "runflow_conformance",
    "vectors",
    "regenerate",
    "contract_tests",
    "suites",
    "faults",
    "benchmarks",
}

ALLOWED = {
    "generated/runflow_api": {"runflow_api"},
    "overlay/runflow_client": {"runflow_client", "runflow_api"},
    "contract_tests/runflow_mock": {"runflow_mock", "runflow_client"},
    "contract_tests/runflow_conformance": {
        "runflow_conformance",
        "runflow_client",
        "runflow_api",
        "runflow_mock",
    },
    "contract_tests/vectors": {
        "vectors",
        "runflow_conformance",
        "runflow_client",
        "runflow_api",
        "runflow_mock",
    },
    "contract_tests/faults": {"faults"},
    "regenerate": {"regenerate"},
    "contract_tests/suites": OURS - {"regenerate", "contract_tests", "benchmarks"},
    "examples": {"runflow_client", "runflow_api", "runflow_mock"},
    # regenerate: how the pipeline grows with the document is measured, too
    "benchmarks": {"benchmarks", "regenerate", "runflow_client", "runflow_api", "runflow_mock"},
}

SHIPPED = {
    "generated/runflow_api": {"httpx", "attrs", "attr"},
    "overlay/runflow_client": {"httpx", "attrs", "attr", "anyio"},
}
"""What the installed package may import besides the standard library (httpx itself brings
anyio).
"""

EXTRAS = {
    # its types alone: who gives a client of it has it
    "overlay/runflow_client/_transport/httpx2_client.py": {"httpx2"},
    "overlay/runflow_client/callbacks/django.py": {"django"},
    "overlay/runflow_client/callbacks/flask.py": {"flask", "werkzeug"},
    "overlay/runflow_client/callbacks/starlette.py": {"starlette"},
    "overlay/runflow_client/callbacks/inbox": {"sqlalchemy"},
    "overlay/runflow_client/callbacks/inbox/_postgresql.py": {"psycopg"},
    "overlay/runflow_client/cli": {"rich", "typer"},
    # It compares with Runflow's public catalog as every program does.
    "regenerate/inputs/_upstream.py": {"runflow_client"},
    # What is made once for all workers, whatever the suite.
    "regenerate/tests": {"suites"},
    # A program that the tests start on a client made of another document.
    "regenerate/tests/generate/bent_program.py": {"runflow_client", "runflow_mock"},
    # What the conformance checks propose, the pipeline takes.
    "regenerate/tests/bent_reality.py": {"runflow_conformance", "runflow_mock"},
    "regenerate/tests/targets/test_proposed_corrections.py": {"runflow_conformance"},
    "regenerate/tests/targets/test_proposed_schemas.py": {"runflow_conformance"},
    "overlay/runflow_client/_models/pillow.py": {"PIL"},
    "overlay/runflow_client/_progress.py": {"rich"},
    "overlay/runflow_client/cli/shared/sixel.py": {"PIL"},
    "overlay/runflow_client/_typed_inputs/pictures.py": {"PIL"},
}
"""Rooms that need a framework of the caller's or an extra; nothing else imports them."""


def imports(path: Path) -> Iterator[str]:
    """The top-level names that a module imports, at its top or inside a function."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module.partition(".")[0]


def modules(root: str) -> list[Path]:
    found = sorted((HOUSE / root).rglob("*.py"))
    assert found, f"{root} holds no module"
    return found


def test_the_mock_server_itself_does_not_know_the_client() -> None:
    root = "contract_tests/runflow_mock"
    knows = {
        path.name
        for path in modules(root)
        if "runflow_client" in imports(path) and path.name != "mock_runflow.py"  # names its types
    }
    assert knows == {"clients.py"}


def extra(path: Path) -> set[str]:
    inside = path.relative_to(HOUSE).as_posix()
    return {name for room, names in EXTRAS.items() if inside.startswith(room) for name in names}


@pytest.mark.parametrize("root", [root for root in ALLOWED if (HOUSE / root).exists()])
def test_imports_point_down_only(root: str) -> None:
    wrong = {
        f"{path.relative_to(HOUSE)} imports {name}"
        for path in modules(root)
        for name in imports(path)
        if name in OURS - ALLOWED[root] - extra(path)
    }
    assert not wrong


@pytest.mark.parametrize("root", SHIPPED)
def test_the_shipped_client_needs_httpx_and_attrs_alone(root: str) -> None:
    foreign = {
        f"{path.relative_to(HOUSE)} imports {name}"
        for path in modules(root)
        for name in imports(path)
        if name not in sys.stdlib_module_names | SHIPPED[root] | OURS | extra(path)
    }
    assert not foreign
    project = tomllib.loads((HOUSE / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert {requirement.partition(">")[0] for requirement in project["dependencies"]} == {
        "attrs",
        "httpx",
        # what httpx itself needs, bounded from below: known weaknesses, and what the client calls
        "anyio",
        "h11",
        "httpcore",
    }


def test_the_http_library_is_named_in_one_place() -> None:
    naming = {
        str(path.relative_to(HOUSE))
        for root in SHIPPED
        for path in modules(root)
        if "httpx" in imports(path)
    }
    assert naming == {"generated/runflow_api/http_library.py"}


def test_the_other_http_library_is_named_in_one_place_and_loaded_nowhere() -> None:
    naming = {
        str(path.relative_to(HOUSE))
        for root in SHIPPED
        for path in modules(root)
        if "httpx2" in imports(path)
    }
    assert naming <= {"overlay/runflow_client/_transport/httpx2_client.py"}
