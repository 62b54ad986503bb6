"""Laws of callback secrets: the value is shown once, known by its beginning afterwards, and one is used when it signs."""

from uuid import UUID

from runflow_api.api.webhooks import (
    create_callback_secret,
    get_callback_secret,
    list_callback_secrets,
    update_callback_secret,
)
from runflow_api.models.callback_secret_create import CallbackSecretCreate
from runflow_api.models.callback_secret_update import CallbackSecretUpdate

from ..invariants import law, no_secret_shown_again
from ..target import Stage
from ._requests import Json, ended_run, items_of, told

PREFIX = "whsec_"
RETRIES = 30.0  # seconds


def is_known_by_its_beginning(stage: Stage) -> None:
    """A new secret begins with whsec_, and is no other's; afterwards key_prefix shows its beginning and nothing more."""
    first, second = _new(stage, "first"), _new(stage, "second")
    law(first["plain_secret"] != second["plain_secret"], "two callback secrets have one value")
    for made, label in ((first, "first"), (second, "second")):
        plain, shown = (
            made["plain_secret"],
            told(stage.http, get_callback_secret.build_request(UUID(made["id"]))),
        )
        law(plain.startswith(PREFIX), f"callback secret {made['id']} does not begin with {PREFIX}")
        prefix = shown["key_prefix"]
        fits = plain.startswith(prefix) and len(PREFIX) < len(prefix) <= len(plain) // 2
        law(fits, f"key_prefix of callback secret {made['id']} is not its beginning, or all of it")
        law(
            shown["label"] == label,
            f"callback secret {made['id']} was labelled {label}, it is {shown['label']}",
        )
        listed = next(one for one in _listed(stage) if one["id"] == made["id"])
        law(listed == shown, f"callback secret {made['id']} is another in the list")
    no_secret_shown_again(stage.secret_watch.shown)


def using_it_is_noted(stage: Stage) -> None:
    """last_used_at is set when a secret has signed, and not by being there."""
    signing, resting = _new(stage, "signing"), _new(stage, "resting")
    body = CallbackSecretUpdate.from_dict({"is_current": True})
    told(stage.http, update_callback_secret.build_request(UUID(signing["id"]), body=body))
    ended_run(stage, callback_url=stage.callback_url)
    stage.pass_time(RETRIES)
    used = {one["id"]: one["last_used_at"] for one in _listed(stage)}
    law(
        used[signing["id"]] is not None,
        f"callback secret {signing['id']} has signed, last_used_at is null",
    )
    law(
        used[resting["id"]] is None,
        f"callback secret {resting['id']} has not signed, it was used at {used}",
    )


def _new(stage: Stage, label: str) -> Json:
    body = CallbackSecretCreate.from_dict({"label": label})
    made = told(stage.http, create_callback_secret.build_request(body=body))
    stage.secret_watch.secrets.append(made["plain_secret"])
    return made


def _listed(stage: Stage) -> list[Json]:
    items: list[Json] = items_of(told(stage.http, list_callback_secrets.build_request(limit=500)))
    return items


OF_A_RECEIVER = (using_it_is_noted,)
CHECKS = (is_known_by_its_beginning, *OF_A_RECEIVER)
