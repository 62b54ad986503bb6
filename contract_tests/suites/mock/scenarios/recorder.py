"""Plays calls against a mock server and writes down everything that it says, as text.

The text is the same on every machine: ids, cursors and addresses get short names in the order in
which they are first seen, and what was seen before is written as the difference to it.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import httpx
from runflow_client import callbacks
from runflow_mock import MockRunflow, Settings, SteppedClock

from ..receiver import Received, Receiver

PUBLIC_URL = "http://mock"
MODEL = "google/nano-banana-pro"
RUNS = f"/v1/models/{MODEL}/runs"
MAX_TEXT = 300
_UUID = re.compile(
    r"(?<![0-9a-z])[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}\b", re.I
)
_CURSOR = re.compile(r"\beyJ[\w-]{20,}")
_LONG_HEX = re.compile(r"\b(whsec_|X-Amz-Signature=)?([0-9a-f]{48,64})\b")
_DULL_HEADERS = frozenset({"date", "content-length", "content-type", "server"})


class Recorder:
    """One server on a stepped clock with a state file, and the text of what happened on it."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        self.lines: list[str] = []
        self.folder = folder
        self.receiver = Receiver().start()
        self.secrets: dict[str, str] = {}
        # What the text calls addresses that are others each time.
        self.places = {self.receiver.url.rpartition("/")[0]: "http://receiver"}
        self._settings = Settings(
            seed=0, public_url=PUBLIC_URL, state_file=folder / "state.sqlite", **settings
        )
        self._names: dict[str, str] = {}
        self._seen: dict[str, dict[str, Any]] = {}
        self._latest: dict[frozenset[str], dict[str, Any]] = {}
        self._recorded = 0
        self._clock = SteppedClock()
        self._key: str | None = None
        self.mock = MockRunflow(self._clock, settings=self._settings)

    @contextmanager
    def running(self) -> Iterator[Recorder]:
        """Run the server for the length of the block."""
        self._start()
        try:
            yield self
        finally:
            self._stop()
            self.receiver.stop()

    def _start(self) -> None:
        self.mock.start()
        self._http = httpx.Client(base_url=self.mock.base_url, trust_env=False, timeout=30)
        place = urlsplit(self.mock.base_url)
        self._plain = HTTPConnection(place.hostname or "", place.port, timeout=30)

    def _stop(self) -> None:
        self._http.close()
        self._plain.close()
        self.mock.stop()

    def restart(self) -> None:
        """Stop the server and start another one with its state file, at the same instant."""
        self.write("the server is restarted")
        self._stop()
        self._clock = SteppedClock()
        self.mock = MockRunflow(self._clock, settings=self._settings)
        self._start()

    def title(self, text: str) -> None:
        """Begin a part of the scenario."""
        self.lines += ["", f"# {text}"]

    def write(self, text: str) -> None:
        """Write a line, with the short names."""
        self.lines.append(self.named(text))

    def text(self) -> str:
        """Return the whole text."""
        return "\n".join(self.lines).strip() + "\n"

    # calls

    @contextmanager
    def key(self, key: str | None) -> Iterator[None]:
        """Use another key for the calls of the block."""
        before, self._key = self._key, key
        yield
        self._key = before

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        /,
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
        **query: Any,
    ) -> Any:
        """Call, write the call and the answer down, and return the answer's body."""
        sent = {"Authorization": f"Bearer {self._key or self.mock.api_key}", **(headers or {})}
        answer = self._http.request(
            method, path, json=body, content=content, params=query or None, headers=sent
        )
        address = httpx.Request(
            method, "http://x" + path, params=query or None
        ).url.raw_path.decode()
        extra = "" if not headers else f" {json.dumps(dict(headers))}"
        sent_body = "" if body is None else f" {json.dumps(body)}"
        self.write(f"{method} {address}{extra}{sent_body}")
        return self._answered(answer)

    def get(self, path: str, /, **query: Any) -> Any:
        """GET."""
        return self.call("GET", path, **query)

    def post(self, path: str, body: Any = None, /, headers: Any = None, **query: Any) -> Any:
        """POST."""
        return self.call("POST", path, body, headers=headers, **query)

    def patch(self, path: str, body: Any) -> Any:
        """PATCH."""
        return self.call("PATCH", path, body)

    def delete(self, path: str) -> Any:
        """DELETE."""
        return self.call("DELETE", path)

    def run(self, prompt: str = "x", /, **fields: Any) -> str:
        """Create a run of the usual model and return its id; empty if it was refused."""
        values = fields.pop("input", {"prompt": prompt})
        return str(self.post(RUNS, {"input": values, **fields}).get("id", ""))

    def fetch(self, url: str, method: str = "GET", **options: Any) -> httpx.Response:
        """Call an address of the storage, as it stands in an answer, without a key."""
        address = url.replace(PUBLIC_URL, self.mock.base_url)
        answer = self._http.request(method, address, **options)
        is_made = answer.is_success and "/_outputs/" in url
        shown = {name: value for name, value in options.items() if name == "headers"}
        self.write(
            f"{method} {url.partition('?')[0]} {json.dumps(shown) if shown else ''}".rstrip()
        )
        if is_made:
            # How many bytes a picture has is a matter of the library that packs it.
            kind = answer.headers["content-type"]
            self.write(f"  {answer.status_code} {kind} {answer.content[:4]!r}")
        else:
            self._answered(answer)
        return answer

    def advance(self, seconds: float) -> None:
        """Let time pass, wait for the callbacks, and write down which came."""
        self.write(f"-- {seconds:g} s pass")
        self.mock.advance(seconds)
        self.record_callbacks()

    def record_callbacks(self) -> None:
        """Write down the callbacks that have come since the last time."""
        self.mock.settle()
        came = self.receiver.received[self._recorded :]
        # Several places are called at once, and each of them in order.
        for received in sorted(came, key=lambda one: one.path):
            event = received.json
            self.write(
                f"<- {received.path} {received.headers.get('runflow-request-id')} "
                f"{self._signer(received)}: {self._difference(event)}"
            )
        self._recorded = len(self.receiver.received)

    def answers(self, *statuses: int) -> None:
        """Let the receiver answer so."""
        self.write(f"the receiver will answer {list(statuses)}")
        self.receiver.answers[:] = statuses

    def books(self) -> None:
        """Write down what was billed, and what is left."""
        for entry in self.mock.ledger:
            self.write(f"billed {entry.run_id} {entry.model_id} {entry.amount} at {entry.at}")
        self.write(f"left: {self.mock.balance}")
        assert sum((one.amount for one in self.mock.ledger), Decimal(0)) >= 0

    def quiet(self, path: str, /, **query: Any) -> Any:
        """Return the body of a GET that is not written down."""
        headers = {"Authorization": f"Bearer {self.mock.api_key}"}
        self._plain.request("GET", f"{path}?{urlencode(query)}" if query else path, headers=headers)
        return json.loads(self._plain.getresponse().read())

    def page(self) -> httpx.Response:
        """Return the page of the server; nothing is written down."""
        return self._http.get("/_mock/")

    def status(self, path: str, authorization: str) -> int:
        """Return the status of a GET that is not written down."""
        return self._http.get(path, headers={"Authorization": authorization}).status_code

    def refusal(
        self, path: str, body: Any, headers: Mapping[str, str], key: str | None = None
    ) -> str:
        """Return status and code of a POST that is not written down."""
        sent = {"Authorization": f"Bearer {key or self.mock.api_key}", **headers}
        answer = self._http.post(path, json=body, headers=sent)
        return f"{answer.status_code} {answer.json().get('code')}"

    # text

    def named(self, text: str) -> str:
        """Return the text with short names for what differs from server to server."""
        for address, name in self.places.items():
            text = text.replace(address, name).replace(quote(address, safe=""), name)
        text = _LONG_HEX.sub(lambda found: f"{found[1] or ''}{found[2][:8]}…", text)
        text = _UUID.sub(lambda found: self._name("id", found[0].replace("-", "").lower()), text)
        return _CURSOR.sub(lambda found: self._name("cursor", found[0]), text)

    def _name(self, what: str, value: str) -> str:
        return self._names.setdefault(value, f"{what}{len(self._names) + 1}")

    def _signer(self, received: Received) -> str:
        if "runflow-signature" not in received.headers:
            return "unsigned"
        for name, secret in self.secrets.items():
            try:
                callbacks.verify(received.body, received.headers, secret)
            except callbacks.CallbackError:
                continue
            return f"signed by {name}"
        return "signed by nobody known"

    def _answered(self, answer: httpx.Response) -> Any:
        shown = [
            f"{name}: {value}"
            for name, value in sorted(answer.headers.items())
            if name not in _DULL_HEADERS
        ]
        kind = answer.headers.get("content-type", "nothing")
        skew = self._skew(answer)
        self.write(
            f"  {answer.status_code} {'' if kind == 'application/json' else kind} {skew}"
            f"{'; '.join(shown)}".rstrip()
        )
        try:
            body = answer.json()
        except ValueError:
            content = answer.content
            if content:
                plain = content[:MAX_TEXT] if kind in ("application/xml", "text/html") else b""
                self.write(f"    {_short(content)} {plain.decode()}".rstrip())
            return content
        self._show(body)
        return body

    def _skew(self, answer: httpx.Response) -> str:
        from email.utils import parsedate_to_datetime

        date = answer.headers.get("date")
        if date is None:
            return "no date "
        skew = (
            parsedate_to_datetime(date) - self._clock.now().replace(microsecond=0)
        ).total_seconds()
        return f"date {skew:+g} s " if skew else ""

    def _show(self, body: Any) -> None:
        if isinstance(body, dict) and isinstance(body.get("items"), list) and "id" not in body:
            rest = {name: value for name, value in body.items() if name != "items"}
            self.write(f"    {len(body['items'])} items, {_text(rest)}")
            for item in body["items"]:
                self.write(f"    - {self._difference(item)}")
        elif isinstance(body, list):
            for item in body:
                self.write(f"    - {self._difference(item)}")
        else:
            self.write(f"    {self._difference(body)}")

    def _difference(self, value: Any) -> str:
        """Return the value, or what is new in it since a value with its id was shown."""
        if not isinstance(value, dict):
            return _text(value)
        identity = value.get("id") or value.get("run_id") or value.get("evaluation_id")
        if not isinstance(identity, str) or not identity:
            return _text(value)
        label = f"{'event ' if 'event' in value else ''}{identity}"
        before = self._seen.get(label)
        names = frozenset(value)
        like = before or self._latest.get(names)
        parts: list[str] = []
        if like is None:
            parts.append(_text(value))
        else:
            if before is None:
                parts.append(f"like {like['id']}" if "id" in like else "like the one before")
            if gone := [name for name in like if name not in value]:
                parts.append(
                    f"only {', '.join(value)}"
                    if len(value) < len(gone)
                    else f"no {', '.join(gone)}"
                )
            parts += [
                f"{name} {self._within(new)}"
                for name, new in value.items()
                if name not in like or like[name] != new or type(like[name]) is not type(new)
            ]
        self._seen[label] = {**(before or {}), **value}
        self._latest[names] = value
        return f"{identity} {'; '.join(parts) or 'as before'}"

    def _within(self, value: Any) -> str:
        """Return a value inside another one; of a list of things with ids, what is new in each."""
        if isinstance(value, list) and value and all(isinstance(one, dict) for one in value):
            return f"[{' | '.join(self._difference(one) for one in value)}]"
        return _text(value)


def objects(*values: Any) -> tuple[Any, ...]:
    """Return bodies, queries or headers of any shape, to be tried one after the other."""
    return values


def _text(value: Any) -> str:
    return json.dumps(_shortened(value), ensure_ascii=False, separators=(",", ":"))


def _shortened(value: Any) -> Any:
    if isinstance(value, str) and value.startswith("data:") and len(value) > MAX_TEXT:
        return value[:40]
    if isinstance(value, str) and len(value) > MAX_TEXT and not value.startswith("http"):
        return _short(value.encode(errors="replace"))
    if isinstance(value, list):
        return [_shortened(one) for one in value]
    if isinstance(value, dict):
        return {name: _shortened(one) for name, one in value.items()}
    return value


def _short(content: bytes) -> str:
    return f"<{len(content)} bytes {hashlib.sha256(content).hexdigest()[:8]}>"
