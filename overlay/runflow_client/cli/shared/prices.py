"""Prices, told and asked about before anything is sent."""

from decimal import Decimal
from typing import TYPE_CHECKING

import typer

from .refusals import Refused
from .terminal import Terminal, dollars

if TYPE_CHECKING:
    from ... import Estimate


def explain(found: "Estimate") -> str:
    """Return what the price is made of or, where it is not known, why."""
    if found.amount is not None:
        return f"{dollars(found.amount)}: {found.basis}"
    least = "" if found.at_least is None else f"at least {dollars(found.at_least)}; "
    return f"{least}{found.reason}"


def state(amount: Decimal | None) -> str:
    """Return the end of a sentence about a price, in US dollars; None is one that is not known."""
    return "is not known before" if amount is None else f"is {dollars(amount)}"


def confirm(terminal: Terminal, amount: Decimal | None, question: str) -> None:
    """Ask whether to pay this price. Raises Refused for a no, and where there is no terminal."""
    if not terminal.can_ask:
        raise Refused(
            f"the price {state(amount)}, and there is no terminal to ask in",
            "Give --yes, or --max-cost USD. Nothing was sent.",
        )
    if not typer.confirm(question, err=True):
        raise Refused("nothing was sent")
