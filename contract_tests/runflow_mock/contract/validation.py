"""Validation of every request and every answer against the document."""

import functools
import json
import math
import re
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any, cast

import jsonschema_rs
from attrs import frozen

from .answers import Refusal
from .document import (
    JSON_MEDIA_TYPE,
    Document,
    Operation,
    find_document,
    json_schema,
    other_media_type,
)
from .json_types import JsonObject
from .recognition import Signature
from .strict import undescribed_fields
from .written_for import WRITTEN_FOR

DOCUMENT_URI = "urn:runflow-document"


@frozen
class ValidatedRequest:
    """A validated request: query values with their documented types, and the JSON body."""

    query: JsonObject
    body: Any


class BrokenContract(Exception):
    """An answer of this server differs from the document. The message names the place."""


class Contract:
    """Validates requests and answers against one document.

    Validators are made once for each schema. `follows` says that the document is another one than
    the server was written for: then answers are made to fit it. `unusable` says why schemas cannot
    be used for validation; they allow everything.
    """

    def __init__(self, document: Document) -> None:
        self.document = document
        self._registry = jsonschema_rs.Registry([(DOCUMENT_URI, document.content)])
        self._validators: dict[int, jsonschema_rs.Draft202012Validator] = {}
        self.error_schema = document.error_schema()
        self.follows = document.fingerprint != WRITTEN_FOR
        self.unusable: dict[int, str] = {}

    def problems(self, schema: JsonObject, value: object) -> list[jsonschema_rs.ValidationError]:
        """Return the errors of the value against the schema, an empty list if it is valid."""
        if id(schema) in self.unusable:
            return []
        validator = self._validators.get(id(schema))
        if validator is None:
            absolute = cast(JsonObject, _with_absolute_references(schema))
            try:
                validator = jsonschema_rs.Draft202012Validator(
                    absolute, registry=self._registry, validate_formats=True
                )
            except ValueError as problem:  # an invalid schema is one, too
                self.unusable[id(schema)] = str(problem).partition("\n")[0]
                return []
            self._validators[id(schema)] = validator
        try:
            if validator.is_valid(value):
                return []
            return list(validator.iter_errors(cast(Any, value)))
        except UnicodeEncodeError:  # neither lengths nor messages can be of lone surrogates
            return list(validator.iter_errors(cast(Any, _encodable(value))))

    def read_request(
        self,
        operation: Operation,
        path_values: Mapping[str, str],
        query: Iterable[tuple[str, str]],
        headers: Mapping[str, str],
        body: bytes,
        *,
        strict: bool = False,
    ) -> ValidatedRequest:
        """Return the validated request.

        With `strict`, query parameters and body fields that the document does not describe are
        errors too. Raise the 422 that lists everything wrong with it.
        """
        errors: list[JsonObject] = []
        given = dict[str, list[str]]()
        for name, value in query:
            given.setdefault(name, []).append(value)
        typed_query: JsonObject = dict(given.items())
        for parameter in operation.parameters:
            values = parameter.value(path_values, given, headers)
            if not values:
                if parameter.required:
                    errors.append(
                        _entry([parameter.location, parameter.name], "Field required", "missing")
                    )
                continue
            if parameter.location == "query":
                typed_query[parameter.name] = values[0]
            errors += self._entries(
                [parameter.location, parameter.name], parameter.schema, values[0]
            )
        for name, texts in given.items():
            if typed_query[name] is texts:
                typed_query[name] = texts[-1]
        content = self._read_body(operation, headers, body, errors)
        if strict:
            errors += self._undescribed(operation, given, content)
        if errors:
            raise Refusal(
                422, "the request is not what the document asks for: see errors", errors=errors
            )
        return ValidatedRequest(typed_query, content)

    def _undescribed(
        self, operation: Operation, query: Collection[str], content: object
    ) -> list[JsonObject]:
        described = {
            name for parameter in operation.parameters for name in parameter.described(query)
        }
        places: list[list[str | int]] = [["query", name] for name in query if name not in described]
        if operation.body_schema is not None:
            places += [
                ["body", *place]
                for place in undescribed_fields(self.document, operation.body_schema, content)
            ]
        return [
            _entry(place, "Extra inputs are not permitted", "extra_forbidden") for place in places
        ]

    def check_answer(self, operation: Operation | None, status: int, body: object) -> None:
        """Raise BrokenContract if the answer is not documented for the operation.

        An error status that the operation does not list must be in the error envelope.
        """
        documented = None if operation is None else operation.response(status)
        if documented is None and status < 400:
            raise BrokenContract(f"{operation}: status {status} is not documented")
        schema = self.error_schema if documented is None else json_schema(documented)
        if schema is None:
            is_other = isinstance(body, bytes) and documented and other_media_type(documented)
            if body is not None and documented is not None and not is_other:
                raise BrokenContract(f"{operation}: status {status} has no documented JSON body")
            return
        for problem in self.problems(schema, body):
            raise BrokenContract(
                f"{operation}: answer {status}, at {place_in(problem)}: {problem.message[:300]}"
            )

    def _read_body(
        self,
        operation: Operation,
        headers: Mapping[str, str],
        body: bytes,
        errors: list[JsonObject],
    ) -> object:
        if operation.body_schema is None:
            return None
        if not body:
            if operation.body_required:
                errors.append(_entry(["body"], "Field required", "missing"))
            return None
        media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
        if media_type != JSON_MEDIA_TYPE and not media_type.endswith("+json"):
            errors.append(
                _entry(["body"], f"Content-Type should be {JSON_MEDIA_TYPE}", "content_type")
            )
            return None
        try:
            content = json.loads(body, parse_constant=_refuse_constant, parse_float=_finite_number)
        except (ValueError, RecursionError) as problem:
            errors.append(_entry(["body"], f"JSON decode error: {problem}", "json_invalid"))
            return None
        errors += self._entries(["body"], operation.body_schema, content)
        return content

    def _entries(
        self, location: list[str | int], schema: JsonObject, value: object
    ) -> list[JsonObject]:
        entries: list[JsonObject] = []
        for problem in self.problems(schema, value):
            place = [*location, *problem.instance_path]
            kind = type(problem.kind).__name__
            if kind == "Required":
                entries.append(
                    _entry(
                        [*place, str(getattr(problem.kind, "property", ""))],
                        "Field required",
                        "missing",
                    )
                )
            else:
                entries.append(_entry(place, problem.message[:500], _snake_case(kind)))
        return entries


def place_in(problem: jsonschema_rs.ValidationError) -> str:
    """Return where in the value the problem is: `/items/0/id`, `/` for the value itself."""
    return "/" + "/".join(str(part) for part in problem.instance_path)


def _with_absolute_references(node: object) -> object:
    """Return a copy of the schema with absolute references into the document."""
    if isinstance(node, dict):
        copy = {
            name: _with_absolute_references(value) for name, value in cast(JsonObject, node).items()
        }
        if copy.get("nullable") is True and isinstance(copy.get("type"), str):  # OpenAPI 3.0
            copy["type"] = [copy["type"], "null"]
        reference = copy.get("$ref")
        if isinstance(reference, str) and reference.startswith("#"):
            copy["$ref"] = DOCUMENT_URI + reference
        return copy
    if isinstance(node, list):
        return [_with_absolute_references(value) for value in cast("list[object]", node)]
    return node


def _encodable(value: object) -> object:
    """Return the JSON value with a replacement for each lone surrogate."""
    text = json.dumps(value, ensure_ascii=False).encode("utf-8", "replace").decode()
    return json.loads(text)


def _entry(location: list[str | int], message: str, kind: str) -> JsonObject:
    return {"loc": location, "msg": message, "type": kind}


def _snake_case(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _finite_number(text: str) -> float:
    """Return the number. Raise ValueError for one without end in Python: no JSON can say it."""
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text[:20]} is too large")
    return number


def contract_of(path: Path | None = None, known: frozenset[Signature] = frozenset()) -> Contract:
    """Return the contract of that document, by default of `find_document()`.

    `known` are the operations that the server knows. It is cached until the file changes.
    """
    place = path if path is not None else find_document()
    return _contract_of(path, known, place.stat().st_mtime_ns)


@functools.lru_cache(maxsize=8)
def _contract_of(path: Path | None, known: frozenset[Signature], _changed: int) -> Contract:
    return Contract(Document.read(path, known))
