"""Two stories are in the same state when the frames of their flows are equal, whatever their
variables are called: they are compared by value, and moments as seconds from now.
"""

from collections.abc import Callable
from functools import cache
from types import FunctionType, GeneratorType, MethodType, ModuleType
from typing import Any, Final

import attrs
from runflow_api.http_library import httpx
from runflow_client import ApiError, RedirectRefused, ServerError
from runflow_client._flows.commands import Context
from runflow_client._flows.create_run import Create
from runflow_client._flows.retry import TRANSIENT, may_have_acted, may_pass
from runflow_client._time import Deadline

from ...profile import is_thorough

SPENT: Final = (
    frozenset[str]()
    if is_thorough()
    else frozenset(
        [
            "listing",
            "whole",
            "run",
            "run_id",
            "shown",
            "pause",
            "page",
            "response",
            "asked",
            "reason",
        ]
    )
)
"""Variables that hold what was read last, and are written again before they are read: states that
differ in them alone are one. The thorough profile tells them apart, and must come to the same end.
"""

BEGAN: Final = "began"
"""The variable that holds a moment."""

PLAIN: Final = frozenset({str, int, float, bool})

DECIDING: Final[tuple[Callable[[BaseException], bool], ...]] = (
    may_have_acted,
    may_pass,
    lambda error: isinstance(error, TRANSIENT),
    lambda error: isinstance(error, RedirectRefused),
    lambda error: isinstance(error, ApiError) and not isinstance(error, ServerError),
)
"""What a flow asks of an error that it has kept. The thorough profile tells all errors apart."""

IGNORED: Final = (FunctionType, MethodType, ModuleType, type, Context, Create)


Reader = Callable[[Any, float], object]
"""Reads a value at a moment of the server's clock."""


def state_of(value: Any, now: float) -> object:
    """The value as something that can be compared, moments as seconds from now."""
    kind: Any = type(value)
    return value if value is None or kind in PLAIN else _reader_of(kind)(value, now)


@cache
def _reader_of(kind: type) -> Reader:
    """Return what reads the values of a class."""
    if kind is GeneratorType:
        return _frames
    if issubclass(kind, IGNORED):
        return lambda value, now: None
    for bases, reader in READERS:
        if issubclass(kind, bases):
            return reader
    if attrs.has(kind):
        names = [one.name for one in attrs.fields(kind) if one.name != "lock"]
        return lambda value, now: tuple([state_of(getattr(value, name), now) for name in names])
    if kind.__dictoffset__:
        return lambda value, now: (kind.__name__, state_of(vars(value), now))
    return lambda value, now: repr(value)


def _frames(value: Any, now: float) -> object:
    frame = value.gi_frame
    if frame is None:
        return "ended"
    variables = tuple(
        [
            (
                name,
                round(member - now, 3) if name == BEGAN else state_of(member, now),
            )
            for name, member in frame.f_locals.items()
            if name not in SPENT
        ]
    )
    return value.gi_code.co_name, frame.f_lasti, variables, state_of(value.gi_yieldfrom, now)


def _deadline(value: Deadline, now: float) -> object:
    return None if value.moment is None else round(value.moment - now, 3)


def _error(value: BaseException, now: float) -> object:
    name = type(value).__name__, getattr(value, "status", None)
    return name if is_thorough() else tuple([decides(value) for decides in DECIDING])


READERS: Final[tuple[tuple[type | tuple[type, ...], Reader], ...]] = (
    (Deadline, _deadline),
    (BaseException, _error),
    (httpx.Response, lambda value, now: (value.status_code, value.content)),
    (
        dict,
        lambda value, now: tuple([(str(key), state_of(of, now)) for key, of in value.items()]),
    ),
    (
        (list, tuple, set, frozenset),
        lambda value, now: tuple(sorted([state_of(one, now) for one in value], key=repr)),
    ),
)
