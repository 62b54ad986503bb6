"""What the checks of arguments say to each kind of value, and to texts at the edge of each form."""

import threading
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, tzinfo
from decimal import Decimal
from functools import partial
from types import SimpleNamespace
from typing import Any, Final

from runflow_client import _validation as validation
from runflow_client._redaction import show_value
from runflow_client._validation import arguments
from runflow_client._validation.checks import MAX_SECONDS

from ..arguments.kinds import VALUES
from .addresses import environment
from .rows import Plain, result, table

ID: Final = "0198c0de-0000-7000-8000-000000000000"


class Looped:
    """Can be looped over."""

    def __iter__(self) -> Iterator[int]:
        return iter(())


class NowAlone:
    """Half of a clock."""

    def now(self) -> float:
        """Tell the time."""
        return 0.0


class SleepAlone:
    """The other half."""

    def sleep(self, seconds: float) -> None:
        """Wait."""


class Clock(NowAlone, SleepAlone):
    """A whole clock."""


class Model:
    """Has what a typed input has."""

    MODEL_ID = "a/b"


class MuteZone(tzinfo):
    """A time zone that does not say its offset."""

    def utcoffset(self, moment: datetime | None) -> None:
        """Say nothing."""

    dst = utcoffset

    def tzname(self, moment: datetime | None) -> None:
        """Have no name."""


class PathOf:
    """A path object."""

    def __init__(self, path: Any) -> None:
        self._path = path

    def __fspath__(self) -> Any:
        return self._path


async def generate() -> Any:
    """An asynchronous generator function."""
    yield 1


MORE: Final[Mapping[str, object]] = {
    **VALUES,
    "tiny": 1e-300,
    "just above the most seconds": MAX_SECONDS + 1,
    "the most seconds": MAX_SECONDS,
    "minus nothing": -0.0,
    "bytearray": bytearray(b"7"),
    "memoryview": memoryview(b"7"),
    "tuple": ("x",),
    "frozenset": frozenset({"x"}),
    "list of dicts": [{"a": 1}],
    "list of models": [Model(), {"a": 1}],
    "list with a bool": [1, True],
    "list with a negative": [1, -1],
    "the largest row": [2**63 - 1],
    "beyond the largest row": [2**63],
    "generator": iter([1]),
    "what is looped over": Looped(),
    "async generator": generate(),
    "async generator function": generate,
    "event": threading.Event(),
    "half a clock": NowAlone(),
    "the other half": SleepAlone(),
    "clock": Clock(),
    "typed input": Model(),
    "class of a typed input": Model,
    "path of text": PathOf("a"),
    "path of bytes": PathOf(b"a"),
    "path with NUL": PathOf("a\0"),
    "path of a number": PathOf(7),
    "moment of a mute zone": datetime(2026, 1, 1, tzinfo=MuteZone()),
    "half a character": "\ud800",
    "1000": 1000,
    "1001": 1001,
}

FORMS: Final[Mapping[str, tuple[str, ...]]] = {
    "url": (
        *("https://a.test", "http://a.test/x?y=z#w", "HTTPS://A.test", "ftp://a.test", "a.test"),
        *("https://", "https:///x", "https://a.test:0", "https://a.test:1", "https://a.test:65535"),
        *("https://a.test:65536", "https://a.test:p", "https://[::1", "https://[::1]:8/x", ""),
        *("https://a.test/a b", "https://a.test/a\n", "https://a.test/\u200b", " https://a.test"),
        *(
            "https://u:p@a.test:0/x?s=5ec4e7",
            "https://u:p@a.test/x",
            f"https://a.test/{'x' * 2033}",
            f"https://a.test/{'x' * 2034}",
        ),
    ),
    "label": ("", "x" * 255, "x" * 256),
    "mime_type": (
        *("image/png", "image/svg+xml", "a/b; c=d", "a/b;c", "a/b ;c", "image", "image/", "/png"),
        *("a/b c", " a/b", "a/b ", "a/b/c", "é/b", "a/b;", "", "!#$&^.+-/x", "a/b\n"),
    ),
    "sort_by": (
        *("a", "a:asc", "a:desc", "a,b:asc", " a , b ", "a:ASC", "a:", ":asc", "", "a,", "1a"),
        *("a.b_1", "_a", "a b", "é", "a:asc:desc", "a;b", "X", "\ta", "a\u3000"),
    ),
    "table": (
        *("a", "A_1", "1a", "a-b", "a b", "", "é", "sqlite_a", "SQLITE_A", "sqlitea", "x" * 59),
        *("x" * 60, "é" * 29, "é" * 30, "class"),
    ),
    "path": ("", "a", "a\0", "a\ud800", "é"),
    "on_unknown_outcome": ("resend", "raise", "RESEND", ""),
    "insecure_hosts": ("a", ""),
}

REFS: Final = (
    *("", "a", "x" * 255, "x" * 256, " a", "a ", "a b", "a'b", 'a"b', "a\n", "a\u200b", "é", "\t"),
    *("\u2028", "…"),
)
MODELS: Final = (
    *(
        "a/b",
        "a/b/c/d/e",
        "a",
        "",
        "/",
        "a/",
        "/b",
        "a//b",
        "a/.",
        "a/..",
        "./b",
        "a/b.c",
        "A/b_c~d",
    ),
    *("a/b c", "https://a/b", "a/b?c", "a/é", "a/b\n", "comfyui-workflows/a/b", "a/%2e"),
)
IDS: Final = (
    *(
        ID,
        ID.upper(),
        ID.replace("-", ""),
        f"{{{ID}}}",
        f"urn:uuid:{ID}",
        ID[:-1],
        ID + "0",
        "",
        "x",
    ),
)


def lines() -> Iterator[str]:
    """Give the tables, line by line."""
    for name in sorted(arguments._KINDS):
        said = partial(_said, name=name)
        yield from table(
            name, said, {label: Shown(one) for label, one in MORE.items()}, others=True
        )


def checks() -> Iterator[str]:
    """Give the tables of the checks that look closer, line by line."""
    for name, texts in FORMS.items():
        yield from table(
            f"text as {name}",
            lambda one, name=name: validation.check_arguments(**{name: one}),
            texts,
        )
    refs: dict[str, Callable[[Any], object]] = {
        "check_client_ref": validation.check_client_ref,
        "check_idempotency_key": validation.check_idempotency_key,
    }
    for name, check in refs.items():
        yield from table(name, check, [*REFS, None, 7])
    yield from table("split_model_id", validation.split_model_id, [*MODELS, None, 7])
    read = partial(validation.read_id, "run_id")
    yield from table("read_id", read, [*IDS, None, 7, b"x"])
    yield from _numbers()
    yield from _words()
    yield from _json()


class Shown:
    """Holds a value whose repr may fail or differ from run to run."""

    def __init__(self, value: Any) -> None:
        self.value = value


def _said(shown: Shown, *, name: str) -> Plain:
    """Return what is said of a value as this argument, without its name, kind and value."""
    value = shown.value
    told = result(lambda one: validation.check_arguments(**{name: one}), value)
    told = told.removeprefix("InvalidArgument: ").removeprefix(name).replace(f"({name})", "(it)")
    told = told.replace(f" is of type {type(value).__name__}:", " is of its type:")
    if isinstance(value, type):
        told = told.replace(f" is the class {value.__name__}:", " is this class:")
    told = told.replace(f" is {show_value(value)}", " is <it>").replace(f" {name}.", " it.")
    return Plain("taken" if told == "None" else told.strip())


NUMBERS: Final = (
    *(None, True, "1", -1, 0, 1, 2, 3, 0.5, 1.0, 2.5, float("nan"), float("inf"), 10**400),
)


def _numbers() -> Iterator[str]:
    bounds: tuple[dict[str, Any], ...] = (
        {"at_least": 1},
        {"above": 1},
        {"below": 2},
        {"at_least": 0, "below": 2, "whole": True},
    )
    for given in bounds:
        yield from table(
            f"check_numbers {given}",
            lambda one, given=given: validation.check_numbers(
                SimpleNamespace(first=1, second=one), "first", "second", **given
            ),
            NUMBERS,
        )
    for least, most in ((0, None), (1, 2), (-1, 1)):
        yield from table(
            f"check_integer from {least} to {most}",
            lambda one, least=least, most=most: validation.check_integer("it", one, least, most),
            NUMBERS,
        )
    yield from table("check_seconds", partial(validation.check_seconds, "it"), NUMBERS)


def _words() -> Iterator[str]:
    texts: tuple[Any, ...] = (
        *(None, True, 0, -1, 10**400, 0.5, Decimal("0.10"), "", "a", b"a", ["a"], 10**5000),
    )
    yield from table(
        "plain_text",
        validation.plain_text,
        {"a number of 5001 digits" if one == 10**5000 else repr(one): one for one in texts},
    )
    nouns = ("int", "str", "UUID", "URL", "Unit", "hour", "Asset", "usual", "", "EOF", "bytes")
    yield from table("with_article", validation.with_article, nouns)
    kinds = (int, dict, SimpleNamespace)
    values: tuple[Any, ...] = (None, 1, int, {})
    for value in values:
        yield from table(
            f"check_instance of {value!r}",
            lambda kind, value=value: validation.check_instance("it", value, kind),
            {kind.__name__: kind for kind in kinds},
        )
    required = partial(validation.check_instance, "it", kind=int, is_required=True)
    yield from table("check_instance, required", required, [None, 1, True, "1"])
    blocking = {name: VALUES[name] for name in VALUES if "function" in name or "object" in name}
    yield from table(
        "check_blocking",
        lambda one: validation.check_blocking("use another", first=None, second=one.value),
        {name: Shown(one) for name, one in blocking.items()},
    )
    yield from table(
        "check_blocking, alone",
        lambda one: validation.check_blocking(a=one.value),
        {"coroutine function": Shown(VALUES["coroutine function"])},
    )
    known = ("prompt", "image_url", "image_urls", "seed")
    names = ("prompt", "promt", "image", "img", "seeds", "deed", "SEED", "")
    yield from table("nearest", lambda one: validation.nearest(one, known), names)
    yield from table("nearest, 0.9", lambda one: validation.nearest(one, known, 0.9), names)
    variables = (
        *(
            "RUNFLOW_API_KEY",
            "RUNFLOW_APIKEY",
            "runflow_api_key",
            "RUNFLOW_API_KEYS",
            "RUNFLOW_KEY",
        ),
        *("RUN_API_KEY", "XUNFLOW_API_KEY", "RUNFLOW_BASE_URL", "RUNWAY_API_KEY"),
    )
    yield from table("refuse_misspelt", _misspelt, variables)


def _misspelt(name: str) -> None:
    with environment(**{name: "x"}):
        validation.refuse_misspelt("RUNFLOW_API_KEY")


def _json() -> Iterator[str]:
    deep: Any = 1
    for _ in range(99):
        deep = [deep]
    values: dict[str, Any] = {
        "plain": {"a": [1, (True, None), 0.5, "é", {"b": {}}]},
        "NaN inside": {"a": [0, float("nan")]},
        "infinity": float("-inf"),
        "a set": {"a": {"b": {1}}},
        "bytes": [b"x"],
        "a key that is a number": {"a": {1: 2}},
        "a key that is None": {None: 2},
        "half a character": {"a": ["\ud800"]},
        "half a character in a key": {"a": {"\udc00": 1}},
        "an object": [[Model()]],
        "99 levels": deep,
        "99 levels with a dict": {"a": deep[0]},
        "100 levels": [deep],
        "100 levels in a dict": {"a": deep},
    }
    yield from table("check_json", lambda one: _short(validation.check_json(one)), values)
    bits = {
        f"{sign}{n} bits": int(f"{sign}1") * (2**n - 1)
        for n in (14_000, 14_001)
        for sign in ("", "-")
    }
    yield from table(
        "check_json of an integer", lambda one: validation.check_json(one) == one, bits
    )
    replaced = partial(validation.check_json, place="p.q", replace=lambda one, place: f"at {place}")
    few = {name: values[name] for name in ("a set", "bytes", "an object", "infinity")}
    yield from table("check_json with others", replaced, few)
    texts = ("", "a", "é", "\U0001f600", "\ud800", "a\udfff", "\ud83d\ude00")
    yield from table("is_encodable", validation.is_encodable, {ascii(one): one for one in texts})


def _short(value: object) -> Plain:
    return Plain(repr(value).replace("[" * 90, "90 lists ").replace("]" * 90, ""))
