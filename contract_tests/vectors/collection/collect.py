"""Collects the frozen vectors. The same document, tools and code give the same bytes."""

import argparse
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import unquote

from ..comparison.messages import ABSENT, JSON_TYPE, Message
from ..document import ConformanceDocument
from ..files import Vector, encode, vectors_folder
from .bodies import body_vectors, drawn_bodies
from .drawing import Drawn, draw
from .edge_requests import request_edges

SEED = 1
EXAMPLES = 4
"""Fuzzed cases per operation and per body."""


def request_vectors(
    document: ConformanceDocument, *, seed: int = SEED, examples: int = EXAMPLES
) -> list[Vector]:
    """Return the request vectors: the cases drawn for the seed, and edge cases."""
    drawn = draw(document.content, seed=seed, examples=examples)
    vectors = [vector for one in drawn if (vector := _request(one)) is not None]
    return numbered([*vectors, *request_edges(document)])


def _request(drawn: Drawn) -> Vector | None:
    """Return the vector of a drawn case, None if the API does not allow its path values."""
    path = _path_values(drawn)
    if any(set(value.split("/")) & {"", ".", ".."} or "/" in value for value in path.values()):
        return None
    body = drawn.arguments.get("body", ABSENT)
    headers = {**drawn.headers, **({} if body is ABSENT else {"content-type": JSON_TYPE})}
    wire = Message.from_wire(drawn.method, drawn.target, headers, b"")
    return {
        "operation": drawn.label,
        "phase": drawn.phase,
        "arguments": {"path": path, **drawn.arguments},
        "wire": {**wire.to_json(), **({} if body is ABSENT else {"body": body})},
    }


def _path_values(drawn: Drawn) -> dict[str, str]:
    """Return the path values of a drawn case, decoded."""
    template = drawn.label.partition(" ")[2].split("/")
    segments = drawn.target.partition("?")[0].split("/")
    return {
        name[1:-1]: unquote(segment)
        for name, segment in zip(template, segments, strict=True)
        if name.startswith("{")
    }


def numbered(vectors: Iterable[Vector]) -> list[Vector]:
    """Return the vectors without duplicates, sorted by operation, with ids."""
    unique: dict[str, Vector] = {}
    for vector in vectors:
        unique.setdefault(repr({**vector, "note": None}), vector)
    counts: dict[str, int] = {}
    numbered_ones: list[Vector] = []
    for vector in sorted(unique.values(), key=lambda vector: str(vector["operation"])):
        words = [str(vector[name]) for name in ("operation", "status", "phase") if name in vector]
        stem = " ".join(words)
        counts[stem] = counts.get(stem, 0) + 1
        numbered_ones.append({"id": f"{stem} {counts[stem]}", **vector})
    return numbered_ones


def collect(
    document: ConformanceDocument, *, seed: int = SEED, examples: int = EXAMPLES
) -> Iterator[tuple[str, list[Vector]]]:
    """Yield each kind with its vectors."""
    yield "requests", request_vectors(document, seed=seed, examples=examples)
    responses, callbacks = body_vectors(
        document, drawn_bodies(document, seed=seed, examples=examples)
    )
    yield "responses", numbered(responses)
    yield "callbacks", numbered(callbacks)


def main() -> int:
    """Write the vectors; with --check only report whether they would change."""
    parser = argparse.ArgumentParser(prog="python -m vectors", description=__doc__)
    parser.add_argument("--folder", type=Path, default=vectors_folder(), help="where the files go")
    parser.add_argument(
        "--check", action="store_true", help="write nothing; exit with 1 if a file would change"
    )
    chosen = parser.parse_args()
    document = ConformanceDocument()
    changed = False
    for kind, vectors in collect(document):
        path: Path = chosen.folder / f"{kind}.jsonl"
        content = encode(kind, document.sha256, vectors)
        differs = not path.is_file() or path.read_bytes() != content
        changed |= differs
        if differs and not chosen.check:
            path.write_bytes(content)
        print(
            f"{path.name}: {len(vectors)} vectors, {len(content)} bytes, "
            f"{'changed' if differs else 'the same'}"
        )
    return 1 if chosen.check and changed else 0
