"""Each state of document and lock, each source and answer: what is asked, and what is taken."""

from collections.abc import Generator, Iterator
from itertools import product
from pathlib import Path

import pytest
from suites.snapshot import check_snapshot

from ...document.json_tree import sha256
from ...fetch.fetcher import FetchRefused, fetch
from ...project.lock import Lock, Origin, Validators
from ..every_word import SNAPSHOTS
from ..fetching import BUILT, Place, openapi, raw
from ..hostile_server import HostileServer, hostile_serving, response

DATE = "Wed, 01 Jan 2020 00:00:00 GMT"
LETTERS = "abcdefghij"
OLD = openapi(*(f"/{letter}" for letter in LETTERS))
NOT_MODIFIED = b'HTTP/1.1 304 Not Modified\r\nETag: "three"\r\n\r\n'


def answer(document: object) -> bytes:
    """Return an answer with a document and new validators."""
    return response(raw(document)).replace(b"\r\n", b'\r\nETag: "two"\r\n', 1)


ANSWERS = {
    "the same bytes": answer(OLD),
    "the same in another order": answer(dict(reversed(OLD.items()))),
    "the same paths": answer({**OLD, "servers": [{"url": "https://a.test"}]}),
    "304": NOT_MODIFIED,
    "one more": answer(openapi(*(f"/{letter}" for letter in LETTERS + "k"))),
    "seven of ten": answer(openapi(*(f"/{letter}" for letter in LETTERS[:7]))),
    "six of ten": answer(openapi(*(f"/{letter}" for letter in LETTERS[:6]))),
    "moved": answer(openapi(*(f"/v1/{letter}" for letter in LETTERS))),
    "no document": response(b"{}"),
}
DOCUMENTS = {"there": raw(OLD), "not there": None, "damaged": b"{", "changed": raw(openapi("/a"))}
LOCKS = ("of this document", "of another source", "of another document", "not there", "damaged")
SOURCES = {"plain": "/document", "with a secret": "/document?token=s3cret"}


@pytest.fixture
def server() -> Generator[HostileServer, None, None]:
    """Return a server that answers what it is told."""
    with hostile_serving() as running:
        yield running


def prepared(folder: Path, document: bytes | None, lock: str, label: str) -> Place:
    """Return a folder in this state."""
    folder.mkdir()
    place = Place(folder)
    if document is not None:
        place.document.write_bytes(document)
    about = "0" * 64 if lock == "of another document" else sha256(document or b"")
    source = "https://elsewhere.test/x" if lock == "of another source" else label
    if lock != "not there":
        origin = Origin(source, "2020-01-01", about, Validators('"one"', DATE))
        text = Lock(origin, BUILT).text()
        damaged = text.replace("2020", "2021") if lock == "damaged" else text
        place.lock.write_text(damaged, encoding="utf-8")
    return place


def outcomes(server: HostileServer, folder: Path) -> Iterator[str]:
    """Yield what becomes of each state."""
    port = f"127.0.0.1:{server.port}"
    number = 0
    for (name, document), lock, (source, target) in product(
        DOCUMENTS.items(), LOCKS, SOURCES.items()
    ):
        if name != "there" and (lock not in LOCKS[::3] or source != "plain"):
            continue
        yield f"* document {name}, lock {lock}, source {source}"
        for what, sent in ANSWERS.items():
            for allow_shrink in (False, True) if "of ten" in what else (False,):
                number += 1
                server.answer(sent)
                url = server.url(target)
                place = prepared(folder / str(number), document, lock, server.url())
                before, asked = place.files(), len(server.requests)
                try:
                    report = fetch(
                        url,
                        document=place.document,
                        lock=place.lock,
                        allow_shrink=allow_shrink,
                        date=lambda: "2021-02-03",
                    )
                    said = f"{report.outcome}: {report.message}"
                    assert report.sha256 == sha256(place.document.read_bytes())
                except (FetchRefused, OSError) as error:
                    said = f"{type(error).__name__}: {error}"
                conditions = [
                    line
                    for head in server.requests[asked:]
                    for line in head.splitlines()
                    if line.lower().startswith("if-")
                ]
                changed = {
                    one: content
                    for one, content in place.files().items()
                    if before.get(one) != content
                }
                gone = sorted(before.keys() - place.files().keys())
                shrink = ", may shrink" if allow_shrink else ""
                said = said.replace(port, "HOST").replace(str(folder), "FOLDER")
                yield f"    {what}{shrink}: {said.partition('[Errno')[0]}"
                yield f"        asked {sorted(conditions)}, changed {sorted(changed)}, gone {gone}"
                if place.lock.name in changed:
                    text = changed[place.lock.name].decode()
                    head = text.partition('"seal"')[0].replace(port, "HOST")
                    yield f"        lock {sha256(head.encode())[:12]} {kept(head)}"


def kept(text: str) -> list[str]:
    """Return the lines of a lock that say where its document came from."""
    words = ("source", "date", "etag", "last_modified", "tools", "built")
    return [
        line.strip().rstrip(",")
        for line in text.splitlines()
        if line.strip().startswith(tuple(f'"{word}"' for word in words))
    ]


def test_each_state_has_the_outcome_of_before(server: HostileServer, tmp_path: Path) -> None:
    check_snapshot(SNAPSHOTS / "fetches.txt", "\n".join(outcomes(server, tmp_path)) + "\n")
