"""Makes the response and callback vectors: drawn bodies and edge cases."""

import hashlib
import hmac
import itertools
import json
from collections.abc import Iterator
from typing import Any

from ..document import ConformanceDocument
from ..files import Vector
from .drawing import draw
from .edge_callbacks import REQUEST_ID, SECRET, SIGNATURE, callback_edges
from .edge_responses import body_edges, broken_bodies, response_edges, vector_of
from .mirror import BodyLocation, Mirror, mirror
from .selection import Seen, select_bodies

_MIN_BODIES = {True: 3, False: 1}
"""Minimum number of bodies for each location, by whether it is a success."""


Drawn = dict[str, list[tuple[str, Any]]]
"""Phase and body of each case, by path in the mirrored document."""


def drawn_bodies(document: ConformanceDocument, *, seed: int, examples: int) -> Drawn:
    """Return what schemathesis draws for the responses and callbacks of a document."""
    drawn: Drawn = {}
    for one in draw(mirror(document).content, seed=seed, examples=examples):
        drawn.setdefault(one.label.partition(" ")[2], []).append((one.phase, one.arguments["body"]))
    return drawn


def body_vectors(document: ConformanceDocument, drawn: Drawn) -> tuple[list[Vector], list[Vector]]:
    """Return the response and the callback vectors, without ids."""
    mirrored = mirror(document)
    nested: Seen = {}
    responses: list[Vector] = []
    callbacks: list[Vector] = []
    for path in mirrored.schemas:
        for vector in _vectors_of_schema(document, mirrored, path, drawn.get(path, []), nested):
            (callbacks if vector["status"] is None else responses).append(vector)
    callbacks = [_signed(vector) for vector in callbacks]
    return [*responses, *response_edges(document)], [*callbacks, *callback_edges(document)]


def _vectors_of_schema(
    document: ConformanceDocument,
    mirrored: Mirror,
    path: str,
    drawn: list[tuple[str, Any]],
    nested: Seen,
) -> Iterator[Vector]:
    """Yield vectors for one schema: its bodies are distributed over the locations that use it."""
    schema = mirrored.schemas[path]
    places = mirrored.places[path]
    edges = [("edge", note, body, "parsed") for note, body in body_edges(document, schema)]
    broken = [
        ("broken", note, body, "invalid_response") for note, body in broken_bodies(document, schema)
    ]
    known = [body for _, _, body, _ in edges]
    every = [(phase, None, body, "parsed") for phase, body in select_bodies(drawn, known, nested)]
    read = [*edges, *every]
    least = sum(_MIN_BODIES[_is_success(place)] for place in places)
    for bodies, count in ((read, max(len(read), least)), (broken, len(broken))):
        turns = itertools.cycle(places)
        for phase, note, body, expect in itertools.islice(itertools.cycle(bodies), count):
            yield {**vector_of(next(turns), phase, note), "body": body, "expect": expect}


def _is_success(place: BodyLocation) -> bool:
    return place.status is None or place.status < 300


def _signed(vector: Vector) -> Vector:
    text = json.dumps(vector["body"])
    signature = hmac.new(SECRET.encode(), text.encode(), hashlib.sha256).hexdigest()
    return {
        **{name: vector[name] for name in ("operation", "phase", "note") if name in vector},
        "headers": {SIGNATURE: signature, REQUEST_ID: "req_1"},
        "secrets": [SECRET],
        "text": text,
        "expect": "event",
        "model": "parsed" if vector["expect"] == "parsed" else "refused",
    }
