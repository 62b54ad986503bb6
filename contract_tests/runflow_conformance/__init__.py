"""Check that a client or a deployment follows the document of the Runflow API.

`Tap` is a transport for httpx that validates the traffic of your tests:

    tap = Tap(httpx.HTTPTransport(), strict=True)
    client = Runflow(http_client=httpx.Client(transport=tap))

`check_server` is what the command `runflow-conformance` runs against a deployment. The package
`laws` holds the rules that no schema can express. `python -m runflow_conformance.live` checks
Runflow's own API, read-only.
"""

from typing import TYPE_CHECKING

from runflow_api.lazy import exports

if TYPE_CHECKING:
    from ._findings import ConformanceError as ConformanceError, Finding as Finding
    from ._report.report import Difference as Difference, Report as Report
    from ._schemathesis.runner import CouldNotRun as CouldNotRun
    from ._server import Deployment as Deployment, check_server as check_server
    from ._tap import AsyncTap as AsyncTap, Tap as Tap
    from ._validation.validator import Interaction as Interaction, Validator as Validator

__all__ = [
    "AsyncTap",
    "ConformanceError",
    "CouldNotRun",
    "Deployment",
    "Difference",
    "Finding",
    "Interaction",
    "Report",
    "Tap",
    "Validator",
    "check_server",
]

_load, _ = exports(
    __name__,
    {
        "AsyncTap": "._tap",
        "ConformanceError": "._findings",
        "CouldNotRun": "._schemathesis.runner",
        "Deployment": "._server",
        "Difference": "._report.report",
        "Finding": "._findings",
        "Interaction": "._validation.validator",
        "Report": "._report.report",
        "Tap": "._tap",
        "Validator": "._validation.validator",
        "check_server": "._server",
    },
)


def __getattr__(name: str) -> object:
    try:
        return _load(name)
    except ModuleNotFoundError as error:
        if error.name is None or error.name.startswith("runflow_"):
            raise
        raise ModuleNotFoundError(
            f'{name} needs {error.name}: pip install "runflow-client[conformance]"', name=error.name
        ) from error


def __dir__() -> list[str]:
    return sorted(__all__)
