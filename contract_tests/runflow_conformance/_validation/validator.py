"""Validates a request and its response against the document. Needs no HTTP library."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, cast
from urllib.parse import parse_qs

from attrs import field, frozen
from runflow_mock.contract.document import Document, Operation
from runflow_mock.contract.parameters import Parameter
from runflow_mock.contract.routing import Match, Router

from .._findings import Finding
from .json_pointers import DocumentTree, json_pointer
from .schemas import SchemaValidator

JSON_TYPE = "application/json"
LIMIT_RULE = "refused"
"""The rule of a parameter that the server refuses with another limit than the document's, such as
`refused:maximum`."""
# By the names of pydantic, of JSON Schema and of the mock server.
_LIMITS = {
    "less_than_equal": "maximum",
    "less_than": "exclusiveMaximum",
    "greater_than_equal": "minimum",
    "greater_than": "exclusiveMinimum",
    "string_too_long": "maxLength",
    "string_too_short": "minLength",
    "maximum": "maximum",
    "minimum": "minimum",
    "exclusive_maximum": "exclusiveMaximum",
    "exclusive_minimum": "exclusiveMinimum",
    "max_length": "maxLength",
    "min_length": "minLength",
}
# A number as JSON has it, and no part of a word or of a date.
_NUMBER = re.compile(r"(?<![\w.-])-?(?:0|[1-9]\d*)(?:\.\d+)?(?![\w-]|\.\d)", re.ASCII)


@frozen(kw_only=True)
class Interaction:
    """A request and its response.

    Header names are in lower case, `path` is raw (percent-encoded), `query` has no question mark.
    """

    method: str
    path: str
    query: str
    request_headers: Mapping[str, str] = field(repr=False, hash=False)
    request_body: bytes = field(repr=False)
    status: int
    response_headers: Mapping[str, str] = field(repr=False, hash=False)
    response_body: bytes = field(repr=False)


class Validator:
    """Validates interactions against one document.

    `document` is its parsed content, its file, or None for the document that the package ships.
    """

    def __init__(self, document: Mapping[str, Any] | Path | None = None) -> None:
        read = (
            Document(dict(document)) if isinstance(document, Mapping) else Document.read(document)
        )
        self.operations = read.operations
        self.tree = DocumentTree(read.content)
        self._document = read
        self._schemas = SchemaValidator(read.content)
        self._router = Router(read.operations)
        self._roots = {operation.path.split("/")[1] for operation in read.operations}

    def match(self, method: str, path: str) -> Match | None:
        """Return the operation of a method and a raw path, None if the document has none."""
        return self._router.match(method, path)

    def covers(self, path: str) -> bool:
        """Return whether the path belongs to the API, judged by its first segment."""
        return path.split("/")[1:2] != [] and path.split("/")[1] in self._roots

    def findings(self, interaction: Interaction, *, check_request: bool = True) -> list[Finding]:
        """Return every difference between the interaction and the document; empty if it conforms.

        `check_request=False` skips the request, for requests that are wrong on purpose.
        """
        match = self.match(interaction.method, interaction.path)
        if match is None:
            label = f"{interaction.method} {interaction.path}"
            if not check_request:
                return []
            return [
                Finding(
                    operation=label,
                    rule="undocumented_operation",
                    where="request",
                    pointer="/paths",
                    what="the document has no such operation",
                )
            ]
        found = list(self._request_findings(interaction, match)) if check_request else []
        found += self._limit_findings(interaction, match)
        return found + list(self._response_findings(interaction, match.operation))

    def operation_pointer(self, operation: Operation) -> str:
        """Return the JSON pointer of the operation."""
        return self.tree.follow(json_pointer("paths", operation.path)) + json_pointer(
            operation.method.lower()
        )

    def _request_findings(self, interaction: Interaction, match: Match) -> Iterator[Finding]:
        operation = match.operation
        query = parse_qs(interaction.query, keep_blank_values=True)
        for parameter in operation.parameters:
            where = f"request, {parameter.location} {parameter.name}"
            pointer = self._parameter_pointer(operation, parameter)
            values = parameter.value(match.path_values, query, interaction.request_headers)
            if not values:
                if parameter.required:
                    yield _finding(operation, "required", where, pointer, "is missing")
                continue
            schema = self.tree.child(pointer, "schema")
            for error in self._schemas.errors(schema, values[0]) if schema else ():
                yield _finding(
                    operation,
                    f"schema:{error.keyword}",
                    where + error.instance_pointer,
                    error.pointer,
                    error.what,
                )
        known = {name for parameter in operation.parameters for name in parameter.described(query)}
        for name in sorted(query.keys() - known):
            yield _finding(
                operation,
                "undocumented_parameter",
                f"request, query {name}",
                self.operation_pointer(operation),
                name,
            )
        yield from self._request_body_findings(interaction, operation)

    def _limit_findings(self, interaction: Interaction, match: Match) -> Iterator[Finding]:
        """Yield the limits of parameters with which a request was refused that has documented ones.

        The entries of a 422 say them as FastAPI's do: `loc`, `type`, `msg` and perhaps `ctx`.
        """
        if interaction.status != 422:
            return
        query = parse_qs(interaction.query, keep_blank_values=True)
        for entry in _error_entries(interaction.response_body):
            keyword, limit = _LIMITS.get(str(entry.get("type"))), _limit_of(entry)
            if keyword is None or limit is None:
                continue
            for parameter in match.operation.parameters:
                if entry.get("loc") != [parameter.location, parameter.name]:
                    continue
                values = parameter.value(match.path_values, query, {})
                if not values:
                    continue
                pointer = self._parameter_pointer(match.operation, parameter)
                schema = self.tree.child(pointer, "schema")
                if schema is None or self._schemas.errors(schema, values[0]):
                    continue
                holder = self._limited(schema, keyword)
                documented = self.tree.get(holder).get(keyword, "none")
                yield _finding(
                    match.operation,
                    f"{LIMIT_RULE}:{keyword}",
                    f"request, {parameter.location} {parameter.name}",
                    holder,
                    f"the server's {keyword} is {limit}, documented: {documented}",
                    limit,
                )

    def _limited(self, pointer: str, keyword: str) -> str:
        """Return the pointer of the branch of a schema that has the keyword, or that could."""
        node = self.tree.get(pointer)
        branches = [
            self._limited(self.tree.follow(f"{pointer}/{union}/{index}"), keyword)
            for union in ("anyOf", "oneOf", "allOf")
            for index in range(len(node.get(union, ())))
        ]
        having = [one for one in branches if keyword in self.tree.get(one)]
        others = [one for one in branches if self.tree.get(one).get("type") != "null"]
        return (having or others or [pointer])[0]

    def _request_body_findings(
        self, interaction: Interaction, operation: Operation
    ) -> Iterator[Finding]:
        body = self.tree.child(self.operation_pointer(operation), "requestBody")
        if body is None or not interaction.request_body:
            if body is None and interaction.request_body:
                yield _finding(
                    operation,
                    "unexpected_body",
                    "request, body",
                    "",
                    "the document names no request body",
                )
            elif body is not None and operation.body_required:
                yield _finding(operation, "required", "request, body", body, "is missing")
            return
        yield from self._body_findings(
            operation,
            "request",
            body,
            interaction.request_headers.get("content-type", ""),
            interaction.request_body,
        )

    def _response_findings(
        self, interaction: Interaction, operation: Operation
    ) -> Iterator[Finding]:
        where = f"response {interaction.status}"
        responses = self.tree.child(self.operation_pointer(operation), "responses")
        name = _response_name(operation, interaction.status)
        response = None if responses is None or name is None else self.tree.child(responses, name)
        if response is None:
            what = f"documented: {', '.join(sorted(operation.responses))}"
            yield _finding(
                operation, "undocumented_status", where, responses or "", what, interaction.status
            )
            return
        for header, described in cast(
            "dict[str, Any]", self.tree.get(response).get("headers", {})
        ).items():
            if (
                self._document.resolve(described).get("required")
                and header.lower() not in interaction.response_headers
            ):
                yield _finding(
                    operation,
                    "required_header",
                    f"{where}, header {header}",
                    response,
                    "is missing",
                    header,
                )
        media_type = interaction.response_headers.get("content-type", "")
        if self.tree.child(response, "content") is None:
            if interaction.response_body:
                yield _finding(
                    operation,
                    "unexpected_body",
                    f"{where}, body",
                    response,
                    "the document names no body",
                    _media_type(media_type) or None,
                )
            return
        if interaction.method != "HEAD":
            yield from self._body_findings(
                operation, where, response, media_type, interaction.response_body
            )

    def _body_findings(
        self, operation: Operation, message: str, pointer: str, content_type: str, body: bytes
    ) -> Iterator[Finding]:
        """Yield the differences of a body; `pointer` is that of its request body or response."""
        where = f"{message}, body"
        documented = cast("dict[str, Any]", self.tree.get(pointer + "/content") or {})
        given = _media_type(content_type)
        name = next((name for name in documented if _media_type(name) == given), None)
        if name is None:
            what = f"Content-Type is {given or 'missing'}; documented: {', '.join(documented)}"
            place = pointer + "/content"
            yield _finding(operation, "content_type", where, place, what, given or None)
            return
        if given != JSON_TYPE:
            return
        try:
            value = json.loads(body, parse_constant=_refuse_constant)
        except (ValueError, RecursionError):
            yield _finding(
                operation,
                "not_json",
                where,
                pointer + "/content",
                f"{len(body)} bytes that are not JSON",
            )
            return
        schema = self.tree.child(pointer, "content", name, "schema")
        for error in self._schemas.errors(schema, value) if schema else ():
            yield _finding(
                operation,
                f"schema:{error.keyword}",
                f"{where} {error.instance_pointer or '/'}",
                error.pointer,
                error.what,
                error.observed,
            )

    def _parameter_pointer(self, operation: Operation, parameter: Parameter) -> str:
        """Return the JSON pointer of a parameter, which its operation or its path has."""
        item = self.tree.follow(json_pointer("paths", operation.path))
        pointers = (
            self.tree.follow(f"{holder}/parameters/{index}")
            for holder in (item + json_pointer(operation.method.lower()), item)
            for index in range(len(self.tree.get(holder + "/parameters") or ()))
        )
        named = {"name": parameter.name, "in": parameter.location}
        return next(one for one in pointers if named.items() <= self.tree.get(one).items())


def _response_name(operation: Operation, status: int) -> str | None:
    names: Sequence[str] = (str(status), f"{status // 100}XX", f"{status // 100}xx", "default")
    return next((name for name in names if name in operation.responses), None)


def _media_type(text: str) -> str:
    return text.partition(";")[0].strip().lower()


def _error_entries(body: bytes) -> list[dict[str, Any]]:
    """Return the entries of a refusal, in our envelope's `errors` or in FastAPI's `detail`."""
    try:
        content: object = json.loads(body)
    except (ValueError, RecursionError):
        return []
    fields = cast("dict[str, Any]", content) if isinstance(content, dict) else {}
    lists = [fields.get(name) for name in ("errors", "detail")]
    entries = [cast("list[object]", found) for found in lists if isinstance(found, list)]
    return [
        cast("dict[str, Any]", one) for found in entries for one in found if isinstance(one, dict)
    ]


def _limit_of(entry: Mapping[str, Any]) -> float | None:
    """Return the limit that an entry names: a number of its context, or the last of its message."""
    context: object = entry.get("ctx")
    values = list(cast("dict[str, Any]", context).values()) if isinstance(context, dict) else []
    numbers = [one for one in values if type(one) in (int, float)]
    found = _NUMBER.findall(str(entry.get("msg", "")))
    return numbers[0] if numbers else json.loads(found[-1]) if found else None


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _finding(
    operation: Operation, rule: str, where: str, pointer: str, what: str, observed: object = None
) -> Finding:
    return Finding(
        operation=str(operation),
        rule=rule,
        where=where,
        pointer=pointer,
        what=what,
        observed=observed,
    )
