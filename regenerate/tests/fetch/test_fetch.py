"""What fetching takes, what counts as unchanged, and that a refusal leaves every byte alone."""

import gzip
import tracemalloc
import zlib
from collections.abc import Generator
from pathlib import Path

import pytest

from ...document.json_tree import parse_document, sha256
from ...fetch.download import Limits
from ...fetch.fetcher import FetchRefused, fetch
from ...fetch.source import SourceError, WebSource, read_source
from ...project.lock import LOCAL, Lock, LockError, Origin, Validators, read_lock
from ..fetching import BUILT, Place, openapi, place, raw
from ..hostile_server import (
    Answer,
    HostileServer,
    hostile_serving,
    is_silent,
    response,
    trickles,
)

LIMITS = Limits(seconds=20, silent_seconds=10, bytes=20_000)
SMALL = raw(openapi())
HTML = b"<!doctype html><html><head><title>Just a\nmoment &amp; more</title></head></html>"
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


@pytest.fixture
def server() -> Generator[HostileServer, None, None]:
    """Return a server that answers what it is told."""
    with hostile_serving() as running:
        yield running


@pytest.fixture
def there(tmp_path: Path, server: HostileServer) -> Place:
    """Return a document that was fetched from the server before."""
    return place(
        tmp_path, SMALL, server.url(), Validators('"one"', "Wed, 01 Jan 2020 00:00:00 GMT")
    )


def refused(url: str, there: Place, limits: Limits = LIMITS) -> str:
    """Return what the refusal says, when nothing changed."""
    before = there.files()
    with pytest.raises(FetchRefused) as caught:
        fetch(url, document=there.document, lock=there.lock, limits=limits)
    assert there.files() == before
    return str(caught.value)


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        pytest.param(
            response(b"", status="404 Not Found"), "status 404 with application/json", id="404"
        ),
        pytest.param(response(b"{}", status="500 Oh"), "status 500", id="500"),
        pytest.param(response(SMALL, status="503 Later"), "status 503", id="503 with a document"),
        pytest.param(response(b"", status="204 Nothing"), "status 204", id="204"),
        pytest.param(
            response(SMALL, status="206 Part", content_type="application/json"),
            "status 206",
            id="206",
        ),
        pytest.param(
            response(HTML, content_type="text/html; charset=utf-8"),
            'text/html, a page titled "Just',
            id="html",
        ),
        pytest.param(response(SMALL, content_type="text/plain"), "200 with text/plain", id="text"),
        pytest.param(response(SMALL, content_type=None), "no content type", id="no content type"),
        pytest.param(
            response(SMALL, content_type="application/jsonx"), "application/jsonx", id="nearly json"
        ),
        pytest.param(response(b""), "an empty body", id="empty"),
        pytest.param(response(b" \n"), "an empty body", id="white space"),
        pytest.param(response(SMALL[:-3]), "not JSON", id="cut and closed"),
        pytest.param(response(SMALL)[:-3], "cut off or breaks the rules", id="cut off"),
        pytest.param(b"", "cut off or breaks the rules", id="hung up"),
        pytest.param(b"SSH-2.0-OpenSSH_9\r\n", "cut off or breaks the rules", id="not http"),
        pytest.param(response(b"[1]"), "an array, not an object", id="array"),
        pytest.param(
            response(b'{"openapi": "3.1.0", "openapi": "3.1.0"}'),
            "stands twice",
            id="duplicate key",
        ),
        pytest.param(response(b'{"openapi": "3.1.0", "x": NaN}'), "NaN", id="NaN"),
        pytest.param(response(b'{"openapi": "3.1.0", "x": "\xff"}'), "not UTF-8", id="not utf-8"),
        pytest.param(response(b"[" * 9000 + b"]" * 9000), "nested", id="deep"),
        pytest.param(response(b"{'openapi': '3.1.0'}"), "not JSON", id="not json"),
        pytest.param(response(raw({"swagger": "2.0", "paths": {}})), "Swagger 2.0", id="swagger"),
        pytest.param(response(raw(openapi(openapi="3.2.0"))), "OpenAPI 3.2.0", id="3.2"),
        pytest.param(response(raw(openapi(openapi="3.1"))), "OpenAPI 3.1,", id="3.1 alone"),
        pytest.param(
            response(raw({"message": "hello"})), "not an OpenAPI document", id="other json"
        ),
        pytest.param(response(raw(openapi(paths={}))), "without any operation", id="no operation"),
        pytest.param(
            response(raw(openapi("/a", "/b"))),
            "lost 2 of 4 operations: GET /c, GET /d",
            id="shrunk",
        ),
        pytest.param(
            response(raw(openapi("/w", "/x", "/y", "/z"))), "lost 4 of 4", id="another document"
        ),
        pytest.param(response(b" " * 20_001), "larger than 20000 bytes", id="too large"),
        pytest.param(
            response(gzip.compress(b" " * 20_001), "Content-Encoding: gzip"),
            "bytes when unpacked",
            id="gzip bomb",
        ),
        pytest.param(
            response(gzip.compress(SMALL)[:-9], "Content-Encoding: gzip"),
            "compressed body that is cut off",
            id="cut gzip",
        ),
        pytest.param(
            response(SMALL, "Content-Encoding: gzip"), "not the gzip it says", id="no gzip"
        ),
        pytest.param(
            response(SMALL, "Content-Encoding: br"), "compression that was not asked for", id="br"
        ),
        pytest.param(
            response(b"", status="302 Found"), "status 302 without a Location", id="no location"
        ),
        pytest.param(
            response(b"", "Location: /document", status="302 Found"),
            "more than 3 redirects",
            id="loop",
        ),
        pytest.param(
            response(b"", "Location: http://192.0.2.1/x?token=hush", status="301 Moved"),
            "http://192.0.2.1/x: http is taken from this machine only",
            id="redirect to http elsewhere",
        ),
        pytest.param(
            response(b"", "Location: file:///etc/passwd", status="301 Moved"),
            "neither https nor http",
            id="to a file",
        ),
        pytest.param(
            response(b"", "Location: http://127.0.0.1:port/", status="301 Moved"),
            "cut off or breaks the rules",
            id="to nowhere",
        ),
        pytest.param(
            trickles(
                HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"400\r\n" + b" " * 1024 + b"\r\n"
            ),
            "larger than 20000 bytes",
            id="without end",
        ),
    ],
)
def test_what_is_not_the_document_is_refused(
    answer: bytes | Answer, message: str, server: HostileServer, there: Place
) -> None:
    assert message in refused(server.answer(answer), there)


def test_a_few_bytes_that_stand_for_many_are_not_unpacked(
    server: HostileServer, there: Place
) -> None:
    packer = zlib.compressobj(wbits=31)
    packed = b"".join(packer.compress(bytes(2**20)) for _ in range(100)) + packer.flush()
    url = server.answer(response(packed, "Content-Encoding: gzip"))
    tracemalloc.start()
    try:
        assert "larger than 1000000 bytes when unpacked" in refused(
            url, there, Limits(seconds=20, bytes=10**6)
        )
        assert tracemalloc.get_traced_memory()[1] < 20 * 2**20
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(trickles(HEAD + b"\r\n{", b" "), id="body"),
        pytest.param(trickles(HEAD + b"X: ", b"x"), id="head"),
        pytest.param(is_silent, id="nothing"),
    ],
)
def test_what_never_ends_is_refused_when_the_time_is_over(
    answer: Answer, server: HostileServer, there: Place
) -> None:
    limits = Limits(seconds=0.3, silent_seconds=60, bytes=10**9)
    assert "no complete answer within 0.3 seconds" in refused(server.answer(answer), there, limits)


def test_the_status_is_told_although_its_page_never_ends(
    server: HostileServer, there: Place
) -> None:
    page = trickles(
        b"HTTP/1.1 404 Not Found\r\nContent-Type: text/html\r\n\r\n<title>gone</title>", b"x"
    )
    assert 'status 404 with text/html, a page titled "gone"' in refused(
        server.answer(page), there, Limits(seconds=1)
    )


def test_silence_is_refused_before_the_whole_time_is_over(
    server: HostileServer, there: Place
) -> None:
    limits = Limits(seconds=600, silent_seconds=0.1)
    assert "silent for 0.1 seconds" in refused(server.answer(is_silent), there, limits)


def test_nobody_there_is_refused(there: Place) -> None:
    with hostile_serving() as gone:
        url = gone.url()
    assert "no connection" in refused(url, there)


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("http://example.com/openapi.json", "http is taken from this machine only"),
        ("http://127.0.0.1.example.com/openapi.json", "http is taken from this machine only"),
        ("ftp://example.com/openapi.json", "cannot be fetched by ftp"),
        ("file://elsewhere/openapi.json", "a file of this machine"),
        ("https://", "cannot be read|neither https nor http"),
        ("  ", "no address"),
        ("does/not/exist.json", "No such file"),
    ],
)
def test_addresses_that_are_not_asked(url: str, message: str, there: Place) -> None:
    assert any(part in refused(url, there) for part in message.split("|"))


def test_a_redirect_never_leaves_https() -> None:
    source = read_source("https://example.com/a/openapi.json?token=hush")
    assert isinstance(source, WebSource)
    assert source.redirected("../b.json").label == "https://example.com/b.json"
    assert source.redirected("https://other.example/c.json").label == "https://other.example/c.json"
    for location in (
        "http://example.com/b.json",
        "http://127.0.0.1/b.json",
        "ftp://example.com/b.json",
    ):
        with pytest.raises(SourceError):
            source.redirected(location)


def test_a_new_document_is_taken_with_its_lock(server: HostileServer, there: Place) -> None:
    new = raw(openapi("/a", "/b", "/c", "/e"))
    url = server.answer(
        response(new, 'ETag: "two"', "Last-Modified: Thu, 02 Jan 2020 00:00:00 GMT")
    )
    report = fetch(
        url, document=there.document, lock=there.lock, limits=LIMITS, date=lambda: "2021-02-03"
    )
    assert (report.outcome, report.sha256) == ("changed", sha256(new))
    assert report.message == f"{len(new)} bytes from {url}: 4 operations, 1 gone"
    validators = Validators('"two"', "Thu, 02 Jan 2020 00:00:00 GMT")
    # What the client was built from stays true: it is still the one of the old document.
    assert read_lock(there.lock) == Lock(Origin(url, "2021-02-03", sha256(new), validators), BUILT)
    assert there.document.read_bytes() == new


@pytest.mark.parametrize("compress", [True, False])
def test_a_first_document_is_taken_after_redirects(
    compress: bool, server: HostileServer, tmp_path: Path
) -> None:
    there = Place(tmp_path)
    body = gzip.compress(SMALL) if compress else SMALL
    for step in range(3):
        server.answer(response(b"", f"Location: /{step + 1}", status="307 There"), f"/{step}")
    server.answer(response(body, *(["Content-Encoding: gzip"] if compress else [])), "/3")
    report = fetch(server.url("/0"), document=there.document, lock=there.lock, limits=LIMITS)
    assert (report.outcome, there.document.read_bytes()) == ("changed", SMALL)
    assert len(server.requests) == 4


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(response(b"", status="304 Not Modified", content_type=None), id="304"),
        pytest.param(response(SMALL, 'ETag: "two"'), id="identical"),
        pytest.param(response(raw(dict(reversed(openapi().items())))), id="other order"),
        pytest.param(
            response(SMALL.replace(b"\n", b"").replace(b"{", b"{ ")), id="other white space"
        ),
    ],
)
def test_unchanged_changes_nothing(answer: bytes, server: HostileServer, there: Place) -> None:
    before = there.files()
    report = fetch(server.answer(answer), document=there.document, lock=there.lock, limits=LIMITS)
    assert report.outcome == "unchanged"
    assert report.message.startswith("unchanged")
    assert there.files() == before


def test_the_request_is_conditional(server: HostileServer, there: Place) -> None:
    fetch(server.answer(response(SMALL)), document=there.document, lock=there.lock, limits=LIMITS)
    asked = server.requests[0].lower()
    assert 'if-none-match: "one"' in asked
    assert "if-modified-since: wed, 01 jan 2020 00:00:00 gmt" in asked


def test_a_304_that_was_not_asked_for_is_refused(server: HostileServer, tmp_path: Path) -> None:
    there = place(tmp_path, SMALL, "https://example.com/openapi.json", Validators('"one"'))
    url = server.answer(response(b"", status="304 Not Modified", content_type=None))
    assert "status 304" in refused(url, there)
    assert "if-none-match" not in server.requests[0].lower()


@pytest.mark.parametrize("damage", ["document", "lock", "lock removed"])
def test_a_change_by_hand_is_healed(damage: str, server: HostileServer, there: Place) -> None:
    if damage == "document":
        there.document.write_bytes(SMALL + b"\n")
    elif damage == "lock":
        there.lock.write_text(there.lock.read_text().replace("2020-01-01", "2020-01-02"))
    else:
        there.lock.unlink()
    report = fetch(
        server.answer(response(SMALL)), document=there.document, lock=there.lock, limits=LIMITS
    )
    assert report.outcome == "changed"
    assert "if-none-match" not in server.requests[0].lower()
    lock = read_lock(there.lock)
    assert lock is not None
    assert lock.origin.sha256 == sha256(SMALL) == sha256(there.document.read_bytes())


def test_allow_shrink_takes_a_document_that_lost_much(server: HostileServer, there: Place) -> None:
    new = raw(openapi("/a"))
    url = server.answer(response(new))
    fetch(url, document=there.document, lock=there.lock, limits=LIMITS, allow_shrink=True)
    assert there.document.read_bytes() == new


def test_other_names_of_parameters_are_no_loss(server: HostileServer, tmp_path: Path) -> None:
    there = place(tmp_path, raw(openapi("/a/{id}", "/b/{id}")), server.url())
    url = server.answer(response(raw(openapi("/a/{run_id}", "/b/{run_id}"))))
    assert fetch(url, document=there.document, lock=there.lock, limits=LIMITS).outcome == "changed"


@pytest.mark.parametrize("scheme", ["", "file://"])
def test_a_file_is_taken(scheme: str, there: Place, tmp_path: Path) -> None:
    source = tmp_path / "folder with spaces" / "new.json"
    source.parent.mkdir()
    source.write_bytes(raw(openapi("/a", "/b", "/c", "/d", "/e")))
    url = source.as_uri() if scheme else str(source)
    report = fetch(url, document=there.document, lock=there.lock, limits=LIMITS)
    assert (report.outcome, there.document.read_bytes()) == ("changed", source.read_bytes())
    # The lock is committed: it names no folder of this machine.
    assert str(tmp_path) not in there.lock.read_text()
    assert "larger than 5 bytes" in refused(url, there, Limits(bytes=5))


def test_credentials_are_used_and_never_shown(server: HostileServer, there: Place) -> None:
    url = f"http://user:hush@127.0.0.1:{server.port}/document?token=hidden#fragment"
    page = b"<title>not found: http://user:hush@x/?token=hidden</title>"
    server.answer(response(page, status="404 No", content_type="text/html"))
    message = refused(url, there)
    server.answer(response(raw(openapi("/a", "/b", "/c", "/d", "/e")), 'ETag: "token=hidden"'))
    report = fetch(url, document=there.document, lock=there.lock, limits=LIMITS)
    assert "authorization: basic " in server.requests[0].lower()
    for text in (message, repr(report), there.lock.read_text(), repr(read_source(url))):
        assert "hush" not in text
        assert "hidden" not in text
        assert "fragment" not in text


def test_the_lock_notices_a_change_by_hand(there: Place) -> None:
    text = there.lock.read_text(encoding="utf-8")
    assert read_lock(there.lock) is not None
    for old, new in (("2020-01-01", "2020-01-02"), ("\n", "\n\n"), ("one", "two"), ("{", "")):
        there.lock.write_text(text.replace(old, new, 1), encoding="utf-8")
        with pytest.raises(LockError, match="version control"):
            read_lock(there.lock)


def test_a_file_that_was_put_there_has_an_origin_too() -> None:
    from ...project.lock import origin_of

    document = openapi()
    assert origin_of(document, SMALL, None) == Origin(LOCAL, None, sha256(SMALL))
    fetched = Lock(Origin("https://example.com/openapi.json", "2020-01-01", "0" * 64), None)
    with pytest.raises(LockError, match="changed by hand"):
        origin_of(document, SMALL, fetched)


YAML_DOCUMENT = b"""openapi: 3.0.3
info: {title: Small, version: 1.0}
paths:
  /v1/runs:
    get: {responses: {200: {description: Fine.}}}
"""


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["plain", "with a byte order mark"])
@pytest.mark.parametrize("name", ["published.yaml", "published.json", "published"])
def test_yaml_is_taken_and_written_as_json(mark: bytes, name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(mark + YAML_DOCUMENT)
    document, lock = tmp_path / "openapi.json", tmp_path / "openapi.lock.json"
    fetch(str(tmp_path / name), document=document, lock=lock, limits=LIMITS)
    found = parse_document(document.read_bytes())
    assert found["info"] == {"title": "Small", "version": "1.0"}
    assert found["paths"] == {"/v1/runs": {"get": {"responses": {"200": {"description": "Fine."}}}}}
    again = fetch(str(tmp_path / name), document=document, lock=lock, limits=LIMITS)
    assert again.outcome == "unchanged"


def test_json_with_a_byte_order_mark_is_taken(tmp_path: Path) -> None:
    (tmp_path / "published.json").write_bytes(b"\xef\xbb\xbf" + SMALL)
    document, lock = tmp_path / "openapi.json", tmp_path / "openapi.lock.json"
    fetch(str(tmp_path / "published.json"), document=document, lock=lock, limits=LIMITS)
    assert parse_document(document.read_bytes()) == openapi()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b"openapi: 3.1.0\npaths: {a: 1, a: 2}\n", "stands twice"),
        (b"openapi: 3.1.0\n  paths: [\n", "not YAML"),
        (
            b"openapi: 3.1.0\na: &a [1,1,1,1,1,1,1,1,1,1]\n"
            + b"".join(
                b"%c: &%c [%s]\n" % (n, n, b",".join([b"*%c" % (n - 1)] * 10))
                for n in range(ord("b"), ord("j"))
            ),
            "values, with its aliases followed",
        ),
    ],
    ids=["twice", "broken", "bomb"],
)
def test_yaml_that_cannot_be_read_is_refused(text: bytes, reason: str, tmp_path: Path) -> None:
    (tmp_path / "published.yaml").write_bytes(text)
    place = tmp_path / "openapi.json"
    with pytest.raises(FetchRefused, match=reason):
        fetch(str(tmp_path / "published.yaml"), document=place, lock=tmp_path / "lock.json")
    assert not place.exists()
