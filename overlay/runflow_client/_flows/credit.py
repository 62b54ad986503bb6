"""What a refusal for want of credit says of the balance."""

from typing import Final

from runflow_api.api.account import get_balance
from runflow_api.models.credit_balance import CreditBalance

from .._errors import InsufficientCredit, RunflowError
from .._models.run import read_money
from .._responses import lenient, value_or_none
from .._time import Deadline
from .commands import Context, Flow
from .request import request

BALANCE_TIMEOUT: Final = 5.0
"""Seconds that a refusal for want of credit waits for the balance."""


def note_balance(context: Context, error: InsufficientCredit) -> Flow[None]:
    """Note the balance on the error, if it can be read at once."""
    deadline = Deadline.after(context.now, BALANCE_TIMEOUT)
    try:
        balance = yield from request(
            context.once, get_balance.build_request(), lenient(CreditBalance), deadline=deadline
        )
    except RunflowError:
        return
    error.balance = read_money(value_or_none(balance.balance))
    if error.balance is not None:
        error.add_note(f"The balance is {error.balance} USD.")
