"""The API keys that the server accepts, and what each may do."""

import uuid
from collections.abc import Iterable, Iterator
from decimal import Decimal

from attrs import field, frozen

from ..contract.answers import Refusal
from ..contract.identifiers import named_id
from .ledger import Ledger
from .money import read_balance

DEFAULT_KEY = "rf_live_mock_key_for_local_use_only"
DEFAULT_ORGANIZATION = named_id("organization", "default")


@frozen
class ApiKey:
    """One accepted key.

    `scopes` None allows everything; `organizations` None allows any organization.
    """

    key: str = field(repr=False)
    organization_id: str = DEFAULT_ORGANIZATION
    scopes: frozenset[str] | None = None
    organizations: frozenset[str] | None = None

    def describe(self) -> dict[str, str | list[str] | None]:
        """Return the arguments of `Keys.add` that make this key."""
        return {
            "key": self.key,
            "organization_id": self.organization_id,
            "scopes": None if self.scopes is None else sorted(self.scopes),
            "organizations": None if self.organizations is None else sorted(self.organizations),
        }

    def require(self, scope: str | None) -> None:
        """Raise the 403 if the key lacks the scope (`runs:create`; `runs:*` and `*` cover it)."""
        if scope is None or self.scopes is None:
            return
        if not self.scopes & {scope, "*", scope.partition(":")[0] + ":*"}:
            raise Refusal(403, f"this key lacks the scope {scope}")

    def acting_for(self, requested: str | None) -> str:
        """Return the organization that a request acts for.

        Raise the 403 if the key does not belong to it.
        """
        if requested is None:
            return self.organization_id
        try:
            organization_id = str(uuid.UUID(requested))
        except ValueError:
            organization_id = ""
        if organization_id and (
            self.organizations is None or organization_id in self.organizations
        ):
            return organization_id
        raise Refusal(
            403,
            "the key does not belong to the organization of X-Organization-Id",
            code="ORGANIZATION_MEMBERSHIP_REQUIRED",
        )


class Keys:
    """The accepted keys. Any other gets a 401."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._keys: dict[str, ApiKey] = {}
        self.add(DEFAULT_KEY)

    def add(
        self,
        key: str,
        *,
        scopes: Iterable[str] | None = None,
        balance: Decimal | float | str | None = None,
        organization_id: str | None = None,
        organizations: Iterable[str] | None = None,
    ) -> ApiKey:
        """Accept a key and return it.

        With a balance and without an organization, the key gets its own organization. Organizations
        are UUIDs. Raise TypeError for a text where a list of them is meant, ValueError for what is
        no balance or no UUID.
        """
        allowed, others = _texts("scopes", scopes), _texts("organizations", organizations)
        if organization_id is not None:
            organization_id = _uuid("organization_id", organization_id)
        elif balance is None:
            organization_id = DEFAULT_ORGANIZATION
        else:
            organization_id = named_id("organization", key)
        members = (
            None
            if others is None
            else frozenset({organization_id, *(_uuid("organizations", one) for one in others)})
        )
        if balance is not None:
            self._ledger.account(organization_id).balance = read_balance(balance)
        accepted = ApiKey(key, organization_id, allowed, members)
        self._keys[key] = accepted
        return accepted

    def __iter__(self) -> Iterator[ApiKey]:
        return iter(list(self._keys.values()))

    def remove(self, key: str) -> None:
        """Stop to accept the key."""
        self._keys.pop(key, None)

    def authenticate(self, authorization: str | None) -> ApiKey:
        """Return the key of an Authorization header.

        Raise the 401 if the header is missing or the key is not accepted.
        """
        scheme, _, token = (authorization or "").partition(" ")
        key = self._keys.get(token.strip()) if scheme.lower() == "bearer" else None
        if key is None:
            message = (
                "the API key is not accepted"
                if authorization
                else "no API key: send Authorization: Bearer <key>"
            )
            raise Refusal(401, message, headers={"WWW-Authenticate": "Bearer"})
        return key


def _texts(name: str, texts: Iterable[str] | None) -> frozenset[str] | None:
    """Return the texts. Raise TypeError for anything else: the characters of one are not meant."""
    if texts is None:
        return None
    found: list[object] = [*texts]
    if isinstance(texts, str) or not all(isinstance(one, str) for one in found):
        raise TypeError(f"{name} is {texts!r}: expected a list of texts")
    return frozenset(map(str, found))


def _uuid(name: str, text: str) -> str:
    """Return the UUID as answers write it, in lower case. Raise ValueError for any other text."""
    try:
        return str(uuid.UUID(text))
    except (ValueError, AttributeError, TypeError):
        raise ValueError(f"{name} is {text!r}: expected a UUID") from None
