"""Path templates: what tells two of them apart, and what is the same path at another address."""

import re
from collections import Counter
from collections.abc import Collection

from attrs import frozen

_MIN_MOVED = 3
"""Paths that must have moved alike before a document counts as moved."""


def shape(path: str) -> str:
    """Return a path with the names of its parameters left out: `/v1/runs/{id}` is `/v1/runs/{}`."""
    return re.sub(r"\{[^{}/]*\}", "{}", path)


@frozen
class Relocation:
    """How the paths of a document are spelled beside known ones.

    They may begin otherwise (`/api/v1` for `/v1`), and may end in a slash or not.
    """

    old: str
    new: str
    known: frozenset[str]

    @property
    def is_moved(self) -> bool:
        """Whether the paths begin otherwise than the known ones."""
        return self.old != self.new

    def as_known(self, path: str) -> str:
        """Return a path as the known ones would spell it."""
        if shape(path) in self.known:
            return path
        bare = self.moved_back(path)
        spellings = (bare, f"{bare}/")
        return next((one for one in spellings if shape(one) in self.known), path)

    def moved_back(self, path: str) -> str:
        """Return a path, known or not, as it would begin beside the known ones, without a slash."""
        bare = path.rstrip("/") or "/"
        if self.is_moved and bare.startswith(f"{self.new}/"):
            return self.old + bare[len(self.new) :]
        return bare


def relocation(paths: Collection[str], known: Collection[str]) -> Relocation:
    """Return how the paths of a document are spelled beside known ones.

    They count as moved when most of them, and more than stayed, are known behind another prefix.
    """
    spelled = frozenset(map(shape, known))
    here, there = _bare(paths), _bare(spelled)
    old = _common_prefix(there)
    tails = {path[len(old) :] for path in there} - {""}
    # A prefix with a parameter is no other spelling: who calls has to give one value more.
    found = Counter(
        path[: -len(tail)]
        for path in here
        for tail in tails
        if path.endswith(tail) and "{" not in path[: -len(tail)]
    )
    # The paths are in no order: of two prefixes of one length, the last by name is the same one.
    new, moved = max(
        found.items(), key=lambda one: (one[1], -len(one[0]), one[0]), default=(old, 0)
    )
    enough = moved >= _MIN_MOVED and moved > len(here & there) and 2 * moved >= len(here)
    return Relocation(old, new if enough else old, spelled)


def _bare(paths: Collection[str]) -> set[str]:
    return {shape(path).rstrip("/") for path in paths}


def _common_prefix(paths: set[str]) -> str:
    """Return the literal segments that all paths begin with, never a whole path."""
    listed = [path.split("/") for path in paths]
    prefix: list[str] = []
    for segments in zip(*(parts[:-1] for parts in listed), strict=False):
        if len(set(segments)) > 1 or "{}" in segments[0]:
            break
        prefix.append(segments[0])
    return "/".join(prefix)
