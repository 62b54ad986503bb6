"""What importing the client loads, in a fresh interpreter: as little as what is used needs."""

import subprocess
import sys

import pytest

SHOW = "; import sys; print(*sorted(sys.modules))"


def loaded_by(statement: str) -> set[str]:
    done = subprocess.run([sys.executable, "-c", statement + SHOW], check=True, capture_output=True, text=True)
    return {name.partition(".")[0] for name in done.stdout.split()}


def test_the_bare_package_loads_neither_httpx_nor_attrs() -> None:
    assert not loaded_by("import runflow_client") & {"httpx", "attr", "attrs", "runflow_api", "asyncio"}


def test_errors_can_be_named_without_httpx_and_attrs() -> None:
    assert not loaded_by("from runflow_client import RunFailed, ApiError") & {"httpx", "attr", "attrs", "runflow_api"}


@pytest.mark.parametrize("name", ["Runflow", "RetryPolicy"])
def test_a_client_loads_no_event_loop_before_there_is_one(name: str) -> None:
    loaded = loaded_by(f"from runflow_client import {name}")
    assert not loaded & {"asyncio", "anyio", "sqlite3", "rich"} - loaded_by("import httpx")
