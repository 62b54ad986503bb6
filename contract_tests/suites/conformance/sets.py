"""The vectors of this session: the frozen ones, in the thorough profile also new ones."""

import functools

import pytest
from _pytest.mark import ParameterSet
from vectors.collection.collect import collect
from vectors.document import default_document
from vectors.files import Vector, read_vectors

from ..profile import is_thorough, seed

FRESH_EXAMPLES = 40
"""Fuzzed cases per operation and per body in the thorough profile."""


def vectors(kind: str) -> list[ParameterSet]:
    """Return the vectors of that kind as pytest parameters with readable ids."""
    found = [(vector["id"], vector) for vector in read_vectors(kind, default_document().sha256)]
    if is_thorough():
        found += [(f"seed {seed()}: {vector['id']}", vector) for vector in _fresh()[kind]]
    return [pytest.param(vector, id=_readable(name)) for name, vector in found]


@functools.cache
def _fresh() -> dict[str, list[Vector]]:
    """Return newly drawn vectors without the edge cases, which are among the frozen ones."""
    drawn = collect(default_document(), seed=seed(), examples=FRESH_EXAMPLES)
    by_hand = ("edge", "broken", "undocumented")
    return {kind: [one for one in found if one["phase"] not in by_hand] for kind, found in drawn}


def _readable(name: str) -> str:
    return name.replace("/v1/", "/").replace("[", "(").replace("]", ")")
