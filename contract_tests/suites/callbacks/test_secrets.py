"""Callback secrets: no plain secret is shown, and a rotation never leaves a callback that cannot be
verified.
"""

import logging
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import Future
from functools import partial
from multiprocessing.pool import ThreadPool
from types import SimpleNamespace
from typing import Any, Final
from uuid import uuid4

import pytest
from runflow_client import (
    InvalidArgument,
    NotFound,
    Runflow,
    RunflowError,
    ServerError,
    UnreadableAnswer,
)
from runflow_client._models.callback_secret import CallbackSecret, NewCallbackSecret
from runflow_client.callbacks import Receiver
from runflow_client.callbacks.asgi import CallbackApp
from runflow_mock import MockRunflow, SteppedClock

from ..client.answering import Told, answering
from .colours import MockTime, callbacks_of
from .servers import serve_asgi

MODEL = "google/nano-banana-pro"


@pytest.fixture
def mock() -> Iterator[MockRunflow]:
    with MockRunflow(clock=SteppedClock()) as server:
        yield server


@pytest.fixture(params=["sync", "async"])
def colour(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def secrets(mock: MockRunflow, colour: str) -> Iterator[Any]:
    with callbacks_of(mock, colour) as callbacks:
        yield callbacks.secrets


class Store:
    """Where a receiver has its secrets from; it remembers what was asked of it, and can fail."""

    def __init__(self) -> None:
        self.known: dict[str, str] = {}
        self.steps: list[str] = []
        self.broken_at = ""

    def add(self, secret: NewCallbackSecret) -> None:
        self._step("add")
        self.known = {str(secret.id): secret.plain_secret, **self.known}

    def remove(self, secret: CallbackSecret) -> None:
        self._step("remove")
        del self.known[str(secret.id)]

    def _step(self, name: str) -> None:
        self.steps.append(name)
        if name == self.broken_at:
            raise OSError("the vault is sealed")


class AsyncStore(Store):
    """The same with coroutine functions."""

    async def add(self, secret: NewCallbackSecret) -> None:  # type: ignore[override] # the colour is what differs
        super().add(secret)

    async def remove(self, secret: CallbackSecret) -> None:  # type: ignore[override] # the colour is what differs
        super().remove(secret)


@pytest.fixture
def store(colour: str) -> Store:
    return Store() if colour == "sync" else AsyncStore()


def first_secret(secrets: Any, store: Store) -> NewCallbackSecret:
    secret: NewCallbackSecret = secrets.create("first")
    store.known[str(secret.id)] = secret.plain_secret
    return secret


def test_secrets_are_made_renamed_promoted_and_deleted(secrets: Any) -> None:
    first, second = secrets.create("first"), secrets.create()
    assert (first.is_current, second.is_current) == (True, False)
    assert first.plain_secret.startswith(first.key_prefix)
    assert secrets.rename(second.id, "second").label == "second"
    assert secrets.promote(str(second.id)).is_current
    assert {secret.id: secret.is_current for secret in secrets.list()} == {
        first.id: False,
        second.id: True,
    }
    secrets.delete(first.id)
    assert [secret.id for secret in secrets.list()] == [second.id]
    with pytest.raises(NotFound):
        secrets.delete(first.id)
    with pytest.raises(InvalidArgument):
        secrets.promote("nonsense")


def test_the_plain_secret_is_in_no_repr_and_no_log_line(
    secrets: Any, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    plain = secrets.rotate(store).plain_secret
    assert plain.startswith("whsec_")
    shown = repr(secrets.create()) + repr(secrets.list()) + caplog.text
    assert plain not in shown
    assert "plain_secret" not in shown


def test_a_create_whose_answer_is_lost_makes_one_secret(mock: MockRunflow, secrets: Any) -> None:
    mock.fail_next("create_callback_secret", fault="reset_after")
    secrets.create("only")
    assert [secret.label for secret in secrets.list()] == ["only"]


def test_callbacks_are_verified_throughout_a_rotation(
    mock: MockRunflow, secrets: Any, store: Store
) -> None:
    old = first_secret(secrets, store)
    stored: list[str | None] = []
    receiver = Receiver(
        lambda: list(store.known.values()), lambda event, body: stored.append(event.subject_id)
    )
    with (
        serve_asgi(CallbackApp(receiver)) as url,
        Runflow(mock.api_key, base_url=mock.base_url) as client,
    ):
        created: list[str] = []

        def a_run_ends() -> None:
            created.append(client.submit(MODEL, {"prompt": "x"}, callback_url=url).id)
            mock.advance(60)
            mock.settle()

        class Watched(type(store)):  # type: ignore[misc] # of the colour that the test is run in
            def _step(self, name: str) -> None:
                a_run_ends()
                super()._step(name)

        watched = Watched()
        watched.known = store.known
        store = watched
        a_run_ends()
        new = secrets.rotate(watched, label="second", quiet=60.0)
        a_run_ends()
    assert stored == created
    assert len(created) == 4
    assert {delivery["status_code"] for delivery in mock.deliveries} == {"succeeded"}
    assert watched.steps == ["add", "remove"]
    assert watched.known == {str(new.id): new.plain_secret}
    (left,) = secrets.list()
    assert (left.id, left.is_current, left.label) == (new.id, True, "second")
    assert left.id != old.id


def test_a_rotation_waits_until_the_old_secret_signs_nothing_more(
    mock: MockRunflow, secrets: Any, store: Store
) -> None:
    old = first_secret(secrets, store)
    with Runflow(mock.api_key, base_url=mock.base_url, clock=MockTime(mock)) as client:
        client.submit(MODEL, {"prompt": "x"}, callback_url="http://127.0.0.1:9/")
        # the run has ended, and two more attempts with the old secret are to come
        mock.advance(6.5)
        mock.settle()
        began = mock.clock.now()
        secrets.rotate(store, quiet=60.0)
    waited = (mock.clock.now() - began).total_seconds()
    assert 60 < waited < 100
    assert str(old.id) not in store.known


def test_a_secret_that_is_never_silent_is_not_deleted(
    mock: MockRunflow, secrets: Any, store: Store
) -> None:
    old = first_secret(secrets, store)
    with Runflow(mock.api_key, base_url=mock.base_url, clock=MockTime(mock)) as client:
        client.submit(MODEL, {"prompt": "x"}, callback_url="http://127.0.0.1:9/")
    mock.advance(6.5)
    mock.settle()
    with pytest.raises(RunflowError, match="still signs") as caught:
        secrets.rotate(store, quiet=60.0, longest=61.0)
    assert str(old.id) in "".join(caught.value.__notes__)
    assert {secret.id for secret in secrets.list()} >= {old.id}
    assert len(store.known) == 2


def test_the_first_rotation_is_a_beginning(secrets: Any, store: Store) -> None:
    new = secrets.rotate(store)
    assert store.known == {str(new.id): new.plain_secret}
    assert [secret.is_current for secret in secrets.list()] == [True]


def test_a_store_that_fails_leaves_everything_as_it_was(
    mock: MockRunflow, secrets: Any, store: Store
) -> None:
    old = first_secret(secrets, store)
    store.broken_at = "add"
    with pytest.raises(OSError, match="sealed") as caught:
        secrets.rotate(store)
    assert "not deployed" in caught.value.__notes__[0]
    assert [(secret.id, secret.is_current) for secret in secrets.list()] == [(old.id, True)]


def generating(secret: NewCallbackSecret) -> Iterator[NewCallbackSecret]:
    yield secret


async def generating_slowly(secret: NewCallbackSecret) -> AsyncIterator[NewCallbackSecret]:
    yield secret


async def later(secret: NewCallbackSecret) -> None:
    """Deploys it when it is awaited."""


def in_a_pool(secret: NewCallbackSecret) -> object:
    with ThreadPool(1) as pool:
        return pool.apply_async(print, ("",))


NOT_DONE: Final[dict[str, Callable[[NewCallbackSecret], object]]] = {
    "a generator": generating,
    "an asynchronous generator": generating_slowly,
    "a map": lambda secret: map(print, [secret.id]),
    "a Future": lambda secret: Future[None](),
    "a result of a pool": in_a_pool,
    "a function": lambda secret: print,
    "another function": lambda secret: lambda: print(secret.id),
    "a partial": lambda secret: partial(print, secret.id),
    "an exception": lambda secret: OSError("the vault is sealed"),
    "False": lambda secret: False,
}


@pytest.mark.parametrize("kind", NOT_DONE)
@pytest.mark.parametrize("is_coroutine", [False, True])
def test_what_a_store_has_not_deployed_yet_is_not_promoted(
    secrets: Any, store: Store, colour: str, kind: str, is_coroutine: bool
) -> None:
    old = first_secret(secrets, store)
    add = NOT_DONE[kind]

    class Plain:
        def add(self, secret: NewCallbackSecret) -> object:
            return add(secret)

        def remove(self, secret: CallbackSecret) -> None:
            """Forgets nothing."""

    class Suspending(Plain):
        async def add(self, secret: NewCallbackSecret) -> object:
            return add(secret)

    if is_coroutine and colour == "sync":
        with pytest.raises(InvalidArgument, match=r"store\.add is a coroutine function"):
            secrets.rotate(Suspending())
        return
    with pytest.raises(TypeError, match="the store returned ") as caught:
        secrets.rotate(Suspending() if is_coroutine else Plain())
    assert "it is deleted again" in caught.value.__notes__[0]
    assert [(secret.id, secret.is_current) for secret in secrets.list()] == [(old.id, True)]


def test_what_a_coroutine_gives_to_be_awaited_is_not_deployed_yet(
    secrets: Any, store: Store, colour: str
) -> None:
    old = first_secret(secrets, store)

    class Twice(Store):
        def add(self, secret: NewCallbackSecret) -> Any:
            async def outer() -> Any:
                return later(secret)

            return later(secret) if colour == "sync" else outer()

    remedy = "rotate with AsyncRunflow" if colour == "sync" else "await it before the store returns"
    with pytest.raises(TypeError, match=f"an awaitable, which is not awaited here: {remedy}"):
        secrets.rotate(Twice())
    assert [(secret.id, secret.is_current) for secret in secrets.list()] == [(old.id, True)]


def taking(secret: CallbackSecret) -> None:
    """Deploys it, or forgets it."""


NO_STORES: Final[dict[str, object]] = {
    "nothing": None,
    "a function": taking,
    "a class": Store,
    "one that only adds": SimpleNamespace(add=taking),
    "one that only removes": SimpleNamespace(remove=taking),
    "one whose add is no function": SimpleNamespace(add=None, remove=taking),
    "one whose remove is no function": SimpleNamespace(add=taking, remove="remove"),
}


@pytest.mark.parametrize("kind", NO_STORES)
def test_what_is_no_store_is_refused_before_anything_is_made(
    mock: MockRunflow, secrets: Any, kind: str
) -> None:
    expected = r"^store is .*: expected an object with add\(secret\) and remove\(secret\)"
    with pytest.raises(InvalidArgument, match=expected):
        secrets.rotate(NO_STORES[kind])
    assert not mock.requests


@pytest.mark.parametrize("name", ["add", "remove"])
def test_each_method_that_has_to_be_awaited_is_refused_where_nothing_would(
    mock: MockRunflow, secrets: Any, colour: str, name: str
) -> None:
    store = SimpleNamespace(**{"add": taking, "remove": taking, name: later})
    if colour == "async":
        secrets.rotate(store)
        return
    expected = rf"^store\.{name} is a coroutine function, .* rotate with AsyncRunflow"
    with pytest.raises(InvalidArgument, match=expected):
        secrets.rotate(store)
    assert not mock.requests


def test_a_create_deletes_no_secret_that_signs(colour: str) -> None:
    """The answer shows the current secret, without its value."""
    current: dict[str, Any] = {"id": str(uuid4()), "is_current": True, "label": "first"}
    with answering(lambda asked: Told(current, 200 if asked.method != "DELETE" else 204)) as server:
        there: Any = SimpleNamespace(base_url=server.base_url, api_key="rf_x")
        with callbacks_of(there, colour) as callbacks, pytest.raises(UnreadableAnswer):
            callbacks.secrets.create("first")
    assert [asked.method for asked in server.asked] == ["POST"]


def test_a_failed_promotion_leaves_both_secrets_deployed(
    mock: MockRunflow, secrets: Any, store: Store
) -> None:
    old = first_secret(secrets, store)
    mock.fail_next("update_callback_secret", status=503, count=None)
    with pytest.raises(ServerError) as caught:
        secrets.rotate(store)
    assert str(old.id) in caught.value.__notes__[-1]
    assert {secret.id: secret.is_current for secret in secrets.list()}[old.id]
    assert len(store.known) == 2


def test_a_delete_whose_answer_is_lost_is_a_delete(
    mock: MockRunflow, secrets: Any, store: Store
) -> None:
    first_secret(secrets, store)
    mock.fail_next("delete_callback_secret", fault="reset_after")
    new = secrets.rotate(store)
    assert [secret.id for secret in secrets.list()] == [new.id]
    assert store.steps == ["add", "remove"]


@pytest.mark.parametrize(
    "options",
    [
        {"quiet": 0},
        {"quiet": float("nan")},
        {"quiet": None},
        {"longest": None},
        {"longest": -1},
        {"longest": 120.0},  # less than the quiet time that is usual
        {"quiet": 3600.0},
        {"quiet": 30.0, "longest": 30.0},
        {"quiet": 0.5, "longest": 0.5},
    ],
)
def test_times_that_cannot_be_are_refused_before_anything_is_made(
    mock: MockRunflow, secrets: Any, store: Store, options: dict[str, Any]
) -> None:
    with pytest.raises(InvalidArgument):
        secrets.rotate(store, **options)
    assert not mock.requests
