"""create_evaluation: POST /v1/evaluations"""

from typing import Final, cast

from ... import encoding as _encoding
from ... import errors as _errors
from ... import responses as _responses
from ...client import Client
from ...http_library import httpx
from ...models.error_response import ErrorResponse
from ...models.evaluation import Evaluation
from ...models.evaluation_create import EvaluationCreate
from ...types import UNSET, Operation, RequestArguments, Response, Unset

OPERATION: Final = Operation(name="create_evaluation", method="POST", path="/v1/evaluations")


def build_request(
    *,
    body: EvaluationCreate,
    idempotency_key: str | Unset = UNSET,
    x_organization_id: str | None | Unset = UNSET,
) -> RequestArguments:
    """Build the request of this operation. Nothing is sent.

    Args:
        idempotency_key: Same key and same body: the first answer again. Same key and another body: 409.
        x_organization_id: The organization to act for. Without it: the organization of the key.

    Returns:
        What `Client.send` takes.
    """
    _request = _encoding.request(
        OPERATION,
        "/v1/evaluations",
        headers={
            "Idempotency-Key": idempotency_key,
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
    if response.status_code == 202:
        return _responses.json_body(OPERATION, response, Evaluation.from_dict)
    if response.status_code in (400, 401, 402, 403, 404, 409, 422, 429, 503):
        return _responses.json_body(OPERATION, response, ErrorResponse.from_dict)
    raise _errors.UnexpectedStatus(OPERATION, response)


def sync_detailed(
    *,
    client: Client,
    body: EvaluationCreate,
    idempotency_key: str | Unset = UNSET,
    x_organization_id: str | None | Unset = UNSET,
) -> Response[ErrorResponse | Evaluation]:
    """Create an evaluation

    Takes the picture and answers at once; poll the evaluation.

    Args:
        idempotency_key: Same key and same body: the first answer again. Same key and another body: 409.
        x_organization_id: The organization to act for. Without it: the organization of the key.

    Returns:
        The response. Its `parsed` is ErrorResponse | Evaluation, as the status says.

    Raises:
        UnexpectedStatus: The document does not name the status of the response.
        InvalidResponse: The body cannot be read as documented.
        httpx.TransportError: No response came; httpx.TimeoutException, one of them, when the timeout was over.
    """
    return _responses.detailed(
        client.send(
            build_request(
                body=body,
                idempotency_key=idempotency_key,
                x_organization_id=x_organization_id,
            )
        ),
        parse_response,
    )


def sync(
    *,
    client: Client,
    body: EvaluationCreate,
    idempotency_key: str | Unset = UNSET,
    x_organization_id: str | None | Unset = UNSET,
) -> Evaluation:
    """Create an evaluation

    Takes the picture and answers at once; poll the evaluation.

    Args:
        idempotency_key: Same key and same body: the first answer again. Same key and another body: 409.
        x_organization_id: The organization to act for. Without it: the organization of the key.

    Returns:
        The body: Evaluation.

    Raises:
        ErrorStatus: The status is a documented one outside 200 to 299.
        UnexpectedStatus: The document does not name the status of the response.
        InvalidResponse: The body cannot be read as documented.
        httpx.TransportError: No response came; httpx.TimeoutException, one of them, when the timeout was over.
    """
    return _success(
        client.send(
            build_request(
                body=body,
                idempotency_key=idempotency_key,
                x_organization_id=x_organization_id,
            )
        )
    )


async def asyncio_detailed(
    *,
    client: Client,
    body: EvaluationCreate,
    idempotency_key: str | Unset = UNSET,
    x_organization_id: str | None | Unset = UNSET,
) -> Response[ErrorResponse | Evaluation]:
    """Create an evaluation

    Takes the picture and answers at once; poll the evaluation.

    Args:
        idempotency_key: Same key and same body: the first answer again. Same key and another body: 409.
        x_organization_id: The organization to act for. Without it: the organization of the key.

    Returns:
        The response. Its `parsed` is ErrorResponse | Evaluation, as the status says.

    Raises:
        UnexpectedStatus: The document does not name the status of the response.
        InvalidResponse: The body cannot be read as documented.
        httpx.TransportError: No response came; httpx.TimeoutException, one of them, when the timeout was over.
    """
    return _responses.detailed(
        await client.send_async(
            build_request(
                body=body,
                idempotency_key=idempotency_key,
                x_organization_id=x_organization_id,
            )
        ),
        parse_response,
    )


async def asyncio(
    *,
    client: Client,
    body: EvaluationCreate,
    idempotency_key: str | Unset = UNSET,
    x_organization_id: str | None | Unset = UNSET,
) -> Evaluation:
    """Create an evaluation

    Takes the picture and answers at once; poll the evaluation.

    Args:
        idempotency_key: Same key and same body: the first answer again. Same key and another body: 409.
        x_organization_id: The organization to act for. Without it: the organization of the key.

    Returns:
        The body: Evaluation.

    Raises:
        ErrorStatus: The status is a documented one outside 200 to 299.
        UnexpectedStatus: The document does not name the status of the response.
        InvalidResponse: The body cannot be read as documented.
        httpx.TransportError: No response came; httpx.TimeoutException, one of them, when the timeout was over.
    """
    return _success(
        await client.send_async(
            build_request(
                body=body,
                idempotency_key=idempotency_key,
                x_organization_id=x_organization_id,
            )
        )
    )


def _success(response: httpx.Response) -> Evaluation:
    _parsed = parse_response(response)
    if response.is_success:
        return cast("Evaluation", _parsed)
    raise _errors.ErrorStatus(OPERATION, response, _parsed)
