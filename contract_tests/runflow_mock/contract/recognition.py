"""Which operation of a document is which one that the server knows.

A document may spell a path otherwise: with other names in braces, a slash at the end, another
prefix than `/v1`, or the id of a model in one parameter instead of two.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from itertools import groupby
from typing import TypeAlias

# Method and path template without parameter names: `("GET", "/v1/runs/{}")`.
Signature: TypeAlias = tuple[str, str]

PREFIX = "/v1"


def nameless(path: str) -> str:
    """Return the path template without the names of its parameters: `/v1/runs/{}`."""
    return re.sub(r"\{[^}]*\}", "{}", path)


def recognize(
    operations: Iterable[Signature], known: Collection[Signature], prefix: str
) -> dict[Signature, Signature]:
    """Return the known operation for each one of a document that has one.

    Both are methods with nameless paths. Paths with the document's `prefix` are also tried with the
    known one, `/v1`.
    """
    wanted = {(method, condensed(path)): (method, path) for method, path in known}
    found: dict[Signature, Signature] = {}
    for method, path in operations:
        plain = condensed(path)
        moved = plain.removeprefix(prefix)
        candidates = [plain] + ([PREFIX + moved] if plain.startswith(prefix) else [])
        for candidate in candidates:
            if (method, candidate) in wanted:
                found[method, path] = wanted[method, candidate]
                break
    return found


def prefix_of(operations: Iterable[Signature], known: Collection[Signature]) -> str:
    """Return what stands for `/v1` before most of the known paths; `/v1` of several."""
    wanted = {(method, condensed(path)) for method, path in known}
    counts: Counter[str] = Counter()
    for method, path in operations:
        plain = condensed(path)
        fixed = plain.partition("/{}")[0]
        ends = [match.start() for match in re.finditer("/|$", fixed)]
        counts.update(fixed[:end] for end in ends if (method, PREFIX + plain[end:]) in wanted)
    return max(counts, key=lambda one: (counts[one], one == PREFIX), default=PREFIX)


def condensed(path: str) -> str:
    """Return the nameless path with each run of parameters as one, without a slash at the end."""
    return re.sub(r"(/\{\})+", "/{}", nameless(path)).rstrip("/")


def extra_parameters(path: str, known: str) -> list[int]:
    """Return for each run of parameters of the path how many more the known path has there."""
    return [len(theirs) - len(ours) for ours, theirs in zip(_runs(path), _runs(known), strict=True)]


def known_values(path: str, known: str, values: Sequence[str]) -> tuple[str, ...]:
    """Return the values of the path's parameters as those of the known path.

    `bytedance/seedance` of one parameter is two values for two, and the other way round.
    """
    left, found = list(values), list[str]()
    for ours, theirs in zip(_runs(path), _runs(known), strict=True):
        given, left = left[: len(ours)], left[len(ours) :]
        if len(ours) == len(theirs):
            found += given
            continue
        parts = "/".join(given).split("/", len(theirs) - 1)
        found += [*parts, *[""] * (len(theirs) - len(parts))]
    return tuple(found)


def _runs(path: str) -> list[list[str]]:
    """Return the parameters of the path, those that follow each other together."""
    segments = nameless(path).strip("/").split("/")
    return [[*run] for is_parameter, run in groupby(segments, "{}".__eq__) if is_parameter]
