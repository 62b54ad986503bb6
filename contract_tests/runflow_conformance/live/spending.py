"""Runs for money on the live API: few, of the cheapest models, through our own client, never more than was allowed."""

from collections.abc import Mapping
from decimal import ROUND_UP, Decimal
from typing import Any

from attrs import frozen
from runflow_client import Run, Runflow, RunflowError, estimate
from runflow_mock.catalog import Catalog

from ..laws.invariants import LawViolation, RunHistory

CREATE_RUN = "POST /v1/models/{owner}/{slug}/runs"
MAX_RUNS = 3
RUN_TIMEOUT = 600.0  # seconds
MICRODOLLAR = Decimal("0.000001")  # what the API rounds a cost to
PROMPT = "A plain grey square"
SIZE = {
    "width": 512,
    "height": 512,
}  # pixels: small, and known beforehand where the megapixel has the price


@frozen
class Purchase:
    """A run that may be made: the model, its input, and what it costs in US dollars by the catalog."""

    model: str
    input: Mapping[str, Any]
    price: Decimal


def affordable(allowance: Decimal) -> list[Purchase]:
    """Return the cheapest runs that fit into the allowance together, at most MAX_RUNS, of one model each."""
    chosen: list[Purchase] = []
    for purchase in sorted(_offers(), key=lambda offer: (offer.price, offer.model)):
        spent = sum((one.price for one in chosen), Decimal(0))
        if len(chosen) < MAX_RUNS and spent + purchase.price <= allowance:
            chosen.append(purchase)
    return chosen


def buy(client: Runflow, purchases: list[Purchase]) -> list[str]:
    """Make the runs one after the other, follow each to its end, and return what went against the laws of a run.

    Stops at the first run that costs more than the catalog says.
    """
    against: list[str] = []
    for purchase in purchases:
        seen = RunHistory()
        try:
            handle = client.submit(purchase.model, purchase.input, max_cost=purchase.price)
            for run in handle.updates(RUN_TIMEOUT):
                seen.record(run)
            last = handle.refresh()
            seen.record(last)
        except (LawViolation, RunflowError) as problem:
            against.append(f"{purchase.model}: {type(problem).__name__}: {problem}")
            continue
        if _too_dear(last, purchase):
            against.append(
                f"{purchase.model}: run {last.id} cost {last.cost}, the catalog says {purchase.price}"
            )
            break
    return against


def _too_dear(run: Run, purchase: Purchase) -> bool:
    return run.cost is not None and run.cost > purchase.price


def _offers() -> list[Purchase]:
    """Return every model that makes a picture of a prompt alone, with a price that is certain beforehand."""
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
        told = estimate(model.model_id, values)
        if told.amount is not None and told.amount > 0:
            offers.append(
                Purchase(model.model_id, values, told.amount.quantize(MICRODOLLAR, ROUND_UP))
            )
    return offers
