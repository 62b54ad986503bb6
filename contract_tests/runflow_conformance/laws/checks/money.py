"""Laws of money: runs cost once, failed runs cost nothing, and nothing runs without credit."""

from decimal import Decimal

from runflow_api.api.account import get_balance, update_balance
from runflow_api.api.runs import list_runs
from runflow_api.models.credit_balance_update import CreditBalanceUpdate
from runflow_client._models.statuses import FAILED

from ..invariants import require
from ..target import Target
from ._requests import ended_run, expect_refusal, get_json, ids_of, run_arguments
from .batches import batch_arguments

ENDINGS = ("succeeded", "failed", "partial_succeeded", "canceled", "succeeded")
ONE_HOUR = 3600.0  # seconds


def the_balance_pays_for_runs(target: Target) -> None:
    """The cost of a run is taken from the balance once. A failed run costs nothing."""
    target.pass_time(ONE_HOUR)  # what runs already is paid before
    for ending in ENDINGS if target.end_next is not None else ("succeeded",):
        before = _balance(target)
        run = ended_run(target, ending)
        target.pass_time(ONE_HOUR)
        paid, cost = before - _balance(target), Decimal(run["cost"] or 0)
        label = f"run {run['id']}, which has {run['status_code']},"
        require(paid == cost, f"{label} costs {cost} and took {paid} from the balance")
        require((cost == 0) == (run["status_code"] == FAILED), f"{label} costs {cost}")
        if target.billed_runs is not None:
            times = target.billed_runs().count(run["id"])
            require(times == (cost > 0), f"{label} costs {cost} and was billed {times} times")


def nothing_starts_without_credit(target: Target) -> None:
    """Without credit, runs and batches are refused with 402 and not created."""
    if target.no_credit is None:
        return
    expect_refusal(target.no_credit, run_arguments(target), "without credit", 402)
    expect_refusal(target.no_credit, batch_arguments(target, "a", "b"), "without credit", 402)
    made = ids_of(get_json(target.no_credit, list_runs.build_request()))
    require(not made, f"runs {made} were refused for lack of credit and exist")


def the_threshold_does_not_change_the_balance(target: Target) -> None:
    """A PATCH of the low-balance threshold does not change the balance."""
    before = _balance(target)
    body = CreditBalanceUpdate.from_dict({"low_balance_threshold": 2.5})
    get_json(target.http, update_balance.build_request(body=body))
    shown = get_json(target.http, get_balance.build_request())
    require(
        Decimal(shown["low_balance_threshold"]) == Decimal("2.5"),
        "the threshold of the balance was not changed",
    )
    require(
        Decimal(shown["balance"]) == before,
        f"a PATCH of the threshold moved the balance to {shown['balance']}",
    )


def _balance(target: Target) -> Decimal:
    return Decimal(get_json(target.http, get_balance.build_request())["balance"])


CHECKS = (
    the_balance_pays_for_runs,
    nothing_starts_without_credit,
    the_threshold_does_not_change_the_balance,
)
