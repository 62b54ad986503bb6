"""Records what a check of the laws is told by the mock server, and tells it again, bent or not.

A check that is told the same asks the same, so that no server is needed: hundreds of bends take
seconds.
"""

import json
import re
import traceback
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, Final, TypeVar

import httpx
from attrs import define, field, frozen
from runflow_client import RetryPolicy, Runflow
from runflow_conformance.laws import (
    LawViolation,
    ReceivedCallback,
    SecretDetector,
    Target,
    TargetClock,
)
from runflow_mock.state.keys import DEFAULT_KEY

from .mock_target import mock_target

Check = Callable[[Target], None]
Kept = TypeVar("Kept")
KEY: Final = "rf_live_replayed"
UUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.I)
VALUES: Final = re.compile(
    rf"{UUID.pattern}|\d{{4}}-\d\d-\d\dT[\d:.]+(?:Z|\+00:00)?|127\.0\.0\.1:\d+|whsec_\w+|eyJ[\w-]{{20,}}"
    r"|[0-9a-f]{32,}|\d+\.\d{5,}",
    re.I,
)
"""What differs from one recording to the next."""
SEVERAL: Final = re.compile(r"\['[^\[\]]+', '[^\[\]]+'\]")
"""A list of texts, as Python shows it."""
SHOWN: Final = 250
"""Letters of what a law says."""
HEADERS: Final = ("authorization", "x-organization-id", "idempotency-key", "range")
OF_THE_WIRE: Final = ("content-encoding", "content-length", "transfer-encoding")
"""Headers that say how a body came, which is read and may be bent."""
ASKED: Final = 400
"""Letters of what a law asks."""


class AskedOtherwise(Exception):
    """A check asks what it did not ask when it was recorded."""


@frozen
class Answer:
    """A request as text, and the answer to it."""

    method: str
    path: str
    asked: str
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def content(self) -> Any:
        """The JSON value of the body, None if it is none."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None


@frozen
class Recording:
    """What a check was told: answers, callbacks and billed runs, each in order.

    `steps` says what it did: requests with the status of their answers, waits, plans and looks. An
    endless one repeats the last answer to what is asked again. `lacks` is a part that the target
    has not. `names` says of what differs in another recording where it came from, such as
    `<id of 3>`: so the id of one run is told from that of another in what a check asks and says.
    """

    server: str
    steps: list[str] = field(factory=list[str])
    answers: list[Answer] = field(factory=list[Answer])
    callbacks: list[list[ReceivedCallback]] = field(factory=list[list[ReceivedCallback]])
    billed: list[list[str]] = field(factory=list[list[str]])
    callback_url: str | None = None
    is_endless: bool = False
    lacks: str = ""
    names: dict[str, str] = field(factory=dict[str, str], repr=False)


@frozen
class Said:
    """What a check says, empty if the law holds, and where the law does not hold."""

    text: str = ""
    lines: frozenset[tuple[str, int]] = frozenset()
    """File and line of each call on the way to the violation."""


@frozen
class _Recorder(httpx.BaseTransport):
    inner: httpx.BaseTransport
    answers: list[Answer]
    steps: list[str]
    names: dict[str, str]

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        asked, number = _asked(request), len(self.answers)
        for made in UUID.findall(f"{asked} {request.headers.get('idempotency-key')}"):
            self.names.setdefault(made, f"<made for {number}>")
        response = self.inner.handle_request(request)
        body = response.read()
        response.close()
        headers = {
            name: value for name, value in response.headers.items() if name not in OF_THE_WIRE
        }
        self.answers.append(
            Answer(request.method, request.url.path, asked, response.status_code, headers, body)
        )
        step = " ".join(_named(f"{request.method} {asked}", self.names).split())
        cut = f"{step[:ASKED]} of {len(step)} letters" if len(step) > ASKED else step
        self.steps.append(f"{cut}{_headers(request, self.names)} -> {response.status_code}")
        for value, name in _names_in(self.answers[-1].content):
            self.names.setdefault(value, f"<{name} of {number}>")
        return httpx.Response(response.status_code, headers=headers, content=body)

    def close(self) -> None:
        self.inner.close()


def _asked(request: httpx.Request) -> str:
    return f"{request.url.raw_path.decode()} {request.read().decode(errors='replace')}"


def _names_in(content: Any, name: str = "value", row: str = "") -> Iterator[tuple[str, str]]:
    """Yield each value that differs in another recording, and the name of its field."""
    if isinstance(content, dict):
        for inner, value in content.items():
            yield from _names_in(value, inner, row)
    elif isinstance(content, list):
        for number, value in enumerate(content):
            yield from _names_in(value, name, f" {number}")
    else:
        yield from ((found, f"{name}{row}") for found in VALUES.findall(str(content)))


def _named(text: str, names: dict[str, str]) -> str:
    """Return the text with the names of what differs in another recording, `_` without one."""
    return VALUES.sub(lambda found: names.get(found[0], "_"), text)


def _in_order(shown: str, named: Callable[[str], str]) -> str:
    """Return a list with names. If it was sorted, its names are: values have another order then."""
    values = shown[2:-2].split("', '")
    names = [named(value) for value in values]
    return f"{sorted(names) if values == sorted(values) else names}"


def _headers(request: httpx.Request, names: dict[str, str]) -> str:
    """Return the headers that decide who asks, and what is answered, in brackets."""
    shown = [f"{name} {request.headers[name]}" for name in HEADERS if name in request.headers]
    if request.headers.get("authorization") == f"Bearer {DEFAULT_KEY}":
        shown = shown[1:]
    return _named(f" [{', '.join(shown)}]", names) if shown else ""


@cache
def record(check: Check) -> Recording:
    """Try the check on the mock server, where it must hold, and return what it was told."""
    answers: list[Answer] = []
    steps: list[str] = []
    names: dict[str, str] = {}
    with mock_target(through=lambda wire: _Recorder(wire, answers, steps, names)) as target:
        recording = Recording(
            str(target.http.base_url).rstrip("/"),
            steps,
            answers,
            callback_url=target.callback_url,
            names=names,
        )
        received, billed = target.received, target.billed_runs
        assert billed is not None
        for name in ("pass_time", "end_next", "refuse_next"):
            setattr(target, name, _noted(name, getattr(target, name), steps))
        target.received = lambda: _kept("callbacks", recording.callbacks, received(), steps)
        target.billed_runs = lambda: _kept("billed runs", recording.billed, billed(), steps)
        target.open_storage = lambda: httpx.Client(
            transport=_Recorder(httpx.HTTPTransport(), answers, steps, names)
        )
        check(target)
    return recording


def _noted(name: str, act: Callable[[Any], object], steps: list[str]) -> Callable[[Any], object]:
    def noted(value: Any) -> object:
        steps.append(f"{name} {value}")
        return act(value)

    return noted


def _kept(what: str, values: list[list[Kept]], value: list[Kept], steps: list[str]) -> list[Kept]:
    steps.append(f"looks at {len(value)} {what}")
    values.append(value)
    return value


@define
class _Replayed(httpx.BaseTransport):
    """Answers as recorded. What a check makes up, such as a client_ref, is another each time."""

    left: list[Answer]
    is_endless: bool = False
    renamed: dict[str, str] = field(factory=dict[str, str])

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        asked = _asked(request)
        for place, answer in enumerate(self.left):
            if answer.method == request.method and self._new(answer.path) == request.url.path:
                del self.left[: place + 1]
                if self.is_endless:
                    self.left.append(answer)
                old, new = UUID.findall(answer.asked), UUID.findall(asked)
                self.renamed.update(
                    (one, other) for one, other in zip(old, new, strict=False) if one != other
                )
                return httpx.Response(
                    answer.status, headers=answer.headers, content=self._body(answer)
                )
        raise AskedOtherwise(f"{request.method} {request.url.path}")

    def _body(self, answer: Answer) -> bytes:
        body = answer.body
        return self._new(body.decode("latin-1")).encode("latin-1") if self.renamed else body

    def _new(self, text: str) -> str:
        for old, new in self.renamed.items():
            text = text.replace(old, new)
        return text


def said(check: Check, recording: Recording) -> Said:
    """Return what the check says of what was recorded."""
    replayed = _Replayed(list(recording.answers), recording.is_endless)
    try:
        check(_told(recording, replayed))
    except LawViolation as violation:
        # what follows a brace may be a set, whose order is another each time
        text = str(violation).partition("{'")[0]

        def named(text: str) -> str:
            for old, new in replayed.renamed.items():
                text = text.replace(new, old)
            return _named(text, recording.names)

        text = named(SEVERAL.sub(lambda found: _in_order(found[0], named), text))
        calls = traceback.walk_tb(violation.__traceback__)
        lines = frozenset((frame.f_code.co_filename, line) for frame, line in calls)
        return Said(" ".join(text.split())[:SHOWN], lines)
    except Exception as error:
        return Said(type(error).__name__)
    return Said()


@define
class _Line(httpx.BaseTransport):
    """Leads to the transport of the moment, for clients that are made once."""

    to: httpx.BaseTransport

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return self.to.handle_request(request)


class _Repeating(httpx.Client):
    """A client that makes a request once, however often it is sent: that takes half of the time."""

    def __init__(self, line: _Line, server: str) -> None:
        headers = {"Authorization": f"Bearer {KEY}"}
        super().__init__(transport=line, base_url=server, headers=headers)
        self._made = dict[str, httpx.Request]()

    def request(self, method: str, url: Any, **arguments: Any) -> httpx.Response:
        what = repr((method, url, arguments))
        if what not in self._made:
            self._made[what] = self.build_request(method, url, **arguments)
        return self.send(self._made[what])


@cache
def _clients(server: str) -> tuple[_Line, httpx.Client, Runflow]:
    """Return clients of a server that is not there. They are never closed, and hold nothing."""
    line = _Line(httpx.MockTransport(lambda _: httpx.Response(500)))
    client = Runflow(
        KEY,
        base_url=server,
        http_client=httpx.Client(transport=line),
        clock=TargetClock(lambda _: None),
        retries=RetryPolicy(attempts=1),
    )
    return line, _Repeating(line, server), client


def _told(recording: Recording, replayed: _Replayed) -> Target:
    """Return a target that answers as recorded."""
    line, http, client = _clients(recording.server)
    detector = SecretDetector(replayed)
    line.to = detector
    callbacks, billed = iter(recording.callbacks), iter(recording.billed)

    def nothing(_: object) -> None:
        pass

    target = Target(
        client=client,
        http=http,
        pass_time=nothing,
        secret_detector=detector,
        billed_runs=lambda: next(billed, []),
        callback_url=recording.callback_url,
        received=lambda: next(callbacks, []),
        refuse_next=nothing,
        end_next=nothing,
        other_org=http,
        no_credit=http,
        read_only=http,
        open_storage=lambda: httpx.Client(transport=line),
    )
    if recording.lacks:
        setattr(target, recording.lacks, None)
    return target
