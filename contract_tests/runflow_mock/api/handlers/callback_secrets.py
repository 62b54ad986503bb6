"""The secrets that sign callbacks.

The full value is in the answer to its creation only. One secret of an organization is current.
"""

from ...contract.answers import Reply
from ...contract.json_types import JsonObject, public
from ...state.clock import api_instant
from ..calls import Call, handles
from ..lists import page

SECRET_PREFIX = "whsec_"
PREFIX_LENGTH = 12


@handles("list_callback_secrets", "GET", "/v1/callback-secrets", scope="callback-secrets:read")
def list_callback_secrets(call: Call) -> JsonObject:
    """Return a page of the organization's secrets, without their values."""
    return page(call.owned(call.state.secrets), call.query)


@handles("create_callback_secret", "POST", "/v1/callback-secrets", scope="callback-secrets:create")
def create_callback_secret(call: Call) -> JsonObject:
    """Make a secret and return its value, this one time.

    The first secret of an organization becomes the current one.
    """
    plain = call.state.identifiers.secret(SECRET_PREFIX)
    created = api_instant(call.now)
    row: JsonObject = {
        "id": call.state.identifiers.new(call.now),
        "org_id": call.organization_id,
        "key_prefix": plain[:PREFIX_LENGTH],
        "is_current": call.simulation.callbacks.current_secret(call.organization_id) is None,
        "label": call.fields.get("label"),
        "disabled_at": None,
        "last_used_at": None,
        "created_at": created,
        "updated_at": created,
        "_plain": plain,
    }
    call.state.secrets.put(row)
    return {"plain_secret": plain, **public(row)}


@handles("get_callback_secret", "GET", "/v1/callback-secrets/{id}", scope="callback-secrets:read")
def get_callback_secret(call: Call) -> JsonObject:
    """Return one secret, without its value."""
    return public(_own_secret(call))


@handles(
    "update_callback_secret", "PATCH", "/v1/callback-secrets/{id}", scope="callback-secrets:edit"
)
def update_callback_secret(call: Call) -> JsonObject:
    """Rename the secret, or make it the current one in place of the one that was."""
    row = _own_secret(call)
    changes = call.fields
    if "label" in changes:
        row["label"] = changes["label"]
    if changes.get("is_current") is True:
        for other in call.owned(call.state.secrets):
            if other["is_current"]:
                call.state.secrets.put({**other, "is_current": False})
        row = {**row, "is_current": True}
    elif changes.get("is_current") is False:
        row["is_current"] = False
    row["updated_at"] = api_instant(call.now)
    return public(call.state.secrets.put(row))


@handles(
    "delete_callback_secret", "DELETE", "/v1/callback-secrets/{id}", scope="callback-secrets:delete"
)
def delete_callback_secret(call: Call) -> Reply:
    """Delete the secret.

    After the current one, callbacks are unsigned until another one is made current.
    """
    call.state.secrets.delete(_own_secret(call)["id"])
    return Reply()


def _own_secret(call: Call) -> JsonObject:
    return call.own(call.state.secrets, call.path_values[0], "callback secret")
