"""Write down what a receiver answers to each delivery, what it logs, and what event it stores."""

import hmac
import json
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

import attrs
from attrs import frozen
from runflow_api.models.run import Run as RunModel
from runflow_client._models.run import model_after
from runflow_client.callbacks import CallbackEvent, Receiver, RunEvent

SECRET: Final = "whsec_" + "a" * 40
OTHER: Final = "whsec_" + "b" * 40
TOLD: Final[dict[str, Any]] = {
    "event": "run.completed",
    "run_id": "run-7",
    "batch_id": "batch-7",
    "status": "succeeded",
    "output": {"outputs": []},
    "duration_ms": 900,
    "created_at": "2026-05-06T07:08:09+02:00",
    "completed_at": "2026-05-06T07:08:10Z",
    "metadata": {"order": 7},
}


def signed(body: bytes, secret: str = SECRET) -> str:
    """Return the signature of the body."""
    return hmac.new(secret.encode(), body, "sha256").hexdigest()


def event(**changes: Any) -> bytes:
    """Return a body; what is `...` is left out of it."""
    return json.dumps({k: v for k, v in {**TOLD, **changes}.items() if v is not ...}).encode()


def _raise() -> Any:
    raise OSError("the vault is closed")


async def _coroutine() -> None:
    """Never awaited."""


def _generator() -> Iterator[None]:
    yield


@frozen(kw_only=True)
class Case:
    """One delivery, and the receiver that gets it."""

    body: bytes = event()
    method: str = "POST"
    signatures: tuple[str, ...] | None = None
    """None for the right one."""
    content_types: tuple[str, ...] = ("application/json",)
    length: str | None = ""
    """Content-Length; empty for the right one."""
    encodings: tuple[str, ...] = ()
    header: str = "Runflow-Signature"
    secrets: Any = SECRET
    store: Callable[[CallbackEvent, bytes], object] = lambda event, body: None
    cut: int = 0
    """Bytes at the end of the body that do not come."""
    limit: int = 1000

    def headers(self) -> list[tuple[str, str]]:
        """Return the headers of the request."""
        signatures = (signed(self.body),) if self.signatures is None else self.signatures
        length = str(len(self.body)) if self.length == "" else self.length
        return [
            *((self.header, one) for one in signatures),
            *(("Content-Type", one) for one in self.content_types),
            *(("Content-Encoding", one) for one in self.encodings),
            *([] if length is None else [("Content-Length", length)]),
            ("Runflow-Request-Id", "request-7"),
        ]


BEFORE: Final = {
    "id": "00000000-0000-7000-8000-000000000001",
    "status_code": "running",
    "output": {"outputs": ["a first one"]},
    "client_ref": "order-7",
    "cost": "0.25",
    "failure_code": "BEFORE",
    "failure_message": "it was so before",
}
"""A run that is waited for, as it was before its callback came."""

GOOD: Final = signed(event())
CASES: Final[dict[str, Case]] = {
    **{
        f"the event {name}": Case(body=event(event=name))
        for name in (
            "run.completed",
            "run.partial_succeeded",
            "run.failed",
            "run.cancelled",
            "run.canceled",
            "batch.succeeded",
            "batch.completed",
            "batch.partial_succeeded",
            "batch.failed",
            "batch.cancelled",
            "batch.canceled",
            "run.of_tomorrow",
            "",
            7,
            None,
        )
    },
    **{
        f"an event of tomorrow of the run {run!r} and the batch {batch!r}": Case(
            body=event(event="of.tomorrow", run_id=run, batch_id=batch)
        )
        for run, batch in ((7, "batch-7"), ("", "batch-7"), (..., "batch-7"), (None, ""), (..., 7))
    },
    "no event": Case(body=event(event=...)),
    "a failure": Case(
        body=event(
            event="run.failed",
            status="failed",
            output={"code": "POLICY", "message": "not so", "errors": None},
        )
    ),
    "a failure of another form": Case(
        body=event(event="run.failed", status="failed", output={"code": 7, "message": ["not so"]})
    ),
    "a failure without a word": Case(
        body=event(event="run.failed", status="failed", output=None, completed_at=None)
    ),
    "a cancelation": Case(body=event(event="run.canceled", status="canceled", output=None)),
    **{
        f"{name} is {value!r}": Case(body=event(**{name: value}))
        for name, value in (
            ("run_id", ...),
            ("run_id", ""),
            ("run_id", 7),
            ("status", None),
            ("status", ""),
            ("status", 7),
            ("output", None),
            ("output", {}),
            ("output", []),
            ("output", "text"),
            ("duration_ms", 0),
            ("duration_ms", 1.5),
            ("duration_ms", True),
            ("duration_ms", "9"),
            ("duration_ms", 2**70),
            ("metadata", []),
            ("metadata", {}),
            ("created_at", "2026-05-06T07:08:09"),
            ("created_at", "today"),
            ("created_at", 7),
            ("created_at", "2026-12-31T23:59:60Z"),
            ("completed_at", None),
            ("of_tomorrow", {"a": 1}),
        )
    },
    "no JSON": Case(body=b"{"),
    "a list": Case(body=b"[]"),
    "two members of one name": Case(body=b'{"event": "run.failed", "event": "run.completed"}'),
    "not UTF-8": Case(body=b'{"event": "\xff"}'),
    "a byte order mark": Case(body=b"\xef\xbb\xbf" + event()),
    "no body": Case(body=b""),
    "the largest": Case(body=event(), limit=len(event())),
    "too large by a byte": Case(body=event(), limit=len(event()) - 1),
    "too large and not told": Case(body=event(), limit=len(event()) - 1, length=None),
    **{f"the method {method}": Case(method=method) for method in ("GET", "HEAD", "PUT", "post")},
    "no signature": Case(signatures=()),
    "two signatures": Case(signatures=(GOOD, GOOD)),
    "in upper case": Case(signatures=(GOOD.upper(),)),
    "with a prefix": Case(signatures=(f"sha256={GOOD}",)),
    "with white space": Case(signatures=(f" {GOOD}",)),
    "a digit too few": Case(signatures=(GOOD[1:],)),
    "of another body": Case(signatures=(signed(b"{}"),)),
    "of another secret": Case(signatures=(signed(event(), OTHER),)),
    "of the second secret": Case(signatures=(signed(event(), OTHER),), secrets=[SECRET, OTHER]),
    "of bytes": Case(secrets=SECRET.encode()),
    "a header in lower case": Case(header="runflow-signature"),
    "a header of a WSGI environ": Case(header="HTTP_RUNFLOW_SIGNATURE"),
    **{
        f"the type {', '.join(types)}": Case(content_types=types)
        for types in (
            (),
            ("application/json; charset=utf-8",),
            ("APPLICATION/JSON",),
            ("text/plain",),
            ("",),
            ("application/cloudevents+json",),
            ("application/json", "text/plain"),
            ("application/xml",),
        )
    },
    "no length": Case(length=None),
    "a length that is no number": Case(length="seven"),
    "a length that is too large": Case(length="2000"),
    "bytes that did not come": Case(cut=1),
    "bytes that did not come of no length": Case(cut=1, length=None),
    "more bytes than were told": Case(length="7"),
    "another body and no length": Case(signatures=(signed(b"{}"),), length=None),
    **{
        f"another body that is said to be encoded as {encodings}": Case(
            signatures=(signed(b"{}"),), encodings=encodings
        )
        for encodings in (
            ("",),
            (" Identity ",),
            ("identity", ""),
            ("gzip",),
            ("identity", "gzip"),
            ("identity, gzip",),
        )
    },
    "a store that has it": Case(store=lambda event, body: False),
    "a store that fails": Case(store=lambda event, body: _raise()),
    "a store that fails with an event of a long name": Case(
        body=event(event="run." + "x" * 400), store=lambda event, body: _raise()
    ),
    "a store that is to be awaited": Case(store=lambda event, body: _coroutine()),
    "a store that has yield": Case(store=lambda event, body: _generator()),
}


@contextmanager
def logged(to: list[str]) -> Iterator[None]:
    """Keep what the callbacks log."""

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            trouble = record.exc_info[0] if record.exc_info else None
            raised = "" if trouble is None else f", raised {trouble.__name__}"
            to.append(f"{record.levelname}: {record.getMessage()}{raised}")

    logger, handler = logging.getLogger("runflow_client.callbacks"), Keep()
    logger.addHandler(handler)
    try:
        yield
    finally:
        logger.removeHandler(handler)


def _told(case: Case) -> Iterator[str]:
    notes: list[str] = []
    stored: list[bytes] = []

    def store(event: CallbackEvent, body: bytes) -> object:
        stored.append(body)
        return case.store(event, body)

    with logged(notes):
        receiver = Receiver(case.secrets, store, case.limit)
        incoming = receiver.open(case.method, case.headers())
        body = case.body[: len(case.body) - case.cut]
        for number in range(0, len(body), 64):
            if incoming.wants_more:
                incoming.add(body[number : number + 64])
        answer = incoming.answer()
    yield f"    {int(answer.status)} {answer.text} {answer.headers}"
    yield from (f"    {line}" for line in notes)
    if stored not in ([], [case.body]):
        yield f"    stored {stored}"
    if answer.event is not None:
        fields = attrs.asdict(answer.event, filter=lambda one, value: one.name != "payload")
        told = ", ".join(f"{name}={value!r}" for name, value in fields.items())
        yield f"    {type(answer.event).__name__}({told})"
        yield f"    known as {answer.event.deduplication_key}"
        if isinstance(answer.event, RunEvent) and answer.event.status is not None:
            after = model_after(RunModel.from_dict(BEFORE), answer.event).to_dict()
            changed = {name: after[name] for name in after if after[name] != BEFORE.get(name)}
            kept = sorted(name for name in after if name not in changed)
            yield f"    a run then shows {changed}, and as before {kept}"


def lines() -> Iterator[str]:
    """Give the list, line by line."""
    for name, case in CASES.items():
        yield name
        yield from _told(case)
