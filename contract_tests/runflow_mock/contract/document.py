"""The OpenAPI document: its file, and its operations with every reference resolved."""

import hashlib
import json
import re
from collections.abc import Collection, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any, Self, cast

from attrs import frozen

from .credentials import DEFAULT_PLACE, KeyPlace, required_schemes
from .json_types import JsonObject, as_object
from .packaged import find_packaged
from .parameters import Parameter
from .recognition import Signature, known_values, nameless, prefix_of, recognize

DOCUMENT_NAME = "openapi.public.json"
METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace", "query")
JSON_MEDIA_TYPE = "application/json"
# Parts of a document that only people read: they do not change what is asked for and answered.
_TEXTS = frozenset(
    [
        "description",
        "summary",
        "title",
        "example",
        "examples",
        "externalDocs",
        "links",
        "tags",
        "operationId",
    ]
)
_NAMED = frozenset(("properties", "schemas", "paths", "responses", "parameters", "callbacks"))


def find_document() -> Path:
    """Return the path of the document. Raise FileNotFoundError if there is none."""
    return find_packaged(DOCUMENT_NAME)


def outside_paths() -> JsonObject:
    """Return the paths that a correction adds to the document; the client's package holds them."""
    file = files("runflow_api") / "outside_operations.json"
    if not file.is_file():
        return {}
    return cast(JsonObject, json.loads(file.read_text(encoding="utf-8")))


@frozen
class Operation:
    """One documented operation.

    `signature` is what identifies it: method and path template without parameter names. Of an
    operation that the server knows, it is as the server spells it. `unread_schemes` are the names
    of its security schemes whose key this server does not read.
    """

    method: str
    path: str
    signature: Signature
    operation_id: str
    open: bool
    key_places: tuple[KeyPlace, ...]
    unread_schemes: tuple[str, ...]
    parameters: tuple[Parameter, ...]
    body_schema: JsonObject | None
    body_required: bool
    responses: dict[str, JsonObject]
    callbacks: dict[str, JsonObject]

    def known_values(self, values: Sequence[str]) -> tuple[str, ...]:
        """Return the values of the path's parameters as those of the path in the signature."""
        return known_values(self.path, self.signature[1], values)

    @property
    def success_status(self) -> int:
        """The lowest documented status of success, or of a redirect where there is no success."""
        for pattern in (r"2\d\d", r"2XX", r"3\d\d"):
            found = [one for one in self.responses if re.fullmatch(pattern, one.upper())]
            if found:
                return int(min(found).upper().replace("XX", "00"))
        return 200

    def response(self, status: int) -> JsonObject | None:
        """Return the documented response of the status, None if there is none.

        The exact status comes first, then its class (`4XX`), then `default`.
        """
        for name in (str(status), f"{status // 100}XX", f"{status // 100}xx", "default"):
            if name in self.responses:
                return self.responses[name]
        return None

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


class Document:
    """The parsed document."""

    def __init__(
        self,
        content: JsonObject,
        known: Collection[Signature] = (),
        outside: JsonObject | None = None,
    ) -> None:
        """Take the parsed document; `known` are the operations that the server knows.

        `outside` are paths besides those of the document. The fingerprint is without them.
        """
        self.fingerprint = _fingerprint(content)
        self.content = content
        if outside:
            self.content = {**content, "paths": {**outside, **content["paths"]}}
        found = [
            (method, path, item)
            for path, raw in self.content.get("paths", {}).items()
            for item in (self.resolve(raw),)
            for method in METHODS
            if method in item
        ]
        there = [(method.upper(), nameless(path)) for method, path, _ in found]
        self.prefix = prefix_of(there, known)
        recognized = recognize(there, known, self.prefix)
        self.operations = tuple(
            self._operation(
                path, recognized.get(own, own), item[method], item.get("parameters", [])
            )
            for own, (method, path, item) in zip(there, found, strict=True)
        )

    @classmethod
    def read(cls, path: Path | None = None, known: Collection[Signature] = ()) -> Self:
        """Return the document of that file.

        By default it is the one of `find_document()`, with the operations from outside of it that
        the client has. Raise ValueError if the file holds no JSON object, or no OpenAPI document.
        """
        place = path or find_document()
        try:
            content: object = json.loads(place.read_text(encoding="utf-8-sig"))
        except (ValueError, RecursionError) as problem:
            raise ValueError(f"{place.name} is not JSON: {problem}") from None
        if not isinstance(content, dict):
            raise ValueError(f"{place.name} is no JSON object")
        outside = outside_paths() if path is None else None
        try:
            return cls(cast(JsonObject, content), known, outside)
        except (LookupError, TypeError, AttributeError, RecursionError) as problem:
            kind = type(problem).__name__
            raise ValueError(
                f"{place.name} cannot be read as an OpenAPI document: {kind}: {problem}"
            ) from None

    def key_names(self, location: str) -> frozenset[str]:
        """Return the names of what carries a key there: `header` (in lower case) or `query`."""
        return frozenset(
            place.name
            for operation in self.operations
            for place in operation.key_places
            if place.location == location
        )

    def resolve(self, node: JsonObject) -> JsonObject:
        """Return the node, or what it refers to.

        Raise ValueError for a reference that leads nowhere.
        """
        for _ in range(50):
            reference = node.get("$ref")
            if not isinstance(reference, str):
                return node
            if not reference.startswith("#/"):
                raise ValueError(
                    f"the document refers to {reference}; only references inside it are followed"
                )
            found: Any = self.content
            for part in reference[2:].split("/"):
                name = part.replace("~1", "/").replace("~0", "~")
                try:
                    found = found[
                        int(name) if isinstance(found, list) and name.isdecimal() else name
                    ]
                except (LookupError, TypeError, ValueError):
                    raise ValueError(
                        f"the document refers to {reference}, which it does not contain"
                    ) from None
            node = as_object(found)
        raise ValueError("references in the document go in a circle")

    def operation(self, signature: Signature) -> Operation | None:
        """Return the operation with that signature, None if there is none."""
        return next((one for one in self.operations if one.signature == signature), None)

    def callback_schema(self, signature: Signature) -> JsonObject | None:
        """Return the schema of what the operation's first callback posts, None without one."""
        operation = self.operation(signature)
        for callback in operation.callbacks.values() if operation is not None else ():
            for item in self.resolve(callback).values():
                body = self.resolve(item).get("post", {}).get("requestBody")
                if body is not None:
                    return json_schema(self.resolve(body))
        return None

    def answer_schema(self, operation: Operation) -> JsonObject:
        """Return the schema of the operation's success, resolved; empty if it has no JSON body."""
        response = operation.response(operation.success_status)
        schema = None if response is None else json_schema(response)
        return self.resolve(schema or {})

    def statuses_of(self, operation: Operation) -> list[str]:
        """Return the statuses that the document lists for the answer, or for the items of a list.

        Empty if it lists none.
        """
        row = self.row_schema(operation)
        return self._words_of(row.get("properties", {}).get("status_code", {}))

    def _words_of(self, schema: JsonObject) -> list[str]:
        """Return the text that an enum allows, also as one of several branches."""
        found = self.resolve(schema)
        branches = [*found.get("anyOf", ()), *found.get("oneOf", ()), *found.get("allOf", ())]
        inner = [word for branch in branches for word in self._words_of(branch)]
        return [word for word in found.get("enum", ()) if isinstance(word, str)] + inner

    def item_schema(self, operation: Operation) -> JsonObject:
        """Return the schema of the items that a list operation returns; empty without a page."""
        page = self.answer_schema(operation).get("properties", {})
        return self.resolve(self.resolve(page.get("items", {})).get("items", {}))

    def row_schema(self, operation: Operation) -> JsonObject:
        """Return the schema of the items that a list operation returns, else of the answer."""
        return self.item_schema(operation) or self.answer_schema(operation)

    def item_fields(self, operation: Operation) -> frozenset[str]:
        """Return the field names of the items that a list operation returns.

        Empty if the operation returns no page, or items of any shape.
        """
        return frozenset(self.item_schema(operation).get("properties", {}))

    def error_schema(self) -> JsonObject | None:
        """Return the schema of the first documented error, which all errors share."""
        for operation in self.operations:
            for status, response in sorted(operation.responses.items()):
                schema = json_schema(response)
                if status[0] in "45" and schema is not None:
                    return schema
        return None

    def _operation(
        self, path: str, signature: Signature, node: JsonObject, shared: list[JsonObject]
    ) -> Operation:
        parameters: dict[tuple[str, str], Parameter] = {}
        for raw in [*shared, *node.get("parameters", [])]:
            parameter = Parameter.read(self.resolve(raw), self.resolve)
            parameters[parameter.name, parameter.location] = parameter
        body = self.resolve(node["requestBody"]) if "requestBody" in node else None
        security: list[Any] = node.get("security", self.content.get("security")) or []
        schemes = self.content.get("components", {}).get("securitySchemes", {})
        required = required_schemes(security, schemes)
        places = dict.fromkeys(place for place in required.values() if place is not None)
        method = signature[0]
        return Operation(
            method,
            path,
            signature,
            str(node.get("operationId", f"{method} {path}")),
            open=not security or {} in security,
            key_places=tuple(places) or (DEFAULT_PLACE,),
            unread_schemes=tuple(name for name, place in required.items() if place is None),
            parameters=tuple(parameters.values()),
            body_schema=None if body is None else json_schema(body),
            body_required=body is not None and bool(body.get("required", False)),
            responses={
                str(status): self.resolve(response)
                for status, response in node.get("responses", {}).items()
            },
            callbacks=dict(node.get("callbacks", {})),
        )


def json_media_type(node: JsonObject) -> str | None:
    """Return the JSON media type of a response or request body; None if it has none.

    `application/json` comes first, then types such as `application/problem+json`.
    """
    plain = {name: name.partition(";")[0].strip().lower() for name in node.get("content", {})}
    found = [name for name, kind in plain.items() if kind == JSON_MEDIA_TYPE]
    return next(iter((*found, *(name for name in plain if plain[name].endswith("+json")))), None)


def json_schema(node: JsonObject) -> JsonObject | None:
    """Return the schema of a response's or request body's JSON content, None if it has none."""
    media_type = json_media_type(node)
    return None if media_type is None else node["content"][media_type].get("schema", {})


def other_media_type(node: JsonObject) -> str | None:
    """Return the media type of a response that has a body and no JSON; None if it has none."""
    if json_media_type(node) is not None:
        return None
    return next(iter(node.get("content", {})), None)


def _fingerprint(content: JsonObject) -> str:
    """Return a hash of all that a document asks for and answers, without its texts."""
    parts = {name: content.get(name) for name in ("paths", "components", "security")}
    text = json.dumps(_without_texts(parts, is_named=False), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _without_texts(node: object, *, is_named: bool) -> object:
    """Return the node without texts. `is_named`: the keys of this object are names."""
    if isinstance(node, dict):
        return {
            name: _without_texts(value, is_named=not is_named and name in _NAMED)
            for name, value in cast(JsonObject, node).items()
            if is_named or (name not in _TEXTS and not name.startswith("x-"))
        }
    if isinstance(node, list):
        return [_without_texts(value, is_named=False) for value in cast("list[object]", node)]
    return node
