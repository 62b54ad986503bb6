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
    from . import callbacks as callbacks
    from . import errors as errors
    from . import inputs as inputs
    from . import testing as testing
    from ._async.artifact import (
        AsyncArtifact as AsyncArtifact,
    )
    from ._async.client import (
        AsyncRunflow as AsyncRunflow,
    )
    from ._async.handle import (
        AsyncHandle as AsyncHandle,
    )
    from ._async.handle import (
        AsyncRunHandle as AsyncRunHandle,
    )
    from ._async.run import (
        AsyncRun as AsyncRun,
    )
    from ._errors import (
        AddressRefused as AddressRefused,
    )
    from ._errors import (
        ApiError as ApiError,
    )
    from ._errors import (
        BadRequest as BadRequest,
    )
    from ._errors import (
        CallbackError as CallbackError,
    )
    from ._errors import (
        Conflict as Conflict,
    )
    from ._errors import (
        ConnectFailed as ConnectFailed,
    )
    from ._errors import (
        ConnectionLost as ConnectionLost,
    )
    from ._errors import (
        DownloadTooLarge as DownloadTooLarge,
    )
    from ._errors import (
        FileChanged as FileChanged,
    )
    from ._errors import (
        InsufficientCredit as InsufficientCredit,
    )
    from ._errors import (
        InvalidArgument as InvalidArgument,
    )
    from ._errors import (
        NotFound as NotFound,
    )
    from ._errors import (
        OutcomeUnknown as OutcomeUnknown,
    )
    from ._errors import (
        PermissionDenied as PermissionDenied,
    )
    from ._errors import (
        RateLimited as RateLimited,
    )
    from ._errors import (
        RedirectRefused as RedirectRefused,
    )
    from ._errors import (
        RequestTimeout as RequestTimeout,
    )
    from ._errors import (
        RunflowError as RunflowError,
    )
    from ._errors import (
        SendFailed as SendFailed,
    )
    from ._errors import (
        ServerError as ServerError,
    )
    from ._errors import (
        StorageRefused as StorageRefused,
    )
    from ._errors import (
        TransportError as TransportError,
    )
    from ._errors import (
        Unauthorized as Unauthorized,
    )
    from ._errors import (
        UnreadableAnswer as UnreadableAnswer,
    )
    from ._errors import (
        ValidationFailed as ValidationFailed,
    )
    from ._errors import (
        WrongContent as WrongContent,
    )
    from ._estimate import (
        Estimate as Estimate,
    )
    from ._estimate import (
        MaxCostExceeded as MaxCostExceeded,
    )
    from ._estimate import (
        estimate as estimate,
    )
    from ._flows.create_run import (
        CreateOptions as CreateOptions,
    )
    from ._flows.poll import (
        PollSchedule as PollSchedule,
    )
    from ._flows.retry import (
        RetryPolicy as RetryPolicy,
    )
    from ._models.asset import (
        Asset as Asset,
    )
    from ._models.batch import (
        Batch as Batch,
    )
    from ._models.evaluation import (
        Evaluation as Evaluation,
    )
    from ._outcome_errors import (
        BatchCanceled as BatchCanceled,
    )
    from ._outcome_errors import (
        BatchFailed as BatchFailed,
    )
    from ._outcome_errors import (
        EvaluationFailed as EvaluationFailed,
    )
    from ._outcome_errors import (
        RunCanceled as RunCanceled,
    )
    from ._outcome_errors import (
        RunError as RunError,
    )
    from ._outcome_errors import (
        RunFailed as RunFailed,
    )
    from ._outcome_errors import (
        WaitTimeout as WaitTimeout,
    )
    from ._responses import (
        Page as Page,
    )
    from ._sync.artifact import (
        Artifact as Artifact,
    )
    from ._sync.client import (
        Runflow as Runflow,
    )
    from ._sync.handle import (
        Handle as Handle,
    )
    from ._sync.handle import (
        RunHandle as RunHandle,
    )
    from ._sync.run import (
        Run as Run,
    )
    from ._typed_inputs.base import (
        ModelInput as ModelInput,
    )
    from ._typed_inputs.base import (
        UnknownInput as UnknownInput,
    )
else:
    _PACKAGES = ("callbacks", "errors", "inputs", "testing")
    _NAMES = {
        "_async.artifact": "AsyncArtifact",
        "_async.client": "AsyncRunflow",
        "_async.handle": "AsyncHandle AsyncRunHandle",
        "_async.run": "AsyncRun",
        "_errors": (
            "AddressRefused ApiError BadRequest CallbackError Conflict ConnectFailed "
            "ConnectionLost DownloadTooLarge FileChanged InsufficientCredit InvalidArgument "
            "NotFound OutcomeUnknown PermissionDenied RateLimited RedirectRefused "
            "RequestTimeout RunflowError SendFailed ServerError StorageRefused TransportError "
            "Unauthorized UnreadableAnswer ValidationFailed WrongContent"
        ),
        "_estimate": "Estimate MaxCostExceeded estimate",
        "_flows.create_run": "CreateOptions",
        "_flows.poll": "PollSchedule",
        "_flows.retry": "RetryPolicy",
        "_models.asset": "Asset",
        "_models.batch": "Batch",
        "_models.evaluation": "Evaluation",
        "_outcome_errors": (
            "BatchCanceled BatchFailed EvaluationFailed RunCanceled RunError RunFailed WaitTimeout"
        ),
        "_responses": "Page",
        "_sync.artifact": "Artifact",
        "_sync.client": "Runflow",
        "_sync.handle": "Handle RunHandle",
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
