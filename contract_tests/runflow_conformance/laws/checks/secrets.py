"""Laws of callback secrets: the value is shown once, later only its prefix."""

from uuid import UUID

from runflow_api.api.webhooks import (
    create_callback_secret,
    get_callback_secret,
    list_callback_secrets,
    update_callback_secret,
)
from runflow_api.models.callback_secret_create import CallbackSecretCreate
from runflow_api.models.callback_secret_update import CallbackSecretUpdate

from ..invariants import require, secrets_are_shown_once
from ..target import Target
from ._requests import Json, ended_run, get_json, items_of

PREFIX = "whsec_"
RETRY_WINDOW = 30.0  # seconds


def only_the_prefix_is_shown_later(target: Target) -> None:
    """A secret starts with whsec_ and is unique. Later only its key_prefix is shown."""
    first, second = _new(target, "first"), _new(target, "second")
    require(first["plain_secret"] != second["plain_secret"], "two callback secrets have one value")
    for made, label in ((first, "first"), (second, "second")):
        plain, shown = (
            made["plain_secret"],
            get_json(target.http, get_callback_secret.build_request(UUID(made["id"]))),
        )
        require(
            plain.startswith(PREFIX), f"callback secret {made['id']} does not begin with {PREFIX}"
        )
        prefix = shown["key_prefix"]
        fits = plain.startswith(prefix) and len(PREFIX) < len(prefix) <= len(plain) // 2
        require(
            fits, f"key_prefix of callback secret {made['id']} is not its beginning, or all of it"
        )
        require(
            shown["label"] == label,
            f"callback secret {made['id']} was labelled {label}, it is {shown['label']}",
        )
        listed = next(one for one in _listed(target) if one["id"] == made["id"])
        require(listed == shown, f"callback secret {made['id']} is another in the list")
    secrets_are_shown_once(target.secret_detector.leaks)


def last_used_at_is_set_by_signing(target: Target) -> None:
    """last_used_at is set when a secret has signed, and not before."""
    signing, resting = _new(target, "signing"), _new(target, "resting")
    body = CallbackSecretUpdate.from_dict({"is_current": True})
    get_json(target.http, update_callback_secret.build_request(UUID(signing["id"]), body=body))
    ended_run(target, callback_url=target.callback_url)
    target.pass_time(RETRY_WINDOW)
    used = {one["id"]: one["last_used_at"] for one in _listed(target)}
    require(
        used[signing["id"]] is not None,
        f"callback secret {signing['id']} has signed, last_used_at is null",
    )
    require(
        used[resting["id"]] is None,
        f"callback secret {resting['id']} has not signed, it was used at {used}",
    )


def _new(target: Target, label: str) -> Json:
    body = CallbackSecretCreate.from_dict({"label": label})
    made = get_json(target.http, create_callback_secret.build_request(body=body))
    target.secret_detector.secrets.append(made["plain_secret"])
    return made


def _listed(target: Target) -> list[Json]:
    items: list[Json] = items_of(
        get_json(target.http, list_callback_secrets.build_request(limit=500))
    )
    return items


CALLBACK_CHECKS = (last_used_at_is_set_by_signing,)
CHECKS = (only_the_prefix_is_shown_later, *CALLBACK_CHECKS)
