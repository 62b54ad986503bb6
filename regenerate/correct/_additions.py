"""Corrections that add operations from outside the document: what the document has is not added."""

import re
from collections.abc import Iterator, Mapping, Set
from typing import Final, TypeAlias, cast

from attrs import evolve, frozen

from ..document.json_tree import HTTP_METHODS, JSONObject, JSONValue, copy_document, object_at
from ..document.path_templates import Relocation
from ._path_templates import alike_paths
from .overlays import Action, Overlay, find_source

_Operation: TypeAlias = tuple[str, str]
_PLACE: Final = re.compile(rf"\$\.paths\['([^']+)'\]\.({'|'.join(HTTP_METHODS)})\b")


@frozen
class Additions:
    """What of a correction is to be added, and the operations that the document brings itself."""

    overlay: Overlay
    brought: tuple[str, ...]


def select_additions(document: JSONObject, overlay: Overlay, spelling: Relocation) -> Additions:
    """Leave out what the document brings itself, and what it has nothing to copy for.

    The second is not silent: the overlay needs the operation, and its loss weighs as breaking. What
    is added begins as the paths of the document do, and asks for the key as what it copies does.
    """
    brought, left_out = set[_Operation](), set[_Operation]()
    security = dict[_Operation, JSONValue]()
    for action in overlay.actions:
        source = None if action.copy is None else _PLACE.match(action.copy)
        for path, method in _operations(action):
            if _has(document, path, method):
                brought.add((path, method))
            elif source is None:
                continue
            elif _is_own(overlay, source):
                if (source[1], source[2]) in left_out:
                    left_out.add((path, method))
            elif not find_source(document, str(action.copy), overlay.name):
                left_out.add((path, method))
            elif action.copy != source[0]:  # a whole operation brings its own
                for node in find_source(document, f"{source[0]}.security", overlay.name):
                    security[path, method] = cast("JSONValue", node.value)
    skipped = brought | left_out
    kept = tuple(
        _moved(_secured(left, security), overlay, spelling)
        for action in overlay.actions
        if (left := _without(action, skipped)) is not None
    )
    names = tuple(f"{method.upper()} {path}" for path, method in sorted(brought))
    return Additions(evolve(overlay, actions=kept), names)


def _operations(action: Action) -> Iterator[_Operation]:
    """Yield the path and method of each operation that an action adds or fills."""
    if action.target == "$.paths" and isinstance(action.update, dict):
        for path in action.update:
            yield from (
                (path, one) for one in object_at(action.update, path) if one in HTTP_METHODS
            )
    elif (found := _PLACE.match(action.target)) is not None:
        yield found[1], found[2]


def _has(document: JSONObject, path: str, method: str) -> bool:
    paths = object_at(document, "paths")
    return any(method in object_at(paths, known) for known in alike_paths(paths, path))


def _is_own(overlay: Overlay, source: re.Match[str]) -> bool:
    return any((source[1], source[2]) in _operations(action) for action in overlay.actions)


def _without(action: Action, skipped: Set[_Operation]) -> Action | None:
    """Return the action without these operations, None where nothing is left of it."""
    named = {*_operations(action)}
    if not named & skipped:
        return action
    if named <= skipped or not isinstance(action.update, dict):
        return None
    update = copy_document(action.update)
    for path, method in named & skipped:
        item = object_at(update, path)
        del item[method]
        if not any(one in item for one in HTTP_METHODS):
            del update[path]
    return evolve(action, update=update)


def _secured(action: Action, security: Mapping[_Operation, JSONValue]) -> Action:
    """Return the action with the security of what each operation is copied from."""
    if action.target != "$.paths" or not isinstance(action.update, dict):
        return action
    update = copy_document(action.update)
    for place in _operations(action):
        if place in security:
            object_at(object_at(update, place[0]), place[1])["security"] = security[place]
    return evolve(action, update=update)


def _moved(action: Action, overlay: Overlay, spelling: Relocation) -> Action:
    """Return the action with the paths that it adds beginning as the document's do."""
    if not spelling.is_moved:
        return action
    target = action.target
    update: JSONValue = action.update
    for path in {path for one in overlay.actions for path, _ in _operations(one)}:
        new = spelling.new + path.removeprefix(spelling.old)
        target = target.replace(f"'{path}'", f"'{new}'")
        if isinstance(update, dict) and path in update:
            update = {new if key == path else key: value for key, value in update.items()}
    return evolve(action, target=target, update=update)
