"""Write down what each function of the callbacks raises for arguments that cannot be right."""

import asyncio
import itertools
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from itertools import starmap
from pathlib import Path
from threading import Event
from typing import Any, Final

from runflow_client.callbacks import CallbackEvent, Receiver, Wakeup, verify
from runflow_client.callbacks._receiver import check_result
from runflow_client.callbacks._signature import is_deployable, without_mask
from runflow_client.callbacks._wakeup import check_callback
from runflow_client.callbacks.inbox import HandlingPolicy, Inbox
from runflow_client.testing import sign
from sqlalchemy import create_engine

from .deliveries import SECRET, encode, event_of, signed
from .servers import set_up_django

BODY: Final = encode()
EVENT: Final = event_of(BODY)
Act = Callable[[], object]
Acts = Iterator[tuple[str, Act]]


def keep(event: CallbackEvent, body: bytes) -> None:
    """Stores nothing."""


async def later(*given: object) -> None:
    """Never awaited."""


def generating(*given: object) -> Iterator[None]:
    yield


class CalledLater:
    """An object whose call is to be awaited."""

    async def __call__(self, *given: object) -> None:
        """Never awaited."""


STRANGE: Final[dict[str, Any]] = {
    "None": None,
    "a number": 7,
    "text": "text",
    "bytes": b"bytes",
    "a dict": {"a": 1},
    "a list": [7],
    "a class": dict,
    "True": True,
}
"""Values of other kinds."""

NO_FUNCTIONS: Final[dict[str, Any]] = {
    "None": None,
    "a number": 7,
    "a class": dict,
    "a coroutine function": later,
    "an object that is awaited": CalledLater(),
    "a generator function": generating,
}
NO_NUMBERS: Final[dict[str, Any]] = {
    "None": None,
    "text": "8",
    "True": True,
    "0": 0,
    "-1": -1,
    "a part": 1.5,
    "no number": float("nan"),
    "endless": float("inf"),
}


def each(name: str, act: Callable[[Any], object], values: dict[str, Any]) -> Acts:
    """Give the function each of the values."""
    for told, value in values.items():
        yield f"{name} {told}", partial(act, value)


def without(values: dict[str, Any], *names: str) -> dict[str, Any]:
    """Leave out the values of these names."""
    return {name: value for name, value in values.items() if name not in names}


def of_deliveries() -> Acts:
    """What is given to `verify` and `sign`, and to a receiver and its deliveries."""
    released = memoryview(BODY)
    released.release()
    bodies = {**STRANGE, "a view that was released": released}
    yield from each("verify with the body", lambda it: verify(it, signed(BODY), SECRET), bodies)
    yield from each("verify with the headers", lambda it: verify(BODY, it, SECRET), STRANGE)
    yield from each(
        "verify with the secrets",
        lambda it: verify(BODY, signed(BODY), it),
        without(STRANGE, "a class"),
    )
    limit = partial(verify, BODY, signed(BODY), SECRET)
    yield from each("verify with the limit", lambda it: limit(max_body_bytes=it), NO_NUMBERS)
    yield from each("sign the body", lambda it: sign(it, SECRET), without(STRANGE, "bytes"))
    yield from each(
        "sign with the secret", lambda it: sign(BODY, it), without(STRANGE, "text", "bytes")
    )
    yield "sign with no secret", lambda: sign(BODY, "")
    yield from each("a store is", lambda it: Receiver(SECRET, it), NO_FUNCTIONS)
    yield from each("a limit is", lambda it: Receiver(SECRET, keep, it), NO_NUMBERS)
    yield from each(
        "the secrets come from",
        lambda it: Receiver(it, keep),
        without(NO_FUNCTIONS, "a class", "a generator function"),
    )
    opened = Receiver(SECRET, keep).open
    yield from each("headers are", lambda it: opened("POST", it), STRANGE)
    for told, pair in {
        "one": ("a",),
        "three": ("a", "b", "c"),
        "text": "ab",
        "a dict": {"a": 1, "b": 2},
    }.items():
        yield f"a pair is {told}", partial(opened, "POST", [("a", "b"), pair])  # type: ignore[list-item]
    yield from each("a piece is", opened("POST", {}).add, without(STRANGE, "bytes"))


BROKEN: Final[dict[str, Any]] = {
    "empty": "",
    "white space": " \n",
    "a line end": f"{SECRET}\n",
    "a space within": f"{SECRET} {SECRET}",
    "quotes": f'"{SECRET}"',
    "a quote at its end": f"{SECRET}\N{RIGHT SINGLE QUOTATION MARK}",
    "a byte order mark": f"\ufeff{SECRET}",
    "a byte order mark within": f"{SECRET}\ufeff{SECRET}",
    "a NUL": f"{SECRET}\0",
    "half a character": f"{SECRET}\ud800",
    "stars": f"{SECRET[:8]}***",
    "bullets": f"{SECRET[:8]}\N{BULLET}",
    "dots": f"{SECRET[:8]}...",
    "bytes that are no text": SECRET.encode() + b"\xff",
    "another encoding": SECRET.encode("utf-16"),
    "quotes and a mask": f"'{SECRET[:8]}***'",
    **{
        f"{mark!a} within": f"{SECRET}{mark}{SECRET}"
        for mark in (*"\"'`\u2018\u2019\u201c\u201d\u00ab\u00bb\u25cf\u2026", "****", "....")
    },
}
NO_SECRETS: Final = [
    "none",
    "null",
    "Nil",
    "undefined",
    "[hidden]",
    "(masked)",
    "redacted",
    "SECRET",
    "secrets",
    "whsec_xxxxxxxx",
    "whsec_xxxxxxx",
    "whsec_########",
    "whsec_--------",
    "whsec_xx__xx--x",
    "whsec.xxxxxxx",
    "whsec_of_the_tests",
    "whsec_of",
]


def of_secrets() -> Acts:
    """What is no secret, and which of several signed."""
    yield from each("a secret that is", lambda it: verify(BODY, signed(BODY), it), BROKEN)
    yield from each(
        "the last secret is", lambda it: verify(BODY, signed(BODY), [SECRET, it]), BROKEN
    )
    for told in itertools.permutations(["none", "of_none", SECRET]):
        yield f"secrets are {told}", partial(_event, list(told))
    for secret in (*NO_SECRETS, f"{SECRET}\n", f"{SECRET}***"):
        yield f"{secret!r} is deployed", partial(is_deployable, secret, "whsec_of")
    for prefix in (
        "whsec_a...",
        "whsec_a***",
        "whsec_a\N{BULLET}\N{HORIZONTAL ELLIPSIS}",
        "whsec_a\N{BLACK CIRCLE}",
        "a.b*",
        "X*",
    ):
        yield f"{prefix!r} without its mask", partial(without_mask, prefix)


def _event(secrets: list[str]) -> object:
    return verify(BODY, signed(BODY), secrets).event


def of_wakeups() -> Acts:
    """What is given to a Wakeup, and where one is expected."""
    yield from each("a wakeup at", Wakeup, STRANGE)
    yield "a wakeup at no address", lambda: Wakeup("me.test/callbacks")
    wakeup = Wakeup("https://me.test/callbacks")
    yield from each("wake and store with", wakeup.store, without(NO_FUNCTIONS, "None"))
    yield from each("deliver", wakeup.deliver, STRANGE)
    yield from each("a run's callback is", lambda it: check_callback(it, None), STRANGE)
    yield "a run's callback has a URL", lambda: check_callback(wakeup, None)
    yield "a run's callback has the same URL", lambda: check_callback(wakeup, wakeup.url)
    yield "a run's callback has another URL", lambda: check_callback(wakeup, "https://other.test")
    yield "a run's callback has an empty URL", lambda: check_callback(wakeup, "")


def of_frameworks() -> Acts:
    """What is given to each adapter."""
    set_up_django()
    from runflow_client.callbacks import asgi, django, flask, starlette, wsgi

    receiver = Receiver(SECRET, keep)
    adapters: dict[str, Callable[[Any], object]] = {
        "asgi": asgi.CallbackApp,
        "wsgi": wsgi.CallbackApp,
        "django": django.callback_view,
        "a dependency": starlette.callback_event,
        "flask": partial(flask.callback_blueprint, "/runflow"),
        "starlette": partial(starlette.callback_route, "/runflow"),
    }
    for name, make in adapters.items():
        yield from each(f"{name} with", make, {"None": None, "a class": Receiver, "text": "text"})
    routes: dict[str, Callable[..., object]] = {
        "flask": flask.callback_blueprint,
        "starlette": starlette.callback_route,
    }
    for name, route in routes.items():
        paths = {"None": None, "bytes": b"/", "no path": "", "a name": "runflow"}
        for told, path in paths.items():
            yield f"{name} at {told}", partial(route, path, receiver)
        for told, given in {"None": None, "a number": 7, "nothing": ""}.items():
            yield f"{name} under the name {told}", partial(route, "/runflow", receiver, name=given)
    for kind in ("websocket", "lifespan"):
        yield f"asgi with {kind}", partial(_connect, asgi.CallbackApp(receiver), kind)


def _connect(app: Any, kind: str) -> None:
    asyncio.run(app({"type": kind}, None, None))


def of_inboxes(folder: Path) -> Acts:
    """What is given to an inbox and its leases."""
    path = folder / "inbox.sqlite3"
    for name in ("attempts", "lease", "first_backoff", "longest_backoff", "keep"):
        yield from each(f"a policy whose {name} is", _policy(name), NO_NUMBERS)
    yield from each("a policy is", lambda it: Inbox(path, policy=it), without(STRANGE, "None"))
    yield "a policy is its class", lambda: Inbox(path, policy=HandlingPolicy)  # type: ignore[arg-type]
    yield from each("a clock is", lambda it: Inbox(path, now=it), NO_FUNCTIONS)
    yield from each(
        "a steady clock is", lambda it: Inbox(path, monotonic=it), without(NO_FUNCTIONS, "None")
    )
    yield from each("a table is", lambda it: Inbox(path, table=it), without(STRANGE, "text"))
    yield "a driver that is not installed", lambda: Inbox("postgresql+psycopg2://u:secret@host/db")
    yield "a file with a NUL", lambda: Inbox(Path("a\0b"))
    yield "an engine in memory", lambda: Inbox(create_engine("sqlite://"))
    inbox = Inbox(path)
    yield from each("put", lambda it: inbox.put(it, BODY), STRANGE)
    yield from each("put with the body", lambda it: inbox.put(EVENT, it), without(STRANGE, "bytes"))
    yield from each("work once with", inbox.work_once, NO_FUNCTIONS)
    ended = Event()
    ended.set()
    work = partial(inbox.work, stop=ended)
    yield from each("work with", work, NO_FUNCTIONS)
    yield from each("work beside with", lambda it: _enter(inbox.working(it)), NO_FUNCTIONS)
    yield from each(
        "await",
        lambda it: _await(inbox, it),
        without(NO_FUNCTIONS, "a coroutine function", "an object that is awaited"),
    )
    flags = {"None": None, "a number": 1, "text": "yes"}
    yield from each(
        "once in a transaction", lambda it: inbox.work_once(print, transactional=it), flags
    )
    yield from each("work in a transaction", lambda it: work(print, transactional=it), flags)
    yield from each("stop work by", lambda it: inbox.work(print, stop=it), without(STRANGE, "None"))
    polls = without(NO_NUMBERS, "a part")
    yield from each("work and look after", lambda it: work(print, poll=it), polls)
    yield from each(
        "work beside, look after", lambda it: _enter(inbox.working(print, poll=it)), polls
    )
    yield from each("threads are", lambda it: _enter(inbox.working(print, threads=it)), NO_NUMBERS)
    yield from each("tasks are", lambda it: _await(inbox, later, tasks=it), NO_NUMBERS)
    yield from each("await and look after", lambda it: _await(inbox, later, poll=it), polls)
    yield "work with what it does not know", lambda: work(print, threads=1)  # pyright: ignore[reportCallIssue] # refused
    yield from each("requeue", inbox.requeue, without(STRANGE, "None", "a list"))
    yield "requeue a text", lambda: inbox.requeue(["1"])  # type: ignore[list-item]
    yield "requeue a negative one", lambda: inbox.requeue(iter([1, -1]))
    yield "requeue one that is too large", lambda: inbox.requeue([2**63])
    yield from each(
        "prune what is older than", inbox.prune, {"-1": -1, "text": "8", "endless": float("inf")}
    )
    yield from each("prune dead letters", lambda it: inbox.prune(dead_letters=it), flags)
    inbox.put(EVENT, BODY)
    lease = inbox.lease()
    assert lease is not None
    yield from each(
        "fail with", lease.failed, {"None": None, "text": "text", "a class": ValueError}
    )
    yield from each("give up because of", lease.give_up, {"a number": 7, "bytes": b"bytes"})
    inbox.close()


def _policy(name: str) -> Callable[[Any], object]:
    return lambda value: HandlingPolicy(**{name: value})


def _enter(block: Any) -> None:
    with block:
        """Begins no work."""


def _await(inbox: Inbox, handler: Any, **options: Any) -> None:
    async def main() -> None:
        async with inbox.working_async(handler, **options):
            """Begins no work."""

    asyncio.run(main())


class Pooled:
    """As what a pool of processes returns at once."""


Pooled.__module__ = "multiprocessing.pool"


async def _generating_slowly() -> Any:
    yield


RESULTS: Final[dict[str, Callable[[], Any]]] = {
    "None": lambda: None,
    "False": lambda: False,
    "a list": list,
    "an iterator of a list": lambda: iter([]),
    "an exception": lambda: ValueError("no, rf_live_secret"),
    "an exit": SystemExit,
    "a class of exceptions": lambda: ValueError,
    "a function": lambda: keep,
    "a method": lambda: [].append,
    "a builtin function": lambda: print,
    "a partial": lambda: partial(print),
    "a generator": generating,
    "a slow generator": _generating_slowly,
    "a map": lambda: map(print, []),
    "a filter": lambda: filter(print, []),
    "a zip": lambda: zip([], strict=True),
    "a starmap": lambda: starmap(print, []),
    "an enumeration": lambda: enumerate([]),
    "a coroutine": later,
    "a future": Future,
    "of a pool": Pooled,
}


def of_results() -> Acts:
    """What a store or a handler returned."""
    for told, make in RESULTS.items():
        yield f"returned {told}", partial(_check, make)


def _check(make: Callable[[], Any]) -> None:
    check_result(make(), "the store", "do this")


def told(act: Act) -> str:
    """Tell what the function returned or raised."""
    try:
        result = act()
    except Exception as error:
        cause = "" if error.__cause__ is None else f" (from {type(error.__cause__).__name__})"
        named = f" (named {error.name})" if isinstance(error, ModuleNotFoundError) else ""
        return f"{type(error).__name__}: {error}{cause}{named}"
    with suppress(AttributeError):
        result = type(result).__name__ if hasattr(result, "__dict__") else result
    return f"returns {result!r}"


def lines(folder: Path) -> Iterator[str]:
    """Give the list, line by line."""
    of_requests = (of_deliveries(), of_secrets(), of_wakeups(), of_frameworks())
    for acts in (*of_requests, of_inboxes(folder), of_results()):
        for name, act in acts:
            yield f"{name}: {told(act)}"
