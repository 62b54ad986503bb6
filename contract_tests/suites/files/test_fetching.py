"""Getting a file as a flow: what is asked of the storage, and what is made of every answer, break
and redirect.
"""

from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from attrs import define, field
from runflow_api.http_library import httpx
from runflow_client import (
    AddressRefused,
    ConnectionLost,
    DownloadTooLarge,
    NotFound,
    RetryPolicy,
    RunflowError,
    StorageRefused,
    WrongContent,
)
from runflow_client._flows.commands import (
    CloseDownload,
    Context,
    Emit,
    Flow,
    OpenDownload,
    OpenedDownload,
    ReadChunks,
    RunBlocking,
    Sleep,
)
from runflow_client._flows.download import Source, fetch
from runflow_client._flows.save import CallerSink, FileSink, MemorySink

URL = "https://storage.test/a/picture.png?sig=5ec4e7"
SHOWN = "https://storage.test/a/picture.png?[hidden]"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20
PIECES = [PNG[:100], PNG[100:3000], PNG[3000:]]
BROKEN = httpx.ReadError("reset")
MEBIBYTE = 1024 * 1024


def answered(
    status: int, *pieces: bytes | Exception, **headers: str
) -> tuple[httpx.Response, list[bytes | Exception]]:
    """An answer of the storage and the pieces of its body, a break among them."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.Response(status, headers={"Content-Type": "image/png", **named}), [*pieces]


def rest(
    start: int, *pieces: bytes | Exception, total: int | str = len(PNG), **headers: str
) -> Any:
    return answered(206, *pieces, Content_Range=f"bytes {start}-{len(PNG) - 1}/{total}", **headers)


@define(eq=False)
class ScriptedStorage:
    """Carries out a download against answers in turn, and remembers what was asked."""

    answers: list[Any]
    opens: list[OpenDownload] = field(factory=list)
    slept: list[float] = field(factory=list)
    told: list[Any] = field(factory=list)
    open_now: int = 0

    def drive(self, flow: Flow[Any]) -> Any:
        outcome: Any = None
        while True:
            try:
                command = (
                    flow.throw(outcome) if isinstance(outcome, Exception) else flow.send(outcome)
                )
            except StopIteration as end:
                return end.value
            outcome = self.obey(command)

    def obey(self, command: Any) -> Any:
        match command:
            case OpenDownload():
                self.opens.append(command)
                found = self.answers.pop(0)
                if isinstance(found, Exception):
                    return found
                self.open_now += 1
                return OpenedDownload(found[0], iter(found[1]))
            case ReadChunks():
                chunks: Any = command.opened.chunks
                piece = next(chunks, b"")
                return piece if isinstance(piece, Exception) else [piece] if piece else []
            case CloseDownload():
                self.open_now -= 1
            case Sleep():
                self.slept.append(command.seconds)
            case Emit():
                self.told.append(command.state)
            case RunBlocking():
                return command.function()
            case _:
                raise AssertionError(command)
        return None


def never() -> Flow[str | None]:
    yield from ()
    raise AssertionError("no other URL is asked for")


def renewing(*urls: str | RunflowError | None) -> Callable[[], Flow[str | None]]:
    left = [*urls]

    def renew() -> Flow[str | None]:
        yield from ()
        found = left.pop(0)
        if isinstance(found, RunflowError):
            raise found
        return found

    return renew


def get(
    *answers: Any,
    url: str = URL,
    renew: Any = never,
    attempts: int = 5,
    sink: Any = None,
    kinds: Any = ("image",),
    **options: Any,
) -> Any:
    """What the sink got, or the error; and the storage with all it was asked."""
    storage = ScriptedStorage([*answers])
    sink = sink if sink is not None else MemorySink()
    context = Context(lambda: 0.0, lambda: 0.5, RetryPolicy(attempts=attempts))
    source = Source(
        url=url,
        kinds=kinds,
        size=options.pop("size", None),
        renew=renew,
        queued=options.pop("queued", True),
    )
    try:
        storage.drive(fetch(context, source, sink, **options))
        outcome: Any = bytes(sink.content) if isinstance(sink, MemorySink) else None
    except Exception as error:
        outcome = error
    assert storage.answers == [], "every answer that was scripted was asked for"
    assert storage.open_now == 0, "every transfer was ended"
    return outcome, storage


def asked(storage: ScriptedStorage) -> list[dict[str, str]]:
    return [
        {name: value for name, value in one.headers.items() if name != "Accept-Encoding"}
        for one in storage.opens
    ]


@pytest.mark.parametrize("queued", [True, False])
def test_a_file_is_asked_for_once_as_it_is(queued: bool) -> None:
    heard: list[Any] = []
    length = {"Content_Length": str(len(PNG))}
    outcome, storage = get(
        answered(200, *PIECES, **length),
        queued=queued,
        progress=lambda *counts: heard.append(counts),
    )
    assert outcome == PNG
    (opened,) = storage.opens
    assert (opened.url, opened.redirected, opened.queued) == (URL, False, queued)
    assert dict(opened.headers) == {"Accept-Encoding": "identity"}
    assert heard[-1] == (len(PNG), len(PNG))
    assert [received for received, _ in heard] == sorted(received for received, _ in heard)
    heard.clear()
    get(answered(200, *PIECES), progress=lambda *counts: heard.append(counts))
    assert heard[-1] == (len(PNG), None)
    get(
        answered(200, *PIECES, **length, Content_Encoding="gzip"),
        progress=lambda *counts: heard.append(counts),
    )
    assert heard[-1] == (len(PNG), None)


LATER = {"Last_Modified": "Wed, 01 Jul 2026 10:00:00 GMT", "Date": "Wed, 01 Jul 2026 10:01:00 GMT"}
SOON = {**LATER, "Date": "Wed, 01 Jul 2026 10:00:59 GMT"}


@pytest.mark.parametrize(
    ("tags", "sent"),
    [
        ({"ETag": '"v1"'}, '"v1"'),
        ({"ETag": '"v1"', **LATER}, '"v1"'),
        (LATER, LATER["Last_Modified"]),
    ],
)
def test_a_broken_transfer_resumes_where_it_broke(tags: dict[str, str], sent: str) -> None:
    heard: list[Any] = []
    first = answered(200, *PIECES[:2], BROKEN, Content_Length=str(len(PNG)), **tags)
    outcome, storage = get(
        first, rest(3000, PIECES[2]), progress=lambda *counts: heard.append(counts)
    )
    assert outcome == PNG
    assert asked(storage) == [{}, {"Range": "bytes=3000-", "If-Range": sent}]
    assert storage.slept == [0.25]
    assert heard[-1] == (len(PNG), len(PNG))


@pytest.mark.parametrize(
    "tags",
    [
        {},
        {"ETag": 'W/"v1"'},
        {"ETag": 'W/"v1"', **LATER},
        {"ETag": "v1"},
        SOON,
        {"Last_Modified": LATER["Last_Modified"]},
        {"Last_Modified": "Wed", "Date": LATER["Date"]},
        {"ETag": '"v1"', "Content_Encoding": "gzip"},
    ],
    ids=count(),
)
def test_without_a_strong_validator_a_broken_transfer_starts_over(tags: dict[str, str]) -> None:
    first = answered(200, *PIECES[:2], BROKEN, Content_Length=str(len(PNG)), **tags)
    again = answered(200, *PIECES, **tags)
    outcome, storage = get(first, again)
    assert outcome == PNG
    assert asked(storage) == [{}, {}]
    first = answered(200, *PIECES[:2], BROKEN, Content_Length=str(len(PNG)), **tags)
    outcome, storage = get(first, sink=CallerSink())
    assert isinstance(outcome, ConnectionLost)
    assert outcome.reason == (
        "the download broke off after 3000 bytes: the storage names no strong validator to "
        "resume with"
    )
    assert b"".join(storage.told) == PNG[:3000]


@pytest.mark.parametrize(
    ("first", "then"),
    [
        ({"ETag": '"v1"'}, {"ETag": 'W/"v1"'}),
        ({"ETag": '"v1"'}, {"ETag": 'W/"v2"'}),
        (LATER, {**LATER, "Last_Modified": SOON["Date"]}),
        (LATER, {**LATER, "ETag": 'W/"v2"'}),
    ],
    ids=count(),
)
def test_a_rest_with_another_validator_is_not_appended(
    first: dict[str, str], then: dict[str, str]
) -> None:
    begun = answered(200, *PIECES[:2], BROKEN, Content_Length=str(len(PNG)), **first)
    outcome, storage = get(begun, rest(3000, PIECES[2], **then), answered(200, *PIECES))
    assert outcome == PNG
    assert [one.get("Range") for one in asked(storage)] == [None, "bytes=3000-", None]


@pytest.mark.parametrize(
    ("size", "is_whole"), [(len(PNG), True), (len(PNG) - 1, True), (len(PNG) + 1, False)]
)
def test_without_a_length_the_size_that_the_run_names_decides(size: int, is_whole: bool) -> None:
    outcome, _ = get(*[answered(200, *PIECES)] * (1 if is_whole else 3), size=size)
    if is_whole:
        assert outcome == PNG
    else:
        assert isinstance(outcome, ConnectionLost)
        assert outcome.reason == (
            f"the download broke off after {len(PNG)} bytes: the body is 1 bytes shorter than the "
            "run says"
        )
    outcome, _ = get(answered(200, *PIECES, Content_Length=str(len(PNG))), size=size)
    assert outcome == PNG, "the storage knows better"


def test_before_anything_came_the_whole_is_asked_for_again() -> None:
    outcome, storage = get(BROKEN, answered(200, BROKEN), answered(200, *PIECES))
    assert outcome == PNG
    assert asked(storage) == [{}, {}, {}]
    assert storage.slept == [0.25, 0.75]


def test_a_beginning_that_is_too_short_to_be_checked_is_asked_for_again() -> None:
    outcome, storage = get(answered(200, PNG[:4], BROKEN), answered(200, *PIECES))
    assert outcome == PNG
    assert asked(storage) == [{}, {}]


@pytest.mark.parametrize(
    "wrong",
    [
        rest(2999, PIECES[2]),
        rest(3000, PIECES[2], total=len(PNG) + 1),
        rest(3000, PIECES[2], ETag='"v2"'),
        rest(3000, PIECES[2], Content_Encoding="gzip"),
        answered(206, PIECES[2]),
        answered(206, PIECES[2], Content_Range="bytes 3000"),
        answered(416),
    ],
    ids=count(),
)
def test_the_rest_of_another_file_begins_anew_and_cannot_where_the_caller_has_a_part(
    wrong: Any,
) -> None:
    first = answered(200, *PIECES[:2], BROKEN, Content_Length=str(len(PNG)), ETag='"v1"')
    outcome, storage = get(first, (wrong[0], [*wrong[1]]), answered(200, *PIECES))
    assert outcome == PNG
    assert asked(storage)[1:] == [{"Range": "bytes=3000-", "If-Range": '"v1"'}, {}]
    first = answered(200, *PIECES[:2], BROKEN, Content_Length=str(len(PNG)), ETag='"v1"')
    outcome, storage = get(first, (wrong[0], [*wrong[1]]), sink=CallerSink())
    assert isinstance(outcome, ConnectionLost)
    assert (outcome.method, outcome.path) == ("GET", SHOWN)
    assert (
        outcome.reason
        == "the download broke off after 3000 bytes: the storage has another file now"
    )
    assert b"".join(storage.told) == PNG[:3000]


@pytest.mark.parametrize("headers", [{"ETag": '"v1"'}, {}])
@pytest.mark.parametrize("total", [len(PNG), "*"])
def test_the_rest_of_the_same_file_is_taken(headers: dict[str, str], total: int | str) -> None:
    first = answered(200, *PIECES[:2], BROKEN, Content_Length=str(len(PNG)), ETag='"v1"')
    outcome, _ = get(first, rest(3000, PIECES[2], total=total, **headers))
    assert outcome == PNG


@pytest.mark.parametrize("again", ['"v1"', '"v2"', None])
def test_a_storage_without_ranges_gives_the_same_file_again_or_another(again: str | None) -> None:
    tag = {} if again is None else {"ETag": again}
    other = PNG + b"!" if again != '"v1"' else PNG
    first = answered(200, *PIECES[:2], BROKEN, ETag='"v1"')
    outcome, _ = get(first, answered(200, other[:1000], other[1000:4000], other[4000:], **tag))
    assert outcome == other
    first = answered(200, *PIECES[:2], BROKEN, ETag='"v1"')
    outcome, storage = get(
        first, answered(200, other[:1000], other[1000:4000], other[4000:], **tag), sink=CallerSink()
    )
    assert (outcome is None) is (again == '"v1"')
    assert b"".join(storage.told) == (PNG if again == '"v1"' else PNG[:3000])


def test_a_file_that_breaks_again_before_the_new_part_of_it_is_resumed() -> None:
    first = answered(200, *PIECES[:2], BROKEN, ETag='"v1"')
    again = answered(200, PNG[:1000], BROKEN, ETag='"v1"')
    outcome, storage = get(first, again, rest(3000, PIECES[2]))
    assert outcome == PNG
    assert asked(storage)[-1]["Range"] == "bytes=3000-"


@pytest.mark.parametrize(
    ("body", "declared", "expected"),
    [
        (PNG, "image/jpeg", "image/png"),
        (b"\x80" * 9, "Image/WEBP; a=b", "image/webp"),
        (b"\x80" * 9, "application/octet-stream", None),
    ],
)
def test_the_type_is_that_of_the_content_and_else_the_declared_one(
    body: bytes, declared: str, expected: str | None
) -> None:
    storage = ScriptedStorage([answered(200, body, Content_Type=declared)])
    context = Context(lambda: 0.0, lambda: 0.5, RetryPolicy())
    source = Source(url=URL, kinds=("image",), renew=never)
    assert storage.drive(fetch(context, source, MemorySink())) == expected


def test_a_connection_that_keeps_breaking_is_given_up_after_three_tries() -> None:
    first = answered(200, *PIECES[:2], BROKEN, ETag='"v1"')
    outcome, storage = get(first, *[httpx.ConnectError("no")] * 2)
    assert isinstance(outcome, ConnectionLost)
    assert outcome.reason == "the download broke off after 3000 bytes: ConnectError: no"
    assert (outcome.method, outcome.path) == ("GET", SHOWN)
    assert isinstance(outcome.__cause__, httpx.ConnectError)
    assert storage.slept == [0.25, 0.75]
    assert "5ec4e7" not in str(outcome)
    outcome, storage = get(BROKEN, attempts=1)
    assert isinstance(outcome, ConnectionLost)
    assert storage.slept == []
    outcome, storage = get(BROKEN, BROKEN, attempts=2)
    assert isinstance(outcome, ConnectionLost)


def test_a_body_that_ends_before_its_length_has_broken_off() -> None:
    first = answered(200, *PIECES[:2], Content_Length=str(len(PNG)), ETag='"v1"')
    outcome, storage = get(first, rest(3000, PIECES[2]))
    assert outcome == PNG
    assert storage.slept == [0.25]


@pytest.mark.parametrize(("size", "counts_anew"), [(MEBIBYTE, True), (MEBIBYTE - 1, False)])
def test_a_mebibyte_that_came_makes_the_next_break_the_first_again(
    size: int, counts_anew: bool
) -> None:
    big = PNG + bytes(3 * MEBIBYTE)

    def part(start: int, end: int | None) -> Any:
        pieces = [big[start:end], BROKEN] if end else [big[start:]]
        if start == 0:
            return answered(200, *pieces, ETag='"v1"')
        return answered(206, *pieces, Content_Range=f"bytes {start}-{len(big) - 1}/{len(big)}")

    answers = [httpx.ConnectError("no"), httpx.ConnectError("no"), part(0, size)]
    more = [httpx.ConnectError("no"), part(size, None)] if counts_anew else []
    outcome, storage = get(*answers, *more)
    assert (outcome == big) is counts_anew
    assert storage.slept == ([0.25, 0.75, 0.25, 0.75] if counts_anew else [0.25, 0.75])


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_storage_in_trouble_is_tried_again(status: int) -> None:
    outcome, storage = get(answered(status), answered(200, *PIECES))
    assert outcome == PNG
    assert storage.slept == [0.25]
    outcome, storage = get(*[answered(status, b"<Code>Slow", b"Down</Code>")] * 3)
    assert isinstance(outcome, StorageRefused)
    assert (outcome.status, outcome.code, outcome.method, outcome.address) == (
        status,
        "SlowDown",
        "GET",
        SHOWN,
    )
    assert str(outcome).startswith("the storage refused the download (GET ")
    assert str(outcome).endswith(f"): status {status} SlowDown")


@pytest.mark.parametrize("status", [201, 204, 206, 400, 416])
def test_what_is_no_file_is_refused_at_once(status: int) -> None:
    outcome, storage = get(answered(status))
    assert isinstance(outcome, StorageRefused)
    assert (outcome.status, outcome.code) == (status, None)
    assert storage.slept == []
    outcome, storage = get(answered(status, b"<Co", b"de>Odd</Code>", BROKEN))
    assert isinstance(outcome, StorageRefused)
    assert (outcome.status, outcome.code, storage.slept) == (status, "Odd", [])
    outcome, storage = get(answered(status, *[b" "] * 8, b"<Code>Odd</Code>"))
    assert (type(outcome), outcome.code, storage.open_now) == (StorageRefused, None, 0)


@pytest.mark.parametrize("status", [401, 403, 404, 410])
def test_a_url_whose_time_is_over_is_renewed_once(status: int) -> None:
    fresh = URL.replace("5ec4e7", "new")
    outcome, storage = get(answered(status), answered(200, *PIECES), renew=renewing(fresh))
    assert outcome == PNG
    assert [opened.url for opened in storage.opens] == [URL, fresh]
    assert storage.slept == []
    outcome, _ = get(answered(status), answered(status), renew=renewing(fresh))
    assert isinstance(outcome, StorageRefused)
    outcome, _ = get(answered(status), renew=renewing(None))
    assert isinstance(outcome, StorageRefused)
    trouble = NotFound(status=404, method="GET", path="/v1/runs/x")
    outcome, _ = get(answered(status), renew=renewing(trouble))
    assert isinstance(outcome, StorageRefused)
    assert outcome.__cause__ is trouble
    assert outcome.__notes__ == [f"No fresh URL could be read: {trouble}"]


def test_a_reference_is_resolved_first() -> None:
    outcome, storage = get(answered(200, *PIECES), url="runflow://assets/1", renew=renewing(URL))
    assert outcome == PNG
    assert storage.opens[0].url == URL
    outcome, _ = get(answered(403), url="runflow://assets/1", renew=renewing(URL))
    assert isinstance(outcome, StorageRefused)
    outcome, _ = get(url="runflow://assets/1", renew=renewing(None))
    assert isinstance(outcome, AddressRefused)
    assert (
        str(outcome)
        == "refusing to contact runflow://assets/1: only the API resolves this reference"
    )


def moved(place: str, status: int = 302) -> Any:
    return answered(status, Location=place)


def test_redirects_are_followed_three_times_each_from_where_it_stands() -> None:
    outcome, storage = get(
        moved("https://other.test/b/c"),
        moved("../d"),
        moved("//third.test/e"),
        answered(200, *PIECES),
    )
    assert outcome == PNG
    assert [(opened.url, opened.redirected) for opened in storage.opens] == [
        (URL, False),
        ("https://other.test/b/c", True),
        ("https://other.test/d", True),
        ("https://third.test/e", True),
    ]
    outcome, _ = get(*[moved("/b")] * 4)
    assert isinstance(outcome, AddressRefused)
    assert outcome.reason == "more than 3 redirects led to it"
    outcome, _ = get(moved("https://[::1"))
    assert isinstance(outcome, AddressRefused)
    assert (outcome.address, outcome.reason) == (SHOWN, "it redirects to an invalid URL")


@pytest.mark.parametrize(("limit", "fits"), [(len(PNG), True), (len(PNG) - 1, False)])
@pytest.mark.parametrize("headers", [{}, {"Content_Length": str(len(PNG))}])
def test_a_file_may_be_as_large_as_allowed(limit: int, fits: bool, headers: dict[str, str]) -> None:
    heard: list[Any] = []
    sink = MemorySink()
    outcome, storage = get(
        answered(200, *PIECES, **headers),
        max_bytes=limit,
        sink=sink,
        progress=lambda *counts: heard.append(counts),
    )
    if fits:
        assert outcome == PNG
    else:
        assert isinstance(outcome, DownloadTooLarge)
        assert outcome.address == SHOWN
        assert (
            str(outcome)
            == f"{SHOWN} is too large: it has at least {len(PNG)} bytes, and max_bytes is {limit}"
        )
        assert bool(heard) is not bool(headers)
    assert len(sink.content) <= limit
    assert storage.slept == []


@pytest.mark.parametrize("body", [b"<html>no</html>", b"<html>" + b" " * 5000, b""])
def test_what_is_no_picture_never_reaches_the_sink(body: bytes) -> None:
    outcome, storage = get(answered(200, body, Content_Type="text/html"), sink=CallerSink())
    assert isinstance(outcome, WrongContent)
    assert outcome.address == SHOWN
    assert str(outcome).startswith(f"{SHOWN} does not hold the expected file: ")
    assert storage.told == []


def test_a_file_in_its_url_is_taken_from_there() -> None:
    heard: list[Any] = []
    outcome, storage = get(
        url="data:image/png;base64,iVBORw0KGgo=", progress=lambda *counts: heard.append(counts)
    )
    assert outcome == PNG[:8]
    assert (storage.opens, heard) == ([], [(8, 8)])
    outcome, _ = get(url="data:text/html,<html>no</html>")
    assert isinstance(outcome, WrongContent)
    assert outcome.address == "data:text/html,... (30 characters)"
    outcome, _ = get(url="data:text/plain,hello")
    assert "it is text/plain, not image" in str(outcome)
    assert get(url="data:,hello")[0] == b"hello"
    outcome, _ = get(url="data:image/png;base64,iVBORw0KGgo=", max_bytes=7)
    assert isinstance(outcome, DownloadTooLarge)


def test_a_stream_that_is_left_asks_nothing_more() -> None:
    storage = ScriptedStorage([answered(200, *PIECES)])
    source = Source(url=URL, kinds=("image",), renew=never)
    flow = fetch(Context(lambda: 0.0, lambda: 0.5, RetryPolicy()), source, CallerSink())
    outcome: Any = None
    while not storage.told:
        outcome = storage.obey(flow.send(outcome))
    flow.close()
    assert storage.open_now == 1


def test_a_file_begun_anew_holds_nothing_of_the_first_try(tmp_path: Path) -> None:
    target = tmp_path / "picture.png"
    sink = FileSink(target)
    ScriptedStorage([]).drive(sink.open())
    big = PNG + bytes(2 * MEBIBYTE)
    first = answered(200, big[:MEBIBYTE], BROKEN, ETag='"v1"')
    outcome, storage = get(first, answered(200, *PIECES, ETag='"v2"'), sink=sink)
    assert outcome is None
    storage.drive(sink.finish(overwrite=False))
    assert target.read_bytes() == PNG
    assert [path.name for path in tmp_path.iterdir()] == ["picture.png"]
    sink.discard()
    assert target.exists()
