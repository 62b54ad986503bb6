"""list_run_evaluations: GET /v1/runs/{run_id}/evaluations"""

from typing import Any, Final, cast
from uuid import UUID

from ... import decoding as _decoding
from ... import encoding as _encoding
from ... import errors as _errors
from ... import responses as _responses
from ...client import Client
from ...http_library import httpx
from ...models.error_response import ErrorResponse
from ...models.evaluation import Evaluation
from ...models.evaluation_page import EvaluationPage
from ...types import Operation, RequestArguments, Response

OPERATION: Final = Operation(name="list_run_evaluations", method="GET", path="/v1/runs/{run_id}/evaluations")


def build_request(
    run_id: UUID,
) -> RequestArguments:
    """Build the request of this operation. Nothing is sent.

    Args:
        run_id: Id of the run.

    Returns:
        What `Client.send` takes.

    Raises:
        ValueError: A path parameter is not set, or a segment of it is empty, "." or "..".
    """
    return _encoding.request(
        OPERATION,
        "/v1/runs/" + _encoding.path_value("run_id", run_id) + "/evaluations",
    )


def parse_response(response: httpx.Response) -> ErrorResponse | EvaluationPage | list[Evaluation]:
    """Read a response of this operation.

    Returns:
        ErrorResponse | EvaluationPage | list[Evaluation]

    Raises:
        UnexpectedStatus: The document does not name the status of the response.
        InvalidResponse: The body cannot be read as documented.
    """
    if response.status_code == 200:
        return _responses.json_body(
            OPERATION, response, _decoding.either(EvaluationPage.from_dict, _decoding.list_of(Evaluation.from_dict))
        )
    if response.status_code in (400, 401, 403, 404, 422, 429, 503):
        return _responses.json_body(OPERATION, response, ErrorResponse.from_dict)
    raise _errors.UnexpectedStatus(OPERATION, response)


def sync_detailed(
    run_id: UUID,
    *,
    client: Client,
) -> Response[ErrorResponse | EvaluationPage | list[Evaluation]]:
    """List the evaluations of a run

    The run of a ComfyUI workflow that makes pictures gets one by itself, up to 2 minutes after its end. It
    takes 2 to 4 minutes. Of several the one created last counts.

    Inferred: no published page shows this operation.

    Args:
        run_id: Id of the run.

    Returns:
        The response. Its `parsed` is ErrorResponse | EvaluationPage | list[Evaluation], as the status says.

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
            )
        ),
        parse_response,
    )


def sync(
    run_id: UUID,
    *,
    client: Client,
) -> EvaluationPage | list[Evaluation]:
    """List the evaluations of a run

    The run of a ComfyUI workflow that makes pictures gets one by itself, up to 2 minutes after its end. It
    takes 2 to 4 minutes. Of several the one created last counts.

    Inferred: no published page shows this operation.

    Args:
        run_id: Id of the run.

    Returns:
        The body: EvaluationPage | list[Evaluation].

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
            )
        )
    )


async def asyncio_detailed(
    run_id: UUID,
    *,
    client: Client,
) -> Response[ErrorResponse | EvaluationPage | list[Evaluation]]:
    """List the evaluations of a run

    The run of a ComfyUI workflow that makes pictures gets one by itself, up to 2 minutes after its end. It
    takes 2 to 4 minutes. Of several the one created last counts.

    Inferred: no published page shows this operation.

    Args:
        run_id: Id of the run.

    Returns:
        The response. Its `parsed` is ErrorResponse | EvaluationPage | list[Evaluation], as the status says.

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
            )
        ),
        parse_response,
    )


async def asyncio(
    run_id: UUID,
    *,
    client: Client,
) -> EvaluationPage | list[Evaluation]:
    """List the evaluations of a run

    The run of a ComfyUI workflow that makes pictures gets one by itself, up to 2 minutes after its end. It
    takes 2 to 4 minutes. Of several the one created last counts.

    Inferred: no published page shows this operation.

    Args:
        run_id: Id of the run.

    Returns:
        The body: EvaluationPage | list[Evaluation].

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
            )
        )
    )


def _success(response: httpx.Response) -> EvaluationPage | list[Evaluation]:
    _parsed = parse_response(response)
    if response.is_success:
        # By way of Any: two unions can be one type, and a cast to the same type is an error.
        _body: EvaluationPage | list[Evaluation] = cast(Any, _parsed)
        return _body
    raise _errors.ErrorStatus(OPERATION, response, _parsed)
