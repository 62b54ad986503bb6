"""Copies and pickles of every public value and of every error are equal in all that they hold.

The classes are found by walking the public surface, and made of different values for each of their
fields.
"""

import builtins
import copy
import inspect
import pickle
import typing
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import Enum
from functools import partial
from importlib import import_module
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID

import attrs
import pytest
from runflow_api.http_library import httpx
from runflow_client import (
    ModelInput,
    PollSchedule,
    Run,
    RunflowError,
    _errors,
    _models,
    bulk,
)
from runflow_client._models import outcome_errors
from runflow_client._transport.detached import DetachedDriver
from runflow_client._transport.driver import AsyncDriver, Driver
from runflow_client.bulk import Summary
from runflow_client.inputs.google.nano_banana_pro import GoogleNanoBananaPro as NanoBanana

from ..project.surface import PACKAGES, public_names

NO_VALUES = {
    "BulkRun": "one bulk run under way",
    "Lease": "a row of an open database",
    "Receiver": "holds the functions of its application",
}
"""Classes of attrs that are no values."""

CLASSES = sorted(
    {
        value
        for package in PACKAGES
        for name in public_names(package)
        if inspect.isclass(value := getattr(import_module(package), name))
    },
    key=lambda one: (one.__module__, one.__qualname__),
)
ERRORS = [one for one in CLASSES if issubclass(one, RunflowError)]
VALUES = [one for one in CLASSES if attrs.has(one) and one.__name__ not in NO_VALUES]

NAMES: dict[str, Any] = {
    **{
        name: value
        for module in (_errors, _models, outcome_errors)
        for name, value in vars(module).items()
    },
    "_models": _models,
    "Summary": Summary,
    "Driver": Driver,
    "AsyncDriver": AsyncDriver,
}


MADE: dict[type, Callable[[], Any]] = {
    PollSchedule: lambda: PollSchedule(first=0.25, growth=1.5, longest=3.0, jitter=0.1),
    ModelInput: lambda: NanoBanana(prompt="a lamp", strict=False),
    bulk.Retries: lambda: bulk.Retries(failed=2, by_code={"boom": 3, "zero": 0}, saving=4),
}
"""Values that are checked when they are made."""


ARGUMENTS: dict[str, Callable[["Maker"], Any]] = {
    "method": lambda maker: "GET",
    "kind": lambda maker: "run",
    "state": lambda maker: maker.build(Run),
    "path": lambda maker: "/v1/v1/runs",
    "url": lambda maker: "https://user:5ec4e7@a.test/1.png?signature=5ec4e7#5ec4e7",
}
"""Arguments that take certain values."""


class Maker:
    """Makes a value of any annotation, each different from those before."""

    def __init__(self) -> None:
        self._numbers = count(11)

    def make(self, wanted: Any) -> Any:
        """A value of this type, with every optional part there."""
        number = next(self._numbers)
        origin, inner = typing.get_origin(wanted), typing.get_args(wanted)
        simple: dict[Any, Any] = {
            str: f"text-{number}",
            int: number,
            float: number + 0.5,
            bool: True,
            bytes: b"%d" % number,
            Decimal: Decimal(number) / 100,
            datetime: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=number),
            UUID: UUID(int=number),
            Path: Path(f"folder/{number}"),
            object: f"object-{number}",
            Any: f"any-{number}",
            Driver: DetachedDriver(),
            AsyncDriver: DetachedDriver(),
        }
        if wanted in simple:
            return simple[wanted]
        if origin is typing.Literal:
            return inner[0]
        if origin in (Mapping, dict):
            return {f"key-{number}": self.make(inner[1]), "zero": 0, "null": None}
        if origin in (list, Sequence):
            return [self.make(inner[0]), self.make(inner[0])]
        if inner:
            return self.make(next(one for one in inner if one is not type(None)))
        if isinstance(wanted, type) and issubclass(wanted, Enum):
            return list(wanted)[number % len(wanted)]
        if wanted.__module__.startswith("runflow_api"):
            return wanted.from_dict({"id": str(UUID(int=number)), "of_tomorrow": number})
        if attrs.has(wanted) or inspect.isclass(wanted):
            return self.build(wanted)
        return f"other-{number}"  # a type variable

    def build(self, kind: type[Any], *, needed_alone: bool = False) -> Any:
        """An object of this class with every argument given, or with those that it needs."""
        if kind in MADE:
            return MADE[kind]()
        try:
            parameters = list(inspect.signature(kind).parameters.values())
        except ValueError:
            return kind("text")  # an exception of one text
        args: list[Any] = []
        options: dict[str, Any] = {}
        for one in parameters:
            if needed_alone and one.default is not one.empty:
                continue
            annotation = one.annotation
            if isinstance(annotation, str):
                module = vars(import_module(kind.__module__))
                bases = {
                    k: v
                    for base in kind.__mro__
                    for k, v in vars(import_module(base.__module__)).items()
                }
                annotation = eval(annotation, {**NAMES, **typing.__dict__, **bases, **module})
            given = ARGUMENTS.get(one.name)
            value = self.make(annotation) if given is None else given(self)
            if one.kind is one.KEYWORD_ONLY:
                options[one.name] = value
            else:
                args.append(value)
        return kind(*args, **options)


def _pickled(protocol: int, value: Any) -> Any:
    return pickle.loads(pickle.dumps(value, protocol))


WAYS: dict[str, Callable[[Any], Any]] = {
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    "oldest pickle": partial(_pickled, 2),
    "newest pickle": partial(_pickled, pickle.HIGHEST_PROTOCOL),
}


def test_the_walk_finds_values_and_errors() -> None:
    assert len(ERRORS) > 30
    assert len(VALUES) > 25
    others = [one for one in CLASSES if issubclass(one, BaseException) and one not in ERRORS]
    assert all(issubclass(one, Warning) for one in others)
    assert {*NO_VALUES} <= {one.__name__ for one in CLASSES}


def _has_hash(value: Any) -> bool:
    try:
        hash(value)
    except TypeError:  # it holds a mapping
        return False
    return True


def fields_of(value: Any) -> dict[str, Any]:
    return {one.name: getattr(value, one.name) for one in attrs.fields(type(value)) if one.eq}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("kind", VALUES, ids=lambda kind: kind.__qualname__)
def test_a_value_is_the_same_in_a_copy(kind: type[Any], way: str) -> None:
    value = Maker().build(kind)
    other = WAYS[way](value)
    assert type(other) is type(value)
    assert other == value
    assert fields_of(other) == fields_of(value)
    assert repr(other) == repr(value)
    if _has_hash(value):
        assert hash(other) == hash(value)
    for name in fields_of(value):
        changed = attrs.evolve(value)
        object.__setattr__(changed, name, object())
        assert changed != value, name


def all_of(error: BaseException | None) -> Iterator[Any]:
    """What an error holds, its notes and causes included."""
    while error is not None:
        yield type(error)
        yield str(error)
        if isinstance(error, RunflowError):
            yield error.args
            yield dict(vars(error))
        yield getattr(error, "__notes__", None)
        yield error.__suppress_context__
        error = error.__cause__


def foreign(error: Exception) -> Exception:
    error.add_note("the note of the cause")
    return error


REQUEST = httpx.Request("GET", "https://a.test/", headers={"Authorization": "Bearer rf_live_key"})


def causes() -> list[BaseException | None]:
    class OfAFunction(ValueError):
        """Cannot be found by its name."""

    inner = _errors.ConnectionLost("inner", method="GET", path="/")
    inner.__cause__ = foreign(OSError(5, "gone"))
    deep = foreign(httpx.ConnectError("no", request=REQUEST))
    deep.__cause__ = httpx.ReadError("deeper", request=REQUEST)
    deep.__cause__.__cause__ = OSError(5, "deepest")
    reset = foreign(httpx.ReadError("reset", request=REQUEST))
    return [None, inner, deep, reset, OfAFunction("of")]


CAUSES = causes()


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("kind", ERRORS, ids=lambda kind: kind.__qualname__)
def test_an_error_is_the_same_in_a_copy(kind: type[BaseException], way: str) -> None:
    for cause in CAUSES:
        error = Maker().build(kind)
        error.add_note("a note")
        error.client_ref = "ref"
        try:
            raise error from cause
        except RunflowError as caught:
            other = WAYS[way](caught)
        expected = [ValueError if "OfAFunction" in str(one) else one for one in all_of(error)]
        assert list(all_of(other)) == expected
        assert b"rf_live_key" not in pickle.dumps(other)
        assert b"rf_live_key" not in pickle.dumps(error)
    for needed_alone in (False, True):
        bare = Maker().build(kind, needed_alone=needed_alone)
        assert list(all_of(WAYS[way](bare))) == list(all_of(bare)), "it was not raised"


class OfTwo(Exception):
    """Cannot be made of one text."""

    def __new__(cls, first: str, second: int) -> "OfTwo":
        return super().__new__(cls, first, second)


class Mute(Exception):
    """Its text fails."""

    def __str__(self) -> str:
        raise ValueError("no text")


_GIVEN: dict[type[BaseException], tuple[Any, ...]] = {
    UnicodeDecodeError: ("utf-8", b"x", 0, 1, "odd"),
    UnicodeEncodeError: ("utf-8", "x", 0, 1, "odd"),
    UnicodeTranslateError: ("x", 0, 1, "odd"),
    BaseExceptionGroup: ("many", [ValueError("one")]),
    ExceptionGroup: ("many", [ValueError("one")]),
    OfTwo: ("one", 2),
}
FOREIGN = {
    one: _GIVEN.get(one, ("text",))
    for one in (*vars(builtins).values(), *vars(httpx).values(), OfTwo, Mute)
    if inspect.isclass(one)
    and issubclass(one, BaseException)
    and (one.__module__ != "httpx" or issubclass(one, httpx.RequestError))
}


def test_a_cause_of_any_class_says_the_same_after_a_pickle() -> None:
    """Of a class that cannot be made of a text alone comes the nearest that can."""
    others: dict[str, str] = {}
    for kind, arguments in FOREIGN.items():
        error = _errors.ConnectionLost("lost", method="GET", path="/")
        error.__cause__ = cause = kind(*arguments)
        there = _pickled(pickle.HIGHEST_PROTOCOL, error).__cause__
        text = "<Mute>" if kind is Mute else str(cause)
        assert str(there) in (text, repr(text)), kind
        assert isinstance(cause, type(there))
        if type(there) is not kind:
            others[kind.__name__] = type(there).__name__
    assert len(FOREIGN) > 80
    bare = ("BaseExceptionGroup", "ExceptionGroup", "Mute", "OfTwo")
    marked = ("IndentationError", "SyntaxError", "TabError")
    letters = ("UnicodeDecodeError", "UnicodeEncodeError", "UnicodeTranslateError")
    assert others == {
        **dict.fromkeys(bare + marked, "Exception"),
        **dict.fromkeys(letters, "UnicodeError"),
    }
