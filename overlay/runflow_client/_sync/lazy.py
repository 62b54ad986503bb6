# Generated from _async/lazy.py by `make generate`. Edit that file.
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
    from .._time import Clock as Clock
    from .._transport.driver import Listener as Listener
    from .._transport.generated_client import Api as Api
    from .._transport.httpx2_client import HttpClient as HttpClient
    from .._typed_inputs.base import ModelInput as ModelInput
    from ..callbacks._wakeup import Wakeup as Wakeup
    from .account import Account as Account
    from .assets import Assets as Assets
    from .batches import Batches as Batches
    from .callbacks import Callbacks as Callbacks
    from .evaluations import Evaluations as Evaluations
    from .handle import RunHandle as RunHandle
    from .models import Models as Models
    from .run import Run as Run
    from .runs import Runs as Runs
    from .workflows import Workflows as Workflows

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
        ".._time": "Clock",
        ".._transport.driver": "Listener",
        ".._transport.generated_client": "Api",
        ".._transport.httpx2_client": "HttpClient",
        ".._typed_inputs.base": "ModelInput",
        "..callbacks._wakeup": "Wakeup",
        ".account": "Account",
        ".assets": "Assets",
        ".batches": "Batches",
        ".callbacks": "Callbacks",
        ".evaluations": "Evaluations",
        ".handle": "RunHandle",
        ".models": "Models",
        ".run": "Run",
        ".runs": "Runs",
        ".workflows": "Workflows",
    }
    _MODULES = {name: module for module, names in _NAMES.items() for name in names.split()}

    def __getattr__(name):
        if name == "RunModel":
            from runflow_api.models.run import Run

            return Run
        if name not in _MODULES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(import_module(_MODULES[name], __package__), name)
