"""The vectors of this session: the frozen ones, and in the thorough profile freshly drawn ones, with the seed in their ids."""

import functools

import pytest
from _pytest.mark import ParameterSet
from vectors.collection.collect import collect
from vectors.document import default_document
from vectors.files import Vector, read_vectors

from ..profile import is_thorough, seed

FRESH_EXAMPLES = 40
"""Fuzzed cases of each operation and each body in the thorough profile."""


def vectors(kind: str) -> list[ParameterSet]:
    """Return the vectors of that kind as pytest parameters with readable ids. Raise StaleVectors for a stale set."""
    found = [(vector["id"], vector) for vector in read_vectors(kind, default_document().sha256)]
    if is_thorough():
        found += [(f"seed {seed()}: {vector['id']}", vector) for vector in _fresh()[kind]]
    return [pytest.param(vector, id=_readable(name)) for name, vector in found]


@functools.cache
def _fresh() -> dict[str, list[Vector]]:
    """The freshly drawn vectors, without what is made by hand: that is among the frozen ones already."""
    drawn = collect(default_document(), seed=seed(), examples=FRESH_EXAMPLES)
    by_hand = ("edge", "broken", "undocumented")
    return {kind: [one for one in found if one["phase"] not in by_hand] for kind, found in drawn}


def _readable(name: str) -> str:
    return name.replace("/v1/", "/").replace("[", "(").replace("]", ")")
