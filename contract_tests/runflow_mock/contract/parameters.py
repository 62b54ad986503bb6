"""Read the value of a parameter from a request, as its `style` and `explode` write it."""

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import Self, cast
from urllib.parse import unquote

from attrs import field, frozen

from .json_types import JsonObject, as_object

Resolve = Callable[[JsonObject], JsonObject]
"""Gives the schema that a reference leads to."""

_USUAL_STYLES = {"query": "form", "cookie": "form", "path": "simple", "header": "simple"}
_SEPARATORS = {"form": ",", "simple": ",", "spaceDelimited": " ", "pipeDelimited": "|"}
_MAX_BRANCHES = 100
_INTEGER = re.compile(r"[+-]?\d{1,20}", re.ASCII)
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?", re.ASCII)


@frozen
class Parameter:
    """One documented parameter. `location` is `path`, `query`, `header` or `cookie`.

    `resolve` follows the references in the schema. `separator` stands between the items of a list;
    it is empty where each item has the name. With `is_deep` properties are sent as
    `name[property]`; with `is_json` the value is JSON text.
    """

    name: str
    location: str
    required: bool
    schema: JsonObject
    resolve: Resolve = field(repr=False, eq=False)
    separator: str = ""
    is_deep: bool = False
    is_json: bool = False

    @classmethod
    def read(cls, node: JsonObject, resolve: Resolve) -> Self:
        """Return the parameter that a node of a document, without a reference, describes."""
        location = str(node["in"])
        style = str(node.get("style", _USUAL_STYLES.get(location, "form")))
        is_joined = style == "simple" or node.get("explode", style == "form") is not True
        content = as_object(node.get("content"))
        media = [as_object(content[kind]) for kind in content if "json" in kind]
        return cls(
            str(node["name"]),
            location,
            bool(node.get("required", False)),
            as_object(node.get("schema", media[0].get("schema") if media else None)),
            resolve,
            _SEPARATORS.get(style, "") if is_joined and not content else "",
            is_deep=style == "deepObject",
            is_json=bool(media),
        )

    def described(self, sent: Iterable[str]) -> set[str]:
        """Return the names in a query that belong to this parameter."""
        if self.location != "query":
            return set()
        if self.is_deep:
            return {name for name in sent if _property_in(self.name, name)}
        return {self.name, *(self._properties if self._is_spread else ())}

    def value(
        self,
        path_values: Mapping[str, str],
        query: Mapping[str, Sequence[str]],
        headers: Mapping[str, str],
    ) -> tuple[object, ...]:
        """Return the value that was sent, empty if none was. Header names are in lower case.

        It has the types of the schema; text that does not fit them stays text.
        """
        fields = self._fields(query)
        if fields:
            return (self._object(fields.items()),)
        texts = self._texts(path_values, query, headers)
        if not texts:
            return ()
        if self.is_json:
            return (_json(texts[-1]),)
        if "array" in self._types:
            if self.separator:
                texts = _split(texts[-1], self.separator)
            return ([typed(self.resolve, self._items, one) for one in texts],)
        if "object" in self._types and self.separator:
            parts = _split(texts[-1], self.separator)
            return (self._object(zip(parts[::2], parts[1::2], strict=False)),)
        return (typed(self.resolve, self.schema, texts[-1]),)

    def _texts(
        self,
        path_values: Mapping[str, str],
        query: Mapping[str, Sequence[str]],
        headers: Mapping[str, str],
    ) -> list[str]:
        if self.location == "query":
            return [*query.get(self.name, ())]
        if self.location == "path":
            text = path_values.get(self.name)
        elif self.location == "header":
            text = headers.get(self.name.lower())
        else:
            text = _cookies(headers.get("cookie", "")).get(self.name)
        return [] if text is None else [text]

    def _fields(self, query: Mapping[str, Sequence[str]]) -> dict[str, str]:
        """Return the properties of an object that are sent one by one in the query."""
        if self.location != "query" or self.is_json:
            return {}
        if self.is_deep:
            found = {name: _property_in(self.name, name) for name in query}
            return {field: query[name][-1] for name, field in found.items() if field}
        if self.name in query or not self._is_spread:
            return {}
        return {name: query[name][-1] for name in self._properties if query.get(name)}

    @cached_property
    def _types(self) -> set[str]:
        return types_of(self.resolve, self.schema)

    @cached_property
    def _is_spread(self) -> bool:
        return not self.separator and not self.is_json and "object" in self._types

    @cached_property
    def _properties(self) -> JsonObject:
        found: JsonObject = {}
        for branch in _branches(self.resolve, self.schema):
            found |= as_object(branch.get("properties"))
        return found

    @cached_property
    def _items(self) -> JsonObject:
        found = [one["items"] for one in _branches(self.resolve, self.schema) if "items" in one]
        return as_object(found[0] if found else {})

    def _object(self, fields: Iterable[tuple[str, str]]) -> JsonObject:
        described = self._properties
        return {
            name: typed(self.resolve, as_object(described.get(name)), text) for name, text in fields
        }


def typed(resolve: Resolve, schema: JsonObject, text: str) -> object:
    """Return the text as a value of the type that a schema names; what does not fit stays text."""
    types = types_of(resolve, schema)
    if "integer" in types and _INTEGER.fullmatch(text):
        return int(text)
    if "number" in types and _NUMBER.fullmatch(text):
        return float(text)
    if "boolean" in types and text in ("true", "false"):
        return text == "true"
    return text


def types_of(resolve: Resolve, schema: JsonObject) -> set[str]:
    """Return the types that a schema names, in its branches too."""
    types = set[str]()
    for branch in _branches(resolve, schema):
        named = branch.get("type", [])
        types |= {named} if isinstance(named, str) else set(cast("list[str]", named))
    return types


def _branches(resolve: Resolve, schema: JsonObject) -> list[JsonObject]:
    """Return the schema and the branches of its unions, without references."""
    found = [resolve(schema)]
    for one in found:
        branches = [branch for word in ("anyOf", "oneOf", "allOf") for branch in one.get(word, ())]
        if len(found) < _MAX_BRANCHES:  # unions may lead in a circle
            found += [resolve(as_object(branch)) for branch in branches]
    return found


def _split(text: str, separator: str) -> list[str]:
    parts = text.split(separator) if text else []
    return [part.strip() for part in parts] if separator == "," else parts


def _property_in(name: str, sent: str) -> str | None:
    """Return `a` of `name[a]`, None for any other name."""
    is_property = sent.startswith(f"{name}[") and sent.endswith("]")
    return sent[len(name) + 1 : -1] if is_property else None


def _cookies(header: str) -> dict[str, str]:
    pairs = [pair.strip().partition("=") for pair in header.split(";")]
    return {name: unquote(value) for name, _, value in pairs if name}


def _json(text: str) -> object:
    try:
        found: object = json.loads(text)
    except (ValueError, RecursionError):
        return text
    return found
