"""The rules of the API that no schema can express, and the checks that try them on a server.

    with deployed_target(base_url, api_key, settle=30.0) as target:
        results = run_laws(target)
    assert not results.findings

`CHECKS` are functions that take a Target and raise LawViolation.
"""

from .callback_receiver import CallbackReceiver, ReceivedCallback
from .checks import CALLBACK_CHECKS, CHECKS
from .deployment import deployed_target
from .invariants import LawViolation
from .runner import LawResults, law_name, run_laws
from .target import SecretDetector, Target, TargetClock, raw_client

__all__ = [
    "CALLBACK_CHECKS",
    "CHECKS",
    "CallbackReceiver",
    "LawResults",
    "LawViolation",
    "ReceivedCallback",
    "SecretDetector",
    "Target",
    "TargetClock",
    "deployed_target",
    "law_name",
    "raw_client",
    "run_laws",
]


def __dir__() -> list[str]:
    return sorted(__all__)
