"""What importing the client loads, in a fresh interpreter: as little as what is used needs."""

import subprocess
import sys
from collections.abc import Set
from functools import cache

import pytest

ID = "0198c0de-0000-7000-8000-000000000000"
SHOW = "; import sys; print(*sorted(sys.modules))"


@cache
def modules_of(statement: str) -> Set[str]:
    """Every module that a fresh interpreter has after this statement."""
    done = subprocess.run(
        [sys.executable, "-c", statement + SHOW], check=True, capture_output=True, text=True
    )
    return set(done.stdout.split())


def loaded_by(statement: str) -> Set[str]:
    return {name.partition(".")[0] for name in modules_of(statement)}


def test_the_bare_package_loads_neither_httpx_nor_attrs() -> None:
    assert not loaded_by("import runflow_client") & {
        "httpx",
        "attr",
        "attrs",
        "runflow_api",
        "asyncio",
    }


def test_errors_can_be_named_without_httpx_and_attrs() -> None:
    assert not loaded_by("from runflow_client import RunFailed, ApiError") & {
        "httpx",
        "attr",
        "attrs",
        "runflow_api",
    }


@pytest.mark.parametrize("name", ["Runflow", "RetryPolicy"])
def test_a_client_loads_no_event_loop_before_there_is_one(name: str) -> None:
    loaded = loaded_by(f"from runflow_client import {name}")
    assert not loaded & {"asyncio", "anyio", "sqlite3", "rich"} - loaded_by("import httpx")


@pytest.mark.parametrize(("name", "room"), [("Runflow", "_sync"), ("AsyncRunflow", "_async")])
def test_to_import_a_client_is_to_import_its_class(name: str, room: str) -> None:
    loaded = modules_of(f"from runflow_client import {name}")
    assert {name for name in loaded if name.startswith("runflow_")} == {
        "runflow_client",
        f"runflow_client.{room}",
        f"runflow_client.{room}.client",
        f"runflow_client.{room}.lazy",
        "runflow_client._flows",
        "runflow_client._flows.other_words",
        "runflow_client._time",
    }
    assert not loaded & {"httpx", "attr", "attrs", "asyncio"}


SELDOM = {
    "runflow_client._transport.generated_client",
    "runflow_client._async.assets",
    "runflow_client._async.callbacks",
    "runflow_client._async.account",
    "runflow_client._async.batches",
    "runflow_client._async.evaluations",
    "runflow_client._async.models",
    "runflow_client._async.runs",
    "runflow_client._estimate",
    "runflow_client._flows.batches",
    "runflow_client._flows.evaluations",
    "runflow_client._models.batch",
    "runflow_client._sync.assets",
    "runflow_client._sync.callbacks",
    "runflow_client._sync.account",
    "runflow_client._sync.batches",
    "runflow_client._sync.evaluations",
    "runflow_client._sync.models",
    "runflow_client._sync.runs",
    "runflow_client._typed_inputs.base",
    "runflow_client.inputs",
}
"""Rooms of which each has its own callers, and none every caller."""


@pytest.mark.parametrize("client", ["Runflow", "AsyncRunflow"])
def test_a_client_is_made_without_what_only_some_callers_need(client: str) -> None:
    made = modules_of(f"from runflow_client import {client}; client = {client}('key')")
    assert "runflow_client._transport.driver" in made
    assert not made & {*SELDOM, "runflow_client._flows.runs"}


def test_to_look_at_a_file_is_to_load_no_library_of_pictures() -> None:
    looks = "from runflow_client._typed_inputs.files import file_problem, show"
    assert not loaded_by(f"{looks}; file_problem(7); show(7)") & {"numpy", "PIL"}


WRITES = {
    "runflow_client._flows.create_run",
    "runflow_client._flows.download",
    "runflow_client._flows.paginate",
    "runflow_client._flows.upload",
    "runflow_client._transport.storage",
    "runflow_client.callbacks",
}


def test_to_read_a_run_is_to_load_neither_creates_nor_lists_nor_files() -> None:
    loaded = modules_of(f"from runflow_client import Runflow; Runflow('key').runs.attach('{ID}')")
    assert "runflow_client._flows.runs" in loaded
    assert not loaded & WRITES


RESOURCES = {
    "api": "_transport.generated_client",
    "assets": "_sync.assets",
    "batches": "_flows.batches",
    "callbacks": "_sync.callbacks",
}


@pytest.mark.parametrize(("resource", "module"), RESOURCES.items())
def test_each_resource_loads_its_own_module(resource: str, module: str) -> None:
    loaded = modules_of(f"from runflow_client import Runflow; Runflow('key').{resource}")
    assert f"runflow_client.{module}" in loaded
