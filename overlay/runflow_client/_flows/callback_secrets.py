"""Create, list and rotate callback secrets."""

import uuid
from contextlib import suppress
from typing import Any, Final, Protocol
from uuid import UUID

from attrs import frozen
from runflow_api.api.webhooks import (
    create_callback_secret,
    delete_callback_secret,
    get_callback_secret,
    list_callback_secrets,
    update_callback_secret,
)
from runflow_api.http_library import httpx
from runflow_api.models.callback_secret import CallbackSecret as SecretModel
from runflow_api.models.callback_secret_create import CallbackSecretCreate
from runflow_api.models.callback_secret_created import CallbackSecretCreated as CreatedModel
from runflow_api.models.callback_secret_update import CallbackSecretUpdate
from runflow_api.types import UNSET, RequestArguments

from .._errors import NotFound, RunflowError, UnreadableAnswer
from .._http import IDEMPOTENCY_KEY
from .._models.callback_secret import CallbackSecret, NewCallbackSecret
from .._responses import parse_leniently, read_object, read_page, value_or_none
from .._time import Deadline
from .._validation import check_seconds
from .commands import Context, Emit, Flow, sleep
from .paginate import MAX_PAGE_SIZE
from .request import send_with_retries

QUIET: Final = 300.0
"""Seconds for which the old secret must have signed nothing before it is deleted. Runflow retries a
delivery within seconds.
"""


MAX_CUTOVER: Final = 3600.0
"""Seconds after which a rotation gives up waiting for the old secret to fall silent."""


_LOOKS: Final = 10
"""How often the old secret is looked at within the quiet time."""


@frozen
class AddSecret:
    """Told by `rotate`: deploy this secret beside the old one and come back when every receiver
    knows it.
    """

    secret: NewCallbackSecret


@frozen
class RemoveSecret:
    """Told by `rotate`: this secret is gone, the receivers may forget it."""

    secret: CallbackSecret


Step = AddSecret | RemoveSecret


class SecretStore(Protocol):
    """Where your receivers get their secrets from.

    The methods may be coroutine functions with a client that is awaited.
    """

    def add(self, secret: NewCallbackSecret) -> object:
        """Deploy the secret beside the present ones. Return when every receiver has it."""
        ...

    def remove(self, secret: CallbackSecret) -> object:
        """Forget the secret: nothing is signed with it any more."""
        ...


def notify_store(store: SecretStore, step: Step) -> object:
    """Call the store's method for this step of a rotation, and return what it returns."""
    return store.add(step.secret) if isinstance(step, AddSecret) else store.remove(step.secret)


def list_all(context: Context) -> Flow[list[CallbackSecret]]:
    """Every secret of the organization (the list is INFERRED)."""
    found: list[CallbackSecret] = []
    cursor: str | None = None
    cursors: set[str] = set()
    while True:
        response = yield from send_with_retries(
            context, list_callback_secrets.build_request(limit=MAX_PAGE_SIZE, pq=cursor)
        )
        page = read_page(response, lambda item: parse_leniently(SecretModel, item))
        found += [CallbackSecret(**_facts(response, model)) for model in page.items]
        cursor = page.next
        if cursor is None or cursor in cursors:
            return found
        cursors.add(cursor)


def create(context: Context, label: str | None) -> Flow[NewCallbackSecret]:
    """Make a secret. It signs nothing until it is promoted, unless it is the first one."""
    body = CallbackSecretCreate(label=UNSET if label is None else label)
    arguments = create_callback_secret.build_request(body=body)
    # Only documented for batches and evaluations, yet by a middleware of all operations: a retry
    # makes no second one.
    arguments["headers"] = {**arguments.get("headers", {}), IDEMPOTENCY_KEY: str(uuid.uuid4())}
    response = yield from send_with_retries(context, arguments)
    model = parse_leniently(CreatedModel, read_object(response))
    plain = value_or_none(model.plain_secret)
    if not plain:
        raise _incomplete(response, "plain_secret")
    return NewCallbackSecret(plain_secret=plain, **_facts(response, model))


def promote(context: Context, secret_id: UUID) -> Flow[CallbackSecret]:
    """Make this the secret that signs."""
    return _update(context, secret_id, CallbackSecretUpdate(is_current=True))


def rename(context: Context, secret_id: UUID, label: str) -> Flow[CallbackSecret]:
    """Give the secret another label."""
    return _update(context, secret_id, CallbackSecretUpdate(label=label))


def delete(context: Context, secret_id: UUID) -> Flow[None]:
    """Delete the secret (INFERRED from the guide's prose). Raises NotFound for one that does not
    exist.
    """
    yield from send_with_retries(context, delete_callback_secret.build_request(secret_id))


def rotate(
    context: Context, label: str | None, *, quiet: float, longest: float
) -> Flow[NewCallbackSecret]:
    """Replace the current secret: create, Add, promote, wait until the old one signs nothing,
    delete, Remove.

    Add and Remove are told as Updates; whoever hears them may raise. What goes wrong leaves a state
    in which every callback can be verified, and a note on the error says which.
    """
    check_seconds("quiet", quiet)
    check_seconds("longest", longest)
    old = [secret for secret in (yield from list_all(context)) if secret.is_current]
    new = yield from create(context, label)
    try:
        yield Emit(AddSecret(new))
    except BaseException as error:
        error.add_note(
            f"Callback secret {new.id} was created but not deployed, and signs nothing: it can "
            "be deleted."
        )
        if isinstance(error, Exception):
            with suppress(RunflowError):
                yield from delete(context, new.id)
        raise
    try:
        yield from promote(context, new.id)
        for secret in old:
            yield from _fall_silent(context, secret, quiet, longest)
            yield from _delete_if_there(context, secret.id)
            yield Emit(RemoveSecret(secret))
    except BaseException as error:
        if not isinstance(error, GeneratorExit):
            error.add_note(
                f"Callback secret {new.id} is deployed; promote it, and delete the old one, when "
                "the trouble is over: " + ", ".join(str(secret.id) for secret in old)
            )
        raise
    return new


def _fall_silent(
    context: Context, secret: CallbackSecret, quiet: float, longest: float
) -> Flow[None]:
    """Wait until the secret has signed nothing for `quiet` seconds: deliveries under way, and their
    retries, carry it still.
    """
    patience = Deadline.after(context.now, longest)
    last = secret.last_used_at
    silence = Deadline.after(context.now, quiet)
    while not silence.has_passed():
        if patience.has_passed():
            raise RunflowError(
                f"callback secret {secret.id} still signs {longest:g} s after it was replaced"
            )
        yield from sleep(quiet / _LOOKS)
        try:
            now = yield from _get(context, secret.id)
        except NotFound:
            return
        if now.last_used_at != last:
            last, silence = now.last_used_at, Deadline.after(context.now, quiet)


def _delete_if_there(context: Context, secret_id: UUID) -> Flow[None]:
    try:
        yield from delete(context, secret_id)
    except NotFound:  # somebody else's doing, or a first attempt whose answer was lost
        return


def _get(context: Context, secret_id: UUID) -> Flow[CallbackSecret]:
    return (yield from _read(context, get_callback_secret.build_request(secret_id)))


def _update(context: Context, secret_id: UUID, body: CallbackSecretUpdate) -> Flow[CallbackSecret]:
    return (yield from _read(context, update_callback_secret.build_request(secret_id, body=body)))


def _read(context: Context, arguments: RequestArguments) -> Flow[CallbackSecret]:
    """Send and read one secret. Both operations that use it do the same once or twice."""
    response = yield from send_with_retries(context, arguments, repeatable=True)
    return CallbackSecret(**_facts(response, parse_leniently(SecretModel, read_object(response))))


def _incomplete(response: httpx.Response, missing: str) -> UnreadableAnswer:
    """The error for an answer without this field. It does not show the body, which may hold the
    secret.
    """
    request = response.request
    return UnreadableAnswer(
        f"a callback secret without {missing}",
        method=request.method,
        path=request.url.path,
        status=response.status_code,
    )


def _facts(response: httpx.Response, model: SecretModel | CreatedModel) -> dict[str, Any]:
    secret_id = value_or_none(model.id)
    if secret_id is None:
        raise _incomplete(response, "id")
    return {
        "id": secret_id,
        "label": value_or_none(model.label),
        "key_prefix": value_or_none(model.key_prefix),
        "is_current": value_or_none(model.is_current) is True,
        "created_at": value_or_none(model.created_at),
        "last_used_at": value_or_none(model.last_used_at),
        "disabled_at": value_or_none(model.disabled_at),
    }
