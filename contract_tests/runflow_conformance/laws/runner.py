"""The laws of single resources, tried one after the other on a deployment; what is broken, as findings."""

import time
from collections.abc import Callable

from attrs import frozen
from runflow_client.redaction import redact

from .._findings import Finding
from .checks import CALLBACK_CHECKS, CHECKS
from .invariants import LawViolation
from .target import Target

RULE = "law"


@frozen
class LawResults:
    """The laws that were tried, in order, what was found, and what to know besides."""

    laws: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    notes: tuple[str, ...] = ()


def run_laws(target: Target, seconds: float | None = None) -> LawResults:
    """Try each law that the target lets try. When the `seconds` are over, no further one is begun."""
    began = time.monotonic()
    laws: list[str] = []
    findings: list[Finding] = []
    possible = [
        check for check in CHECKS if target.callback_url is not None or check not in CALLBACK_CHECKS
    ]
    notes = (
        []
        if len(possible) == len(CHECKS)
        else ["Laws of callbacks were not tried: a deployment elsewhere cannot call here."]
    )
    for check in possible:
        if seconds is not None and time.monotonic() - began > seconds:
            notes.append(f"The time budget ended the laws after {len(laws)} of {len(possible)}.")
            break
        laws.append(law_name(check))
        broken = _broken(check, target)
        if broken is not None:
            text = redact(broken)
            findings.append(
                Finding(operation=laws[-1], rule=RULE, where=_says(check), pointer="", what=text)
            )
    return LawResults(tuple(laws), tuple(findings), tuple(notes))


def law_name(check: Callable[[Target], None]) -> str:
    """Return the law's name: `law of runs: ends whole`."""
    return f"law of {check.__module__.rpartition('.')[2]}: {check.__name__.replace('_', ' ')}"


def _broken(check: Callable[[Target], None], target: Target) -> str | None:
    try:
        check(target)
    except LawViolation as broken:
        return str(broken)
    except (
        Exception
    ) as problem:  # a law reads answers as the document promises them: what it dies of is an answer
        return f"could not be tried to its end: {type(problem).__name__}: {problem}"
    return None


def _says(check: Callable[[Target], None]) -> str:
    return (check.__doc__ or "").partition("\n")[0]
