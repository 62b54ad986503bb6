"""Replays response vectors against the generated client, at all four entry points."""

import json
from collections.abc import Iterator
from typing import Any, Final, cast

from runflow_api.errors import ApiError, ErrorStatus, InvalidResponse, UnexpectedStatus
from runflow_api.http_library import httpx

from ..client.annotations import annotation_differences
from ..client.arguments import bind
from ..client.operations import GeneratedOperation, generated_operation
from ..client.transport import ENTRY_POINTS, Outcome, RecordingClient
from ..client.typed_body_check import TypedBodyCheck
from ..comparison.json_values import json_differences
from ..document import ConformanceDocument, is_array
from ..files import Vector
from ..samples import Sampler

_ERRORS: Final[dict[str, type[ApiError]]] = {
    "unexpected_status": UnexpectedStatus,
    "invalid_response": InvalidResponse,
}


def answer_of(vector: Vector) -> httpx.Response:
    """Return the response that a vector describes."""
    content = vector["text"].encode() if "text" in vector else json.dumps(vector["body"]).encode()
    headers = cast("dict[str, str]", vector["headers"]) if content else {}
    return httpx.Response(vector["status"], headers=headers, content=content)


def response_differences(
    vector: Vector, document: ConformanceDocument, client: RecordingClient
) -> Iterator[str]:
    """Yield every difference between the client and the vector, at all four entry points."""
    label: str = vector["operation"]
    generated = generated_operation(label)
    arguments = _arguments(generated, document, label)
    answer = answer_of(vector)
    for entry in ENTRY_POINTS:
        outcome = client.call(
            generated, entry, arguments, answer, open_=document.operations[label].open
        )
        found = (
            _of_parsed(vector, document, generated, entry, outcome)
            if vector["expect"] == "parsed"
            else _of_error(_ERRORS[vector["expect"]], answer, outcome)
        )
        yield from (f"{entry}: {difference}" for difference in found)


def _of_parsed(
    vector: Vector,
    document: ConformanceDocument,
    generated: GeneratedOperation,
    entry: str,
    outcome: Outcome,
) -> Iterator[str]:
    status: int = vector["status"]
    if status >= 300 and not entry.endswith("_detailed"):
        if type(outcome.raised) is not ErrorStatus:
            yield f"raised {outcome.raised!r}, expected ErrorStatus"
            return
        yield from _of_error(ErrorStatus, answer_of(vector), outcome)
        parsed = outcome.raised.parsed
    elif outcome.raised is not None:
        yield f"raised {outcome.raised!r}"
        return
    elif entry.endswith("_detailed"):
        if (
            outcome.value.status_code != status
            or outcome.value.content != answer_of(vector).content
        ):
            yield f"the Response is not the answer: {outcome.value!r}"
        parsed = outcome.value.parsed
    else:
        parsed = outcome.value
    if "body" not in vector:
        if parsed is not None:
            yield f"{parsed!r} of no body"
        return
    schema = document.response_schema(vector["operation"], status) or {}
    yield from body_differences(document, schema, vector["body"], parsed)
    yield from annotation_differences(generated.answer, parsed)


def body_differences(
    document: ConformanceDocument, schema: dict[str, Any], body: Any, parsed: object
) -> Iterator[str]:
    """Yield every difference between a typed body and its JSON, read and written back."""
    yield from TypedBodyCheck(document, null_is_absent=True).differences(schema, body, parsed)
    wanted, written = (
        document.without_implied_nulls(schema, body),
        document.without_implied_nulls(schema, plain(parsed)),
    )
    yield from (f"written back: {one}" for one in json_differences(wanted, written))


def plain(value: Any) -> Any:
    """Return the JSON of a parsed body."""
    if is_array(value):
        return [plain(item) for item in value]
    return value.to_dict() if hasattr(value, "to_dict") else value


def _of_error(kind: type[ApiError], answer: httpx.Response, outcome: Outcome) -> Iterator[str]:
    raised = outcome.raised
    if not isinstance(raised, ApiError) or type(raised) is not kind:
        yield f"gave {outcome.value!r}, raised {raised!r}, expected {kind.__name__}"
        return
    if raised.status_code != answer.status_code or raised.content != answer.content:
        yield f"{kind.__name__} does not hold the answer"
    if raised.__cause__ is not None:
        yield f"{kind.__name__} shows an inner error: {raised.__cause__!r}"


def _arguments(
    generated: GeneratedOperation, document: ConformanceDocument, label: str
) -> dict[str, Any]:
    """Return valid arguments for the operation; only the response matters here."""
    operation = document.operations[label]
    sampler = Sampler(document)
    path = {
        parameter.name: str(sampler.body(parameter.schema, optional=False))
        for parameter in operation.parameters
        if parameter.location == "path"
    }
    body = (
        {}
        if operation.body_schema is None
        else {"body": sampler.body(operation.body_schema, optional=False)}
    )
    return bind(generated, document, label, {"path": path, **body}, "from_dict")
