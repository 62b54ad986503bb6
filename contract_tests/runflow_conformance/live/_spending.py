"""Makes a few of the cheapest runs on the live API, within an allowance."""

from collections.abc import Mapping
from decimal import ROUND_UP, Decimal
from typing import Any

from attrs import define, field, frozen
from runflow_client import Run, Runflow, RunflowError, estimate
from runflow_mock.simulation.catalog import Catalog

from ..laws.invariants import LawViolation, RunHistory
from ._guard import GuardRefusal

CREATE_RUN = "POST /v1/models/{owner}/{slug}/runs"
MAX_RUNS = 3
RUN_TIMEOUT = 600.0  # seconds
MICRODOLLAR = Decimal("0.000001")  # the API rounds costs to it
PROMPT = "A plain grey square"
SIZE = {
    "width": 512,
    "height": 512,
}  # pixels: small, and makes a price per megapixel certain


@frozen
class Purchase:
    """A run to make: the model, its input, and its price in US dollars by the catalog."""

    model: str
    input: Mapping[str, Any]
    price: Decimal


def affordable(allowance: Decimal) -> list[Purchase]:
    """Return the cheapest runs that fit into the allowance: at most MAX_RUNS, one per model."""
    chosen: list[Purchase] = []
    for purchase in sorted(_offers(), key=lambda offer: (offer.price, offer.model)):
        spent = sum((one.price for one in chosen), Decimal(0))
        if len(chosen) < MAX_RUNS and spent + purchase.price <= allowance:
            chosen.append(purchase)
    return chosen


@define
class Bought:
    """The runs that were made, the laws that were violated, and why no more was sent if so."""

    made: list[Purchase] = field(factory=list[Purchase])
    violations: list[str] = field(factory=list[str])
    refusal: str | None = None


def buy(client: Runflow, purchases: list[Purchase]) -> Bought:
    """Make the runs one after the other and wait for each.

    Stop at the first run that costs more than the catalog says, and where the guard refuses a
    request: that violates no law.
    """
    bought = Bought()
    for purchase in purchases:
        history = RunHistory()
        try:
            handle = client.submit(purchase.model, purchase.input, max_cost=purchase.price)
            bought.made.append(purchase)
            for run in handle.updates(RUN_TIMEOUT):
                history.record(run)
            last = handle.refresh()
            history.record(last)
        except (LawViolation, RunflowError) as problem:
            if isinstance(problem.__cause__, GuardRefusal):
                bought.refusal = str(problem.__cause__)
                break
            bought.violations.append(f"{purchase.model}: {type(problem).__name__}: {problem}")
            continue
        if _costs_more(last, purchase):
            bought.violations.append(
                f"{purchase.model}: run {last.id} cost {last.cost}, "
                f"not {purchase.price} as in the catalog"
            )
            break
    return bought


def _costs_more(run: Run, purchase: Purchase) -> bool:
    return run.cost is not None and run.cost > purchase.price


def _offers() -> list[Purchase]:
    """Return a run for each image model that needs only a prompt and has a certain price."""
    offers: list[Purchase] = []
    for model in Catalog():
        values: dict[str, Any] = {"prompt": PROMPT}
        types = {entry.name: entry.type for entry in model.inputs}
        if (
            model.output_kind != "image"
            or "prompt" not in types
            or any("image_url" in name for name in types)
        ):
            continue
        if "object" in types.get("image_size", ""):
            values["image_size"] = SIZE
        estimated = estimate(model.model_id, values)
        if estimated.amount is not None and estimated.amount > 0:
            offers.append(
                Purchase(model.model_id, values, estimated.amount.quantize(MICRODOLLAR, ROUND_UP))
            )
    return offers
