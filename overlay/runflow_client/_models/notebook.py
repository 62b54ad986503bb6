"""What a notebook shows for a run and for what it made. Nothing here sends anything."""

from base64 import b64encode
from collections.abc import Callable, Mapping
from html import escape
from typing import Any, Final

from .._errors import RunflowError, show_reason
from .._files.media_types import UNKNOWN, kind_of, sniff, write_data_uri
from .artifact import BaseArtifact
from .run import BaseRun

MAX_SHOWN_BYTES: Final = 10 * 1024 * 1024
"""Bytes of a file that a notebook keeps in itself; a larger one is only described."""

_NATIVE: Final = frozenset({"image/png", "image/jpeg", "image/gif"})
"""Media types that every front end shows by themselves; the others are put into HTML."""

_ELEMENTS: Final = {
    "image": '<img src="{uri}" alt="{name}" style="max-width: 100%">',
    "video": '<video src="{uri}" title="{name}" controls style="max-width: 100%"></video>',
    "audio": '<audio src="{uri}" title="{name}" controls></audio>',
}

Bundle = dict[str, Any]
"""What is shown, by media type."""


def show_artifact(artifact: BaseArtifact, read: Callable[[int], bytes]) -> Bundle:
    """Return what a notebook shows for the artifact: the file itself, else what is known of it.

    `read` is called with MAX_SHOWN_BYTES and fetches the file. Whatever keeps it from being
    fetched is named and does not raise.
    """
    described = {"text/plain": repr(artifact)}
    if artifact.size_bytes is not None and artifact.size_bytes > MAX_SHOWN_BYTES:
        return {**described, "text/html": _artifact_card(artifact, "too large to be shown here")}
    try:
        content = read(MAX_SHOWN_BYTES)
    except (RunflowError, OSError) as error:
        return {**described, "text/html": _artifact_card(artifact, f"not shown: {error}")}
    media_type = sniff(content) or artifact.media_type or UNKNOWN
    if media_type in _NATIVE:
        return {**described, media_type: b64encode(content).decode("ascii")}
    element = _ELEMENTS.get(kind_of(media_type) or "")
    if element is None:
        return {**described, "text/html": _artifact_card(artifact, f"it is {media_type}")}
    uri = write_data_uri(content, media_type)
    return {**described, "text/html": element.format(uri=escape(uri), name=escape(artifact.name))}


def show_run(run: BaseRun) -> str:
    """Return the HTML card of a run: its facts, and the names of what it made, without any URL."""
    reason = (run.failure_code, run.failure_message)
    facts: dict[str, object] = {
        "model": run.model_name,
        "cost": None if run.cost is None else f"${run.cost:f}",
        "took": None if run.duration_ms is None else f"{run.duration_ms / 1000:.1f} s",
        "nodes": None if not run.nodes_total else f"{run.nodes_completed or 0}/{run.nodes_total}",
        "created": run.created_at,
        "client_ref": run.client_ref,
        "failure": show_reason(*reason) if any(reason) else None,
    }
    made = {f"outputs[{one.number}]": _describe(one) for one in run.outputs}
    return _card(f"Run {run.id}: {run.status}", {**facts, **made})


def _artifact_card(artifact: BaseArtifact, remark: str) -> str:
    save = f"save it: outputs[{artifact.number}].save({artifact.name!r})"
    return _card(_describe(artifact), {"": remark, "to have it": save})


def _describe(artifact: BaseArtifact) -> str:
    sides = f"{artifact.width} x {artifact.height}" if artifact.width and artifact.height else None
    seconds = None if artifact.duration is None else f"{artifact.duration:g} s"
    size = None if artifact.size_bytes is None else f"{artifact.size_bytes:,} bytes"
    known = (artifact.name, artifact.media_type or artifact.type, sides, seconds, size)
    return ", ".join(fact for fact in known if fact is not None)


def _card(title: str, facts: Mapping[str, object]) -> str:
    rows = "".join(
        f"<tr><th style='text-align: left'>{escape(name)}</th>"
        f"<td style='text-align: left'>{escape(str(value))}</td></tr>"
        for name, value in facts.items()
        if value is not None
    )
    return f"<table><caption><b>{escape(title)}</b></caption>{rows}</table>"
