"""Corrections that add operations from outside the document: what the document has is not added."""

import re
from collections.abc import Iterator
from typing import Final

from attrs import evolve, frozen

from ..document.json_tree import HTTP_METHODS, JSONObject, object_at
from ._path_templates import alike_paths
from .overlays import Action, Overlay

_PLACE: Final = re.compile(rf"\$\.paths\['([^']+)'\]\.({'|'.join(HTTP_METHODS)})\b")


@frozen
class Additions:
    """What of a correction is to be added, and the operations that the document brings itself."""

    overlay: Overlay
    brought: tuple[str, ...]


def select_additions(document: JSONObject, overlay: Overlay) -> Additions:
    """Leave out what the document brings itself, and what it has nothing to copy for.

    The second is not silent: the overlay needs the operation, and its loss weighs as breaking.
    """
    brought, left_out = set[tuple[str, str]](), set[tuple[str, str]]()
    for action in overlay.actions:
        for path, method in _operations(action):
            if _has(document, path, method):
                brought.add((path, method))
            elif action.copy is not None and not _can_copy(document, overlay, action.copy):
                left_out.add((path, method))
    skipped = brought | left_out
    kept = tuple(one for one in overlay.actions if not skipped.intersection(_operations(one)))
    names = tuple(f"{method.upper()} {path}" for path, method in sorted(brought))
    return Additions(evolve(overlay, actions=kept), names)


def _operations(action: Action) -> Iterator[tuple[str, str]]:
    """Yield the path and method of each operation that an action adds or fills."""
    if action.target == "$.paths" and isinstance(action.update, dict):
        for path in action.update:
            for method in object_at(action.update, path):
                yield path, method
    elif (found := _PLACE.match(action.target)) is not None:
        yield found[1], found[2]


def _has(document: JSONObject, path: str, method: str) -> bool:
    paths = object_at(document, "paths")
    return any(method in object_at(paths, known) for known in alike_paths(paths, path))


def _can_copy(document: JSONObject, overlay: Overlay, source: str) -> bool:
    found = _PLACE.match(source)
    if found is None:
        return True
    own = any((found[1], found[2]) in _operations(action) for action in overlay.actions)
    return own or _has(document, found[1], found[2])
