"""Money: the balances of organizations, what unfinished runs hold back, and what was billed."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from attrs import define, frozen

from ..contract.answers import Refusal
from .money import decimal_text


@frozen
class LedgerEntry:
    """One billed run: its id, its model's id, and the amount in US dollars."""

    run_id: str
    model_id: str
    amount: Decimal
    organization_id: str
    at: str


@define
class Account:
    """The money of one organization."""

    balance: Decimal
    held: Decimal = Decimal(0)
    low_balance_threshold: Decimal = Decimal(1)
    changed_at: datetime | None = None


class Ledger:
    """Bills each run at most once, and refuses runs that the balance does not cover."""

    def __init__(self, opening_balance: Decimal) -> None:
        self.opening_balance = opening_balance
        self.entries: list[LedgerEntry] = []
        self._accounts: dict[str, Account] = {}
        self._holds: dict[str, tuple[str, Decimal]] = {}
        self._billed: set[str] = set()

    @property
    def accounts(self) -> Mapping[str, Account]:
        """The opened accounts, by organization."""
        return self._accounts

    def restore(self, entry: LedgerEntry) -> None:
        """Put back an entry that was billed before a restart; the balance includes it already."""
        self._billed.add(entry.run_id)
        self.entries.append(entry)

    def account(self, organization_id: str) -> Account:
        """Return the organization's account, opened with the opening balance at the first call."""
        return self._accounts.setdefault(organization_id, Account(self.opening_balance))

    def admit(self, organization_id: str, amount: Decimal) -> None:
        """Raise the 402 if the available credit does not cover the amount, or is zero.

        Available is the balance without what unfinished runs hold back.
        """
        account = self.account(organization_id)
        left = account.balance - account.held
        if left <= 0 or left < amount:
            raise Refusal(
                402,
                f"the credit left is {decimal_text(left)}, this needs {decimal_text(amount)}: "
                "top up the balance",
            )

    def hold(self, organization_id: str, run_id: str, amount: Decimal) -> None:
        """Hold back the most that an unfinished run can cost."""
        self.release(run_id)
        self.account(organization_id).held += amount
        self._holds[run_id] = (organization_id, amount)

    def release(self, run_id: str) -> None:
        """Release what the run holds back."""
        organization_id, amount = self._holds.pop(run_id, ("", Decimal(0)))
        if organization_id:
            self.account(organization_id).held -= amount

    def bill(self, entry: LedgerEntry) -> None:
        """Take the amount from the balance.

        Raise RuntimeError if the run was billed before, which must never happen.
        """
        self.release(entry.run_id)
        if entry.run_id in self._billed:
            raise RuntimeError(f"run {entry.run_id} would be billed twice")
        self.account(entry.organization_id).balance -= entry.amount
        self._billed.add(entry.run_id)
        self.entries.append(entry)
