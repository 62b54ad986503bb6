"""What is shown of failures, runs and files in words and in a notebook."""

from collections.abc import Iterator
from decimal import Decimal
from functools import partial
from typing import Any

import attrs
from runflow_client import RunflowError
from runflow_client._models import artifact, notebook
from runflow_client._models.outcome_errors import RunFailed
from runflow_client._models.upstream import UpstreamModel

from .results import ID, URL, run_of
from .rows import Plain, table


def lines() -> Iterator[str]:
    """Give the tables, line by line."""
    messages = (
        *(None, "", "No worker in the fleet", "the worker pool is full!", "QUEUE IS FULL", "full"),
        "rf_live_a at https://a.test?b",
    )
    yield from table(
        "a failure with the message",
        lambda one: _failure(RunFailed(run_of({"id": ID, "failure_message": one}))),
        messages,
    )
    reasons: tuple[dict[str, str], ...] = (
        *({"failure_code": "C"}, {"failure_stage_code": "s"}, {"failure_message": "m"}),
        {"failure_code": "", "failure_stage_code": "", "failure_message": ""},
    )
    yield from table(
        "a failure that says", lambda one: _reason(RunFailed(run_of({"id": ID, **one}))), reasons
    )
    runs = (
        {"id": ID},
        {"id": ID, "cost": "0", "duration_ms": 0, "nodes_total": 0, "failure_code": ""},
        {"id": ID, "cost": "1E+1", "duration_ms": 1250, "nodes_total": 2, "client_ref": "<b>"},
        {"id": ID, "nodes_total": 2, "nodes_completed": 1, "failure_code": "C", "status_code": "x"},
        {"id": ID, "failure_code": "C", "failure_message": "m & n", "output": {"image": URL}},
        {"id": ID, "failure_message": "rf_live_a at https://u:p@a.test?b"},
        {"id": ID, "created_at": "2026-01-01T00:00:00Z", "completed_at": "2026-01-02T00:00:00Z"},
    )
    yield from table("card of a run", lambda one: Plain(notebook.show_run(run_of(one))), runs)
    yield from table(
        "card of a run of the model",
        lambda one: Plain(notebook.show_run(attrs.evolve(run_of({"id": ID}), model_name=one))),
        ("<a/b>", None),
    )
    contents: dict[str, Any] = {
        "a PNG": b"\x89PNG\r\n\x1a\n",
        "a WebP": b"RIFF\0\0\0\0WEBPVP8 ",
        "text": b"text",
        "an error": RunflowError("it is <gone>"),
        "a broken disk": OSError(5, "it is <broken>"),
    }
    entries: tuple[dict[str, Any], ...] = (
        {},
        {"type": "image", "width": 1, "height": 2, "size_bytes": 1234},
        {"mime_type": "video/mp4", "width": 1, "height": 0, "duration": 1.50},
        {"type": "audio", "duration": 0, "size_bytes": 0},
        {"mime_type": 'image/a" onerror="b'},
        {"size_bytes": notebook.MAX_SHOWN_BYTES},
        {"size_bytes": notebook.MAX_SHOWN_BYTES + 1},
    )
    made: list[artifact.BaseArtifact] = []
    for entry in entries:
        (facts,) = artifact.read_artifacts({"outputs": [{"url": "https://cdn.test/a<b>", **entry}]})
        made.append(artifact.BaseArtifact(**facts, run_id=ID))
        yield from table(f"what is shown of {entry}", partial(_bundle, made[-1]), contents)
    quoted = attrs.evolve(made[-1], name='"<b>"', size_bytes=None)
    yield from table("what is shown of a name in quotes", partial(_bundle, quoted), contents)
    shown: dict[str, tuple[Any, str | None]] = {
        "no price": (None, None),
        "the same": (Decimal(1), "image"),
        "another price": (Decimal(2), "image"),
        "another unit": (Decimal(1), "second"),
    }
    for state in ("listed", "retired", "newer"):
        yield from table(
            f"is_price_changed, {state}", lambda one, state=state: _is_changed(state, *one), shown
        )


def _is_changed(state: Any, price: Decimal | None, unit: str | None) -> bool:
    known: dict[str, Any] = {"known_price": Decimal(1), "known_unit": "image"}
    return UpstreamModel(
        id="a/b", state=state, price=price, price_unit=unit, **known
    ).is_price_changed


def _failure(error: RunFailed) -> list[object]:
    return [error.lacks_capacity, error.failure_message, str(error)]


def _reason(error: RunFailed) -> list[object]:
    return [error.failure_code, error.failure_stage, error.failure_message, str(error)]


def _bundle(made: artifact.BaseArtifact, content: bytes | Exception) -> object:
    def read(most: int) -> bytes:
        assert most == notebook.MAX_SHOWN_BYTES
        if isinstance(content, Exception):
            raise content
        return content

    bundle = notebook.show_artifact(made, read)
    assert bundle.pop("text/plain") == repr(made)
    return bundle
