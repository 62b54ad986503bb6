"""Vector files: JSON lines under a header that names the document and the tools. See FORMAT.md."""

import json
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path
from typing import Any, Final, cast

FORMAT: Final = "runflow-conformance-vectors/1"
KINDS: Final = ("requests", "responses", "callbacks")
Vector = dict[str, Any]


class StaleVectors(Exception):
    """The vectors belong to another document or format. The message says what to do."""


def vectors_folder() -> Path:
    """Return the folder that holds the frozen vectors."""
    return Path(__file__).with_name("data")


def header(kind: str, document_sha256: str, count: int) -> Vector:
    """Return the first line of a vector file."""
    tools = {
        name: metadata.version(name) for name in ("hypothesis", "jsonschema-rs", "schemathesis")
    }
    return {
        "format": FORMAT,
        "kind": kind,
        "document_sha256": document_sha256,
        "tools": tools,
        "count": count,
    }


def encode(kind: str, document_sha256: str, vectors: Iterable[Vector]) -> bytes:
    """Return the bytes of a vector file: ASCII, a header, one line per vector."""
    lines = list(vectors)
    everything = [header(kind, document_sha256, len(lines)), *lines]
    text = "\n".join(
        json.dumps(line, ensure_ascii=True, separators=(",", ":")) for line in everything
    )
    return text.encode("ascii") + b"\n"


def read_vectors(kind: str, document_sha256: str, folder: Path | None = None) -> list[Vector]:
    """Return the vectors of that kind. Raise StaleVectors if they are not of this document."""
    path = (folder or vectors_folder()) / f"{kind}.jsonl"
    first, *lines = path.read_text(encoding="ascii").splitlines()
    head = cast(Vector, json.loads(first))
    if head.get("format") != FORMAT or head.get("kind") != kind:
        raise StaleVectors(f"{path.name} is not {FORMAT} of kind {kind}: run make vectors")
    if head["document_sha256"] != document_sha256:
        raise StaleVectors(
            f"{path.name} was collected from the document {head['document_sha256'][:12]}..., "
            f"the document is {document_sha256[:12]}...: run make vectors"
        )
    if head["count"] != len(lines):
        raise StaleVectors(
            f"{path.name} holds {len(lines)} vectors, its header says {head['count']}: "
            "run make vectors"
        )
    return [cast(Vector, json.loads(line)) for line in lines]
