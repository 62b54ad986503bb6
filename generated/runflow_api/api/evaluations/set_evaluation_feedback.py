"""set_evaluation_feedback: PATCH /v1/evaluations/{evaluation_id}/feedback"""

from typing import Final, cast
from uuid import UUID

from ... import encoding as _encoding
from ... import errors as _errors
from ... import responses as _responses
from ...client import Client
from ...http_library import httpx
from ...models.error_response import ErrorResponse
from ...models.evaluation import Evaluation
from ...models.feedback import Feedback
from ...types import UNSET, Operation, RequestArguments, Response, Unset

OPERATION: Final = Operation(
    name="set_evaluation_feedback", method="PATCH", path="/v1/evaluations/{evaluation_id}/feedback"
)


def build_request(
    evaluation_id: UUID,
    *,
    body: Feedback,
    x_organization_id: str | None | Unset = UNSET,
) -> RequestArguments:
    """Build the request of this operation. Nothing is sent.

    Args:
        evaluation_id: Id of the evaluation.
        x_organization_id: The organization to act for. Without it: the organization of the key.

    Returns:
        What `Client.send` takes.

    Raises:
        ValueError: A path parameter is not set, or a segment of it is empty, "." or "..".
    """
    _request = _encoding.request(
        OPERATION,
        "/v1/evaluations/" + _encoding.path_value("evaluation_id", evaluation_id) + "/feedback",
        headers={
            "X-Organization-Id": x_organization_id,
        },
    )
    _encoding.add_json(_request, body, "application/json")
    return _request


def parse_response(response: httpx.Response) -> ErrorResponse | Evaluation:
    """Read a response of this operation.

    Returns:
        ErrorResponse | Evaluation

    Raises:
        UnexpectedStatus: The document does not name the status of the response.
        InvalidResponse: The body cannot be read as documented.
    """
    if response.status_code == 200:
        return _responses.json_body(OPERATION, response, Evaluation.from_dict)
    if response.status_code in (400, 401, 403, 404, 422, 429, 503):
        return _responses.json_body(OPERATION, response, ErrorResponse.from_dict)
    raise _errors.UnexpectedStatus(OPERATION, response)


def sync_detailed(
    evaluation_id: UUID,
    *,
    client: Client,
    body: Feedback,
    x_organization_id: str | None | Unset = UNSET,
) -> Response[ErrorResponse | Evaluation]:
    """Set the feedback on an evaluation

    A null clears it.

    Args:
        evaluation_id: Id of the evaluation.
        x_organization_id: The organization to act for. Without it: the organization of the key.

    Returns:
        The response. Its `parsed` is ErrorResponse | Evaluation, as the status says.

    Raises:
        ValueError: A path parameter is not set, or a segment of it is empty, "." or "..".
        UnexpectedStatus: The document does not name the status of the response.
        InvalidResponse: The body cannot be read as documented.
        httpx.TransportError: No response came; httpx.TimeoutException, one of them, when the timeout was over.
    """
    return _responses.detailed(
        client.send(
            build_request(
                evaluation_id=evaluation_id,
                body=body,
                x_organization_id=x_organization_id,
            )
        ),
        parse_response,
    )


def sync(
    evaluation_id: UUID,
    *,
    client: Client,
    body: Feedback,
    x_organization_id: str | None | Unset = UNSET,
) -> Evaluation:
    """Set the feedback on an evaluation

    A null clears it.

    Args:
        evaluation_id: Id of the evaluation.
        x_organization_id: The organization to act for. Without it: the organization of the key.

    Returns:
        The body: Evaluation.

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
                evaluation_id=evaluation_id,
                body=body,
                x_organization_id=x_organization_id,
            )
        )
    )


async def asyncio_detailed(
    evaluation_id: UUID,
    *,
    client: Client,
    body: Feedback,
    x_organization_id: str | None | Unset = UNSET,
) -> Response[ErrorResponse | Evaluation]:
    """Set the feedback on an evaluation

    A null clears it.

    Args:
        evaluation_id: Id of the evaluation.
        x_organization_id: The organization to act for. Without it: the organization of the key.

    Returns:
        The response. Its `parsed` is ErrorResponse | Evaluation, as the status says.

    Raises:
        ValueError: A path parameter is not set, or a segment of it is empty, "." or "..".
        UnexpectedStatus: The document does not name the status of the response.
        InvalidResponse: The body cannot be read as documented.
        httpx.TransportError: No response came; httpx.TimeoutException, one of them, when the timeout was over.
    """
    return _responses.detailed(
        await client.send_async(
            build_request(
                evaluation_id=evaluation_id,
                body=body,
                x_organization_id=x_organization_id,
            )
        ),
        parse_response,
    )


async def asyncio(
    evaluation_id: UUID,
    *,
    client: Client,
    body: Feedback,
    x_organization_id: str | None | Unset = UNSET,
) -> Evaluation:
    """Set the feedback on an evaluation

    A null clears it.

    Args:
        evaluation_id: Id of the evaluation.
        x_organization_id: The organization to act for. Without it: the organization of the key.

    Returns:
        The body: Evaluation.

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
                evaluation_id=evaluation_id,
                body=body,
                x_organization_id=x_organization_id,
            )
        )
    )


def _success(response: httpx.Response) -> Evaluation:
    _parsed = parse_response(response)
    if response.is_success:
        return cast("Evaluation", _parsed)
    raise _errors.ErrorStatus(OPERATION, response, _parsed)
