"""The typed Python client for Runflow: run AI image, video and audio models, wait, get the picture.

    from runflow_client import Runflow

    with Runflow() as client:
        run = client.run("google/nano-banana-pro", {"prompt": "A cathedral made of stained glass"})
        run.outputs[0].save("cathedral.png")

Names are loaded when they are first used, so importing this package alone costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING

__version__ = "0.1.0"

if TYPE_CHECKING:
    from . import (
        bulk as bulk,
        callbacks as callbacks,
        errors as errors,
        inputs as inputs,
        testing as testing,
    )
    from ._async.artifact import AsyncArtifact as AsyncArtifact
    from ._async.batch import AsyncBatch as AsyncBatch, AsyncBatchItem as AsyncBatchItem
    from ._async.client import AsyncRunflow as AsyncRunflow
    from ._async.handle import AsyncHandle as AsyncHandle, AsyncRunHandle as AsyncRunHandle
    from ._async.public_catalog import AsyncPublicCatalog as AsyncPublicCatalog
    from ._async.run import AsyncRun as AsyncRun
    from ._errors import (
        AddressRefused as AddressRefused,
        ApiError as ApiError,
        BadRequest as BadRequest,
        CallbackError as CallbackError,
        Conflict as Conflict,
        ConnectFailed as ConnectFailed,
        ConnectionLost as ConnectionLost,
        DownloadTooLarge as DownloadTooLarge,
        FileChanged as FileChanged,
        InsufficientCredit as InsufficientCredit,
        InvalidArgument as InvalidArgument,
        NotFound as NotFound,
        OutcomeUnknown as OutcomeUnknown,
        PermissionDenied as PermissionDenied,
        RateLimited as RateLimited,
        RedirectRefused as RedirectRefused,
        RequestTimeout as RequestTimeout,
        RunflowError as RunflowError,
        SendFailed as SendFailed,
        ServerError as ServerError,
        StorageError as StorageError,
        StorageRefused as StorageRefused,
        TransportError as TransportError,
        Unauthorized as Unauthorized,
        UnreadableAnswer as UnreadableAnswer,
        ValidationFailed as ValidationFailed,
        WrongContent as WrongContent,
    )
    from ._estimate import (
        Estimate as Estimate,
        MaxCostExceeded as MaxCostExceeded,
        estimate as estimate,
    )
    from ._flows.callback_secrets import SecretStore as SecretStore
    from ._flows.poll import PollSchedule as PollSchedule
    from ._flows.retry import RetryPolicy as RetryPolicy
    from ._models.asset import Asset as Asset
    from ._models.callback_secret import (
        CallbackSecret as CallbackSecret,
        NewCallbackSecret as NewCallbackSecret,
    )
    from ._models.evaluation import Evaluation as Evaluation
    from ._models.outcome_errors import (
        BatchCanceled as BatchCanceled,
        BatchFailed as BatchFailed,
        EvaluationFailed as EvaluationFailed,
        RunCanceled as RunCanceled,
        RunError as RunError,
        RunFailed as RunFailed,
        WaitTimeout as WaitTimeout,
    )
    from ._models.upstream import (
        CatalogComparison as CatalogComparison,
        UpstreamModel as UpstreamModel,
    )
    from ._progress import ProgressDisplay as ProgressDisplay, progress as progress
    from ._responses import Page as Page
    from ._sync.artifact import Artifact as Artifact
    from ._sync.batch import Batch as Batch, BatchItem as BatchItem
    from ._sync.client import Runflow as Runflow
    from ._sync.handle import Handle as Handle, RunHandle as RunHandle
    from ._sync.public_catalog import PublicCatalog as PublicCatalog
    from ._sync.run import Run as Run
    from ._typed_inputs.base import ModelInput as ModelInput, UnknownInput as UnknownInput
else:
    _PACKAGES = ("bulk", "callbacks", "errors", "inputs", "testing")
    _NAMES = {
        "_async.artifact": "AsyncArtifact",
        "_async.batch": "AsyncBatch AsyncBatchItem",
        "_async.client": "AsyncRunflow",
        "_async.handle": "AsyncHandle AsyncRunHandle",
        "_async.public_catalog": "AsyncPublicCatalog",
        "_async.run": "AsyncRun",
        "_errors": (
            "AddressRefused ApiError BadRequest CallbackError Conflict ConnectFailed "
            "ConnectionLost DownloadTooLarge FileChanged InsufficientCredit "
            "InvalidArgument NotFound OutcomeUnknown PermissionDenied RateLimited "
            "RedirectRefused RequestTimeout RunflowError SendFailed ServerError "
            "StorageError StorageRefused TransportError Unauthorized UnreadableAnswer "
            "ValidationFailed WrongContent"
        ),
        "_estimate": "Estimate MaxCostExceeded estimate",
        "_flows.callback_secrets": "SecretStore",
        "_flows.poll": "PollSchedule",
        "_flows.retry": "RetryPolicy",
        "_models.asset": "Asset",
        "_models.callback_secret": "CallbackSecret NewCallbackSecret",
        "_models.evaluation": "Evaluation",
        "_models.outcome_errors": (
            "BatchCanceled BatchFailed EvaluationFailed RunCanceled RunError RunFailed WaitTimeout"
        ),
        "_models.upstream": "CatalogComparison UpstreamModel",
        "_progress": "ProgressDisplay progress",
        "_responses": "Page",
        "_sync.artifact": "Artifact",
        "_sync.batch": "Batch BatchItem",
        "_sync.client": "Runflow",
        "_sync.handle": "Handle RunHandle",
        "_sync.public_catalog": "PublicCatalog",
        "_sync.run": "Run",
        "_typed_inputs.base": "ModelInput UnknownInput",
    }
    _MODULES = {name: module for module, names in _NAMES.items() for name in names.split()}
    __all__ = sorted((*_PACKAGES, *_MODULES))

    def __getattr__(name):
        if name in _PACKAGES:
            return import_module(f".{name}", __name__)
        if name not in _MODULES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = getattr(import_module(f".{_MODULES[name]}", __name__), name)
        globals()[name] = value
        return value

    def __dir__():
        return list(__all__)
