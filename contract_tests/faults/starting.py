"""A process that has loaded what is nobody's fault, pytest and the libraries, and forks one process for each run.

Thousands of runs of pytest are made, and half of a short one would be these imports. Nothing of the tree is loaded here: each
run imports the tree's own modules, as it is at that moment.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import sys
import traceback
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Final

import pytest

_LIBRARIES: Final = (
    "PIL.Image",
    "anyio.from_thread",
    "asyncio",
    "attrs",
    "email.utils",
    "httpx",
    "hypothesis.stateful",
    "jsonschema_rs",
    "sqlalchemy.dialects.sqlite",
    "starlette.applications",
    "starlette.responses",
    "uvicorn",
)


def main() -> None:
    """Read a run a line (JSON: `arguments` of pytest, `output`: a file), and write the process's id, then its status."""
    for name in _LIBRARIES:
        with suppress(ImportError):
            importlib.import_module(name)
    gc.freeze()
    for line in sys.stdin:
        run: dict[str, Any] = json.loads(line)
        process = os.fork()
        if not process:
            _run(run)
        print(process, flush=True)
        _, status = os.waitpid(process, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


def _run(run: Mapping[str, Any]) -> None:
    """Be the run: in a session of its own, so that whatever it starts can be ended with it."""
    status = 3
    try:
        os.setsid()
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        output = os.open(run["output"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        os.dup2(output, 1)
        os.dup2(output, 2)
        sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 # for as long as the process
        sys.path.insert(0, os.getcwd())  # as `python -m pytest` does
        sys.argv = ["pytest", *run["arguments"]]
        status = int(pytest.main(run["arguments"]))
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


if __name__ == "__main__":
    main()
