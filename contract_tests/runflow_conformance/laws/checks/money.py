"""Laws of money: the balance pays what runs cost, once; what failed is free; without credit nothing begins."""

from decimal import Decimal

from runflow_api.api.account import get_balance, update_balance
from runflow_api.api.runs import list_runs
from runflow_api.models.credit_balance_update import CreditBalanceUpdate
from runflow_client.statuses import FAILED

from ..invariants import require
from ..target import Target
from ._requests import ended_run, expect_refusal, get_json, ids_of, run_arguments
from .batches import batch_arguments

ENDINGS = ("succeeded", "failed", "partial_succeeded", "canceled", "succeeded")
ONE_HOUR = 3600.0  # seconds


def the_balance_pays_what_runs_cost(target: Target) -> None:
    """Each run that ends takes its cost from the balance, once; one that failed costs nothing, one canceled what ran."""
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


def nothing_begins_without_credit(target: Target) -> None:
    """Without credit a run and a batch are refused with 402, and nothing of them is made."""
    if target.no_credit is None:
        return
    expect_refusal(target.no_credit, run_arguments(target), "without credit", 402)
    expect_refusal(target.no_credit, batch_arguments(target, "a", "b"), "without credit", 402)
    made = ids_of(get_json(target.no_credit, list_runs.build_request()))
    require(not made, f"runs {made} were refused for want of credit and exist")


def a_threshold_moves_no_money(target: Target) -> None:
    """A PATCH of the threshold changes the threshold, and nothing of the money."""
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
    the_balance_pays_what_runs_cost,
    nothing_begins_without_credit,
    a_threshold_moves_no_money,
)
