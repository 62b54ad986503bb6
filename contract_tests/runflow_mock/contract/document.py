"""The OpenAPI document: its file, and its operations with every reference resolved."""

import json
import re
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Self, cast

from attrs import frozen

from .json_types import JsonObject

DOCUMENT_NAME = "openapi.public.json"
METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace", "query")
JSON_MEDIA_TYPE = "application/json"


def find_document() -> Path:
    """Return the path of the document.

    It is in this package when installed, else at the top of the source tree. Raise
    FileNotFoundError with both paths if it is in neither.
    """
    folders = Path(__file__).resolve().parents
    packaged, repository = folders[1] / DOCUMENT_NAME, folders[3] / DOCUMENT_NAME
    for candidate in (packaged, repository):
        if candidate.is_file():
            return candidate
    raise FileNotFoundError(f"no {DOCUMENT_NAME}: it is neither {packaged} nor {repository}")


def _outside() -> JsonObject:
    """Return the paths that a correction adds to the document; the client's package holds them."""
    file = files("runflow_api") / "outside_operations.json"
    if not file.is_file():
        return {}
    return cast(JsonObject, json.loads(file.read_text(encoding="utf-8")))


@frozen
class Parameter:
    """One documented parameter. `location` is `path`, `query` or `header`."""

    name: str
    location: str
    required: bool
    schema: JsonObject


@frozen
class Operation:
    """One documented operation."""

    method: str
    path: str
    operation_id: str
    open: bool
    parameters: tuple[Parameter, ...]
    body_schema: JsonObject | None
    body_required: bool
    responses: dict[str, JsonObject]
    callbacks: dict[str, JsonObject]

    @property
    def signature(self) -> tuple[str, str]:
        """What identifies the operation: method and path template without parameter names."""
        return self.method, nameless(self.path)

    @property
    def success_status(self) -> int:
        """The lowest documented status of success."""
        return min(
            (int(status) for status in self.responses if re.fullmatch(r"2\d\d", status)),
            default=200,
        )

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

    def __init__(self, content: JsonObject) -> None:
        self.content = content
        self.operations = tuple(self._operations())

    @classmethod
    def read(cls, path: Path | None = None) -> Self:
        """Return the document of that file.

        By default it is the one of `find_document()`, with the operations from outside of it that
        the client has.
        """
        content = cast(
            JsonObject, json.loads((path or find_document()).read_text(encoding="utf-8"))
        )
        if path is None:
            content["paths"] = {**_outside(), **content["paths"]}
        return cls(content)

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
            node = self.content
            for part in reference[2:].split("/"):
                try:
                    node = node[part.replace("~1", "/").replace("~0", "~")]
                except KeyError:
                    raise ValueError(
                        f"the document refers to {reference}, which it does not contain"
                    ) from None
        raise ValueError("references in the document go in a circle")

    def callback_schema(self, signature: tuple[str, str]) -> JsonObject | None:
        """Return the schema of what the operation's first callback posts, None without one."""
        operation = next(
            (operation for operation in self.operations if operation.signature == signature), None
        )
        for callback in operation.callbacks.values() if operation is not None else ():
            for item in self.resolve(callback).values():
                body = self.resolve(item).get("post", {}).get("requestBody")
                if body is not None:
                    return json_schema(self.resolve(body))
        return None

    def item_fields(self, operation: Operation) -> frozenset[str]:
        """Return the field names of the items that a list operation returns.

        Empty if the operation returns no page, or items of any shape.
        """
        response = operation.response(operation.success_status)
        schema = None if response is None else json_schema(response)
        page = self.resolve(schema or {}).get("properties", {})
        item = self.resolve(page.get("items", {})).get("items", {})
        return frozenset(self.resolve(item).get("properties", {}))

    def error_schema(self) -> JsonObject | None:
        """Return the schema of the first documented error, which all errors share."""
        for operation in self.operations:
            for status, response in sorted(operation.responses.items()):
                schema = json_schema(response)
                if status[0] in "45" and schema is not None:
                    return schema
        return None

    def _operations(self) -> Iterator[Operation]:
        for path, raw_item in self.content.get("paths", {}).items():
            item = self.resolve(raw_item)
            for method in METHODS:
                if method in item:
                    yield self._operation(
                        method.upper(), path, item[method], item.get("parameters", [])
                    )

    def _operation(
        self, method: str, path: str, node: JsonObject, shared: list[JsonObject]
    ) -> Operation:
        parameters: dict[tuple[str, str], Parameter] = {}
        for raw in [*shared, *node.get("parameters", [])]:
            found = self.resolve(raw)
            location = str(found["in"])
            parameters[found["name"], location] = Parameter(
                found["name"], location, bool(found.get("required", False)), found.get("schema", {})
            )
        body = self.resolve(node["requestBody"]) if "requestBody" in node else None
        security = node.get("security", self.content.get("security", []))
        return Operation(
            method,
            path,
            str(node.get("operationId", f"{method} {path}")),
            open=not security or {} in security,
            parameters=tuple(parameters.values()),
            body_schema=None if body is None else json_schema(body),
            body_required=body is not None and bool(body.get("required", False)),
            responses={
                str(status): self.resolve(response)
                for status, response in node.get("responses", {}).items()
            },
            callbacks=dict(node.get("callbacks", {})),
        )


def json_schema(node: JsonObject) -> JsonObject | None:
    """Return the schema of a response's or request body's JSON content, None if it has none."""
    for media_type, content in node.get("content", {}).items():
        if media_type.partition(";")[0].strip() == JSON_MEDIA_TYPE:
            return cast(JsonObject, content.get("schema", {}))
    return None


def nameless(path: str) -> str:
    """Return the path template without the names of its parameters: `/v1/runs/{}`."""
    return re.sub(r"\{[^}]*\}", "{}", path)
