"""Check the arguments of public functions by their names."""

import inspect
import math
import re
from collections.abc import AsyncIterable, Callable, Collection, Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from functools import partial
from os import PathLike, fsencode, fspath
from typing import Final, cast
from urllib.parse import urlsplit

from .._errors import InvalidArgument
from .._redaction import redact_url, show_value
from .checks import check_choice, check_integer, check_seconds, read_number, wrong_kind
from .values import check_json

MAX_URL: Final = 2048
"""Characters of a callback URL, from the batch's create body."""

MAX_LABEL: Final = 255
"""Characters of the label of a callback secret, from its create body."""

MAX_WORKERS: Final = 1000
"""Workers of one inbox in one process. Each has a thread."""


def check_arguments(**arguments: object) -> None:
    """Raise InvalidArgument, with the name, for the first argument of another kind.

    An argument's name means the same kind everywhere, so `check_arguments(q=q, cursor=cursor)` at
    the top of a public method is all that the method needs.

    None stands for the default, except where an argument has none.
    """
    for name, value in arguments.items():
        if value is not None or name in _REQUIRED:
            _KINDS[name](name, value)


def check_text(name: str, value: object) -> None:
    """Raise InvalidArgument for what is no text."""
    if not isinstance(value, str):
        raise wrong_kind(name, value, f"text: pass str({name})")


def _sendable_text(name: str, value: object) -> None:
    check_text(name, value)
    check_json(value, name)


def _label(name: str, value: object) -> None:
    _sendable_text(name, value)
    if len(cast("str", value)) > MAX_LABEL:
        raise InvalidArgument(f"{name} has more than {MAX_LABEL} characters")


def _url(name: str, value: object) -> None:
    check_text(name, value)
    text = cast("str", value)
    try:
        parts = urlsplit(text)
        is_url = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_url = False
    if not is_url or not text.isprintable() or " " in text or len(text) > MAX_URL:
        raise InvalidArgument(
            f"{name} is {show_value(redact_url(text))}: expected an address such as "
            f"'https://example.com/callbacks', at most {MAX_URL} characters"
        )


_MEDIA_TYPE: Final = r"(?a)[\w!#$&^.+-]+/[\w!#$&^.+-]+(\s*;.*)?"


def _media_type(name: str, value: object) -> None:
    check_text(name, value)
    if re.fullmatch(_MEDIA_TYPE, cast("str", value)) is None:
        raise InvalidArgument(
            f"{name} is {show_value(value)}, which is not a media type: expected one such "
            "as 'image/png'"
        )


_ORDER: Final = r"(?a)[A-Za-z_][\w.]*(:(asc|desc))?"


def _order(name: str, value: object) -> None:
    check_text(name, value)
    for key in cast("str", value).split(","):
        if re.fullmatch(_ORDER, key.strip(" ")) is None:
            raise InvalidArgument(
                f"{name} is {show_value(value)}: expected fields such as 'created_at:desc', each "
                "with :asc, :desc or nothing, separated by commas"
            )


def _flag(name: str, value: object) -> None:
    if not isinstance(value, bool):
        raise wrong_kind(name, value, "True or False")


def _function(name: str, value: object) -> None:
    if not callable(value) or isinstance(value, type):
        raise wrong_kind(name, value, "a function")
    if inspect.isgeneratorfunction(value) or inspect.isasyncgenfunction(value):
        raise InvalidArgument(
            f"{name} is a generator function, of which a call runs nothing: expected a plain "
            "function, without yield"
        )


def _path(name: str, value: object) -> None:
    try:
        path: object = fspath(cast("PathLike[str]", value))
    except TypeError:
        path = None
    if not isinstance(path, str):
        raise wrong_kind(name, value, "a path: text or a pathlib.Path")
    if "\0" in path:
        raise InvalidArgument(f"{name} is {show_value(value)}: a path has no NUL character")
    try:
        fsencode(path)
    except UnicodeEncodeError:
        raise InvalidArgument(
            f"{name} is {show_value(value)}, which this system cannot encode"
        ) from None


MAX_TABLE: Final = 59
"""Bytes of a table's name: PostgreSQL takes 63 in the names of its indexes, which are longer."""


def _table(name: str, value: object) -> None:
    is_name = isinstance(value, str) and value.isidentifier() and len(value.encode()) <= MAX_TABLE
    if not is_name or str(value).lower().startswith("sqlite_"):  # SQLite keeps those for itself
        raise InvalidArgument(
            f"{name} is {show_value(value)}: expected a name such as 'runflow_inbox', of at most "
            f"{MAX_TABLE} bytes"
        )


def _age(name: str, value: object) -> None:
    number = read_number(name, value, "seconds")
    if not (math.isfinite(number) and number >= 0):
        raise InvalidArgument(
            f"{name} is {show_value(value)}: expected seconds, finite and at least 0"
        )


def _items(name: str, value: object) -> None:
    # texts and mappings can be looped over too, but what comes of it is no item
    can_be_read = isinstance(value, Iterable | AsyncIterable) and not isinstance(value, type)
    if not can_be_read or isinstance(value, str | bytes | bytearray | memoryview | Mapping):
        raise wrong_kind(name, value, "a list of bulk.Item, or a generator of them")  # pyright: ignore[reportUnknownArgumentType]


def _rate(name: str, value: object) -> None:
    number = read_number(name, value, "creates a second")
    if not (math.isfinite(number) and number > 0):
        raise InvalidArgument(
            f"{name} is {show_value(value)}: expected creates a second, finite and above 0"
        )


def _row_ids(name: str, value: object) -> None:
    _sequence(name, value)
    for number, item in enumerate(cast("Collection[object]", value)):
        check_integer(f"{name}[{number}]", item, maximum=2**63 - 1)


def _event_flag(name: str, value: object) -> None:
    if isinstance(value, type) or not callable(getattr(value, "is_set", None)):
        raise wrong_kind(name, value, "a threading.Event")


def _raw_bytes(name: str, value: object) -> None:
    if not isinstance(value, bytes | bytearray | memoryview):
        raise wrong_kind(name, value, "the raw bytes of the request")


def _inputs(name: str, value: object) -> None:
    _sequence(name, value)
    for number, item in enumerate(cast("Collection[object]", value)):
        if not isinstance(item, Mapping) and not hasattr(type(item), "MODEL_ID"):
            raise wrong_kind(f"{name}[{number}]", item, "a dict, or a typed input of the model")


def _mapping(name: str, value: object) -> None:
    if not isinstance(value, Mapping):
        raise wrong_kind(name, value, "a dict")


def _is_list(value: object) -> bool:
    # texts and mappings are collections too, but meant as one item
    return isinstance(value, Collection) and not isinstance(value, str | bytes | Mapping)


def _sequence(name: str, value: object) -> None:
    if not _is_list(value):
        raise wrong_kind(name, value, "a list")  # pyright: ignore[reportUnknownArgumentType]


def _mappings(name: str, value: object) -> None:
    _sequence(name, value)
    for number, item in enumerate(cast("Collection[object]", value)):
        _mapping(f"{name}[{number}]", item)


def _hosts(name: str, value: object) -> None:
    if isinstance(value, str):
        shown = show_value(value)
        raise InvalidArgument(
            f"{name} is the text {shown}: expected a list of hosts, such as [{shown}]"
        )
    _sequence(name, value)
    for host in cast("Collection[object]", value):
        if not isinstance(host, str):
            raise wrong_kind(name, value, "a list of host names")


def _moment(name: str, value: object) -> None:
    if not isinstance(value, datetime):
        raise wrong_kind(name, value, "a datetime with a time zone")
    if value.utcoffset() is None:
        raise InvalidArgument(
            f"{name} has no time zone: use datetime.now(UTC) - timedelta(...) or the like"
        )


def _money(name: str, value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, Decimal | int | float | str):
        raise wrong_kind(name, value, "US dollars as a Decimal, a number or text")


def _model(name: str, value: object) -> None:
    if not isinstance(value, str) and not hasattr(type(value), "MODEL_ID"):
        like = f"{value.__name__ if isinstance(value, type) else 'GoogleNanoBananaPro'}(prompt=...)"
        raise wrong_kind(name, value, f"a model id such as 'google/nano-banana-pro', or {like}")


def _clock(name: str, value: object) -> None:
    if isinstance(value, type) or not (hasattr(value, "now") and hasattr(value, "sleep")):
        raise wrong_kind(name, value, "an object with now() and sleep(seconds)")


def _unknown_outcome(name: str, value: object) -> None:
    check_choice(name, value, ("resend", "raise"))


_REQUIRED: Final = frozenset(
    {
        "attempt",
        "backward",
        "body",
        "concurrency",
        "dead_letters",
        "directory",
        "extra",
        "generated_image_url",
        "handler",
        "inline_below",
        "in_order",
        "inputs",
        "insecure_hosts",
        "items",
        "journal",
        "longest",
        "look_first",
        "max_bytes",
        "max_body_bytes",
        "max_outage",
        "model",
        "now",
        "on_unknown_outcome",
        "overwrite",
        "page_size",
        "path",
        "poll",
        "put",
        "quiet",
        "raise_on_failure",
        "seconds",
        "source",
        "store",
        "strict",
        "table",
        "task_type",
        "tasks",
        "template",
        "threads",
        "thumbnails",
        "transactional",
        "unchecked",
        "url",
        "workflow",
    }
)
"""Arguments that have no default that None could stand for."""

_KINDS: Final[Mapping[str, Callable[[str, object], None]]] = {
    **dict.fromkeys(
        [
            "api_key",
            "base_url",
            "client_ref",
            "idempotency_key",
            "job_class",
            "key",
            "level",
            "name",
            "reason",
            "template",
            "workflow",
        ],
        check_text,
    ),
    **dict.fromkeys(
        [
            "cursor",
            "evaluation_instructions",
            "generated_image_url",
            "generation_prompt",
            "q",
            "slug",
            "status",
            "task_description",
            "task_type",
        ],
        _sendable_text,
    ),
    **dict.fromkeys(["callback_url", "url"], _url),
    "label": _label,
    "mime_type": _media_type,
    "sort_by": _order,
    "timeout": check_seconds,
    **dict.fromkeys(["longest", "poll", "quiet"], partial(check_seconds, is_required=True)),
    **dict.fromkeys(["max_outage", "older_than", "seconds"], _age),
    "rate": _rate,
    **dict.fromkeys(["inline_below", "max_bytes", "page_size", "thumbnails"], check_integer),
    "max_body_bytes": partial(check_integer, minimum=1),
    **dict.fromkeys(["tasks", "threads"], partial(check_integer, minimum=1, maximum=MAX_WORKERS)),
    **dict.fromkeys(
        ["attempt", "concurrency", "stop_after_failures"], partial(check_integer, minimum=1)
    ),
    **dict.fromkeys(
        [
            "backward",
            "dead_letters",
            "in_order",
            "look_first",
            "overwrite",
            "raise_on_failure",
            "strict",
            "transactional",
            "unchecked",
        ],
        _flag,
    ),
    **dict.fromkeys(
        [
            "handler",
            "monotonic",
            "now",
            "on_run",
            "on_update",
            "progress",
            "put",
            "store",
            "then",
            "upload_progress",
        ],
        _function,
    ),
    **dict.fromkeys(["extra", "input", "input_attributes", "metadata", "values"], _mapping),
    "inputs": _inputs,
    "reference_images": _mappings,
    **dict.fromkeys(["directory", "journal", "output", "path", "source"], _path),
    "items": _items,
    "insecure_hosts": _hosts,
    **dict.fromkeys(["created_after", "created_before"], _moment),
    **dict.fromkeys(["max_cost", "max_cost_each"], _money),
    "model": _model,
    "clock": _clock,
    "on_unknown_outcome": _unknown_outcome,
    "body": _raw_bytes,
    "ids": _row_ids,
    "stop": _event_flag,
    "table": _table,
}
