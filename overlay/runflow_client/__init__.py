"""The typed Python client for Runflow: run AI image, video and audio models, wait, get the picture.

    from runflow_client import Runflow

    with Runflow() as client:
        run = client.run("google/nano-banana-pro", {"prompt": "A cathedral made of stained glass"})
        run.outputs[0].save("cathedral.png")

Names are loaded when they are first used, so importing this package alone costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from . import callbacks, inputs
    from .asset_models import Asset
    from .async_client import AsyncRunflow
    from .batches import Batch
    from .client import Runflow
    from .create_options import CreateOptions
    from .errors import (
        ApiError,
        BadRequest,
        BatchCanceled,
        BatchFailed,
        CallbackError,
        Conflict,
        ConnectFailed,
        ConnectionLost,
        EvaluationFailed,
        InsufficientCredit,
        InvalidArgument,
        NotFound,
        OutcomeUnknown,
        PermissionDenied,
        RateLimited,
        RedirectRefused,
        RequestTimeout,
        RunCanceled,
        RunError,
        RunFailed,
        RunflowError,
        ServerError,
        TransportError,
        Unauthorized,
        UnreadableAnswer,
        ValidationFailed,
        WaitTimeout,
    )
    from .estimates import Estimate, MaxCostExceeded, estimate
    from .evaluations import Evaluation
    from .handles import AsyncHandle, AsyncRunHandle, Handle, RunHandle
    from .model_inputs import ModelInput, UnknownInput
    from .outputs import Artifact, AsyncArtifact
    from .paging import Page
    from .retries import RetryPolicy
    from .runs import AsyncRun, Run
    from .storage_errors import AddressRefused, DownloadTooLarge, FileChanged, StorageRefused, WrongContent
    from .waiting import PollSchedule

_ERRORS = (
    "ApiError",
    "BadRequest",
    "BatchCanceled",
    "BatchFailed",
    "CallbackError",
    "Conflict",
    "ConnectFailed",
    "ConnectionLost",
    "EvaluationFailed",
    "InsufficientCredit",
    "InvalidArgument",
    "NotFound",
    "OutcomeUnknown",
    "PermissionDenied",
    "RateLimited",
    "RedirectRefused",
    "RequestTimeout",
    "RunCanceled",
    "RunError",
    "RunFailed",
    "RunflowError",
    "ServerError",
    "TransportError",
    "Unauthorized",
    "UnreadableAnswer",
    "ValidationFailed",
    "WaitTimeout",
)

_STORAGE_ERRORS = ("AddressRefused", "DownloadTooLarge", "FileChanged", "StorageRefused", "WrongContent")

_HOMES = {
    "Asset": "asset_models",
    "AsyncHandle": "handles",
    "Batch": "batches",
    "Estimate": "estimates",
    "Evaluation": "evaluations",
    "Handle": "handles",
    "MaxCostExceeded": "estimates",
    "ModelInput": "model_inputs",
    "Page": "paging",
    "UnknownInput": "model_inputs",
    "estimate": "estimates",
    "Artifact": "outputs",
    "AsyncArtifact": "outputs",
    "AsyncRun": "runs",
    "AsyncRunHandle": "handles",
    "AsyncRunflow": "async_client",
    "CreateOptions": "create_options",
    "PollSchedule": "waiting",
    "RetryPolicy": "retries",
    "Run": "runs",
    "RunHandle": "handles",
    "Runflow": "client",
    **dict.fromkeys(_ERRORS, "errors"),
    **dict.fromkeys(_STORAGE_ERRORS, "storage_errors"),
}

__all__ = [
    "AddressRefused",
    "ApiError",
    "Artifact",
    "Asset",
    "AsyncArtifact",
    "AsyncHandle",
    "AsyncRun",
    "AsyncRunHandle",
    "AsyncRunflow",
    "BadRequest",
    "Batch",
    "BatchCanceled",
    "BatchFailed",
    "CallbackError",
    "Conflict",
    "ConnectFailed",
    "ConnectionLost",
    "CreateOptions",
    "DownloadTooLarge",
    "Estimate",
    "Evaluation",
    "EvaluationFailed",
    "FileChanged",
    "Handle",
    "InsufficientCredit",
    "InvalidArgument",
    "MaxCostExceeded",
    "ModelInput",
    "NotFound",
    "OutcomeUnknown",
    "Page",
    "PermissionDenied",
    "PollSchedule",
    "RateLimited",
    "RedirectRefused",
    "RequestTimeout",
    "RetryPolicy",
    "Run",
    "RunCanceled",
    "RunError",
    "RunFailed",
    "RunHandle",
    "Runflow",
    "RunflowError",
    "ServerError",
    "StorageRefused",
    "TransportError",
    "Unauthorized",
    "UnknownInput",
    "UnreadableAnswer",
    "ValidationFailed",
    "WaitTimeout",
    "WrongContent",
    "callbacks",
    "estimate",
    "inputs",
]


def __getattr__(name: str) -> object:
    if name in {"callbacks", "inputs"}:
        return import_module(f".{name}", __name__)
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f".{_HOMES[name]}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(set(globals()) | set(__all__))
