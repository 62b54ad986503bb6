"""The caller, and the balance of its organization."""

from decimal import Decimal

from ...contract.identifiers import named_id
from ...contract.json_types import JsonObject
from ...state.clock import STEPPED_START, api_instant
from ...state.money import decimal_text
from ..calls import Call, handles
from ..lists import embeds_of

ALL_SCOPES = (
    "runs:create",
    "runs:read",
    "runs:execute",
    "assets:create",
    "assets:read",
    "assets:edit",
)


@handles("get_current_user", "GET", "/v1/auth/me")
def get_current_user(call: Call) -> JsonObject:
    """Return the profile behind the key, with the memberships if the query embeds them."""
    scopes = call.key.scopes if call.key is not None else None
    organization: JsonObject = {
        "id": call.organization_id,
        "name": "Mock",
        "slug": "mock",
        "plan_code": "free",
    }
    memberships = [
        {
            "org": organization,
            "role_code": "owner",
            "scopes": sorted(ALL_SCOPES if scopes is None else scopes),
        }
    ]
    return {
        "id": named_id("user", call.organization_id),
        "email": "developer@example.com",
        "first_name": "Mock",
        "last_name": "Developer",
        "avatar_url": None,
        "timezone": "UTC",
        "locale_code": "en",
        "email_verified_at": api_instant(STEPPED_START),
        "memberships": memberships if "memberships" in embeds_of(call.query) else None,
    }


@handles("get_balance", "GET", "/v1/billing/balance", scope="credit_balance:read")
def get_balance(call: Call) -> JsonObject:
    """Return the balance of the organization."""
    return _balance_row(call)


def _balance_row(call: Call) -> JsonObject:
    account = call.state.ledger.account(call.organization_id)
    changed = api_instant(account.changed_at or STEPPED_START)
    return {
        "id": named_id("balance", call.organization_id),
        "org_id": call.organization_id,
        "balance": decimal_text(account.balance),
        "low_balance_threshold": decimal_text(account.low_balance_threshold),
        "low_balance_notified_at": None,
        "created_at": api_instant(STEPPED_START),
        "updated_at": changed,
    }


@handles("update_balance", "PATCH", "/v1/billing/balance", scope="credit_balance:edit")
def update_balance(call: Call) -> JsonObject:
    """Set the balance below which Runflow warns the organization."""
    account = call.state.ledger.account(call.organization_id)
    threshold = call.fields.get("low_balance_threshold")
    if threshold is not None:
        account.low_balance_threshold = Decimal(str(threshold))
        account.changed_at = call.now
    return _balance_row(call)
