"""OpenAPI Overlay 1.0 and 1.1 documents: read, checked and applied to a document."""

import re
from pathlib import Path
from typing import Final, TypeAlias, cast

import jsonpath_rfc9535
from attrs import frozen
from jsonpath_rfc9535 import JSONPathError, JSONPathNode

from ..document.json_tree import (
    DocumentError,
    JSONObject,
    JSONValue,
    copy_json,
    kind_of,
    parse_document,
    refuse_deep_nesting,
)
from ..document.yaml_files import read_yaml
from ._path_templates import followed_targets, nearest_paths

_SUFFIXES = (".overlay.yaml", ".overlay.yml", ".overlay.json")
Location: TypeAlias = tuple[int | str, ...]

OUTSIDE: Final = "x-outside-the-document"
"""Marks an operation that a correction adds, and the correction that adds it."""

_VERSION = re.compile(r"1\.([01])\.[0-9]+")


class OverlayError(DocumentError):
    """An overlay is invalid or does not fit the document.

    The text names its file and the action.
    """


class StaleCorrection(OverlayError):
    """Targets match nothing any more; the text has a line for each."""


@frozen
class Action:
    """One change.

    It says what it hits (`target`), why it is made (`description`) and exactly one way of changing
    it.
    """

    target: str
    description: str
    update: JSONValue = None
    copy: str | None = None
    remove: bool = False


@frozen
class Overlay:
    """A checked overlay document.

    `extends` only says which document it was written for; nothing is fetched.
    """

    name: str
    title: str
    extends: str | None
    actions: tuple[Action, ...]
    primitives_are_replaced: bool
    adds_operations: bool = False
    """Whether it adds operations from outside the document (`x-outside-the-document: true`)."""


@frozen
class AppliedAction:
    """What an action did.

    It has the overlay's file and title, the action's number from 1, its reason, target and matches.
    """

    overlay: str
    title: str
    number: int
    description: str
    target: str
    matches: int


def read_overlays(folder: Path) -> list[Overlay]:
    """Return the overlays of a folder, in the order of their file names.

    They end in `.overlay.yaml`, `.overlay.yml` or `.overlay.json`. There may be none of them.

    Raises:
        OverlayError: the folder is missing, or an overlay in it is invalid.
    """
    if not folder.is_dir():
        raise OverlayError(f"the corrections folder {folder.name} is not there")
    files = sorted(path for path in folder.iterdir() if path.name.endswith(_SUFFIXES))
    return [_read_overlay(path) for path in files]


def _read_overlay(path: Path) -> Overlay:
    try:
        value = parse_document(path.read_bytes()) if path.suffix == ".json" else read_yaml(path)
    except OSError as error:
        raise OverlayError(f"{path.name}: {error.strerror}") from None
    except DocumentError as error:
        raise OverlayError(
            str(error) if str(error).startswith(path.name) else f"{path.name}: {error}"
        ) from None
    return parse_overlay(value, path.name)


def parse_overlay(value: JSONObject, name: str) -> Overlay:
    """Return the overlay that the value describes, `name` being its file name.

    Raises:
        OverlayError: the overlay is invalid; the text says what is wrong.
    """
    version = value.get("overlay")
    found = _VERSION.fullmatch(version) if isinstance(version, str) else None
    if found is None:
        raise OverlayError(f"{name}: the overlay version is {version!r}, expected 1.1.0")
    _refuse_unknown(value, {"overlay", "info", "extends", "actions"}, name)
    info = value.get("info")
    if not isinstance(info, dict) or not all(
        isinstance(info.get(key), str) for key in ("title", "version")
    ):
        raise OverlayError(f"{name}: info must hold a title and a version, both strings")
    extends = value.get("extends")
    if extends is not None and not isinstance(extends, str):
        raise OverlayError(f"{name}: extends is {kind_of(extends)}, not a string")
    actions = value.get("actions")
    if not isinstance(actions, list) or not actions:
        raise OverlayError(f"{name}: actions must be a list that holds at least one action")
    if any(action in actions[:index] for index, action in enumerate(actions)):
        raise OverlayError(f"{name}: the same action stands twice")
    replaces = found.group(1) != "0"
    parsed = tuple(
        _parse_action(action, f"{name}, action {number}", replaces)
        for number, action in enumerate(actions, start=1)
    )
    outside = value.get(OUTSIDE, False)
    if not isinstance(outside, bool):
        raise OverlayError(f"{name}: {OUTSIDE} is {kind_of(outside)}, not a boolean")
    return Overlay(name, str(info["title"]), extends, parsed, replaces, outside)


def _refuse_unknown(value: JSONObject, known: set[str], where: str) -> None:
    unknown = sorted(key for key in value if key not in known and not key.startswith("x-"))
    if unknown:
        raise OverlayError(f"{where}: unknown field {', '.join(unknown)}")


def _parse_action(value: JSONValue, where: str, copies: bool) -> Action:
    if not isinstance(value, dict):
        raise OverlayError(f"{where}: is {kind_of(value)}, not an object")
    _refuse_unknown(
        value,
        {"target", "description", "update", "remove"} | ({"copy"} if copies else set()),
        where,
    )
    target, description, source = value.get("target"), value.get("description"), value.get("copy")
    remove = value.get("remove", False)
    if not isinstance(target, str) or not target.startswith("$"):
        raise OverlayError(f"{where}: the target must be a JSONPath that begins with $")
    if not isinstance(description, str) or not description.strip():
        raise OverlayError(f"{where}: has no description; say why the correction is needed")
    if not isinstance(remove, bool):
        raise OverlayError(f"{where}: remove is {kind_of(remove)}, not a boolean")
    if source is not None and not isinstance(source, str):
        raise OverlayError(f"{where}: copy is {kind_of(source)}, not a JSONPath")
    if not remove and ("update" in value) == (source is not None):
        raise OverlayError(f"{where}: must hold exactly one of update, copy and remove: true")
    return Action(target, description.strip(), value.get("update"), source, remove)


def apply_overlay(document: JSONObject, overlay: Overlay) -> list[AppliedAction]:
    """Change the document as the overlay says, action by action, and say what each did.

    Stricter than the specification in one thing: a target that matches nothing is a stale
    correction and raises, after the other actions. A target follows the document where it only
    names the parameters of a path otherwise, or writes them beside the operations of the path.

    Raises:
        StaleCorrection: targets match nothing. The other actions are done.
        OverlayError: an action does not fit the document, which is partly changed then.
    """
    applied: list[AppliedAction] = []
    stale: list[str] = []
    for number, action in enumerate(overlay.actions, start=1):
        where = f"{overlay.name}, action {number}"
        try:
            matches = _apply(document, action, overlay.primitives_are_replaced, where)
        except StaleCorrection as error:
            stale.append(str(error))
            continue
        applied.append(
            AppliedAction(
                overlay.name, overlay.title, number, action.description, action.target, matches
            )
        )
    refuse_deep_nesting(document)
    if stale:
        raise StaleCorrection("\n".join(stale))
    return applied


def _select(document: JSONObject, query: str, where: str) -> list[JSONPathNode]:
    try:
        found = jsonpath_rfc9535.find(query, document)
    except JSONPathError as error:
        raise OverlayError(f"{where}: {query} is not a JSONPath of RFC 9535: {error}") from None
    except RecursionError:
        raise OverlayError(f"{where}: {query} is too deep") from None
    return list({node.location: node for node in found}.values())


def _apply(document: JSONObject, action: Action, replaces: bool, where: str) -> int:
    nodes = _select(document, action.target, where)
    for target in followed_targets(document, action.target):
        nodes = nodes or _select(document, target, where)
    if not nodes:
        nearest = nearest_paths(document, action.target)
        raise StaleCorrection(
            f"{where}: the target {action.target} matches nothing. "
            "The document no longer has what this correction was made for: look at it again, "
            "adapt it or delete it"
            + (f". The nearest paths there are {', '.join(nearest)}" if nearest else "")
        )
    # From the back and from the inside, so that no index or parent has moved when its turn comes.
    locations = sorted((node.location for node in nodes), reverse=True)
    if action.remove:
        for location in locations:
            _remove(document, location, where)
        return len(locations)
    value = action.update if action.copy is None else _single(document, action.copy, where)
    if len({_shape(_get(document, location)) for location in locations}) > 1:
        raise OverlayError(
            f"{where}: the target {action.target} matches objects, arrays and values mixed"
        )
    for location in locations:
        _update(document, location, copy_json(value), replaces, where)
    return len(locations)


def find_source(document: JSONObject, query: str, where: str) -> list[JSONPathNode]:
    """Return the nodes that a `copy` selects, as the document spells its paths."""
    nodes = _select(document, query, where)
    for followed in followed_targets(document, query):
        nodes = nodes or _select(document, followed, where)
    return nodes


def _single(document: JSONObject, query: str, where: str) -> JSONValue:
    nodes = find_source(document, query, where)
    if len(nodes) != 1:
        raise OverlayError(
            f"{where}: copy must select exactly one node, {query} selects {len(nodes)}"
        )
    return cast("JSONValue", nodes[0].value)


def _shape(value: JSONValue) -> str:
    return kind_of(value) if isinstance(value, (dict, list)) else "a value"


def _container(document: JSONObject, location: Location) -> "dict[int | str, JSONValue]":
    """Return the object or array that holds the node.

    Both are read and written by key, so that one type does for both.
    """
    return cast("dict[int | str, JSONValue]", _get(document, location[:-1]))


def _get(document: JSONObject, location: Location) -> JSONValue:
    return _container(document, location)[location[-1]] if location else document


def _remove(document: JSONObject, location: Location, where: str) -> None:
    if not location:
        raise OverlayError(f"{where}: the whole document cannot be removed")
    del _container(document, location)[location[-1]]


def _update(
    document: JSONObject, location: Location, value: JSONValue, replaces: bool, where: str
) -> None:
    target = _get(document, location)
    if isinstance(target, list):
        target.extend(value if isinstance(value, list) else [value])
    elif isinstance(target, dict):
        if not isinstance(value, dict):
            raise OverlayError(f"{where}: {kind_of(value)} cannot be merged into an object")
        _merge(target, value, where)
    elif not replaces:
        raise OverlayError(
            f"{where}: overlay 1.0 cannot replace {kind_of(target)}; set its version to 1.1.0"
        )
    elif isinstance(value, (dict, list)):
        raise OverlayError(f"{where}: {kind_of(value)} cannot replace {kind_of(target)}")
    else:
        _container(document, location)[location[-1]] = value


def _merge(target: JSONObject, value: JSONObject, where: str) -> None:
    for key, new in value.items():
        old = target.get(key)
        if key not in target or _shape(old) == _shape(new) == "a value":
            target[key] = new
        elif isinstance(old, dict) and isinstance(new, dict):
            _merge(old, new, f"{where}, {key}")
        elif isinstance(old, list) and isinstance(new, list):
            old.extend(new)
        else:
            raise OverlayError(
                f"{where}, {key}: {kind_of(new)} cannot be merged with {kind_of(old)}"
            )
