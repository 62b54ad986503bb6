"""What goes into a bulk run, what comes out, and how an item is named to Runflow."""

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, Literal, cast

from attrs import evolve, field, frozen

from .._errors import InvalidArgument
from .._typed_inputs.base import ModelInput
from .._typed_inputs.files import is_local_file
from .._typed_inputs.pictures import is_array, is_pillow_image, show_array
from .._validation import (
    WORKFLOWS,
    check_arguments,
    check_text,
    is_encodable,
    with_article,
    wrong_kind,
)

MAX_KEY_LENGTH: Final = 1024
"""Characters of an item's key."""

_PIECE: Final = 256 * 1024
"""Bytes of an open file that are read at once."""

GONE: Final = "not_found"
"""The failure code of an item whose run Runflow does not know any more."""

Status = Literal["done", "failed", "refused"]


@frozen
class Item:
    """One run to be made.

    `key` names it in the journal, at most 1024 characters, and is different for each item. `input`
    is a typed input or a dict of the model's fields. `place` says where it was read, such as
    `line 7`, for messages.
    """

    key: str
    input: ModelInput | Mapping[str, Any] = field(repr=False)
    place: str = ""

    def __attrs_post_init__(self) -> None:
        _check_texts(key=self.key, place=self.place)
        given: object = self.input
        if not isinstance(given, ModelInput | Mapping):  # pyright: ignore[reportUnnecessaryIsInstance] # callers err
            raise wrong_kind("input", given, "a dict, or a typed input of the model")


@frozen
class BadItem:
    """An item that could not be read; `reason` says why. It ends as `refused`."""

    key: str
    reason: str
    place: str = ""

    def __attrs_post_init__(self) -> None:
        _check_texts(key=self.key, reason=self.reason, place=self.place)


def _check_texts(**texts: object) -> None:
    for name, value in texts.items():
        check_text(name, value)


def check_item(item: object) -> None:
    """Raise InvalidArgument for what is no item."""
    if not isinstance(item, Item | BadItem):
        raise wrong_kind("an item of items", item, "a bulk.Item(key, input)")


def key_problem(key: str) -> str | None:
    """Return why this is no key, or None."""
    if not 0 < len(key) <= MAX_KEY_LENGTH:
        return f"a key has 1 to {MAX_KEY_LENGTH} characters"
    return None if is_encodable(key) else f"the key {key!r} is no text that UTF-8 can hold"


@frozen(kw_only=True)
class ItemResult:
    """How one item ended.

    `status` is `done`, `failed` (the run or its files) or `refused` (nothing was sent). `cost` is
    US dollars, as billed. `paths` are the files saved for it. `failure` says what went wrong.
    `was_done` tells that it had ended in an earlier start, so that nothing was sent.
    """

    key: str
    number: int
    """Where it came among the items, from 1."""
    status: Status
    run_id: str | None = None
    cost: Decimal | None = None
    paths: Sequence[Path] = field(default=(), hash=False)
    failure_code: str | None = None
    failure: str | None = None
    was_done: bool = False


@frozen(kw_only=True)
class Summary:
    """How a bulk run stands: numbers of items, and US dollars.

    `running` items have a run, or a create that may have reached Runflow. `waiting` ones were read
    and are yet to be created. `spent` is what Runflow billed for ended runs, `reserved` what the
    runs under way are estimated to cost.
    """

    done: int = 0
    failed: int = 0
    refused: int = 0
    running: int = 0
    waiting: int = 0
    spent: Decimal = Decimal(0)
    reserved: Decimal = Decimal(0)

    @property
    def total(self) -> int:
        """The items that were read so far."""
        return self.done + self.failed + self.refused + self.running + self.waiting


@frozen(kw_only=True)
class Entry:
    """An item as the journal has it."""

    key: str
    number: int
    place: str
    input: str
    """As JSON; a local file as its path."""
    fingerprint: str
    state: str
    attempt: int
    session: int
    failure_code: str | None
    failure: str | None
    client_ref: str | None = None
    estimate: Decimal | None = None
    run_id: str | None = None
    status: str | None = None
    cost: Decimal | None = None
    duration_ms: int | None = None
    intended_at: float | None = None
    created_at: float | None = None
    ended_at: float | None = None


def before_next_run(entry: Entry) -> Entry:
    """Return the item as it is before its next run is created."""
    return evolve(entry, attempt=entry.attempt + 1, run_id=None, ended_at=None)


@frozen
class SavedFile:
    """One output of an item: `bytes` is None until the file is whole."""

    number: int
    name: str
    bytes: int | None


def client_ref_of(job: str, key: str, attempt: int = 1) -> str:
    """Return the client_ref of an item, the same in every process and on every machine.

    `job` is the journal's id, or the name of a job that has no journal. The Idempotency-Key of
    `get_or_create` follows from it. `attempt` counts the runs of the item, from 1.
    """
    _check_texts(job=job, key=key)
    check_arguments(attempt=attempt)
    for text in (job, key):
        if not is_encodable(text):
            raise InvalidArgument(f"{text!r} is no text that UTF-8 can hold")
    digest = hashlib.sha256(f"{job}\0{key}\0{attempt}".encode()).hexdigest()
    return f"runflow-bulk-{digest[:40]}"


def model_and_input(model: str, item: Item) -> tuple[str | ModelInput, Mapping[str, Any] | None]:
    """Return the first arguments of `get_or_create` and `estimate`."""
    return (item.input, None) if isinstance(item.input, ModelInput) else (model, item.input)


def other_model_problem(model: str, item: Item) -> str | None:
    """Return why a typed input cannot be one of this model, or None."""
    if not isinstance(item.input, ModelInput):
        return None
    other = item.input.MODEL_ID
    is_same = model in {other, f"{WORKFLOWS}{other}"}
    return None if is_same else f"it is an input of {other}, and not of {model}"


def plain_input(given: ModelInput | Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the input as the API takes it, local files still in it."""
    return given.to_input() if isinstance(given, ModelInput) else given


def shown_input(values: Mapping[str, Any]) -> str:
    """Return the input as JSON for the journal; a local file as its path, bytes as their length,
    a picture or an open file as what it is.

    Raises ValueError for text that cannot be kept, and what `json.dumps` raises.
    """
    text = json.dumps(values, default=_show, ensure_ascii=False, sort_keys=True)
    if not is_encodable(text):
        raise ValueError("it holds half a character (a lone surrogate)")
    return text


def fingerprint(values: Mapping[str, Any]) -> str:
    """Return what tells this input from others. A local file counts by path, size and time, and by
    its content where it has no path.

    Raises InvalidArgument for an open file that can be read only once: an item may be sent twice.
    """
    text = json.dumps(values, default=_identify, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _show(value: object) -> object:
    if isinstance(value, bytes | bytearray | memoryview):
        content = bytes(cast("bytes | bytearray", value))  # a view may count other things
        return f"<{len(content)} bytes>"
    if isinstance(value, os.PathLike):
        return str(_path(cast("os.PathLike[str]", value)))
    return f"<{type(value).__name__}>" if is_local_file(value) else str(value)


def _identify(value: object) -> object:
    """Return what tells the value from others in every process: no text that holds its address."""
    if isinstance(value, bytes | bytearray | memoryview):
        return hashlib.sha256(bytes(cast("bytes | bytearray", value))).hexdigest()
    if isinstance(value, os.PathLike):
        path = _path(cast("os.PathLike[str]", value))
        facts = path.stat()
        return [str(path), facts.st_size, facts.st_mtime_ns]
    if not is_local_file(value):
        return str(value)
    file: Any = value
    if is_array(file):
        return [show_array(file), hashlib.sha256(file.tobytes()).hexdigest()]
    if is_pillow_image(file):
        return _picture(file)
    return _content(file)


def _path(value: object) -> Path:
    return Path(os.fsdecode(cast("os.PathLike[str] | os.PathLike[bytes]", value)))


def _picture(picture: Any) -> object:
    """Return what tells the picture from others. Pillow may read it only now."""
    try:
        pixels = hashlib.sha256(picture.tobytes()).hexdigest()
        return [picture.mode, picture.size, picture.getpalette(), pixels]
    except Exception as error:  # whatever the reader of its format is made of
        raise OSError(f"the picture is damaged: {error}") from error


def _content(file: Any) -> str:
    """Return the digest of an open file from its position on, where it stays."""
    from .._typed_inputs.open_file import is_seekable, reading  # few items hold open files

    if not is_seekable(file):
        kind = with_article(type(file).__name__)
        raise InvalidArgument(
            f"its input holds {kind}, which can be read only once, and an item may be sent more "
            "than once: pass its path, or its bytes"
        )
    digest = hashlib.sha256()
    with reading(file) as reader:
        while piece := reader.read(_PIECE):
            digest.update(piece)
    return digest.hexdigest()
