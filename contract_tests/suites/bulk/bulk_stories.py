"""Write down what becomes of a bulk run: what it sends, how long it waits, what it gives and keeps.

A story has a start with its trouble, and a second one of the same items without. All of it happens
in one process, on a clock that moves when it is waited for.
"""

import asyncio
import json
import math
import random
import re
import sqlite3
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Any, Final

import attrs
from attrs import define, field, frozen
from runflow_api.http_library import httpx
from runflow_client import AsyncRunflow, RetryPolicy, RunflowError, bulk
from runflow_client.bulk._items import client_ref_of

from ..client.calls import FILE, unified
from ..client.stepped_time import AsyncSteppedTime
from ..client.troubles import TROUBLES

MODEL: Final = "google/nano-banana-pro"
FILES: Final = "https://storage.test"
NO_LIMIT: Final = math.inf
MANY: Final = 400
"""Requests and pauses; no story has so many."""
HANGS: Final = 20.0
"""Seconds; only what hangs takes so long."""

BEFORE: Final = 1.7e9
AFTER: Final = 4e9
"""Seconds since 1970 of a moment before any of these, and of one after them."""
_LONG: Final = re.compile(r"0{8}-0000-7000-8000-0{11}(?=\d)|\b([0-9a-f]{8})[0-9a-f]{56}\b")
IN_SHORT: Final = {"key", "state", "attempt", "session", "run_id", "status", "cost"}
"""What is written down of the journal of a story that has a trouble."""

TROUBLES_HERE: Final[Mapping[str, Callable[[httpx.Request], httpx.Response]]] = {
    **TROUBLES,
    "403": lambda request: httpx.Response(403, json={"code": "NO", "message": "not yours"}),
}

Items = list[bulk.Item | bulk.BadItem]

ENDS: Final[Mapping[str, Mapping[str, Any]]] = {
    "succeeded": {"cost": "0.15", "duration_ms": 900},
    "cheap": {"cost": "0.05"},
    "free": {"cost": "0", "duration_ms": 0},
    "partial_succeeded": {"cost": "0.30"},
    "partial_succeeded with a word": {"failure_code": "one", "failure_message": "one is missing"},
    "failed": {"failure_code": "busy", "failure_message": "no room", "output": None},
    "failed otherwise": {"failure_code": "other", "failure_message": "no", "output": None},
    "failed without a word": {"output": None},
    "failed in half a character": {
        "failure_code": "cut \ud83d",
        "failure_message": "no \ud83d\nroom",
        "output": None,
    },
    "succeeded without files": {"output": {"outputs": []}},
    "failed at a price": {"failure_code": "busy", "cost": "0.15", "output": None},
    "canceled": {"cost": "0.02", "output": None},
    "gone": {},
}
"""How a run ends: `gone` is one that the server does not know any more."""


class Clock(AsyncSteppedTime):
    """Moves when it is waited for, lets the others go on, and notes it among the requests."""

    def __init__(self, log: list[str]) -> None:
        super().__init__()
        self._log = log

    async def sleep(self, seconds: float) -> None:  # type: ignore[override] # as that of its base
        """Move on."""
        if seconds > 0:
            self._log.append(f"{seconds:.3g} s")
        await super().sleep(seconds)
        await asyncio.sleep(0)


@define(eq=False)
class Server:
    """Makes runs, which end when they are read for the second time."""

    log: list[str]
    clock: Clock
    ends: list[str]
    """How the runs end, one after another; `succeeded` when there are no more."""
    trouble: dict[str, tuple[str, float]]
    """What is met at a place, and how often."""
    journal: Path
    give_up: Callable[[str, str], None] = field(kw_only=True, default=lambda reason, why: None)
    """Stops the bulk run."""
    together: int = 0
    """So many creates are answered together, a second after the last."""
    spared: int = 0
    """So many creates are answered before the trouble begins."""
    runs: dict[str, dict[str, Any]] = field(factory=dict[str, dict[str, Any]])
    reads: dict[str, int] = field(factory=dict[str, int])
    _refs: dict[str, str] = field(factory=dict[str, str])
    _waiting: int = 0
    _all: asyncio.Event = field(factory=asyncio.Event)

    async def answer(self, request: httpx.Request) -> httpx.Response:
        """Answer a request."""
        place, name = self._place(request)
        self.log.append(f"{place} {name}".strip())
        if len(self.log) >= MANY:
            self.give_up("story", "it goes on and on")
        if place == "create" and self.together:
            await self._gather()
        trouble, left = self.trouble.get(place, ("", 0))
        if place == "create" and self.spared:
            self.spared -= 1
        elif left > 0:
            self.trouble[place] = trouble, left - 1
            if trouble == "lost after it acted":
                self._create(request)
                raise httpx.ReadError("lost", request=request)
            return TROUBLES_HERE[trouble](request)
        if place == "create":
            return httpx.Response(201, json=self._create(request))
        if place == "file":
            return httpx.Response(200, content=FILE, headers={"Content-Type": "image/png"})
        if place == "list":
            q = request.url.params.get("q", "")
            shown = [one for one in reversed(self.runs.values()) if one["client_ref"] in q or not q]
            return httpx.Response(
                200, json={"items": [self._read(one) for one in shown], "next": None}
            )
        run = self.runs[request.url.path.rpartition("/")[2]]
        if run["end"] == "gone":
            return TROUBLES["404"](request)
        text = json.dumps(self._read(run))  # in ASCII, as some servers send half a character
        return httpx.Response(200, content=text, headers={"Content-Type": "application/json"})

    async def _gather(self) -> None:
        self._waiting += 1
        if self._waiting == self.together:
            self.clock.seconds += 1.0
            self.together = 0
            self._all.set()
        await self._all.wait()

    def _place(self, request: httpx.Request) -> tuple[str, str]:
        path = request.url.path
        if request.method == "POST":
            return "create", self.name_of(request)
        if path.endswith(".png"):
            return "file", path.rpartition("/")[2]
        if path.endswith("/runs"):
            q = request.url.params.get("q")
            return "list", "" if q is None else f"of {self.named(q)}"
        return "read", str(int(path.rpartition("-")[2]))

    def name_of(self, request: httpx.Request) -> str:
        """Name the create by its client_ref."""
        content = json.loads(request.content)
        assert request.headers["Idempotency-Key"], "each create has one"
        url = content["callback_url"]
        where = "" if url is None else f" for {url}"
        return f"{self.named(content['client_ref'])} {content['input']['prompt']!r}{where}"

    def named(self, text: str) -> str:
        """Put the item and its attempt in place of its client_ref."""
        if not self._refs:
            with bulk.Journal.read(self.journal) as journal:
                self._refs = {
                    client_ref_of(journal.id, key, attempt): f"{key[:9]}/{attempt}"
                    for key in (*"abcdeA", "k" * 1024)
                    for attempt in range(1, 5)
                }
        for ref, name in self._refs.items():
            text = text.replace(ref, name)
        return text.removeprefix("client_ref.EQ:")

    def _create(self, request: httpx.Request) -> dict[str, Any]:
        content = json.loads(request.content)
        end = self.ends.pop(0) if self.ends else "succeeded"
        number = len(self.runs) + 1
        run = {
            "id": f"00000000-0000-7000-8000-{number:012}",
            "status_code": "queued",
            "model_id": MODEL,
            "created_at": "2026-05-06T07:08:09+00:00",
            "client_ref": content["client_ref"],
            "output": {
                "outputs": [
                    {"url": f"{FILES}/{number}{letter}.png", "type": "image"}
                    for letter in ("ab" if end == "partial_succeeded" else "a")
                ]
            },
            "end": end,
        }
        self.runs[str(run["id"])] = run
        return self._read(run)

    def _read(self, run: dict[str, Any]) -> dict[str, Any]:
        shown = {name: value for name, value in run.items() if name != "end"}
        reads = self.reads[run["id"]] = self.reads.get(run["id"], 0) + 1
        if reads <= 2:
            return {**shown, "status_code": "queued" if reads == 1 else "running", "output": None}
        end = run["end"]
        status = "succeeded" if end in {"cheap", "free", "gone"} else end.split()[0]
        return {**shown, "status_code": status, **ENDS[end]}


@frozen
class Story:
    """Items, what they meet, and how the bulk run is asked for."""

    items: Callable[[Path], Any]
    ends: tuple[str, ...] = ()
    trouble: Mapping[str, tuple[str, float]] = field(factory=dict[str, Any])
    together: int = 0
    spared: int = 0
    options: Mapping[str, Any] = field(factory=dict[str, Any])
    prepare: Callable[[Path], object] | None = None
    """What is done to the folder before the first start."""
    between: Callable[[Path], object] | None = None
    """What is done to it before the second."""
    items_again: Callable[[Path], Any] | None = None
    """Those of the second start, where they are others."""
    options_again: Mapping[str, Any] = field(factory=dict[str, Any])
    """How the second start is asked for."""
    stop_after: int = 0
    """After so many results it is told to stop."""
    retries: RetryPolicy = field(factory=RetryPolicy)
    """What the client does before the bulk run hears of a trouble."""


def make_client(made: list[AsyncRunflow], server: Server, retries: RetryPolicy) -> AsyncRunflow:
    """Return a client of this server, and note that it was made."""
    http = httpx.AsyncClient(transport=httpx.MockTransport(server.answer))
    client = AsyncRunflow(
        "rf_live_x",
        base_url="https://api.test",
        http_client=http,
        clock=server.clock,
        retries=retries,
    )
    made.append(client)
    return client


def counted(events: Iterable[str]) -> str:
    """Return the events in one line, those in a row with their number."""
    counts = [(one, len(list(same))) for one, same in groupby(events)]
    return ", ".join(one if times == 1 else f"{times} x {one}" for one, times in counts)


async def _start(
    story: Story, folder: Path, log: list[str], server: Server, *, well: bool
) -> list[str]:
    """Return the results of a start, and how it ended."""
    given = story.options_again if well else story.options
    items_of = story.items_again if well and story.items_again is not None else story.items
    clients: list[AsyncRunflow] = []
    client = partial(make_client, clients, server, story.retries)

    found: list[str] = []
    started = bulk.run(
        MODEL,
        items_of(folder),
        **{
            "journal": folder / "j.sqlite",
            "output": folder / "out",
            "client": client,
            "clock": server.clock,
            "concurrency": 1,
            **given,
        },
    )
    server.give_up = started.stop
    try:
        async for result in started:
            found.append(_told(result, folder))
            log.append(f"-> {result.key[:9]}")
            if not well and len(found) == story.stop_after:
                started.stop()
    except Exception as error:
        reason = f"{error.reason}: " if isinstance(error, bulk.BulkStopped) else ""
        cause = "" if error.__cause__ is None else f" ({type(error.__cause__).__name__})"
        found.append(f"{type(error).__name__}, {reason}{error}{cause}")
    with bulk.Journal.read(folder / "j.sqlite") as journal:
        assert not journal.is_in_use(), "the journal is given back"
        assert started.summary == journal.summary()
    try:
        await clients[0].account.balance()
    except RunflowError as error:
        assert "closed" in str(error)
    else:
        raise AssertionError("the client that it made is closed")
    return found


def _told(result: bulk.ItemResult, folder: Path) -> str:
    left_out: tuple[Any, ...] = (None, (), False)  # a cost of 0 is told
    facts = attrs.asdict(result, filter=lambda _, value: not any(value is one for one in left_out))
    if "paths" in facts:
        facts["paths"] = [path.relative_to(folder).as_posix() for path in result.paths]
    return ", ".join(f"{name} {value}" for name, value in facts.items())


def _kept(folder: Path, *, whole: bool) -> Iterator[str]:
    """Give what the journal holds, of a moment that it is set, and the files."""
    with closing(sqlite3.connect(folder / "j.sqlite")) as connection:
        connection.row_factory = sqlite3.Row
        for table in ("meta", "items", "runs", "files") if whole else ("items", "runs"):
            for row in connection.execute(f"SELECT * FROM {table} ORDER BY 1, 2"):
                values = {name: value for name, value in dict(row).items() if value is not None}
                moments = [name for name in values if name.endswith("_at")]
                assert all(BEFORE < values.pop(name) < AFTER for name in moments), "now, in seconds"
                shown = [f"{name} {values[name]}" for name in values if whole or name in IN_SHORT]
                yield f"{table}: {', '.join([*shown, *(moments if whole else ())])}"
    for path in sorted((folder / "out").rglob("*")):
        yield f"file {path.relative_to(folder)} of {path.stat().st_size} bytes"


def _alike(line: str) -> str:
    """Shorten ids and marks, put a sign in place of an id that is made up, and numbers in place of
    halves of characters.
    """
    short = _LONG.sub(r"\1", unified(line)).replace("k" * 999, "kkk")
    return short.encode("utf-8", "backslashreplace").decode()


async def told_story(story: Story) -> list[str]:
    """Return what becomes of it, and of the same items without the trouble."""
    random.seed(7)
    log: list[str] = []
    clock = Clock(log)
    found: list[str] = []
    before: list[str] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        server = Server(
            log,
            clock,
            [*story.ends],
            {**story.trouble},
            folder / "j.sqlite",
            story.together,
            story.spared,
        )
        if story.prepare is not None:
            story.prepare(folder)
        for well in (False, True):
            if well:
                server.trouble.clear()
                if story.between is not None:
                    story.between(folder)
            log.clear()
            results = await _start(story, folder, log, server, well=well)
            kept = list(_kept(folder, whole=not story.trouble))
            found += [f"{'again' if well else 'first'}: {counted(log)}"]
            found += [f"    {line}" for line in (*results, *(x for x in kept if x not in before))]
            before = kept
        found = [_alike(server.named(line).replace(name, "FOLDER")) for line in found]
    return [*found, f"runs that were made: {len(server.runs)}"]
