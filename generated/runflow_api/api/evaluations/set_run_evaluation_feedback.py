"""set_run_evaluation_feedback: PATCH /v1/runs/{run_id}/evaluations/{evaluation_id}/feedback"""

from typing import Any, Final, cast
from uuid import UUID

from ... import decoding as _decoding
from ... import encoding as _encoding
from ... import errors as _errors
from ... import responses as _responses
from ...client import Client
from ...http_library import httpx
from ...models.error_response import ErrorResponse
from ...models.feedback import Feedback
from ...models.json_object import JsonObject
from ...types import Operation, RequestArguments, Response

OPERATION: Final = Operation(
    name="set_run_evaluation_feedback", method="PATCH", path="/v1/runs/{run_id}/evaluations/{evaluation_id}/feedback"
)


def build_request(
    run_id: UUID,
    evaluation_id: UUID,
    *,
    body: Feedback,
) -> RequestArguments:
    """Build the request of this operation. Nothing is sent.

    Args:
        run_id: Id of the run.
        evaluation_id: Id of the evaluation.

    Returns:
        What `Client.send` takes.

    Raises:
        ValueError: A path parameter is not set, or a segment of it is empty, "." or "..".
    """
    _request = _encoding.request(
        OPERATION,
        "/v1/runs/"
        + _encoding.path_value("run_id", run_id)
        + "/evaluations/"
        + _encoding.path_value("evaluation_id", evaluation_id)
        + "/feedback",
    )
    _encoding.add_json(_request, body, "application/json")
    return _request


def parse_response(response: httpx.Response) -> ErrorResponse | JsonObject | list[JsonObject]:
    """Read a response of this operation.

    Returns:
        ErrorResponse | JsonObject | list[JsonObject]

    Raises:
        UnexpectedStatus: The document does not name the status of the response.
        InvalidResponse: The body cannot be read as documented.
    """
    if response.status_code == 200:
        return _responses.json_body(
            OPERATION, response, _decoding.either(_decoding.list_of(JsonObject.from_dict), JsonObject.from_dict)
        )
    if response.status_code in (400, 401, 403, 404, 422, 429, 503):
        return _responses.json_body(OPERATION, response, ErrorResponse.from_dict)
    raise _errors.UnexpectedStatus(OPERATION, response)


def sync_detailed(
    run_id: UUID,
    evaluation_id: UUID,
    *,
    client: Client,
    body: Feedback,
) -> Response[ErrorResponse | JsonObject | list[JsonObject]]:
    """Set the feedback on an evaluation of a run

    Inferred: no published page shows this operation.

    Args:
        run_id: Id of the run.
        evaluation_id: Id of the evaluation.

    Returns:
        The response. Its `parsed` is ErrorResponse | JsonObject | list[JsonObject], as the status says.

    Raises:
        ValueError: A path parameter is not set, or a segment of it is empty, "." or "..".
        UnexpectedStatus: The document does not name the status of the response.
        InvalidResponse: The body cannot be read as documented.
        httpx.TransportError: No response came; httpx.TimeoutException, one of them, when the timeout was over.
    """
    return _responses.detailed(
        client.send(
            build_request(
                run_id=run_id,
                evaluation_id=evaluation_id,
                body=body,
            )
        ),
        parse_response,
    )


def sync(
    run_id: UUID,
    evaluation_id: UUID,
    *,
    client: Client,
    body: Feedback,
) -> JsonObject | list[JsonObject]:
    """Set the feedback on an evaluation of a run

    Inferred: no published page shows this operation.

    Args:
        run_id: Id of the run.
        evaluation_id: Id of the evaluation.

    Returns:
        The body: JsonObject | list[JsonObject].

    Raises:
        ValueError: A path parameter is not set, or a segment of it is empty, "." or "..".
        ErrorStatus: The status is a documented one outside 200 to 299.
        UnexpectedStatus: The document does not name the status of the response.
        InvalidResponse: The body cannot be read as documented.
        httpx.TransportError: No response came; httpx.TimeoutException, one of them, when the timeout was over.
    """
    return _success(
        client.send(
            build_request(
                run_id=run_id,
                evaluation_id=evaluation_id,
                body=body,
            )
        )
    )


async def asyncio_detailed(
    run_id: UUID,
    evaluation_id: UUID,
    *,
    client: Client,
    body: Feedback,
) -> Response[ErrorResponse | JsonObject | list[JsonObject]]:
    """Set the feedback on an evaluation of a run

    Inferred: no published page shows this operation.

    Args:
        run_id: Id of the run.
        evaluation_id: Id of the evaluation.

    Returns:
        The response. Its `parsed` is ErrorResponse | JsonObject | list[JsonObject], as the status says.

    Raises:
        ValueError: A path parameter is not set, or a segment of it is empty, "." or "..".
        UnexpectedStatus: The document does not name the status of the response.
        InvalidResponse: The body cannot be read as documented.
        httpx.TransportError: No response came; httpx.TimeoutException, one of them, when the timeout was over.
    """
    return _responses.detailed(
        await client.send_async(
            build_request(
                run_id=run_id,
                evaluation_id=evaluation_id,
                body=body,
            )
        ),
        parse_response,
    )


async def asyncio(
    run_id: UUID,
    evaluation_id: UUID,
    *,
    client: Client,
    body: Feedback,
) -> JsonObject | list[JsonObject]:
    """Set the feedback on an evaluation of a run

    Inferred: no published page shows this operation.

    Args:
        run_id: Id of the run.
        evaluation_id: Id of the evaluation.

    Returns:
        The body: JsonObject | list[JsonObject].

    Raises:
        ValueError: A path parameter is not set, or a segment of it is empty, "." or "..".
        ErrorStatus: The status is a documented one outside 200 to 299.
        UnexpectedStatus: The document does not name the status of the response.
        InvalidResponse: The body cannot be read as documented.
        httpx.TransportError: No response came; httpx.TimeoutException, one of them, when the timeout was over.
    """
    return _success(
        await client.send_async(
            build_request(
                run_id=run_id,
                evaluation_id=evaluation_id,
                body=body,
            )
        )
    )


def _success(response: httpx.Response) -> JsonObject | list[JsonObject]:
    _parsed = parse_response(response)
    if response.is_success:
        # By way of Any: two unions can be one type, and a cast to the same type is an error.
        _body: JsonObject | list[JsonObject] = cast(Any, _parsed)
        return _body
    raise _errors.ErrorStatus(OPERATION, response, _parsed)
