"""Laws of money: the balance pays what runs cost, once; what failed is free; without credit nothing begins."""

from decimal import Decimal

from runflow_api.api.account import get_balance, update_balance
from runflow_api.api.runs import list_runs
from runflow_api.models.credit_balance_update import CreditBalanceUpdate
from runflow_client.statuses import FAILED

from ..invariants import law
from ..target import Stage
from ._requests import ended_run, ids_of, refused, run_arguments, told
from .batches import batch_arguments

ENDINGS = ("succeeded", "failed", "partial_succeeded", "canceled", "succeeded")
LATER = 3600.0  # seconds


def the_balance_pays_what_runs_cost(stage: Stage) -> None:
    """Each run that ends takes its cost from the balance, once; one that failed costs nothing, one canceled what ran."""
    stage.pass_time(LATER)  # what runs already is paid before
    for ending in ENDINGS if stage.end_next is not None else ("succeeded",):
        before = _balance(stage)
        run = ended_run(stage, ending)
        stage.pass_time(LATER)
        paid, cost = before - _balance(stage), Decimal(run["cost"] or 0)
        label = f"run {run['id']}, which has {run['status_code']},"
        law(paid == cost, f"{label} costs {cost} and took {paid} from the balance")
        law((cost == 0) == (run["status_code"] == FAILED), f"{label} costs {cost}")
        if stage.billed is not None:
            times = stage.billed().count(run["id"])
            law(times == (cost > 0), f"{label} costs {cost} and was billed {times} times")


def nothing_begins_without_credit(stage: Stage) -> None:
    """Without credit a run and a batch are refused with 402, and nothing of them is made."""
    if stage.penniless is None:
        return
    refused(stage.penniless, run_arguments(stage), "without credit", 402)
    refused(stage.penniless, batch_arguments(stage, "a", "b"), "without credit", 402)
    made = ids_of(told(stage.penniless, list_runs.build_request()))
    law(not made, f"runs {made} were refused for want of credit and exist")


def a_threshold_moves_no_money(stage: Stage) -> None:
    """A PATCH of the threshold changes the threshold, and nothing of the money."""
    before = _balance(stage)
    body = CreditBalanceUpdate.from_dict({"low_balance_threshold": 2.5})
    told(stage.http, update_balance.build_request(body=body))
    shown = told(stage.http, get_balance.build_request())
    law(
        Decimal(shown["low_balance_threshold"]) == Decimal("2.5"),
        "the threshold of the balance was not changed",
    )
    law(
        Decimal(shown["balance"]) == before,
        f"a PATCH of the threshold moved the balance to {shown['balance']}",
    )


def _balance(stage: Stage) -> Decimal:
    return Decimal(told(stage.http, get_balance.build_request())["balance"])


CHECKS = (
    the_balance_pays_what_runs_cost,
    nothing_begins_without_credit,
    a_threshold_moves_no_money,
)
