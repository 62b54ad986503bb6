"""Each bound of a fetch from both sides, and each text that says where or why, with no secret."""

import gzip
import sys
import time
import zlib
from collections.abc import Generator, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from suites.snapshot import check_snapshot

from ...document.json_tree import DocumentError, JSONObject
from ...fetch._acceptance import Accepted, NotAcceptable, accept
from ...fetch._yaml import as_json
from ...fetch.download import Download, DownloadError, Limits, download
from ...fetch.fetcher import Fetched, today
from ...fetch.source import SourceError, WebSource, read_source
from ...project.lock import Validators
from ..every_word import SNAPSHOTS
from ..fetching import openapi, raw
from ..hostile_server import HostileServer, hostile_serving, response

SECRETS = ("hush", "s3cret")
BODY = b'{"a": 1}'
KNOWN = Validators('"one"', "Wed, 01 Jan 2020 00:00:00 GMT")


@pytest.fixture(scope="module")
def server() -> Generator[HostileServer, None, None]:
    """Return a server that answers what it is told."""
    with hostile_serving() as running:
        yield running


def safe(text: str) -> str:
    """Return a text that people read, after a look that it holds no secret."""
    assert not any(secret in text for secret in SECRETS), text
    return text


def got(url: str, limits: Limits, validators: Validators | None = None) -> str:
    """Return what comes from an address, or why nothing does."""
    try:
        found: Download = download(read_source(url), validators or Validators(), limits)
    except DownloadError as error:
        return f"refused: {safe(str(error))}"
    text = "nothing new" if found.raw is None else f"{len(found.raw)} bytes"
    return f"{text}, {found.validators}"


SIZES = {"less": len(BODY) - 1, "exactly": len(BODY), "more": len(BODY) + 1}
ENCODINGS = ("identity", "", "gzip", "x-gzip", " GZip ", "br", "deflate", "gzip, gzip")
TITLES = (
    "plain",
    "a &amp; b\n\t",
    "  of\u00a0spaces  ",
    "asks ?token=hush",
    "at https://user:hush@a.test",
    "x" * 80,
    "x" * 81,
    "",
    "&#x1b;[31mred",
    "one</title><title>two",
)
TYPES = (
    *("application/json", "application/json; charset=utf-8", "application/vnd.oai.openapi+json"),
    *("application/yaml", "text/yaml", "application/x-yaml", "text/x-yaml"),
    *("application/vnd.oai.openapi", "application/jsonp", "text/plain", "", "APPLICATION/JSON"),
    *(f"text/{'x' * 55}", f"text/{'x' * 56}", "Text/HTML; a=hush", "a/b?c=d\x80"),
)


def of_bodies(server: HostileServer) -> Iterator[str]:
    """Yield what comes of bodies of each size, compression and content type."""
    for name, size in SIZES.items():
        limits = Limits(bytes=size)
        yield f"limit {name} {got(server.answer(response(BODY)), limits)}"
        packed = response(gzip.compress(BODY, mtime=0), "Content-Encoding: gzip")
        yield f"limit {name}, packed {got(server.answer(packed), limits)}"
        unpacked = Limits(bytes=len(BODY) * 1000 - len(BODY) + size)
        packed = response(gzip.compress(BODY * 1000, mtime=0), "Content-Encoding: gzip")
        yield f"limit {name}, unpacked {got(server.answer(packed), unpacked)}"
    for encoding in ENCODINGS:
        for name, body in {
            "plain": BODY,
            "gzip": gzip.compress(BODY, mtime=0),
            "zlib": zlib.compress(BODY),
            "twice": gzip.compress(gzip.compress(BODY, mtime=0), mtime=0),
            "with more": gzip.compress(BODY, mtime=0) + b"more",
            "cut": gzip.compress(BODY, mtime=0)[:-1],
            "empty": b"",
        }.items():
            answer = response(body, f"Content-Encoding: {encoding}")
            yield f"{encoding!r} of {name}: {got(server.answer(answer), Limits())}"
    for kind in TYPES:
        for status in ("200 OK", "404 Gone"):
            answer = response(BODY, status=status, content_type=kind or None)
            yield f"{status} {kind!a}: {got(server.answer(answer), Limits())}"


def of_pages(server: HostileServer) -> Iterator[str]:
    """Yield what is told of pages."""
    for title in TITLES:
        page = f"<html><TITLE lang=a>{title}</TITLE>".encode()
        answer = response(page, status="403 No", content_type="text/html")
        yield f"{title!a}: {got(server.answer(answer), Limits())}"
    for name, page in {
        "in time": b" " * 4077 + b"<title>1234</title>",
        "too late": b" " * 4078 + b"<title>1234</title>",
        "not utf-8": b"<title>\xff1</title>",
        "never closed": b"<title>1",
    }.items():
        answer = response(page, status="403 No", content_type="text/html")
        yield f"{name}: {got(server.answer(answer), Limits())}"
        coded = gzip.compress(page, mtime=0)
        packed = response(
            coded, "Content-Encoding: gzip", status="403 No", content_type="text/html"
        )
        yield f"{name}, packed: {got(server.answer(packed), Limits())}"

    page = response(b"<title>gone</title>  ", status="404 No", content_type="text/html")
    for missing in (1, 3, len(b"</title>  "), len(page)):
        yield f"{missing} bytes missing: {got(server.answer(page[:-missing]), Limits())}"


def of_redirects(server: HostileServer) -> Iterator[str]:
    """Yield what comes of redirects, and what is asked on the way."""
    port = server.port
    locations = {
        "a path": "/end",
        "an address": f"http://localhost:{port}/end?token=hush",
        "with a name": f"http://user:hush@127.0.0.1:{port}/end",
        "of another": "http://a.test/x?token=hush",
        "of no host": "http:///x?token=hush",
        "unreadable": "http://[::1/?token=hush",
        "nothing": "",
        "one that hangs up": "/hangs?token=hush",
    }
    server.answer(b"", "/hangs")
    for status in (300, 301, 302, 303, 304, 305, 307, 308):
        server.answer(response(BODY, 'ETag: "two"', "Last-Modified: then"), "/end")
        server.answer(response(b"", "Location: /end", status=f"{status} There"), "/begin")
        for known in (Validators(), KNOWN):
            yield f"{status} {bool(known.etag)}: {got(server.url('/begin'), Limits(), known)}"
    server.answer(response(BODY), "/x")
    server.answer(response(BODY, "ETag:", "Last-Modified: "), "/empty")
    yield f"empty validators: {got(server.url('/empty'), Limits(), Validators())}"
    for name, location in locations.items():
        server.answer(response(b"", f"Location: {location}", status="302 There"), "/begin")
        asked = len(server.requests)
        url = server.url("/begin").replace("://", "://me:s3cret@") + "?key=s3cret"
        yield f"{name}: {got(url, Limits(redirects=1), KNOWN)}"
        for head in server.requests[asked:]:
            yield f"    {' | '.join(sorted(kept(head)))}"
    for number in range(5):
        server.answer(
            response(b"", f"Location: /{number - 1}", status="302 There")
            if number
            else response(BODY),
            f"/{number}",
        )
    for limit in (0, 1, 3):
        for number in range(5):
            yield f"{number} of {limit}: {got(server.url(f'/{number}'), Limits(redirects=limit))}"
    server.answer(response(b"", "Location: http://a.test/x", status="302 There"), "/1")
    yield f"the second to another: {got(server.url('/2'), Limits())}"


def kept(head: str) -> list[str]:
    """Return the lines of a request that are ours."""
    ours = ("get ", "if-", "auth", "accept", "cookie", "referer")
    return [line for line in head.splitlines() if line.lower().startswith(ours)]


def test_each_answer_gives_what_it_gave_before(server: HostileServer) -> None:
    lines = [*of_bodies(server), *of_pages(server), *of_redirects(server)]
    told = "\n".join(lines).replace(str(server.port), "PORT") + "\n"
    check_snapshot(SNAPSHOTS / "answers.txt", told)


def test_a_proxy_of_the_environment_is_asked_for_other_machines_alone(
    server: HostileServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.setenv(name, server.url(""))
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    assert got(server.answer(response(BODY), "/end"), Limits()).startswith("8 bytes")
    assert server.requests[-1].startswith("GET /end ")
    server.answer(response(b"", status="502 No"), "a.test:443")
    broken = "refused: https://a.test/x: the connection broke before the answer was whole"
    assert got("https://a.test/x?token=hush", Limits()) == f"{broken} (ProxyError)"
    assert server.requests[-1].startswith("CONNECT a.test:443 ")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no zone of one process")
@pytest.mark.parametrize("zone", ["EAST-14", "WEST+12"])
def test_a_date_is_that_of_utc_in_every_zone(zone: str, monkeypatch: pytest.MonkeyPatch) -> None:
    days = {datetime.now(UTC).date().isoformat()}
    with monkeypatch.context() as patch:
        patch.setenv("TZ", zone)
        time.tzset()
        found = today()
    time.tzset()
    assert found in days | {datetime.now(UTC).date().isoformat()}


def test_a_download_costs_at_most_this_and_shows_no_document() -> None:
    for one in (
        Download(b"hush"),
        Fetched("changed", "told", b"hush"),
        Accepted({"hush": 1}, 1, (), is_equal=False),
    ):
        safe(repr(one))
    limits = Limits()
    assert (limits.seconds, limits.silent_seconds, limits.redirects) == (60, 15, 3)
    assert limits.bytes == 32 * 1024 * 1024


@pytest.mark.parametrize("length", [len(BODY) - 1, len(BODY), len(BODY) + 1])
def test_a_file_may_be_as_large_as_the_limit(length: int, tmp_path: Path) -> None:
    path = tmp_path / "deep" / "a.json"
    path.parent.mkdir()
    path.write_bytes(BODY)
    wanted = f"{len(BODY)} bytes, {Validators()}"
    larger = f"refused: file a.json: larger than {length} bytes"
    for name in (str(path), path.as_uri(), f"  {path}\n"):
        assert got(name, Limits(bytes=length)) == (wanted if length >= len(BODY) else larger)
    assert got(str(tmp_path / "deep"), Limits()) == "refused: file deep: Is a directory"


ADDRESSES = (
    *("", " \n", "a.json", "/deep/a.json", "C:\\a.json", "~/a.json", "a b?c#d.json"),
    *("https://a.test", " https://a.test/b.json ", "HTTPS://A.TEST/B.json", "https://a.test:444/"),
    *("https://user:hush@a.test/b?token=hush#hush", "https://hush@a.test/", "https://a.test/?hush"),
    *("https://a.test/#hush", "https://", "https:///a", "https://[::1", "https://a.test:x/"),
    *(
        "http://a.test/?hush",
        "http://user:hush@a.test/b",
        "http://localhost/a",
        "http://LOCALHOST/",
    ),
    *("http://127.0.0.1:80/a", "http://127.9.9.9/", "http://[::1]:8000/a?hush", "http://0.0.0.0/"),
    *("http://localhost.a.test/", "http://evil-localhost/", "http://10.0.0.1/", "http://[::2]/"),
    *("http://127.0.0.1.a.test/", "http://user:hush@localhost@a.test/", "http://2130706433/"),
    *("file:///a/b.json", "file:/a/b.json", "file://localhost/a%20b.json", "FILE:///a.json"),
    *("file://elsewhere/a.json", "file:", "file://", "file:a.json", "file:///"),
    *("ftp://user:hush@a.test/", "data:,hush", "mailto:a@a.test", "s3://hush/a.json"),
)
REDIRECTS = (
    *("b.json", "/b?hush", "//b.test/c", "?hush", "#hush", "", "https://user:hush@b.test/"),
    *("http://a.test/?hush", "http://127.0.0.1/?hush", "ftp://a.test/hush", "file:///hush"),
    *("https://[::b", "https://", "HTTPS://B.test/", "javascript:hush", "../../x"),
)


def sources() -> Iterator[str]:
    """Yield what each address names."""
    for address in ADDRESSES:
        try:
            found = read_source(address)
        except SourceError as error:
            yield f"{address!a}: refused: {safe(str(error))}"
            continue
        told = f" secrets {found.has_secrets}" if isinstance(found, WebSource) else ""
        near = f" loopback {found.is_loopback}" if isinstance(found, WebSource) else ""
        at = found.url if isinstance(found, WebSource) else found.path.as_posix()
        yield f"{address!a}: {found.label!a}{told}{near} at {str(at).replace('hush', '***')}"
        if isinstance(found, WebSource):
            safe(repr(found))
    for begin in ("https://me:s3cret@a.test/deep/a.json?key=s3cret", "http://127.0.0.1:1/a"):
        source = read_source(begin)
        assert isinstance(source, WebSource)
        for location in REDIRECTS:
            try:
                led = source.redirected(location)
            except SourceError as error:
                yield f"from {source.label} to {location!a}: refused: {safe(str(error))}"
                continue
            at = str(led.url).replace("hush", "***").replace("s3cret", "...")
            told = f"{safe(led.label)}, {led.has_secrets} at {at}"
            yield f"from {source.label} to {location!a}: {told}"


def paths(*names: str) -> JSONObject:
    """Return the paths of a document."""
    found: JSONObject = openapi(*names)["paths"]
    return found


MANY = openapi(*(f"/v1/{one}" for one in "abcdefghij"))
JOINED = openapi("/m/{owner}/{slug}", "/m/{owner}/{slug}/runs", "/a", "/b")
BEHIND = openapi(paths={"/a": {"$ref": "#/components/pathItems/A"}, "/b": {"$ref": "#/gone"}})
BESIDE = openapi(paths={"/a": {"$ref": "#/components/pathItems/A", "put": {}}})
ITEMS = {"pathItems": {"A": paths("/x")["/x"]}}
ACCEPTED: dict[str, tuple[object, object]] = {
    "the first": (openapi(), None),
    "the same": (openapi(), openapi()),
    "in another order": (dict(reversed(openapi().items())), openapi()),
    "three of ten gone": (openapi(*(f"/v1/{one}" for one in "abcdefg")), MANY),
    "four of ten gone": (openapi(*(f"/v1/{one}" for one in "abcdef")), MANY),
    "all of ten gone": (openapi("/z"), MANY),
    "moved": (openapi(*(f"/api/v2/{one}" for one in "abcdefghij")), MANY),
    "moved up": (openapi(*(f"/{one}" for one in "abcdefghij")), MANY),
    "with slashes": (openapi(*(f"/v1/{one}/" for one in "abcdefghij")), MANY),
    "joined": (openapi("/m/{id}", "/m/{id}/runs", "/a", "/b"), JOINED),
    "one of two joined": (openapi("/m/{id}", "/a", "/b"), JOINED),
    "the first of two pairs joined": (
        openapi("/m/{id}/n/{a}/{b}", "/a", "/b"),
        openapi("/m/{owner}/{slug}/n/{a}/{b}", "/a", "/b"),
    ),
    "the second of two pairs joined": (
        openapi("/m/{a}/{b}/n/{id}", "/a", "/b"),
        openapi("/m/{a}/{b}/n/{owner}/{slug}", "/a", "/b"),
    ),
    "other names": (openapi("/m/{a}/{b}", "/m/{c}/{d}/runs", "/a", "/b"), JOINED),
    "behind a reference": ({**BEHIND, "components": ITEMS}, openapi("/a")),
    "a reference to nothing": (BEHIND, openapi("/a")),
    "beside a reference": ({**BESIDE, "components": ITEMS}, openapi("/a")),
    "beside a reference to nothing": (BESIDE, None),
    "after a damaged one": (openapi(), "{"),
    "after one that is none": (openapi(), "[]"),
    "other methods": (openapi(paths={"/a": {"put": {}}, "/b": {"get": {}}}), openapi("/a", "/b")),
    **{
        f"version {version!a}": (openapi(openapi=version), None)
        for version in ("3.0.0", "3.1.12", "3.1", "3.1.", "3.2.0", "2.0", "3.1.0-rc1", "3" * 21)
    },
    "no version": ({"paths": {}}, None),
    "a number as version": (openapi(openapi=3.1), None),
    "swagger": ({"swagger": "2" * 21}, None),
    "swagger without version": ({"swagger": 2}, None),
    "no operation": (openapi(paths={"/a": {"parameters": []}}), None),
    "no paths": (openapi(paths=None), None),
    "empty": ("", None),
    "white space": (" \n\t", None),
    "a list": ("[]", None),
}


def judged(new: bytes, old: bytes | None, *, may_shrink: bool) -> str:
    """Return what is found in a document, or why it is not taken."""
    try:
        found = accept(new, old, allow_shrink=may_shrink)
    except NotAcceptable as error:
        return f"refused: {error}"
    said = f"{found.operations} operations, lost {found.lost}, joined {found.joined}"
    return f"{said}, moved {found.moved}, equal {found.is_equal}"


def acceptances() -> Iterator[str]:
    """Yield what is taken in the place of what."""
    for name, (new, old) in ACCEPTED.items():
        texts = [one.encode() if isinstance(one, str) else raw(one) for one in (new, old)]
        told = [
            judged(texts[0], texts[1] if old else None, may_shrink=may) for may in (False, True)
        ]
        yield f"{name}: {told[0]}"
        if told[0] != told[1]:
            yield f"{name}, may shrink: {told[1]}"


YAMLS = (
    *(f"openapi: 3.1.0\ninfo: {{version: {one}}}" for one in ("1.0", "1", "true", '"1.0"', "null")),
    *("openapi: 3.1.0\ninfo: {}", "openapi: 3.1.0", "'openapi': a", '"swagger" : a'),
    "swagger: '2'",
    *(
        "# remark\nopenapi: a",
        "---\nopenapi: a",
        "x: 1\nopenapi: a",
        " openapi: a",
        "x: openapi: a",
    ),
    *(' {\n"openapi": "a"}', "\n[\nopenapi: a]", "\t<\nopenapi: a", '{\n"openapi": "a"}'),
    *("{openapi: a}", " \n<openapi: a>", "[openapi: a]", "openapi", "", "\ufeffopenapi: a"),
    *("\ufeff{}", "openapi: [", "openapi: a\nopenapi: b", "openapi: 2020-01-01", "openapi: é"),
)


def yamls() -> Iterator[str]:
    """Yield what each text becomes."""
    for text in YAMLS:
        given = text.encode()
        try:
            found = as_json(given)
        except DocumentError as error:
            yield f"{text!a}: refused: {str(error).splitlines()[0]}"
            continue
        told = "as it is" if found == given else " ".join(found.decode().split())
        yield f"{text!a}: {told!a}"


def test_each_address_document_and_text_is_judged_as_before() -> None:
    lines = [*sources(), *acceptances(), *yamls()]
    check_snapshot(SNAPSHOTS / "judged.txt", "\n".join(lines) + "\n")
