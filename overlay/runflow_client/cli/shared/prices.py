"""Prices, told and asked about before anything is sent."""

import sys
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
    if not _is_yes(question):
        raise Refused("nothing was sent")


def _is_yes(question: str) -> bool:
    """Ask on stderr until the answer is yes or no; a line that is empty means no.

    typer's own question writes a space to stdout, before the result. Raises Abort for Ctrl-C and
    where no answer comes any more.
    """
    while True:
        print(f"{question} [y/N]: ", end="", file=sys.stderr, flush=True)
        try:
            line = sys.stdin.readline()
        except KeyboardInterrupt:
            line = ""
        if not line:
            print(file=sys.stderr)
            raise typer.Abort
        answer = line.strip().lower()
        if answer in ("y", "yes"):
            return True
        if answer in ("n", "no", ""):
            return False
