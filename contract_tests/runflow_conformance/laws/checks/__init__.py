"""The laws by subject. Each check makes a short sequence of calls on a Target.

A check raises LawViolation if the law does not hold. Its docstring is the law in words: reports
print it. `CHECKS` lists the checks of a module.
"""

from collections.abc import Callable
from typing import Final

from ..target import Target
from . import (
    assets,
    batch_rules,
    batches,
    callbacks,
    catalog,
    completeness,
    evaluations,
    idempotency,
    input_files,
    lists,
    money,
    organizations,
    refusals,
    removal,
    run_details,
    runs,
    secrets,
    webhooks,
)

SUBJECTS: Final = (
    *(
        runs,
        run_details,
        lists,
        batches,
        batch_rules,
        callbacks,
        secrets,
        webhooks,
        evaluations,
        money,
        idempotency,
    ),
    *(assets, input_files, removal, organizations, refusals, catalog, completeness),
)
CHECKS: Final[tuple[Callable[[Target], None], ...]] = tuple(
    check for subject in SUBJECTS for check in subject.CHECKS
)
CALLBACK_CHECKS: Final[tuple[Callable[[Target], None], ...]] = tuple(
    check
    for subject in (callbacks, batch_rules, secrets, webhooks, evaluations, completeness)
    for check in subject.CALLBACK_CHECKS
)
"""Checks that need a server that can call back."""

__all__ = ["CHECKS", "CALLBACK_CHECKS", "SUBJECTS"]
