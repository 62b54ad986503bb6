"""The tables of facts as typed data.

What is known of the API, operation by operation and field by field.
"""

import json
from pathlib import Path
from typing import Final, Literal, NotRequired, TypedDict, cast

FOLDER: Final = Path(__file__).with_name("tables")


class ParameterFacts(TypedDict):
    """One path, query or header parameter."""

    name: str
    location: Literal["path", "query", "header"]
    type: str
    format: NotRequired[str]
    required: bool
    nullable: bool
    minimum: NotRequired[int]
    maximum: NotRequired[int]
    default: NotRequired[bool]
    allowed: NotRequired[list[str]]
    wildcard: NotRequired[str]
    inferred: NotRequired[bool]
    because: NotRequired[str]


class RequestFacts(TypedDict):
    """The JSON body that an operation takes."""

    schema: str
    required: bool
    inferred: NotRequired[bool]


class ResponseFacts(TypedDict):
    """One answer that is no error envelope.

    `body` is None where there is no body, "unknown" where it was not seen.
    """

    body: str | None
    inferred: NotRequired[bool]


class ErrorFacts(TypedDict):
    """What every error answers."""

    body: str
    inferred: NotRequired[bool]


class OperationFacts(TypedDict):
    """One operation.

    Whether it asks for a key, takes the organization header and the list query set, and so on.
    """

    operation: str
    tag: str
    method: str
    path: str
    basis: Literal["documented", "older page", "prose", "client code", "inferred"]
    key: bool
    organization: bool
    list_query: NotRequired[Literal["documented", "inferred"]]
    parameters: list[ParameterFacts]
    request: RequestFacts | None
    responses: dict[str, ResponseFacts]
    errors: list[str]


class OperationTable(TypedDict):
    """operations.json: what all operations share, and the operations."""

    errors: ErrorFacts
    organization: ParameterFacts
    list_query: list[ParameterFacts]
    operations: list[OperationFacts]


class FieldFacts(TypedDict):
    """One property of a schema.

    `type` is a JSON type, the name of a schema or of an enum, or "any".
    """

    type: str
    items: NotRequired[str]
    format: NotRequired[str]
    pattern: NotRequired[str]
    nullable: bool
    required: bool
    basis: str
    enum: NotRequired[list[str]]
    known: NotRequired[list[str]]
    default: NotRequired[str]
    minimum: NotRequired[int]
    maximum: NotRequired[int]
    minimum_length: NotRequired[int]
    maximum_length: NotRequired[int]
    minimum_items: NotRequired[int]
    maximum_items: NotRequired[int]
    inferred: NotRequired[bool]
    because: NotRequired[str]


class SchemaFacts(TypedDict):
    """One schema; `open` says that it may well hold properties that are not listed."""

    kind: Literal["request", "response", "payload"]
    basis: str
    inferred: NotRequired[bool]
    because: NotRequired[str]
    open: NotRequired[bool]
    fields: dict[str, FieldFacts]


class SchemaTable(TypedDict):
    """schemas.json: enums, patterns and schemas by name."""

    enums: dict[str, list[str]]
    patterns: dict[str, str]
    schemas: dict[str, SchemaFacts]


def read_operations() -> OperationTable:
    """Return the table of operations.

    Raises:
        OSError: the file is missing.
    """
    return cast(
        "OperationTable", json.loads((FOLDER / "operations.json").read_text(encoding="utf-8"))
    )


def read_schemas() -> SchemaTable:
    """Return the table of schemas.

    Raises:
        OSError: the file is missing.
    """
    return cast("SchemaTable", json.loads((FOLDER / "schemas.json").read_text(encoding="utf-8")))
