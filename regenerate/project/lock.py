"""openapi.lock.json: where the document came from, and what was built from it with which tools."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from attrs import field, fields, frozen

from ..document.json_tree import (
    DocumentError,
    JSONObject,
    JSONValue,
    canonical_bytes,
    object_at,
    parse_document,
    readable_text,
    sha256,
    text_at,
)

RECONSTRUCTION: Final = "reconstruction"
LOCAL: Final = "local file"


class LockError(DocumentError):
    """The file is not a lock, or was changed by hand; the text says which."""


@frozen
class Validators:
    """The entity tag and the date by which a server recognises its document, as it wrote them."""

    etag: str | None = None
    last_modified: str | None = None

    def headers(self) -> dict[str, str]:
        """Return the headers that make a GET conditional."""
        named = {"If-None-Match": self.etag, "If-Modified-Since": self.last_modified}
        return {name: value for name, value in named.items() if value is not None}


@frozen
class Origin:
    """Where the document came from and when (a date, YYYY-MM-DD), and the sha256 of its bytes."""

    source: str
    date: str | None
    sha256: str
    validators: Validators = field(factory=Validators)


@frozen
class Built:
    """What the client was built from, with which tools, and what came out: sha256 of each."""

    document: str
    corrected: str
    corrections: str
    naming: str
    settings: str
    templates: str
    tree: str
    tools: Mapping[str, str]


@frozen
class Lock:
    """The whole lock. `built` is None between the first fetch and the first generation."""

    origin: Origin
    built: Built | None

    def text(self) -> str:
        """Return the text of the file.

        The seal at its end makes a change by hand show.
        """
        value: JSONObject = {
            "document": _origin_json(self.origin),
            "built": _built_json(self.built),
        }
        return readable_text({**value, "seal": sha256(canonical_bytes(value))})


def _origin_json(origin: Origin) -> JSONObject:
    return {
        "source": origin.source,
        "date": origin.date,
        "sha256": origin.sha256,
        "etag": origin.validators.etag,
        "last_modified": origin.validators.last_modified,
    }


def _built_json(built: Built | None) -> JSONValue:
    if built is None:
        return None
    hashes: JSONObject = {
        one.name: getattr(built, one.name) for one in fields(Built) if one.name != "tools"
    }
    return {**hashes, "tools": dict(sorted(built.tools.items()))}


def read_lock(path: Path) -> Lock | None:
    """Return the lock in a file, None where there is no file.

    Raises:
        LockError: the file is not a lock, or was changed by hand.
    """
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        return None
    return parse_lock(raw, path.name)


def lock_or_none(path: Path) -> Lock | None:
    """Return the lock in a file.

    It is None where the file is missing or damaged.
    """
    try:
        return read_lock(path)
    except LockError:
        return None


def parse_lock(raw: bytes, name: str = "the lock") -> Lock:
    """Return the lock that the bytes hold.

    Raises:
        LockError: they are not what `Lock.text` writes.
    """
    remedy = "get it back from version control"
    try:
        value = parse_document(raw)
    except DocumentError as error:
        raise LockError(f"{name}: {error}; {remedy}") from None
    lock = Lock(_read_origin(object_at(value, "document")), _read_built(value.get("built")))
    if lock.text().encode("utf-8") != raw:
        raise LockError(f"{name}: was changed by hand; {remedy}")
    return lock


def _read_origin(value: JSONObject) -> Origin:
    etag, last_modified = _text_or_none(value, "etag"), _text_or_none(value, "last_modified")
    return Origin(
        text_at(value, "source"),
        _text_or_none(value, "date"),
        text_at(value, "sha256"),
        Validators(etag, last_modified),
    )


def _text_or_none(value: JSONObject, key: str) -> str | None:
    """Return the text of a key, also an empty one."""
    found = value.get(key)
    return found if isinstance(found, str) else None


def _read_built(value: JSONValue) -> Built | None:
    if not isinstance(value, dict):
        return None
    tools = {name: text_at(object_at(value, "tools"), name) for name in object_at(value, "tools")}
    return Built(
        document=text_at(value, "document"),
        corrected=text_at(value, "corrected"),
        corrections=text_at(value, "corrections"),
        naming=text_at(value, "naming"),
        settings=text_at(value, "settings"),
        templates=text_at(value, "templates"),
        tree=text_at(value, "tree"),
        tools=tools,
    )


def origin_of(document: JSONObject, raw: bytes, lock: Lock | None) -> Origin:
    """Return the origin of a document that lies in its place.

    It is the one in the lock, the reconstruction, or a file that was put there.

    Raises:
        LockError: the lock is about another document: this one was changed by hand.
    """
    found = sha256(raw)
    if lock is not None and lock.origin.sha256 == found:
        return lock.origin
    info = object_at(document, "info")
    if info.get("x-reconstructed") is True and (
        lock is None or lock.origin.source == RECONSTRUCTION
    ):
        return Origin(RECONSTRUCTION, text_at(info, "x-reconstructed-on") or None, found)
    if lock is None or lock.origin.source == LOCAL:
        return Origin(LOCAL, None, found)
    raise LockError(
        f"the document is not the one that was fetched from {lock.origin.source}: it was "
        "changed by hand. "
        "Get it back from version control, or fetch it again; what is wrong in it is corrected "
        "by an overlay"
    )
