"""The recipes do what they say, in their frameworks."""

import asyncio
import base64
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import nbformat
import pytest
from django.conf import settings
from django.test import RequestFactory
from nbclient import NotebookClient
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from runflow_mock import MockRunflow, SteppedClock

from .airflow_stand_in import AirflowFailException
from .blocks import DOCS, blocks_of

HANGS = 60
"""Seconds; only a worker that hangs takes so long."""


def recipe(name: str) -> dict[str, Any]:
    """Run the program of a recipe and return its names."""
    (block,) = (
        one for one in blocks_of(DOCS / "recipes" / f"{name}.md") if one.language == "python"
    )
    names: dict[str, Any] = {"__name__": f"recipe_{name}"}
    exec(compile(block.source, block.id, "exec"), names)
    return names


@pytest.mark.usefixtures("folder")
def test_fastapi_starts_one_run_an_order(mock: MockRunflow) -> None:
    app = recipe("fastapi")["app"]

    async def visit() -> None:
        async with (
            app.router.lifespan_context(app),
            httpx.AsyncClient(
                transport=httpx.ASGITransport(app), base_url="http://application"
            ) as browser,
        ):
            first, second = [
                (await browser.post("/pictures/order-7", params={"prompt": "A cathedral"})).json()
                for _ in range(2)
            ]
            assert first == second
            assert (await browser.get(f"/runs/{first['run']}")).json()["status"]

    asyncio.run(visit())
    assert len(mock.runs) == 1


@pytest.mark.usefixtures("folder")
def test_flask_starts_one_run_an_order(mock: MockRunflow) -> None:
    names = recipe("flask")
    browser = names["app"].test_client()
    first, second = (
        browser.post("/pictures/order-7", data={"prompt": "A cathedral"}).json for _ in range(2)
    )
    assert first == second
    assert browser.get(f"/runs/{first['run']}").json["status"]
    names["runflow"]().close()
    assert len(mock.runs) == 1


@pytest.mark.usefixtures("folder")
def test_django_starts_one_run_an_order(mock: MockRunflow) -> None:
    if not settings.configured:
        settings.configure()
    names = recipe("django")
    requests = RequestFactory()
    first, second = (
        names["start"](requests.post("/", {"prompt": "A cathedral"}), "order-7").content
        for _ in range(2)
    )
    assert first == second
    names["runflow"]().close()
    assert len(mock.runs) == 1


def test_a_celery_task_that_is_run_again_continues_with_its_run(
    mock: MockRunflow, folder: Path
) -> None:
    make_picture = recipe("celery")["make_picture"]
    for _ in range(2):
        done = make_picture.apply(args=["order-7", "A cathedral"])
        assert done.get() == "order-7.png"
    assert (folder / "order-7.png").stat().st_size > 0
    assert len(mock.ledger) == 1


def until(holds: Callable[[], object], worker: subprocess.Popen[bytes]) -> None:
    """Wait until it holds, as long as the worker lives."""
    deadline = time.monotonic() + HANGS
    while not holds():
        assert worker.poll() is None, "the worker lives"
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_celery_worker_that_is_killed_leaves_its_run_to_the_next(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (block,) = (
        one for one in blocks_of(DOCS / "recipes" / "celery.md") if one.language == "python"
    )
    (folder / "pictures.py").write_text(block.source)
    monkeypatch.setenv("CELERY_BROKER_URL", f"sqla+sqlite:///{folder / 'broker.sqlite'}")
    # SQLite as a broker does not hand out the task of a dead worker again, as others do: it is sent
    # again instead.
    send = "from pictures import make_picture; make_picture.delay('order-7', 'A cathedral')"
    work = [sys.executable, "-m", "celery", "-A", "pictures", "worker", "--pool=solo"]
    with MockRunflow(SteppedClock()) as mock:  # its runs end when the test says so
        for name, value in mock.environment.items():
            monkeypatch.setenv(name, value)
        for is_first in (True, False):
            subprocess.run([sys.executable, "-c", send], check=True, timeout=HANGS)
            before = len(mock.requests)
            worker = subprocess.Popen(work, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            until(lambda: mock.runs and len(mock.requests) > before + 1, worker)  # noqa: B023
            if is_first:
                worker.kill()
                worker.wait()
        assert not (folder / "order-7.png").exists()
        mock.advance(600)
        until((folder / "order-7.png").exists, worker)
        worker.terminate()
        worker.wait()
        assert len(mock.runs) == len(mock.ledger) == 1


@pytest.mark.usefixtures("folder")
def test_an_airflow_task_tries_again_only_what_may_succeed(mock: MockRunflow) -> None:
    make_picture = recipe("airflow")["make_picture"]
    assert make_picture.calls == [("order-7", "A cathedral")]
    assert make_picture.options["retries"] == 5
    assert {make_picture.function("order-7", "A cathedral") for _ in range(2)} == {"order-7.png"}
    assert len(mock.ledger) == 1
    mock.next_outcome("failed")
    with pytest.raises(AirflowFailException, match="failed at stage"):
        make_picture.function("order-8", "A cathedral")


def test_the_cells_of_the_notebook_show_what_they_promise(
    mock: MockRunflow, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in ("HOME", "IPYTHONDIR", "JUPYTER_RUNTIME_DIR"):
        monkeypatch.setenv(variable, str(folder / "jupyter"))
    cells = [one for one in blocks_of(DOCS / "recipes/jupyter.md") if one.language == "python"]
    new: Any = nbformat.v4  # it has no types
    notebook = new.new_notebook(cells=[new.new_code_cell(cell.source) for cell in cells])
    NotebookClient(notebook, timeout=HANGS, kernel_name="python3").execute()
    shown = [
        {kind: data for output in cell.outputs for kind, data in output.get("data", {}).items()}
        for cell in notebook.cells
    ]
    card, picture, bars, last = shown
    assert "succeeded" in card["text/html"]
    assert base64.b64decode(picture["image/png"]).startswith(b"\x89PNG")
    assert bars, "progress is drawn"
    assert "image/png" in last
    assert len(list((folder / "edited").glob("*/*.png"))) == 3
    assert len(mock.ledger) == 4
    whole = str(new.writes(notebook))
    assert "Signature" not in whole
    assert mock.api_key not in whole


@pytest.mark.usefixtures("folder")
def test_traces_show_the_requests_and_no_signature() -> None:
    spans = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(spans))
    trace.set_tracer_provider(provider)
    recipe("opentelemetry")
    told = [str(dict(span.attributes or {})) for span in spans.get_finished_spans()]
    assert any("/v1/models/google/nano-banana-pro/runs" in one for one in told)
    assert any("/_outputs/" in one for one in told)
    assert not [one for one in told if "Signature" in one]
