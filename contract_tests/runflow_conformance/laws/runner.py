"""Tries the laws one after the other on a target; violations become findings."""

import time
from collections.abc import Callable
from contextlib import suppress

from attrs import frozen
from runflow_client._redaction import redact

from .._findings import Finding
from .checks import CALLBACK_CHECKS, CHECKS
from .checks.webhooks import forget_webhooks
from .invariants import LawViolation
from .target import Target

RULE = "law"


@frozen
class LawResults:
    """The names of the laws that were tried, the findings, and notes on what was left out."""

    laws: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    notes: tuple[str, ...] = ()


def run_laws(
    target: Target,
    seconds: float | None = None,
    progress: Callable[[str], object] = lambda _: None,
    can_spend: Callable[[], bool] = lambda: True,
) -> LawResults:
    """Try each law that the target allows.

    No further law is started after `seconds`, or once `can_spend` says no. `progress` gets a line
    for each law before it is tried.
    """
    began = time.monotonic()
    laws: list[str] = []
    findings: list[Finding] = []
    possible = [
        check for check in CHECKS if target.callback_url is not None or check not in CALLBACK_CHECKS
    ]
    notes = (
        []
        if len(possible) == len(CHECKS)
        else ["Laws of callbacks were not tried: only a deployment on this machine can call back."]
    )
    for check in possible:
        if seconds is not None and time.monotonic() - began > seconds:
            notes.append(f"The time budget ended after {len(laws)} of {len(possible)} laws.")
            break
        if not can_spend():
            notes.append(f"The budget was used up after {len(laws)} of {len(possible)} laws.")
            break
        laws.append(law_name(check))
        progress(f"[{len(laws)}/{len(possible)}] {laws[-1]}")
        violation = _violation(check, target)
        if violation is not None:
            with suppress(Exception):  # what it says of this server is said already
                forget_webhooks(target)
            text = redact(violation)
            findings.append(
                Finding(
                    operation=laws[-1], rule=RULE, where=_statement(check), pointer="", what=text
                )
            )
    return LawResults(tuple(laws), tuple(findings), tuple(notes))


def law_name(check: Callable[[Target], None]) -> str:
    """Return the law's name: `law of runs: an ended run is complete`."""
    return f"law of {check.__module__.rpartition('.')[2]}: {check.__name__.replace('_', ' ')}"


def _violation(check: Callable[[Target], None], target: Target) -> str | None:
    try:
        check(target)
    except LawViolation as violation:
        return str(violation)
    except Exception as error:  # laws read responses as documented: an error is the server's
        return f"could not be tried to the end: {type(error).__name__}: {error}"
    return None


def _statement(check: Callable[[Target], None]) -> str:
    return " ".join((check.__doc__ or "").partition("\n\n")[0].split())
