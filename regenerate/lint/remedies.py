"""The lines of YAML that take a finding away: actions of an overlay, to be put into corrections/.

They are a beginning that always works. Where the document says something that the client cannot
do, they say what it can do instead; whether the server takes that, its owner knows.
"""

import json
import re
from collections.abc import Callable, Iterable
from typing import Final

from attrs import frozen

from ..document.json_tree import (
    JSONObject,
    JSONValue,
    at_pointer,
    object_at,
    objects_at,
    pointer,
    pointer_parts,
    text_at,
)
from ..document.parameter_styles import USUAL_STYLES
from .findings import Finding

_PLAIN: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_TEXT: Final[JSONObject] = {"schema": {"type": "string"}}
_UNIONS: Final = ("anyOf", "oneOf", "allOf", "items", "prefixItems")


@frozen
class Action:
    """One action of an overlay: the place, and what is merged into it, or None to remove it."""

    place: str
    update: JSONValue = None


def remedy_lines(published: JSONObject, findings: Iterable[tuple[Finding, str]]) -> list[str]:
    """Return the actions for findings, each with its place in the published document, as YAML.

    There are none for findings that no correction of the document can take away.
    """
    found: dict[str, tuple[Action, str]] = {}
    for finding, place in findings:
        for action in _actions(published, finding, place):
            key = f"{action.place} {json.dumps(action.update)}"
            found.setdefault(key, (action, finding.what))
    gone = {action.place for action, _ in found.values() if action.update is None}
    kept = [
        (action, why)
        for action, why in found.values()
        if not _is_below(action.place, gone)
        and not (action.update is not None and action.place in gone)
    ]
    # Items of a list go last, from its end: no index has moved when its turn comes.
    items = [one for one in kept if one[0].update is None and _index(published, one[0].place) >= 0]
    items.sort(key=lambda one: (_parent(one[0].place), -_index(published, one[0].place)))
    ordered = [one for one in kept if one not in items] + items
    return [line for action, why in ordered for line in _yaml(published, action, why)]


def _is_below(place: str, gone: set[str]) -> bool:
    while place:
        place = _parent(place)
        if place in gone:
            return True
    return False


def _parent(place: str) -> str:
    return place.rpartition("/")[0]


def _index(published: JSONObject, place: str) -> int:
    """Return which item of its list a place is; -1 for what is no item of one."""
    holder, _, last = place.rpartition("/")
    return int(last) if isinstance(_value_at(published, holder), list) else -1


def json_path(published: JSONObject, place: str) -> str:
    """Return a JSON pointer as a JSONPath: `/paths/~1v1/get` is `$.paths['/v1'].get`.

    A number counts the items of a list and names the member of an object, as the document has it.
    """
    path, way = "$", ""
    for name in pointer_parts(place):
        if isinstance(_value_at(published, way), list):
            path += f"[{name}]"
        elif _PLAIN.fullmatch(name):
            path += f".{name}"
        else:
            path += f"['{''.join(map(_escaped, name))}']"
        way += pointer(name)
    return path


def _escaped(letter: str) -> str:
    if letter in "\\'":
        return f"\\{letter}"
    return letter if letter.isprintable() else f"\\u{ord(letter):04x}"


def _yaml(published: JSONObject, action: Action, why: str) -> list[str]:
    change = (
        "remove: true"
        if action.update is None
        else f"update: {json.dumps(action.update, ensure_ascii=False)}"
    )
    return [
        f"- target: {json.dumps(json_path(published, action.place), ensure_ascii=False)}",
        f"  description: {json.dumps(why, ensure_ascii=False)}",
        f"  {change}",
    ]


def _actions(published: JSONObject, finding: Finding, place: str) -> list[Action]:
    make = _REMEDIES.get(finding.rule)
    return make(published, finding, place) if make is not None else []


def _remove(_published: JSONObject, finding: Finding, place: str) -> list[Action]:
    last = finding.place.rpartition("/")[2]
    # What cannot be found there exactly is not removed with more than it.
    return [Action(place)] if place.rpartition("/")[2].lower() == last.lower() else []


def _remove_parameter(published: JSONObject, _finding: Finding, place: str) -> list[Action]:
    # A property may be called `in`, too; it holds a schema.
    return [Action(place)] if text_at(_at(published, place), "in") else []


def _wire_name(published: JSONObject, finding: Finding, place: str) -> list[Action]:
    parameter = _remove_parameter(published, finding, _parent(place))
    return (
        parameter if place.endswith("/name") and parameter else _remove(published, finding, place)
    )


def _content_type(published: JSONObject, finding: Finding, place: str) -> list[Action]:
    content = _parent(place)
    if len(_at(published, content)) > 1:
        return _remove(published, finding, place)
    holder = _parent(content)
    return [Action(holder if holder.endswith("/requestBody") else content)]


def _at(published: JSONObject, place: str) -> JSONObject:
    found = _value_at(published, place)
    return found if isinstance(found, dict) else {}


def _value_at(published: JSONObject, place: str) -> JSONValue:
    """Return what stands at a place; None where nothing does."""
    try:
        return at_pointer(published, place)
    except KeyError:
        return None


def _without(*keys: str) -> Callable[[JSONObject, Finding, str], list[Action]]:
    def actions(published: JSONObject, _finding: Finding, place: str) -> list[Action]:
        return [Action(f"{place}/{key}") for key in keys if key in _at(published, place)]

    return actions


def _text_parameter(published: JSONObject, finding: Finding, place: str) -> list[Action]:
    written = _at(published, place)
    update: JSONObject = dict(_TEXT)
    style = USUAL_STYLES.get(text_at(written, "in"), "form")
    for key, usual in (("style", style), ("explode", style == "form")):
        if key in written:
            update[key] = usual
    gone = [Action(f"{place}/schema")] if "schema" in written else []
    return [*gone, Action(place, update)]


def _media(published: JSONObject, _finding: Finding, place: str) -> list[Action]:
    gone = [Action(f"{place}/schema")] if "schema" in _at(published, place) else []
    return [*gone, Action(place, {"schema": {"type": "object"}})]


def _reference(published: JSONObject, finding: Finding, place: str) -> list[Action]:
    if place.startswith("/paths/") and place.count("/") == 2:
        return [Action(place)]
    return [Action(f"{place}/$ref")] if "$ref" in _at(published, place) else []


def _head(_published: JSONObject, finding: Finding, _place: str) -> list[Action]:
    key = finding.place.rpartition("/")[2]
    if key == "openapi":
        return []
    return [Action("/info", {key: "1.0.0" if key == "version" else "API"})]


def _answer(published: JSONObject, finding: Finding, place: str) -> list[Action]:
    if finding.place.endswith("/responses"):
        operation = place.removesuffix("/responses")
        return [Action(operation, {"responses": {"200": {"description": "OK."}}})]
    return _remove(published, finding, place)


def _template(published: JSONObject, finding: Finding, place: str) -> list[Action]:
    missing = re.search(r"the path has \{(.*)\}, but", finding.what)
    if missing is not None:
        parameter: JSONObject = {
            "name": missing[1],
            "in": "path",
            "required": True,
            "schema": {"type": "string"},
        }
        return [Action(place, {"parameters": [parameter]})]
    return [Action(place)]


def _enum(published: JSONObject, finding: Finding, place: str) -> list[Action]:
    return [Action(place if place.endswith("/enum") else f"{place}/enum")]


def _discriminator(published: JSONObject, finding: Finding, place: str) -> list[Action]:
    missing = re.search(r"allows no (.*)$", finding.what)
    values = object_at({"found": _at(published, place)}, "found").get("enum")
    if missing is not None and isinstance(values, list):
        return [Action(f"{place}/enum", [json.loads(missing[1])])]
    return _without("discriminator")(published, finding, place)


def _servers(published: JSONObject, finding: Finding, _place: str) -> list[Action]:
    found: list[Action] = []
    paths = object_at(published, "paths")
    for path in paths:
        item = object_at(paths, path)
        for way, holder in (((), item), *(((one,), object_at(item, one)) for one in item)):
            address = [text_at(one, "url")[:80] for one in objects_at(holder, "servers")[:1]]
            if address and f" lives at {address[0]!a}" in finding.what:
                found.append(Action(pointer("paths", path, *way, "servers")))
    return found


def _security(published: JSONObject, _finding: Finding, _place: str) -> list[Action]:
    found = [Action("/security")] if "security" in published else []
    paths = object_at(published, "paths")
    for path in paths:
        item = object_at(paths, path)
        for method in item:
            if object_at(item, method).get("security"):
                found.append(Action(pointer("paths", path, method, "security")))
    return found


_REMEDIES: Final[dict[str, Callable[[JSONObject, Finding, str], list[Action]]]] = {
    "wire-name": _wire_name,
    "property-name": _remove,
    "parameter-name": _remove_parameter,
    "path-item-reference": _reference,
    "path-template": _template,
    "ambiguous-path": _remove,
    "parameter-schema": _text_parameter,
    "parameter-style": _text_parameter,
    "content-type": _content_type,
    "answer": _answer,
    "other-server": _servers,
    "security": _security,
    "form": _media,
    "body": _remove,
    "body-type": _remove,
    "reference": _reference,
    "dialect": _remove,
    "head": _head,
    "enum": _enum,
    "recursive-array": _without(*_UNIONS),
    "all-of": _remove,
    "discriminator": _discriminator,
    "properties-beside-union": _without("properties"),
    "two-unions": _without("oneOf"),
    "impossible": _remove,
}
