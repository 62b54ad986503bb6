"""Create, list and rotate callback secrets."""

from collections.abc import Collection, Mapping
from contextlib import suppress
from typing import Any, Final, Protocol, runtime_checkable
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

from .._errors import (
    InvalidArgument,
    NotFound,
    RunflowError,
    UnreadableAnswer,
)
from .._models.callback_secret import CallbackSecret, NewCallbackSecret
from .._responses import (
    hide_body,
    parse_leniently,
    read_object,
    require_id,
    unreadable,
    value_or_none,
)
from .._time import Deadline
from .._validation import check_blocking, check_seconds, make_idempotency_key, wrong_kind
from ..callbacks._receiver import check_result
from ..callbacks._signature import is_deployable
from .commands import Context, Emit, Flow, sleep
from .paginate import MAX_PAGE_SIZE, Pages
from .request import (
    check_own,
    naming_create,
    send_delete,
    send_with_retries,
    with_idempotency_key,
)

QUIET: Final = 300.0
"""Seconds for which the old secret must have signed nothing before it is deleted. Runflow retries a
delivery within seconds.
"""

MAX_CUTOVER: Final = 3600.0
"""Seconds after which a rotation no longer waits for the old secret to be unused."""

_POLLS: Final = 10
"""How often the old secret is read within the quiet time."""

_LAST_READ: Final = 1.0
"""Seconds that the last of these reads has, although the cutover is nearer."""


@frozen
class AddSecret:
    """Emitted by `rotate`: deploy this secret beside the old one, and return when every receiver
    has it.
    """

    secret: NewCallbackSecret


@frozen
class RemoveSecret:
    """Emitted by `rotate`: this secret is deleted, and the receivers may forget it."""

    secret: CallbackSecret


Step = AddSecret | RemoveSecret


@runtime_checkable
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


def check_notified(result: object, remedy: str) -> None:
    """Raise TypeError where what the store returned says that its work is not done."""
    check_result(result, "the store", remedy)
    if result is False:
        raise TypeError("the store returned False: it raises where its work failed")


def check_store(store: object, *, may_be_awaited: bool) -> None:
    """Raise InvalidArgument for a store without the two methods."""
    for name in ("add", "remove"):
        method = getattr(store, name, None)
        if isinstance(store, type) or not callable(method):
            raise wrong_kind("store", store, "an object with add(secret) and remove(secret)")
        if not may_be_awaited:
            check_blocking(
                "expected a plain function, or rotate with AsyncRunflow",
                **{f"store.{name}": method},
            )


_MAX_PAGES: Final = 20
"""Pages of secrets, far more than an organization has."""


def list_all(context: Context) -> Flow[list[CallbackSecret]]:
    """Read every secret of the organization (not documented by Runflow)."""
    pages = Pages(
        context,
        lambda cursor: list_callback_secrets.build_request(limit=MAX_PAGE_SIZE, pq=cursor),
        _read_item,
        max_pages=_MAX_PAGES,
    )
    found: dict[UUID | None, CallbackSecret] = {}
    while (page := (yield from pages.next())) is not None:
        for secret in page.items:
            found.setdefault(secret.id, secret)
    pages.require_end("callback secrets")
    return list(found.values())


def _read_item(item: Mapping[str, Any]) -> CallbackSecret:
    model = parse_leniently(SecretModel, item)
    if value_or_none(model.id) is None:
        raise ValueError("a callback secret without id")
    return CallbackSecret(**_fields(model))


def create(
    context: Context, label: str | None, before: Collection[UUID | None] | None = None
) -> Flow[NewCallbackSecret]:
    """Make a secret. It signs nothing until it is promoted, unless it is the first one.

    UnreadableAnswer is raised for the answer to another create: it shows one of the secrets that
    were there `before` or, where those are not known, another label. It is raised for a secret
    whose value is missing, masked or cut off, too. That secret is not deleted, because it may be an
    older one that signs.
    """
    # Runflow documents the key for batches and evaluations; its middleware serves all operations.
    key = make_idempotency_key()
    hint = (
        f"A callback secret may have been created whose value was lost (idempotency key {key}). "
        "callbacks.secrets.list() shows it: delete it if it is not current, and rotate if it is."
    )
    with naming_create(hint, idempotency_key=key) as lost:
        body = CallbackSecretCreate(label=UNSET if label is None else label)
        arguments = with_idempotency_key(create_callback_secret.build_request(body=body), key)
        response = yield from send_with_retries(context, arguments, lost=lost)
        hide_body(response)
        model = parse_leniently(CreatedModel, read_object(response))
        if value_or_none(model.id) is None:
            raise _incomplete(response, "id")
        fields = _fields(model)
        is_own = (
            _has_label(fields["label"], label) if before is None else fields["id"] not in before
        )
        check_own(context, response, "callback secret", fields["id"], key, is_own=is_own)
        plain = value_or_none(model.plain_secret)
        if not plain or not is_deployable(plain, fields["key_prefix"] or ""):
            raise _incomplete(response, "a whole plain_secret")
        return NewCallbackSecret(plain_secret=plain, **fields)


def _has_label(shown: str | None, label: str | None) -> bool:
    """Whether a secret that shows this label may be the one that was asked for: a server may leave
    the label out, make one up where none was given, and trim it.
    """
    return not label or not shown or shown.strip() == label.strip()


def promote(context: Context, secret_id: UUID) -> Flow[CallbackSecret]:
    """Make this the secret that signs."""
    return _update(context, secret_id, CallbackSecretUpdate(is_current=True))


def rename(context: Context, secret_id: UUID, label: str) -> Flow[CallbackSecret]:
    """Change the label of the secret."""
    return _update(context, secret_id, CallbackSecretUpdate(label=label))


def delete(context: Context, secret_id: UUID) -> Flow[None]:
    """Delete the secret (not documented by Runflow). Raises NotFound."""
    yield from send_delete(context, delete_callback_secret.build_request(secret_id))


def check_cutover(quiet: float, longest: float) -> None:
    """Raise InvalidArgument for a quiet time that cannot pass before the cutover."""
    if quiet >= longest > 0:
        raise InvalidArgument(
            f"quiet is {quiet:g} s and longest {longest:g} s: the old secret would count as in "
            "use however long it signs nothing. Give less for quiet, or more for longest"
        )


def rotate(
    context: Context, label: str | None, *, quiet: float, longest: float
) -> Flow[NewCallbackSecret]:
    """Replace the current secret: create, emit AddSecret, promote, wait until the old one signs
    nothing, delete it, emit RemoveSecret.

    The receiver of what is emitted may raise. At every moment, and wherever an answer is lost, the
    current secret is one that was deployed, and so is the one that signed the first attempt of a
    delivery that is still repeated. (An organization's first secret signs from its creation on,
    before it can be deployed.) A note on the error says what is left to do.
    """
    check_seconds("quiet", quiet, is_required=True)
    check_seconds("longest", longest, is_required=True)
    before = yield from list_all(context)
    old = [secret for secret in before if secret.is_current]
    new = yield from create(context, label, [secret.id for secret in before])
    try:
        yield Emit(AddSecret(new))
    except BaseException as error:
        left = "delete it"
        if isinstance(error, Exception):
            with suppress(RunflowError):
                yield from _delete_if_there(context, new.id)
                left = "it is deleted again"
        error.add_note(f"Callback secret {new.id} was created but not deployed: {left}.")
        raise
    yield from _promote_deployed(context, new, old)
    cutover = Deadline.after(context.now, longest)
    for number, secret in enumerate(old):
        yield from _retire(context, secret, quiet, longest, cutover, left=old[number:])
    yield from _require_current(context, new)
    return new


def _require_current(context: Context, new: NewCallbackSecret) -> Flow[None]:
    """Raise RunflowError if another rotation has replaced the secret meanwhile."""
    try:
        present = yield from _get(context, new.id)
        is_current = present.is_current
    except NotFound:
        is_current = False
    except BaseException as error:
        if not isinstance(error, GeneratorExit):
            error.add_note(f"Callback secret {new.id} was promoted, and the old one is deleted.")
        raise
    if not is_current:
        raise RunflowError(
            f"callback secret {new.id} was replaced while it was rotated in: another one signs "
            "now. Rotate in one place only; callbacks.secrets.list() shows which secrets there are"
        )


def _promote_deployed(
    context: Context, new: NewCallbackSecret, old: list[CallbackSecret]
) -> Flow[None]:
    """Promote a secret that every receiver has. Raises RunflowError if it is not current then."""
    try:
        promoted = yield from promote(context, new.id)
        if not promoted.is_current:
            raise RunflowError(f"callback secret {new.id} was promoted, and is not current")
    except BaseException as error:
        if not isinstance(error, GeneratorExit):
            error.add_note(
                f"Callback secret {new.id} is deployed beside the old one, and either may be "
                f"current. Promote it, wait some minutes, and delete the old one: {_ids(old)}"
            )
        raise


def _retire(
    context: Context,
    secret: CallbackSecret,
    quiet: float,
    longest: float,
    cutover: Deadline,
    left: list[CallbackSecret],
) -> Flow[None]:
    """Delete the secret when it is no longer used, then let the receivers forget it."""
    try:
        yield from _wait_until_unused(context, secret, quiet, longest, cutover)
        yield from _delete_if_there(context, secret.id)
        yield Emit(RemoveSecret(secret))
    except BaseException as error:
        if not isinstance(error, GeneratorExit):
            error.add_note(
                "The new callback secret is current and deployed. Delete the old one where it is "
                f"left, and remove it from the receivers: {_ids(left)}"
            )
        raise


def _ids(secrets: list[CallbackSecret]) -> str:
    return ", ".join(str(secret.id) for secret in secrets) or "there is none"


def _wait_until_unused(
    context: Context, secret: CallbackSecret, quiet: float, longest: float, cutover: Deadline
) -> Flow[None]:
    """Wait until the secret has signed nothing for `quiet` seconds: deliveries under way, and their
    retries, still carry its signature.

    Raises RunflowError if it still signs at the cutover, `longest` seconds after it was replaced,
    and if it is made current again.
    """
    last_used_at = secret.last_used_at
    silence = Deadline.after(context.now, quiet)
    while not silence.has_passed():
        if cutover.has_passed():
            raise RunflowError(
                f"callback secret {secret.id} still signs {longest:g} s after it was replaced"
            )
        yield from sleep(cutover.clip(quiet / _POLLS) or 0.0)
        left = max(cutover.remaining() or 0.0, _LAST_READ)
        try:
            present = yield from _get(context, secret.id, Deadline.after(context.now, left))
        except NotFound:
            return
        if present.is_current:
            raise RunflowError(f"callback secret {secret.id} was made current again")
        if present.last_used_at != last_used_at:
            last_used_at = present.last_used_at
            silence = Deadline.after(context.now, quiet)


def _delete_if_there(context: Context, secret_id: UUID) -> Flow[None]:
    try:
        yield from delete(context, secret_id)
    except NotFound:  # deleted by others, or by a first attempt whose answer was lost
        return


def _get(
    context: Context, secret_id: UUID, deadline: Deadline | None = None
) -> Flow[CallbackSecret]:
    arguments = get_callback_secret.build_request(secret_id)
    return (yield from _read(context, arguments, secret_id, deadline))


def _update(context: Context, secret_id: UUID, body: CallbackSecretUpdate) -> Flow[CallbackSecret]:
    arguments = update_callback_secret.build_request(secret_id, body=body)
    return (yield from _read(context, arguments, secret_id))


def _read(
    context: Context,
    arguments: RequestArguments,
    secret_id: UUID,
    deadline: Deadline | None = None,
) -> Flow[CallbackSecret]:
    """Send and read this secret. The operations that use it may be repeated."""
    response = yield from send_with_retries(context, arguments, deadline=deadline, repeatable=True)
    model = parse_leniently(SecretModel, read_object(response))
    if value_or_none(model.id) is None:
        raise _incomplete(response, "id")
    require_id(response, "callback secret", model, secret_id)
    return CallbackSecret(**_fields(model))


def _incomplete(response: httpx.Response, missing: str) -> UnreadableAnswer:
    hide_body(response)
    return unreadable(response, f"a callback secret without {missing}")


def _fields(model: SecretModel | CreatedModel) -> dict[str, Any]:
    return {
        "id": value_or_none(model.id),
        "label": value_or_none(model.label),
        "key_prefix": value_or_none(model.key_prefix),
        "is_current": value_or_none(model.is_current) is True,
        "created_at": value_or_none(model.created_at),
        "last_used_at": value_or_none(model.last_used_at),
        "disabled_at": value_or_none(model.disabled_at),
    }
