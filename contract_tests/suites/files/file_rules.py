"""Write down what the rules about files decide: of which kind a file is, what it is called, why it
is refused.
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from typing import Any, Final

from runflow_client import RetryPolicy
from runflow_client._files.media_problems import inline_problem, media_problem
from runflow_client._files.media_types import (
    _BEGINNINGS,
    _BRANDS,
    _CONTAINERS,
    _SUFFIXES,
    UNKNOWN,
    content_problem,
    is_data_uri,
    is_text,
    kind_of,
    kind_problem,
    plain_type,
    read_data_uri,
    sniff,
    suffix_of,
    type_by_name,
    type_in,
    type_of,
    write_data_uri,
)
from runflow_client._files.names import different_names, has_suffix, name_in, safe_name, shorten
from runflow_client._flows.commands import Context
from runflow_client._flows.download import Source, fetch
from runflow_client._flows.save import MemorySink
from runflow_client._typed_inputs.local_file import LocalFile, inspect_file

from ..client.tables.rows import behind
from ..snapshot import in_sections
from .pictures import Pipe
from .test_fetching import ScriptedStorage, never

PNG: Final = b"\x89PNG\r\n\x1a\n"


def _told(ask: Callable[[], object]) -> str:
    try:
        return str(ask())
    except Exception as error:
        return f"{type(error).__name__}: {error}{behind(error)}"


def _beginnings() -> Iterator[str]:
    """Each beginning, and that no other byte and no byte less will do."""
    for beginning, media_type in _BEGINNINGS:
        less = sniff(beginning[:-1])
        others = {sniff(_bent(beginning, place)) for place in range(len(beginning))} - {media_type}
        found = [sniff(beginning), sniff(beginning + b"more"), less]
        yield f"{beginning!r}: {', '.join(map(str, found))}, bent {sorted(map(str, others))}"
    for brand in _BRANDS:
        ftyp = b"\0\0\0\x10ftyp" + brand + bytes(4)
        among = b"\0\0\0\x18ftypnone" + bytes(4) + b"mif1" + brand
        yield f"brand {brand!r}: {sniff(ftyp)}, among others {sniff(among)}"


FRAME: Final = b"\xff\xfb\x90\x00"
"""The first bytes of a frame of MPEG audio."""


def _where() -> Iterator[str]:
    """How far a mark may stand from the beginning, and which bytes begin a frame of sound."""
    for name, begin, mark in (
        ("EBML", b"\x1aE\xdf\xa3", b"webm"),
        ("Ogg", b"OggS", b"\x80theora"),
        ("packets", b"G", b"G"),
    ):
        for place in (4, 32, 59, 60, 61, 187, 188, 189, 400):
            yield f"{name}, its mark at {place}: {sniff(begin.ljust(place, b'!') + mark)}"
    for number in (1, 2):
        heads = [bytes([*FRAME[:number], byte, *FRAME[number + 1 :]]) for byte in range(256)]
        for found, those in groupby(heads, sniff):
            yield f"a frame, its byte {number} from {next(those)[number]:02x} on: {found}"


def _bent(content: bytes, place: int) -> bytes:
    return content[:place] + bytes([content[place] ^ 0x55]) + content[place + 1 :]


SIGN: Final = "\N{GRINNING FACE}"
"""A sign of four bytes."""

HEADS: Final[dict[str, bytes]] = {
    "RIFF of WEBP": b"RIFF\0\0\0\0WEBP",
    "RIFX of WAVE": b"RIFX\0\0\0\0WAVE",
    "RIFF of none": b"RIFF\0\0\0\0NONE",
    "RIFF cut off": b"RIFF\0\0\0\0WEB",
    "Ogg": b"OggS" + bytes(20),
    "Ogg with a film": b"OggS" + bytes(20) + b"\x80theora",
    "AIFF": b"FORM\0\0\0\0AIFF",
    "AIFC": b"FORM\0\0\0\0AIFC",
    "another FORM": b"FORM\0\0\0\0ILBM",
    "EBML of webm": b"\x1aE\xdf\xa3" + bytes(9) + b"webm",
    "EBML of matroska": b"\x1aE\xdf\xa3" + bytes(9) + b"matroska",
    "EBML with a late name": b"\x1aE\xdf\xa3" + bytes(60) + b"webm",
    "BMP": b"BM" + bytes(20),
    "BMP in words": b"BMW is a car of Bavaria",
    "a film that names a sound": b"\0\0\0\x18ftypmp42\0\0\0\0M4A isom",
    "brands that end before their box does": b"\0\0\0\x20ftypnone\0\0\0\0avif",
    "brands in a box of no length": b"\0\0\0\0ftypnone\0\0\0\0avif",
    "brands behind their box": b"\0\0\0\x08ftypnone\0\0\0\0avif",
    "half a brand": b"\0\0\0\x13ftypnone\0\0\0\0avi",
    "QuickTime": b"\0\0\0\x08moov" + bytes(8),
    "a stream of packets": b"G" + bytes(187) + b"G",
    "a stream out of step": b"G" + bytes(188) + b"G",
    "MP3 frame": b"\xff\xfb\x90\x00",
    "AAC frame": b"\xff\xf1\x50\x80",
    "MPEG of layer II": b"\xff\xfd\x90\x00",
    "no frame": b"\xff\xfb\xf0\x00",
    "a frame cut off": b"\xff\xfb\x90",
    "SVG": b"<svg xmlns='a'>",
    "SVG after much": b"\xef\xbb\xbf \n<?xml version='1.0'?><!-- a --><SVG>",
    "SVG in words": b"an <svg>",
    "HTML": b"<!DOCTYPE html><html>",
    "HTML without a type": b"<body>",
    "XML": b"<?xml version='1.0'?><other>",
    "XML that ends early": b"<?xml version='1.0'?>",
    "an error of a storage": b"<Error><Code>",
    "no root": b"<other>",
    "text": "Grüße\n\tan alle\f\r".encode(),
    "text with other blanks": "\ufeffGr\u00fc\u00dfe\u00a0an\u3000alle\u2028".encode(),
    "text with a control character of Latin-1": "Gr\u0085".encode(),
    "text cut in a character": "Grüße".encode()[:3],
    "text broken in a character": "Grü".encode()[:3] + b"abcd",
    **{f"text cut {n} bytes in a sign": f"a{SIGN}".encode()[: n - 4] for n in (1, 2, 3)},
    "text with a broken sign": f"a{SIGN}".encode()[:-1] + b"a",
    "text with a bell": b"ding\x07",
    "nothing": b"",
    "bytes": bytes(range(128, 160)),
}
KINDS: Final = (("image",), ("video",), ("audio",), ("audio", "video"), ())


def _heads() -> Iterator[str]:
    for name, head in HEADS.items():
        problems = [kind_problem(head, "application/octet-stream", kinds) for kinds in KINDS]
        fits = "".join("." if problem is None else "x" for problem in problems)
        yield f"{name}: {sniff(head)}, text {is_text(head)}, kinds {fits}"
    for content_type in (None, "image/png", "text/html", "application/json", "video/mp4"):
        for name in ("nothing", "HTML", "bytes", "MP3 frame", "Ogg"):
            found = content_problem(HEADS[name], content_type, ("image", None))
            free = content_problem(HEADS[name], content_type, ())
            yield f"{name} as {content_type}: {found}; where anything goes: {free}"
    yield f"text as any of them: {kind_problem(b'text', 'text/plain', ('video', 'image', 'audio'))}"
    for found in (*_CONTAINERS, "image/png"):
        media = [kind_problem(b"\x80", found, kinds) for kinds in KINDS]
        yield f"by its name {found}: {media}"


def _types() -> Iterator[str]:
    names = ("a.png", "A.PNG", "a.b.jpg", "a", ".png", "a.", "a.opus", "A.JPF", "a.none", "a.mp3")
    for name in names:
        film = type_of(b"\x1aE\xdf\xa3" + bytes(9) + b"webm", name)
        others = f"of PNG {type_of(PNG, name)}, of webm {film}, of none {type_of(b'', name)}"
        yield f"{name}: {type_by_name(name)}, {others}"
    for media_type in (*_SUFFIXES, "image/png", "image/jpg", "application/xml", "no/such"):
        yield f"{media_type}: suffix {suffix_of(media_type)}, kind {kind_of(media_type)}"
    for text in (None, "", "image/", "image/a/b", "/image", "Image/png", "text/plain"):
        yield f"{text!r}: kind {kind_of(text)}"
    headers = ("image/png", " Image/PNG ; a=b", "", None, UNKNOWN, "binary/octet-stream")
    for header in headers:
        yield f"{header!r}: plain {plain_type(header)}"


URIS: Final = (
    "data:image/png;base64,iVBORw0KGgo=",
    "data:image/png;base64,iVBORw0KGgo",
    "DATA:image/png;BASE64,iVBO Rw0K\nGgo=",
    "data:image/png;base64,iVB!",
    "data:;base64,",
    "data:,a%20b%2",
    "data:text/plain;charset=a,%41",
    "data:video/mp4,%80",
    "data:image/svg+xml,<!-- a -->",
    "data:text/html,<!-- a -->",
    "data:image/png",
    "data:",
    "data:im\u00e4ge/png,x",
    "http://a.test/1.png",
)


def _uris() -> Iterator[str]:
    for uri in URIS:
        facts = [_told(lambda: read_data_uri(uri)), type_in(uri), is_data_uri(uri)]  # noqa: B023
        yield f"{uri!r}: {facts}, {inline_problem(uri, ('image',))}, {_fetched(uri)}"
    whole = b"GIF89a\1\0\1\0\x87\0\0" + bytes(800)  # of 256 colors, which take 768 bytes
    for size in (781, 782):
        uri = write_data_uri(whole[:size], "image/gif")
        yield f"{size} bytes in a URI: {inline_problem(uri, ('image', 'video'))}"
    cut = media_problem(PNG, len(PNG), "image/png", ("image",))
    yield f"a signature alone: {cut}; as a film: {media_problem(PNG, 8, 'image/png', ('video',))}"


def _fetched(uri: str) -> str:
    """What becomes of an output that stands in its URL."""
    if not is_data_uri(uri):
        return "fetched"
    sink, told = MemorySink(), list[Any]()
    source = Source(url=uri, kinds=("image",), renew=never)
    flow = fetch(
        Context(lambda: 0.0, lambda: 0.5, RetryPolicy()),
        source,
        sink,
        progress=lambda *given: told.append(given),
    )
    return _told(lambda: (ScriptedStorage([]).drive(flow), bytes(sink.content), told))


def _names() -> Iterator[str]:
    for name in (
        *("a.png", "ä b/c.png", "..", "...png", ".png", "a.", "v1.5", "con", "CON.png", "com1.txt"),
        *("con.", "..con", "nul..txt", ".aux", "lpt9", "lpt10", "com", ".1", "-", "._", ".tar.gz"),
        *("con." + "a" * 130, "." * 9 + "a" * 119 + ".png", "a" * 119 + ".", "a" * 120 + "."),
        *("console.png", "a" * 130, "a" * 130 + ".png", "a" * 100 + "." + "b" * 30, "", "../../a"),
    ):
        made = safe_name(name, "other")
        told = f"{made[:20]!r} of {len(made)}, ending {made[-6:]!r}"
        yield f"{name[:20]!r} of {len(name)}: {told}, suffix {has_suffix(name)}"
    for length in (4, 5, 6, 7, 8, 9):
        yield f"a name to {length}: {shorten('abcd.png', length)}"
    for url in (
        *(
            "https://a.test/b/c.png?d=e#f",
            "https://a.test/b/",
            "https://a.test",
            "https://a.test/%2e",
        ),
        *("https://a.test/b%2Fc.png", "https://a.test/b%5Cc.png", "https://[/c.png", ""),
    ):
        yield f"{url!r} ends with {name_in(url)!r}"
    for names in (
        ["a.png", "a.png", "A.PNG", "a-2.png"],
        ["a", "a.png", "a"],
        ["a.png", "a", "a-2.png"],
        ["a-2", "a", "a"],
        ["v1.5", "v1.5", "V1.5"],
        ["", ""],
        ["A.png", "a"],
        ["a", "A.png"],
        ["a", "A"],
        ["a-2", "a.png", "a.png"],
        ["a.png", "a.png", "a-2"],
        ["a.png", "a.jpg", "a.PNG", "a"],
        ["a", "a", "a-2.png", "A-2"],
    ):
        yield f"{names}: {different_names(names)}"


def _local() -> Iterator[str]:
    """What is kept of a local file, and for how long."""
    for size in (511, 512, 513, 300_000):
        found = inspect_file(b"x" * size, "it")
        yield f"{size} bytes: {len(found.head)} in the head, pieces {_pieces(found)}"
    found = inspect_file(Pipe(PNG + b"pixels"), "it")
    yield f"a pipe: {_pieces(found)}, again {_pieces(found)}"
    found.close()
    yield f"a pipe that is closed: {_told(lambda: _pieces(found))}"


def _pieces(found: LocalFile) -> list[int]:
    return [len(piece) for piece in found.pieces()]


RULES: Final[dict[str, Callable[[], Iterable[str]]]] = {
    "beginnings": _beginnings,
    "places of marks": _where,
    "other contents": _heads,
    "types": _types,
    "files in URIs": _uris,
    "names": _names,
    "local files": _local,
}


def lines() -> list[str]:
    """Return the list."""
    return in_sections(RULES)
