"""Response and callback vectors: bodies drawn through the mirror description, and edges, dealt out
to their places.
"""

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
from .mirror import Mirror, Place, mirror
from .selection import Seen, telling

_FEWEST_OF_A_PLACE = {True: 3, False: 1}
"""Bodies that each place gets at least, by whether it is a success."""


Drawn = dict[str, list[tuple[str, Any]]]
"""Phase and body of each case, by the path in the mirror description."""


def drawn_bodies(document: ConformanceDocument, *, seed: int, examples: int) -> Drawn:
    """Return what schemathesis draws for the answers and callbacks of a document."""
    drawn: Drawn = {}
    for one in draw(mirror(document).content, seed=seed, examples=examples):
        drawn.setdefault(one.label.partition(" ")[2], []).append((one.phase, one.arguments["body"]))
    return drawn


def body_vectors(document: ConformanceDocument, drawn: Drawn) -> tuple[list[Vector], list[Vector]]:
    """Return the response vectors and the callback vectors, without ids: the drawn bodies and the
    edges.
    """
    mirrored = mirror(document)
    nested: Seen = {}
    responses: list[Vector] = []
    callbacks: list[Vector] = []
    for path in mirrored.schemas:
        for vector in _dealt(document, mirrored, path, drawn.get(path, []), nested):
            (callbacks if vector["status"] is None else responses).append(vector)
    callbacks = [_signed(vector) for vector in callbacks]
    return [*responses, *response_edges(document)], [*callbacks, *callback_edges(document)]


def _dealt(
    document: ConformanceDocument,
    mirrored: Mirror,
    path: str,
    drawn: list[tuple[str, Any]],
    nested: Seen,
) -> Iterator[Vector]:
    """Yield the bodies of one schema, dealt in turn to the places that share it; few bodies go
    round more than once.
    """
    schema = mirrored.schemas[path]
    places = mirrored.places[path]
    edges = [("edge", note, body, "parsed") for note, body in body_edges(document, schema)]
    broken = [
        ("broken", note, body, "invalid_response") for note, body in broken_bodies(document, schema)
    ]
    known = [body for _, _, body, _ in edges]
    every = [(phase, None, body, "parsed") for phase, body in telling(drawn, known, nested)]
    read = [*edges, *every]
    least = sum(_FEWEST_OF_A_PLACE[_is_success(place)] for place in places)
    for hands, most in ((read, max(len(read), least)), (broken, len(broken))):
        turns = itertools.cycle(places)
        for phase, note, body, expect in itertools.islice(itertools.cycle(hands), most):
            yield {**vector_of(next(turns), phase, note), "body": body, "expect": expect}


def _is_success(place: Place) -> bool:
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
