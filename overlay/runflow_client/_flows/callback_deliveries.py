"""List and repeat deliveries of callbacks."""

import json
from typing import TypeVar
from uuid import UUID

from runflow_api.api.batches import list_batch_callback_deliveries, redeliver_batch_callback
from runflow_api.api.runs import list_run_callback_deliveries, redeliver_run_callback
from runflow_api.http_library import httpx
from runflow_api.models.batch_callback_delivery import BatchCallbackDelivery
from runflow_api.models.run_callback_delivery import RunCallbackDelivery

from .._json import as_list, objects_in
from .._responses import Model, lenient, parse_leniently, unreadable
from .commands import Context, Flow
from .request import request

M = TypeVar("M", bound=Model)


def run_deliveries(context: Context, run_id: UUID) -> Flow[list[RunCallbackDelivery]]:
    """Read the deliveries of the run's callback with their attempts."""
    arguments = list_run_callback_deliveries.build_request(run_id)
    return request(context, arguments, lambda response: _read_array(response, RunCallbackDelivery))


def batch_deliveries(context: Context, batch_id: UUID) -> Flow[list[BatchCallbackDelivery]]:
    """Read the deliveries of the batch's callback with their attempts."""
    arguments = list_batch_callback_deliveries.build_request(batch_id)
    return request(
        context, arguments, lambda response: _read_array(response, BatchCallbackDelivery)
    )


def redeliver_run(context: Context, run_id: UUID) -> Flow[RunCallbackDelivery]:
    """Ask for another delivery of the run's callback, with a payload made from its present
    state.
    """
    return request(
        context, redeliver_run_callback.build_request(run_id), lenient(RunCallbackDelivery)
    )


def redeliver_batch(context: Context, batch_id: UUID) -> Flow[BatchCallbackDelivery]:
    """Ask for another delivery of the batch's callback, with a payload made from its present
    state.
    """
    return request(
        context,
        redeliver_batch_callback.build_request(batch_id),
        lenient(BatchCallbackDelivery),
    )


def _read_array(response: httpx.Response, model: type[M]) -> list[M]:
    """Return the models in a bare JSON array, which these two operations answer with instead of a
    page.
    """
    try:
        items = as_list(json.loads(response.content))
    except (ValueError, RecursionError):
        items = None
    if items is None:
        raise unreadable(response, "expected a JSON array of deliveries")
    return [parse_leniently(model, item) for item in objects_in(items)]
