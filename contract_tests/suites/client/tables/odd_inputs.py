"""What becomes of inputs and files that are seldom given: by halves, by others, in small pieces."""

import io
import os
import tempfile
from array import array
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final

from runflow_client import FileChanged
from runflow_client._typed_inputs import base, files, local_file, text
from runflow_client._typed_inputs.fields import InputField

from .arguments import generate
from .inputs import PNG, Lamp, Pipe, warned
from .rows import table

LIBRARIES: Final = (
    *("torch", "tensorflow", "tensorflow_core", "jax", "jaxlib", "numpy", "runflow_client"),
    *("httpx", "requests", "aiohttp", "urllib3", "runflow_clients", "jaxtyping"),
)


def lines() -> Iterator[str]:
    """Give the tables, line by line."""
    yield from _inputs()
    yield from table("what an answer of a library is", _problem, _made_by({"headers": {}}))
    yield from table("what anything of a library is", _problem, _made_by({}))
    looped: Mapping[str, Any] = {
        "an iterator": iter(()),
        "an asynchronous generator": generate(),
        "an iterator that can be read": _made("acme", {"__next__": None, "read": len}),
        "what has its bytes": _made("acme", {"read_bytes": len}),
        "a class that can be read": io.BytesIO,
    }
    yield from table("what is looped over", _problem, looped)
    yield from _local()
    yield from table("given of a file in which this changed", _given, CHANGES)
    values: Mapping[str, Any] = {
        "a bytearray": bytearray(b"xy"),
        "a memoryview of two integers": memoryview(array("I", [0, 0])),
        "a tuple in three": (((("a",),),),),
        "five in a dict": dict.fromkeys("abcde", 0),
    }
    yield from table("show", files.show, values)
    several: tuple[list[str], ...] = ([], ["a", "a"], ["1", "1"], ["1", "a", "null"])
    yield from table("guess of several", lambda one: text.guess("it", one), several)
    words = ("true", "yes", "on", "false", "no", "off", "ON", "y", "1")
    yield from table(
        "read_field of a word", lambda one: text.read_field("it", ("boolean",), [one]), words
    )
    lists = ([" [1]"], ['\n["https://a.test"]'], ["[1]", "2"], [" {}"], [" "], ["[", "]"])
    for kind in ("array", "string|array"):
        yield from table(
            f"read_field of {kind}",
            lambda one, kind=kind: text.read_field("it", kind.split("|"), one),
            lists,
        )


def _inputs() -> Iterator[str]:
    extras: tuple[dict[str, Any], ...] = (
        *({}, {"prompt": "b"}, {"prompt": "b", "seed": 1}, {"prompt": "b", "seed": None}),
        *({"prompt": "b", "size": "1K"}, {"prompt": ""}, {"promt": "b"}),
        *({"prompt": "b", "random": True}, {"prompt": "b", "random": None}),
    )
    beside: tuple[dict[str, Any], ...] = ({"random": True}, {"seed": 0})
    for given in beside:
        yield from table(
            f"{given}, and the rest in extra",
            lambda one, given=given: warned(lambda more: Lamp(**given, extra=more), one),
            extras,
        )
    unchecked: dict[str, Any] = {"prompt": 7, "seed": 1, "extra": {"odd": 1}, "strict": False}
    changes: tuple[dict[str, Any], ...] = (
        *({}, {"seed": None}, {"extra": {}}, {"strict": True, "prompt": "a"}, {"promt": 1}),
    )
    yield from table(
        "evolve what is not checked",
        lambda one: warned(lambda more: Lamp(**unchecked).evolve(**more), one),
        changes,
    )
    counts = InputField("num_images", "integer", minimum=2)
    yield from table("num_images that begins at 2", counts.problem, (0, 1, 2))
    digit = InputField("it", "string", pattern=r"\d")
    yield from table("a text of one digit", digit.problem, (7, 77, "7", "7s", "seven"))
    others: tuple[Any, ...] = (None, [], "prompt", 7, [("prompt", "a")])
    yield from table("from_input of no mapping", partial(warned, Lamp.from_input), others)
    keys: tuple[dict[Any, Any], ...] = ({1: 2}, {1: 2, "prompt": None}, {None: "a", "promt": 7})
    yield from table(
        "check_values of keys", partial(warned, partial(base.check_values, Lamp)), keys
    )


def _made(library: str, members: Mapping[str, Any]) -> object:
    """Return a thing of this library."""
    return type("Thing", (), {"__module__": f"{library}.inner", **members})()


def _made_by(members: Mapping[str, Any]) -> dict[str, object]:
    return {library: _made(library, members) for library in LIBRARIES}


def _problem(value: object) -> str:
    """Return what is said of the value as a file, without its address."""
    return str(files.file_problem(value)).partition(" object at 0x")[0]


class Trickle(Pipe):
    """Gives four bytes at a time, in a buffer of its own."""

    def read(self, size: int = -1) -> bytearray:
        """Give the next of them."""
        given, self._content = self._content[:4], self._content[4:]
        return bytearray(given)


class Sparing(io.BytesIO):
    """Gives four bytes at a time, and goes back."""

    def read(self, size: int | None = -1, /) -> bytes:
        """Give the next of them."""
        return super().read(4)


class Shorter(io.BytesIO):
    """Has an end, and nothing before it."""

    def read(self, size: int | None = -1, /) -> bytes:
        """Give nothing."""
        return b""


class Named(io.BytesIO):
    """Has a name of its own."""

    name = "folder/own.mp3"


def _local() -> Iterator[str]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "a.png").write_bytes(PNG)
        os.symlink(folder / "a.png", folder / "link.webp")
        sought: dict[str, Any] = {
            "in small pieces": Trickle(PNG + bytes(600)),
            "in small pieces, can be rewound": Sparing(PNG + bytes(600)),
            "shorter than it says": Shorter(PNG),
            "by a link": folder / "link.webp",
            "a part of bytes": memoryview(PNG)[:8],
        }
        yield from table("kept of a file", partial(_facts, folder=name), sought)
    for content in (b"\x80\x81", PNG):
        yield from table(
            f"type and name of {content[:4]!r}",
            lambda one, content=content: _named(Named(content), one),
            (None, "b.wav", "b", "", "b.mp3"),
        )


LONG: Final = bytes(300_000)
CHANGES: Final[Mapping[str, bytes]] = {
    "nothing": LONG,
    "its first byte": b"x" + LONG[1:],
    "its last byte": LONG[1:] + b"x",
    "one byte more": LONG + b"x",
    "one byte less": LONG[1:],
    "all bytes gone": b"",
}


def _given(content: bytes) -> object:
    """Return how many bytes are given of a file that has this content meanwhile, and the end."""
    with tempfile.TemporaryDirectory() as name:
        file = Path(name) / "a"
        file.write_bytes(LONG)
        found = local_file.inspect_file(file, "it")
        file.write_bytes(content)
        given = 0
        try:
            for piece in found.pieces():
                given += len(piece)
        except FileChanged as error:
            return given, type(error).__name__
        return given, "all"


def _facts(file: Any, *, folder: str) -> object:
    found = local_file.inspect_file(file, "it")
    pieces = b"".join(found.pieces())
    found.close()
    place = found.place.replace(folder, "FOLDER")
    return place, found.name, found.media_type, found.size, len(found.head), len(pieces)


def _named(file: Any, name: str | None) -> object:
    found = local_file.inspect_file(file, "it", name=name)
    return found.media_type, found.name
