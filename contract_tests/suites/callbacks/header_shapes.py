"""Write down what is read of headers of every shape, by `verify` and by a receiver."""

from collections.abc import Callable, Iterator
from email.message import Message
from types import MappingProxyType
from typing import Any, Final

import httpx
from runflow_client import RunflowError
from runflow_client.callbacks import CallbackEvent, Receiver, verify
from runflow_client.testing import sign
from starlette.datastructures import Headers as StarletteHeaders
from tornado.httputil import HTTPHeaders
from werkzeug.datastructures import Headers as WerkzeugHeaders

from .deliveries import SECRET, encode

BODY: Final = encode()
GOOD: Final = sign(BODY, SECRET)
BAD: Final = "0" * 64
NAME, ID, LENGTH, CODING = (
    "Runflow-Signature",
    "Runflow-Request-Id",
    "Content-Length",
    "Content-Encoding",
)
Pairs = list[tuple[str, str]]
USUAL: Final[Pairs] = [("Accept", "*/*"), (NAME, GOOD), (ID, "first"), (LENGTH, str(len(BODY)))]
TWICE: Final[Pairs] = [*USUAL, (NAME.lower(), GOOD), (ID.upper(), "second")]
OTHER: Final[Pairs] = [*USUAL, (NAME.lower(), BAD)]


class Multi:
    """Headers that have `multi_items` alone."""

    def __init__(self, pairs: Pairs) -> None:
        self._pairs = pairs

    def multi_items(self) -> Pairs:
        """Every name and value."""
        return self._pairs


class Both(Multi):
    """Headers whose `items` join repeated names, and whose `multi_items` do not."""

    def items(self) -> Pairs:
        """Every name once."""
        return list({name.lower(): value for name, value in self._pairs}.items())


def as_message(pairs: Pairs) -> Message:
    """As http.server has them."""
    message = Message()
    for name, value in pairs:
        message.add_header(name, value)
    return message


def as_tornado(pairs: Pairs) -> HTTPHeaders:
    """As Tornado has them."""
    headers = HTTPHeaders()
    for name, value in pairs:
        headers.add(name, value)
    return headers


def as_lists(pairs: Pairs) -> dict[str, list[str]]:
    """As AWS Lambda has them."""
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        found.setdefault(name.title(), []).append(value)
    return found


def raw(pairs: Pairs) -> list[tuple[bytes, bytes]]:
    """As ASGI has them."""
    return [(name.lower().encode(), value.encode()) for name, value in pairs]


KINDS: Final[dict[str, Callable[[Pairs], Any]]] = {
    "a dict": dict,
    "a dict in lower case": lambda pairs: {name.lower(): value for name, value in pairs},
    "a dict in upper case": lambda pairs: {name.upper(): value for name, value in pairs},
    "another mapping": lambda pairs: MappingProxyType(dict(pairs)),
    "an environ": lambda pairs: {
        f"HTTP_{name.upper().replace('-', '_')}": value for name, value in pairs
    },
    "a dict of lists": as_lists,
    "a dict of tuples": lambda pairs: {k: tuple(v) for k, v in as_lists(pairs).items()},
    "pairs": list,
    "lists of two": lambda pairs: [list(pair) for pair in pairs],
    "pairs of bytes": raw,
    "names of bytes": lambda pairs: [(name.encode(), value) for name, value in pairs],
    "a tuple of pairs": tuple,
    "an iterator": iter,
    "a generator": lambda pairs: (pair for pair in pairs),
    "a view": lambda pairs: dict(pairs).items(),
    "a message": as_message,
    "httpx": httpx.Headers,
    "Starlette": lambda pairs: StarletteHeaders(raw=raw(pairs)),
    "Werkzeug": WerkzeugHeaders,
    "Tornado": as_tornado,
    "both methods": Both,
    "multi_items alone": Multi,
}

VALUES: Final[dict[str, Any]] = {
    "none": None,
    "a number": 7,
    "no values": [],
    "none among values": [GOOD, None],
    "values of two kinds": [GOOD, GOOD.encode()],
    "bytes": GOOD.encode(),
    "white space": f" \t{GOOD}\r\n",
    "a comma": f"{GOOD},{GOOD}",
    "commas": f",{GOOD}, ,",
    "another beside it": f"{GOOD}, {BAD}",
    "three": [GOOD, BAD, "1" * 64],
    "Latin-1": GOOD.encode() + b"\xff",
    "a letter": f"{GOOD}é",
    "a lone surrogate": f"{GOOD}\ud800",
    "full-width digits": "\N{FULLWIDTH DIGIT ZERO}" * 64,
    "a line end within": f"{GOOD[:32]}\n{GOOD[32:]}",
    "a line end behind": f"{GOOD}\n",
    "empty": "",
}
"""Values of the signature header."""

BESIDE: Final[dict[str, dict[Any, Any]]] = {
    "both spellings": {NAME.lower(): GOOD, NAME: BAD},
    "both spellings, the first empty": {NAME.lower(): "", NAME: GOOD},
    "both spellings, the second empty": {NAME.lower(): GOOD, NAME: ""},
    "three spellings": {NAME.upper(): BAD, NAME: GOOD},
    "of an environ": {f"HTTP_{NAME.upper().replace('-', '_')}": GOOD},
    "without a hyphen": {NAME.replace("-", "_"): GOOD},
    "a name that is longer": {f"X-{NAME}": GOOD, f"{NAME}-2": GOOD},
    "a name that is no text": {7: GOOD, None: GOOD},
    "a name of bytes": {NAME.encode(): GOOD},
    "a name of other bytes": {b"\xff" + NAME.encode(): GOOD},
}
"""Other names beside that of the signature header."""

IDS: Final[dict[str, Any]] = {
    "none": None,
    "a number": 7,
    "empty": "",
    "white space": " id ",
    "two": ["first", "second"],
    "two in one": "first, second",
    "bytes": b"id",
    "Latin-1": b"\xffid",
    "a lone surrogate": "\ud800id",
    "a letter": "\N{SNOWMAN}",
}

LENGTHS: Final[dict[str, Any]] = {
    "right": str(len(BODY)),
    "a byte less": str(len(BODY) - 1),
    "a byte more": str(len(BODY) + 1),
    "0": "0",
    "00": f"00{len(BODY)}",
    "signed": f"+{len(BODY)}",
    "negative": "-1",
    "a part": "7.5",
    "with white space": f" {len(BODY)}",
    "empty": "",
    "two": [str(len(BODY)), "7"],
    "two, the first wrong": ["7", str(len(BODY))],
    "18 digits": "9" * 18,
    "19 digits": "1" + "0" * 18,
    "many digits": "9" * 5000,
    "other digits": "\N{ARABIC-INDIC DIGIT SEVEN}",
    "the limit": "1000",
    "beyond the limit": "1001",
    "as much as is dropped": str(1000 + 8 * 1024 * 1024),
    "more than is dropped": str(1001 + 8 * 1024 * 1024),
}

CODINGS: Final[dict[str, Any]] = {
    "none": [],
    "empty": "",
    "identity": "identity",
    "Identity with white space": " Identity ",
    "gzip": "gzip",
    "identity twice": ["identity", "identity"],
    "identity and br": ["identity", "br"],
    "br and identity": ["br", "identity"],
}


def _verified(headers: Any) -> str:
    try:
        return f"verified, request {verify(BODY, headers, SECRET).request_id!r}"
    except RunflowError as error:
        return f"{type(error).__name__}: {error}"


def _received(headers: Any, body: bytes = BODY) -> str:
    ids: list[str | None] = []

    def store(event: CallbackEvent, body: bytes) -> None:
        ids.append(event.request_id)

    incoming = Receiver(SECRET, store, 1000).open("POST", headers)
    wanted = "" if incoming.wants_more else ", reads nothing"
    incoming.add(body)
    lacking = ", may lack bytes" if incoming.may_lack_bytes else ""
    answer = incoming.answer()
    status = f"{answer.status:d} {answer.text}" if answer.status == 413 else f"{answer.status:d}"
    return f"{status}{wanted}{lacking}{''.join(f', request {one!r}' for one in ids)}"


def lines() -> Iterator[str]:
    """Give the list, line by line."""
    for told, pairs in (("once", USUAL), ("twice", TWICE), ("and another", OTHER), ("no", [])):
        for kind, make in KINDS.items():
            yield f"{told}, {kind}: {_verified(make(pairs))}; {_received(make(pairs))}"
    for told, value in VALUES.items():
        for kind, headers in (("", {NAME: value}), (" in pairs", [(NAME, value)])):
            yield f"the signature is {told}{kind}: {_verified(headers)}"
    for told, headers in BESIDE.items():
        yield f"names are {told}: {_verified(headers)}"
    for told, value in IDS.items():
        headers = {NAME: GOOD, ID: value}
        yield f"the request id is {told}: {_verified(headers)}; {_received(headers)}"
    for told, value in LENGTHS.items():
        headers, forged = {NAME: GOOD, LENGTH: value}, {NAME: BAD, LENGTH: value}
        yield f"the length is {told}: {_received(headers)}; of a forgery {_received(forged)}"
    for told, value in CODINGS.items():
        headers = {NAME: GOOD, LENGTH: str(len(BODY)), CODING: value}
        other = _received(headers, BODY[::-1])
        yield f"encodings are {told}: {_received(headers)}; of other bytes {other}"
