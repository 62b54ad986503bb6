"""How the value of a parameter is written in a request: OpenAPI's `style` and `explode`."""

from typing import Final

from attrs import frozen

from .json_tree import JSONObject, JSONValue, objects_at, text_at
from .schemas import COMBINING, all_operations, subschemas, variants

USUAL_STYLES: Final = {"query": "form", "cookie": "form", "path": "simple", "header": "simple"}
"""The style that OpenAPI takes for a parameter of each place that names none."""

JSON_TEXT: Final = "x-json-text"
"""Marks a parameter whose value is sent as JSON text."""

_SEPARATORS: Final = {"form": ",", "simple": ",", "spaceDelimited": " ", "pipeDelimited": "|"}
_DELIMITED: Final = ("spaceDelimited", "pipeDelimited")
_COMPOSED: Final = frozenset({"array", "object"})


@frozen
class Writing:
    """How a parameter is written.

    `separator` is what stands between the items of a list, or between the names and values of an
    object; empty where each item is sent under the parameter's name. With `is_deep` each property
    of an object is sent as `name[property]`, with `is_json` the whole value as JSON.
    """

    separator: str = ""
    is_deep: bool = False
    is_json: bool = False

    def of(self, name: str) -> str:
        """Return what is sent in words, with an example."""
        if self.is_json:
            return f'JSON text: {name}=["a"]'
        if self.is_deep:
            return f"each property as {name}[property]=value"
        if not self.separator:
            return f"each item under the name: {name}=a&{name}=b"
        return f"the items joined by {self.separator!r}: {name}=a{self.separator}b"


def style_of(parameter: JSONObject) -> tuple[str, bool]:
    """Return the style of a parameter and whether it explodes: what it names, else the usual."""
    style = text_at(parameter, "style") or USUAL_STYLES.get(text_at(parameter, "in"), "")
    return style, parameter.get("explode", style == "form") is True


def writing_of(document: JSONObject, parameter: JSONObject) -> Writing | None:
    """Return how a parameter is written, None for a way that OpenAPI does not define.

    A list in a list, or in the properties of `deepObject`, has no defined way.
    """
    if parameter.get(JSON_TEXT) is True:
        return Writing(is_json=True)
    place = text_at(parameter, "in")
    if place not in USUAL_STYLES:
        return Writing()  # The place is wrong, and other rules tell it.
    usual = USUAL_STYLES[place]
    style, explodes = style_of(parameter)
    kinds = value_types(document, parameter.get("schema"))
    composed = kinds & _COMPOSED
    if style == "deepObject":
        is_flat = composed == {"object"} and not _has_depth(document, parameter)
        return Writing(is_deep=True) if place == "query" and is_flat else None
    if not composed and "" not in kinds:
        return None if style in ("matrix", "label") else Writing()
    is_usual = style == usual or (place == "query" and style in _DELIMITED)
    if not is_usual or style not in _SEPARATORS:
        return None
    if style == "simple":
        is_named = explodes and "object" in kinds  # a=1,b=2
        return None if is_named or _has_depth(document, parameter) else Writing(",")
    if explodes:
        # A cookie has one value: what several of them mean is not defined.
        return None if composed and place == "cookie" else Writing()
    return None if _has_depth(document, parameter) else Writing(_SEPARATORS[style])


def settle_styles(document: JSONObject) -> None:
    """Leave out, in place, what says nothing: the usual style, and how a single value explodes."""
    found = [one for _, data in all_operations(document) for one in objects_at(data, "parameters")]
    for parameter in found:
        usual = USUAL_STYLES.get(text_at(parameter, "in"), "")
        style, explodes = style_of(parameter)
        kinds = value_types(document, parameter.get("schema"))
        if style in _DELIMITED and explodes and "object" not in kinds:
            style = usual
        is_single = not kinds & _COMPOSED and "" not in kinds
        if style == usual or (is_single and style in _SEPARATORS):
            parameter.pop("style", None)
        matters = style == "form" or "object" in kinds
        if is_single or not matters or explodes == (style == "form") or style == "deepObject":
            parameter.pop("explode", None)


def is_composed(document: JSONObject, parameter: JSONObject) -> bool:
    """Return whether the value of a parameter may be a list or an object."""
    return bool(value_types(document, parameter.get("schema")) & _COMPOSED)


def value_types(document: JSONObject, schema: JSONValue) -> set[str]:
    """Return the types of a schema, of every variant of a union; "" for any value."""
    return {text_at(one, "type") for one in variants(document, schema)}


def _has_depth(document: JSONObject, parameter: JSONObject) -> bool:
    """Return whether an item or a property is a list or an object itself."""
    return any(
        value_types(document, inner) & _COMPOSED
        for schema in variants(document, parameter.get("schema"))
        for way, inner in subschemas(schema)
        if way[0] not in COMBINING
    )
