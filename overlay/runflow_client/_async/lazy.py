"""The names in the client's annotations, each loaded when it is first asked for.

The client's module loads none of them itself, so that importing it stays cheap, and still
`typing.get_type_hints` and what builds on it can resolve them: `lazy.RetryPolicy` imports it.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from runflow_api.models.run import Run as RunModel

    from .._estimate import Estimate as Estimate
    from .._flows.commands import Progress as Progress
    from .._flows.create_run import Create as Create, OnUnknownOutcome as OnUnknownOutcome
    from .._flows.poll import PollSchedule as PollSchedule
    from .._flows.retry import RetryPolicy as RetryPolicy
    from .._flows.runs import RunFlows as RunFlows
    from .._flows.upload import AssetFlows as AssetFlows
    from .._time import AsyncClock as AsyncClock
    from .._transport.driver import AsyncListener as AsyncListener
    from .._transport.generated_client import AsyncApi as AsyncApi
    from .._transport.httpx2_client import AsyncHttpClient as AsyncHttpClient
    from .._typed_inputs.base import ModelInput as ModelInput
    from ..callbacks._wakeup import Wakeup as Wakeup
    from .account import AsyncAccount as AsyncAccount
    from .assets import AsyncAssets as AsyncAssets
    from .batches import AsyncBatches as AsyncBatches
    from .callbacks import AsyncCallbacks as AsyncCallbacks
    from .evaluations import AsyncEvaluations as AsyncEvaluations
    from .handle import AsyncRunHandle as AsyncRunHandle
    from .models import AsyncModels as AsyncModels
    from .run import AsyncRun as AsyncRun
    from .runs import AsyncRuns as AsyncRuns
    from .workflows import AsyncWorkflows as AsyncWorkflows

    __all__ = ("RunModel",)
else:
    _NAMES = {
        ".._estimate": "Estimate",
        ".._flows.create_run": "Create OnUnknownOutcome",
        ".._flows.commands": "Progress",
        ".._flows.poll": "PollSchedule",
        ".._flows.retry": "RetryPolicy",
        ".._flows.runs": "RunFlows",
        ".._flows.upload": "AssetFlows",
        ".._time": "AsyncClock",
        ".._transport.driver": "AsyncListener",
        ".._transport.generated_client": "AsyncApi",
        ".._transport.httpx2_client": "AsyncHttpClient",
        ".._typed_inputs.base": "ModelInput",
        "..callbacks._wakeup": "Wakeup",
        ".account": "AsyncAccount",
        ".assets": "AsyncAssets",
        ".batches": "AsyncBatches",
        ".callbacks": "AsyncCallbacks",
        ".evaluations": "AsyncEvaluations",
        ".handle": "AsyncRunHandle",
        ".models": "AsyncModels",
        ".run": "AsyncRun",
        ".runs": "AsyncRuns",
        ".workflows": "AsyncWorkflows",
    }
    _MODULES = {name: module for module, names in _NAMES.items() for name in names.split()}

    def __getattr__(name):
        if name == "RunModel":
            from runflow_api.models.run import Run

            return Run
        if name not in _MODULES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(import_module(_MODULES[name], __package__), name)
