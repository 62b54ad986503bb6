"""Laws of PATCH and DELETE: only named fields change; deleted resources are gone."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from attrs import frozen
from runflow_api.api.media import delete_asset, get_asset, list_assets, update_asset
from runflow_api.api.webhooks import (
    create_callback_secret,
    create_webhook,
    delete_callback_secret,
    delete_webhook,
    get_callback_secret,
    get_webhook,
    list_callback_secrets,
    list_webhooks,
    update_callback_secret,
    update_webhook,
)
from runflow_api.models.asset_update import AssetUpdate
from runflow_api.models.callback_secret_create import CallbackSecretCreate
from runflow_api.models.callback_secret_update import CallbackSecretUpdate
from runflow_api.models.webhook_create import WebhookCreate
from runflow_api.models.webhook_update import WebhookUpdate
from runflow_api.types import RequestArguments

from ..invariants import patch_changes_only, require
from ..target import Target
from ._requests import UNKNOWN, Json, expect_refusal, get_json, ids_of, succeed
from .assets import new_asset

FOLDER = "01980000-0000-7000-8000-0000000000f0"
CREATE_INTERVAL = 2.0  # seconds between two changes
SIGNED_ANEW = frozenset({"url", "thumbnail_url"})


@frozen
class Kind:
    """What can be made, changed and deleted, and the requests for it.

    `changes` are PATCHes of one field each, `moving` the fields that change by themselves.
    """

    name: str
    make: Callable[[Target], Json]
    read: Callable[[UUID], RequestArguments]
    everything: Callable[..., RequestArguments]
    patch: Callable[[UUID, Json], RequestArguments]
    delete: Callable[[UUID], RequestArguments]
    changes: tuple[Json, ...]
    moving: frozenset[str] = frozenset()


def _secret(target: Target) -> Json:
    body = CallbackSecretCreate.from_dict({"label": "of the laws"})
    return get_json(target.http, create_callback_secret.build_request(body=body))


def _webhook(target: Target) -> Json:
    events = [{"event_type_code": "run.completed"}]
    body = WebhookCreate.from_dict(
        {"url": "https://example.com/laws", "event_subscriptions": events}
    )
    return get_json(target.http, create_webhook.build_request(body=body))


KINDS = (
    Kind(
        "asset",
        lambda target: new_asset(target, folder_id=FOLDER),
        get_asset.build_request,
        list_assets.build_request,
        lambda asset_id, change: update_asset.build_request(
            asset_id, body=AssetUpdate.from_dict(change)
        ),
        delete_asset.build_request,
        ({"name": "another.png"}, {"folder_id": None}),
        SIGNED_ANEW,
    ),
    Kind(
        "callback secret",
        _secret,
        get_callback_secret.build_request,
        list_callback_secrets.build_request,
        lambda secret_id, change: update_callback_secret.build_request(
            secret_id, body=CallbackSecretUpdate.from_dict(change)
        ),
        delete_callback_secret.build_request,
        ({"label": "another"}, {"is_current": True}, {"label": None}),
    ),
    Kind(
        "webhook",
        _webhook,
        get_webhook.build_request,
        list_webhooks.build_request,
        lambda webhook_id, change: update_webhook.build_request(
            webhook_id, body=WebhookUpdate.from_dict(change)
        ),
        delete_webhook.build_request,
        ({"url": "https://example.com/another"}, {"disabled_at": "2026-03-01T00:00:00Z"}),
    ),
)


def a_patch_changes_only_named_fields(target: Target) -> None:
    """A PATCH sets the fields that it names, and updated_at, and returns the result."""
    for kind in KINDS:
        made = UUID(kind.make(target)["id"])
        for change in kind.changes:
            earlier = get_json(target.http, kind.read(made))
            target.pass_time(CREATE_INTERVAL)
            changed = get_json(target.http, kind.patch(made, change))
            moved = datetime.fromisoformat(changed["updated_at"]) > datetime.fromisoformat(
                earlier["updated_at"]
            )
            require(
                moved, f"a PATCH of {kind.name} {made} left updated_at at {earlier['updated_at']}"
            )
            before, answer = _facts(kind, earlier), _facts(kind, changed)
            after = _facts(kind, get_json(target.http, kind.read(made)))
            [(named, value)] = change.items()
            shown = after[named]
            require(
                _same(shown, value),
                f"a PATCH set {named} of {kind.name} {made} to {value!r}, it is {shown!r}",
            )
            patch_changes_only(f"{kind.name} {made}", before, after, named)
            require(
                answer == after,
                f"a PATCH of {kind.name} {made} answers with something else than is then read",
            )


def deleted_resources_are_gone(target: Target) -> None:
    """A deleted resource cannot be read, listed, changed or deleted again; others stay."""
    for kind in KINDS:
        deleted, kept = (UUID(kind.make(target)["id"]) for _ in range(2))
        succeed(target.http, kind.delete(deleted))
        listed = ids_of(get_json(target.http, kind.everything(limit=500)))
        require(str(deleted) not in listed, f"{kind.name} {deleted} was deleted and is in the list")
        require(str(kept) in listed, f"{kind.name} {kept} went with another one that was deleted")
        for arguments in (
            kind.read(deleted),
            kind.patch(deleted, kind.changes[0]),
            kind.delete(deleted),
        ):
            expect_refusal(target.http, arguments, f"for the deleted {kind.name}", 404)


def _same(shown: object, sent: object) -> bool:
    """Return whether a value is the one that was sent; a date-time may be spelled differently."""
    try:
        return datetime.fromisoformat(str(shown)) == datetime.fromisoformat(str(sent))
    except ValueError:
        return shown == sent


def _facts(kind: Kind, row: Json) -> Json:
    return {
        name: value
        for name, value in row.items()
        if name != "updated_at" and name not in kind.moving
    }


def unknown_resources_are_not_found(target: Target) -> None:
    """A resource that never existed gives 404."""
    for kind in KINDS:
        kind.make(target)
        for arguments in (
            kind.read(UNKNOWN),
            kind.patch(UNKNOWN, kind.changes[0]),
            kind.delete(UNKNOWN),
        ):
            expect_refusal(target.http, arguments, f"for a {kind.name} that does not exist", 404)


CHECKS = (
    a_patch_changes_only_named_fields,
    deleted_resources_are_gone,
    unknown_resources_are_not_found,
)
