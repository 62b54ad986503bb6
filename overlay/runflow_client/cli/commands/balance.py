"""`runflow balance`: the credit balance."""

import typer

from ..shared.command import command, new_app, terminal_of
from ..shared.session import connect
from ..shared.terminal import dollars

app = new_app("Show the credit balance in US dollars.")


@command(app, "runflow balance", "runflow balance --json")
def balance(ctx: typer.Context) -> None:
    """Show the credit balance in US dollars."""
    with connect() as client:
        amount = client.account.balance()
    told = "the API did not say it" if amount is None else dollars(amount)
    terminal_of(ctx).result({"balance": amount, "currency": "USD"}, [told])
