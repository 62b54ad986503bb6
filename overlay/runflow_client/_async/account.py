"""Whose key it is, and what its organization has."""

from decimal import Decimal

from runflow_api.api.account import get_balance, get_current_user
from runflow_api.models.credit_balance import CreditBalance
from runflow_api.models.user_profile import UserProfile

from .._flows.commands import Context
from .._flows.request import request
from .._models.run import read_money
from .._responses import lenient, value_or_none
from .._transport.driver import AsyncDriver


class AsyncAccount:
    """The user of the key, and what the key's organization has."""

    def __init__(self, context: Context, driver: AsyncDriver) -> None:
        self._context = context
        self._driver = driver

    async def balance(self) -> Decimal | None:
        """Return the credit balance in US dollars, None where the server does not say it legibly.

        Raises ApiError and TransportError.
        """
        arguments = get_balance.build_request()
        found = await self._driver.drive(request(self._context, arguments, lenient(CreditBalance)))
        return read_money(value_or_none(found.balance))

    async def user(self) -> UserProfile:
        """Return the user of the key, with every field of the answer: email, name, organizations.

        Raises Unauthorized for a key that the API does not take, PermissionDenied for one without
        the scope, other ApiErrors, and TransportError.
        """
        arguments = get_current_user.build_request()
        return await self._driver.drive(request(self._context, arguments, lenient(UserProfile)))
