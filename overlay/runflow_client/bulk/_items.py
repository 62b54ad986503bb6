"""What goes into a bulk run, what comes out, and how an item is named to Runflow."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, Literal

from attrs import field, frozen

from .._errors import InvalidArgument
from .._typed_inputs.base import ModelInput
from .._validation import WORKFLOWS, check_arguments, check_text, is_encodable, wrong_kind

MAX_KEY_LENGTH: Final = 1024
"""Characters of an item's key."""

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
    `was_done` tells that the journal had it as done already, so that nothing was sent.
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


def other_model(model: str, item: Item) -> str | None:
    """Return the model of a typed input, if it is another one than this."""
    if not isinstance(item.input, ModelInput) or model == item.input.MODEL_ID:
        return None
    return None if model == f"{WORKFLOWS}{item.input.MODEL_ID}" else item.input.MODEL_ID


def plain_input(given: ModelInput | Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the input as the API takes it, local files still in it."""
    return given.to_input() if isinstance(given, ModelInput) else given


def shown_input(values: Mapping[str, Any]) -> str:
    """Return the input as JSON for the journal; a local file as its path, bytes as their length.

    Raises ValueError for text that cannot be kept, and what `json.dumps` raises.
    """
    text = json.dumps(values, default=_show, ensure_ascii=False, sort_keys=True)
    if not is_encodable(text):
        raise ValueError("it holds half a character (a lone surrogate)")
    return text


def fingerprint(values: Mapping[str, Any]) -> str:
    """Return what tells this input from others. A local file counts by path, size and time."""
    text = json.dumps(values, default=_identify, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _show(value: object) -> object:
    if isinstance(value, bytes | bytearray):
        return f"<{len(value)} bytes>"
    return str(value)


def _identify(value: object) -> object:
    if isinstance(value, bytes | bytearray):
        return hashlib.sha256(value).hexdigest()
    if isinstance(value, Path):
        facts = value.stat()
        return [str(value), facts.st_size, facts.st_mtime_ns]
    return str(value)
