"""What typed inputs, untyped ones, local files and texts become."""

import io
import json
import tempfile
import warnings
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any, Final, Literal

from runflow_client import FileChanged, InvalidArgument
from runflow_client._typed_inputs import base, files, local_file, text
from runflow_client._typed_inputs.base import ModelInput, input_field, model_input
from runflow_client._typed_inputs.fields import InputField
from runflow_client._typed_inputs.prices import PriceCondition, PriceTerms, Surcharge

from .rows import Plain, behind, ours, result, table

PNG: Final = b"\x89PNG\r\n\x1a\n of this test"


@model_input
class Lamp(ModelInput):
    """A model of this test, with each kind of field and price."""

    MODEL_ID = "acme/lamp"
    ENDPOINT = "/v1/models/acme/lamp/runs"
    PRICE = Decimal("0.10")
    PRICE_UNIT = "image"
    PRICE_TERMS = PriceTerms(
        conditions=(PriceCondition("size", ("1K", "2K"), cheaper=("512",)),),
        surcharges=(Surcharge("fast", (True,), Decimal("0.05")),),
        proviso="holds on Mondays",
    )

    prompt: str = input_field("string", required=True)
    size: Literal["512", "1K", "2K", "4K"] | None = input_field(
        "string", api_default="1K", default=None
    )
    fast: bool | None = input_field("boolean", default=None)
    seed: int | None = input_field("integer", default=None, excludes=("random",))
    random: bool | None = input_field("boolean", default=None)
    num_images: int | None = input_field("integer", default=None)
    film: object | None = input_field("video|image", name="Film URL", default=None)


@model_input
class Nothing(ModelInput):
    """A model of this test whose catalog says 0, false and empty of its fields."""

    MODEL_ID = "acme/nothing"

    off: bool | None = input_field("boolean", api_default=False, default=None)
    count: int | None = input_field(
        "integer", api_default=0, minimum=0, maximum=0, allowed=(0,), default=None
    )
    text: str | None = input_field(
        "string", api_default="", pattern="", min_length=0, max_length=0, default=None
    )


GIVEN: Final[Mapping[str, dict[str, Any]]] = {
    json.dumps(one): one
    for one in (
        *({}, {"prompt": "a"}, {"prompt": None}, {"prompt": ""}, {"promt": "a"}, {"prompt": 7}),
        *({"prompt": "a", "size": "3K"}, {"prompt": "a", "size": 512}, {"prompt": "a", "odd": 0}),
        *({"prompt": "a", "sise": None}, {"prompt": "a", "seed": 0, "random": False}),
        *({"prompt": "a", "seed": 1, "random": None}, {"prompt": "a", "random": True}),
        *({"prompt": "a", "num_images": 0}, {"prompt": "", "seed": "1", "random": 1}),
        *({"prompt": "a", "Film URL": "x"}, {"prompt": "a", "film": "https://a.test/b?c"}),
        {"prompt": "a", "Film URL": "https://a.test/b?c", "fast": False, "size": None},
    )
}

FIELD_KINDS: Final = (
    "image",
    "image_list",
    "image|video",
    "string|image",
    "file",
    "audio",
    "string",
    "",
)

_FILES: Final[tuple[Any, ...]] = (
    *("https://a.test/a.png?b=c", "HTTP://a.test", "runflow://assets/1", "https://", "runflow:x"),
    *("a.png", "./a:b", "ftp://a.test/a", "data:image/png;base64,iVBORw0KGgo=", "https:a", ""),
    *(b"", b"x", bytearray(b"xy"), None, 7, {}, ["a"], str, "https:///a.png?5ec4e7", "data:5ec4e7"),
)
FILES: Final[Mapping[str, object]] = {
    **{repr(one): one for one in _FILES},
    "memoryview": memoryview(b"xyz"),
    "a path": Path("a.png"),
    "an open file": io.BytesIO(b"x"),
    "an open text": io.StringIO("x"),
    "an iterator": iter(()),
}


def lines() -> Iterator[str]:
    """Give the tables, line by line."""
    for name, make in MAKERS.items():
        yield from table(name, partial(warned, make), GIVEN)
    extras: tuple[Any, ...] = (
        {"prompt": "b"},
        {"seed": 1},
        {"odd": {1}},
        {"size": "9K"},
        {"prompt": None},
        {"a": 1},
        *(None, 7, "seed", [("seed", 1)], {7: 1}),
    )
    yield from table(
        "prompt and extra",
        lambda one: warned(lambda more: Lamp(prompt="a", extra=more), one),
        extras,
    )
    unchecked: dict[str, Any] = {"strict": False}
    wrong = (
        {"prompt": 7},
        {"prompt": None, "size": "9K"},
        {"extra": {"odd": 0}},
        {"extra": {1: 2}},
        {"extra": 7},
        {"extra": None},
        {"strict": 0},
    )
    yield from table(
        "not strict", lambda one: warned(lambda more: Lamp(**{**unchecked, **more}), one), wrong
    )
    made = Lamp(prompt="a", seed=1)
    changes: tuple[dict[str, Any], ...] = (
        {},
        {"seed": None},
        {"seed": 2},
        {"random": True},
        {"extra": {"b": 1}},
        {"odd": 1},
        {"SEED": 1},
    )
    yield from table("evolve", lambda one: warned(lambda more: made.evolve(**more), one), changes)
    yield from table("what the catalog says of nothing", Nothing.known_fields().get, FACTS)
    unlike: tuple[dict[str, Any], ...] = ({"prompt": "a"}, {"prompt": ["a"]}, {"seed": [1]})
    yield from table("two that are alike hash alike", _hash_alike, unlike)
    kinds = {one: InputField("it", one) for one in FIELD_KINDS}
    yield from table("media_kinds", lambda one: sorted(one.media_kinds), kinds)
    annotations: dict[str, Any] = {
        "open": Literal["a"] | str,
        "closed": Literal["a", "b"] | None,
        "of none": None,
        "nested": Literal["a"] | Literal["b"],
        "text": str,
    }
    yield from table("closed values", base._closed_values, annotations)
    yield from _files()
    yield from _kinds()
    yield from _texts()


FACTS: Final = ("off", "count", "text")


def _hash_alike(values: Mapping[str, Any]) -> bool:
    first, second = Lamp(**values, strict=False), Lamp(**values, strict=False)
    return first == second and hash(first) == hash(second)


def _typed(values: Mapping[str, Any]) -> ModelInput:
    names = {"Film URL": "film"}
    return Lamp(**{names.get(name, name): value for name, value in values.items()})


MAKERS: Final[Mapping[str, Callable[[Any], object]]] = {
    "Lamp": _typed,
    "from_input": Lamp.from_input,
    "from_input, not strict": partial(Lamp.from_input, strict=False),
    "check_values": partial(base.check_values, Lamp),
}


def warned(make: Callable[[Any], object], value: object) -> Plain:
    """Return what is made, as it is sent and as it is shown, and what was warned of."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        behind_it = ""
        try:
            made = make(value)
        except (InvalidArgument, TypeError) as error:
            text = f"{type(error).__name__}: {error}"
            behind_it = behind(error)
        else:
            text = f"{made} {made.to_input()}" if isinstance(made, ModelInput) else f"{made}"
    said = "".join(f"; {one.category.__name__}: {one.message}" for one in caught)
    places = {Path(one.filename).name for one in caught}
    said += f" at another line: {places}" if places - {Path(__file__).name} else ""
    return Plain(text.partition("Nothing was sent.")[0].strip() + behind_it + said)


def _files() -> Iterator[str]:
    yield from table("is_local_file", files.is_local_file, FILES)
    yield from table("file_problem", _quiet(files.file_problem), FILES)
    yield from table(
        "keep_local_file", _quiet(lambda one: type(files.keep_local_file(one, "it"))), FILES
    )
    nested: Any = {
        "a": {"b": {"c": {"d": 1}}},
        "e": [[[[1]]]],
        "f": list("abcdef"),
        "g": list("abcd"),
    }
    shown = (
        nested,
        "x" * 80,
        "x" * 81,
        "https://u:p@a.test/b?c",
        "rf_live_a",
        b"xy",
        {1: "a", (1, 2): {(3,): 4}},
        f"https://a.test/{'b' * 60}?5ec4e7",
        (),
        7,
        None,
    )
    yield from table("show", files.show, shown)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "a.png").write_bytes(PNG)
        (folder / "empty").touch()
        sought: dict[str, Any] = {
            "a path": folder / "a.png",
            "a missing one": folder / "b.png",
            "a folder": folder,
            "an empty one": folder / "empty",
            "bytes": PNG,
            "no bytes": b"",
            "a URL": "https://a.test/a.png",
            "text": "a.png",
            "a number": 7,
            "an open file": lambda: _at(io.BytesIO(b"ab" + PNG), 2),
            "an open file at its end": lambda: _at(io.BytesIO(PNG), len(PNG)),
            "a pipe": lambda: Pipe(PNG),
            "an empty pipe": lambda: Pipe(b""),
            "a pipe of text": lambda: Pipe("text"),
            "a pipe that breaks": lambda: Pipe(None),
            "a closed file": _closed,
        }
        for given in ({}, {"name": "b.jpg", "media_type": "image/webp"}, {"media_type": "x" * 256}):
            yield from table(
                f"inspect_file {sorted(given)}",
                lambda one, given=given: _quiet(partial(_inspected, **given))(one, folder=folder),
                sought if not given.get("media_type", "").startswith("xx") else {"bytes": PNG},
            )


def _kinds() -> Iterator[str]:
    given = {"a PNG": PNG, "a film": b"\0\0\0\x18ftypmp42" + b"\0" * 40, "text": b"text"}
    for wanted in ((), ("image",), ("video", "audio")):
        yield from table(
            f"check_kind {wanted}",
            lambda one, wanted=wanted: local_file.inspect_file(one, "it").check_kind(wanted),
            given,
        )
    yield from table("data_uri", lambda one: local_file.inspect_file(one, "it").data_uri(), given)
    names = {
        "500": "a" * 496 + ".png",
        "501": "a" * 497 + ".png",
        "half": "a\ud800.png",
        "none": "",
    }
    yield from table(
        "name of a file", lambda one: local_file.inspect_file(PNG, "it", name=one).name, names
    )
    types = ("image/png", "a", "é/b", " a/b", "a/b ", "a/b; c=d", "x" * 255, "x" * 256, "")
    yield from table(
        "type of a file",
        lambda one: local_file.inspect_file(PNG, "it", media_type=one).media_type,
        types,
    )
    changed = {
        "the same": PNG,
        "another": b"x" * len(PNG),
        "longer": PNG + b"x",
        "shorter": PNG[:-1],
        "gone": None,
    }
    yield from table("a file that changes", _changed, changed)


def _changed(content: bytes | None) -> object:
    """Return what is read of a file that has other bytes than when it was inspected."""
    with tempfile.TemporaryDirectory() as name:
        file = Path(name) / "a.png"
        file.write_bytes(PNG)
        found = local_file.inspect_file(file, "it")
        if content is None:
            file.unlink()
        else:
            file.write_bytes(content)
        try:
            return b"".join(found.pieces()) == content
        except FileChanged as error:
            return Plain(str(error).replace(name, "FOLDER") + behind(error))


class Pipe:
    """Can be read once."""

    def __init__(self, content: Any) -> None:
        self._content = content
        self.name = "/dev/pipe.png"

    def read(self, size: int = -1) -> Any:
        """Give all, and then nothing."""
        if self._content is None:
            raise OSError(5, "it broke")
        given, self._content = self._content, self._content[:0]
        return given


def _at(file: io.BytesIO, place: int) -> io.BytesIO:
    file.seek(place)
    return file


def _closed() -> io.BytesIO:
    file = io.BytesIO(PNG)
    file.close()
    return file


def _inspected(file: Any, **given: Any) -> object:
    made = file() if callable(file) else file
    found = local_file.inspect_file(made, "input.image", **given)
    pieces = [b"".join(found.pieces()) == PNG for _ in range(2)]
    found.close()
    facts = (
        found.place,
        found.name,
        found.media_type,
        found.size,
        found.digest[:4],
        found.head == PNG,
    )
    return (*facts, found.is_constant, *pieces)


def _quiet(call: Callable[..., object]) -> Callable[..., Plain]:
    """Return the call without what differs from run to run: folders and addresses."""

    def called(value: object, folder: Path | None = None) -> Plain:
        told = result(call, value)
        if folder is not None:
            told = told.replace(str(folder), "FOLDER")
        return Plain(told.partition(" object at 0x")[0].replace("PosixPath", "Path"))

    return called


def _texts() -> Iterator[str]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "a.png").write_bytes(PNG)
        (folder / "sub").mkdir()
        texts = (
            "a.png",
            "b.png",
            "sub",
            str(folder / "a.png"),
            "https://a.test/a.png",
            "DATA:x",
            "s3://a/b",
            "runflow:x",
            "",
        )
        read = partial(text.read_file, "it", folder=folder)
        yield from table(
            "read_file",
            _of_folder(read, folder),
            {one.replace(name, "FOLDER"): one for one in texts},
        )
        for kinds in (("image",), ("image_list",), ("string",), ("file", "string"), ("array",)):
            values: tuple[Any, ...] = (
                "a.png",
                ["a.png", "https://a.test/", 7],
                ("a.png",),
                None,
                7,
                {},
                [["a.png"]],
            )
            read = partial(text.read_files, "it", kinds, folder=folder)
            yield from table(f"read_files {kinds}", _of_folder(read, folder), values)
        with _home(folder):
            yield from table(
                "read_file of a home",
                _of_folder(partial(text.read_file, "it"), folder),
                ["~/a.png", "~/b.png", "~nobody-of-this-test/a.png"],
            )
            long = {"256 letters": "a" * 256, "a path of 5000": "a/" * 2500}
            yield from table("read_file that cannot be", partial(text.read_file, "it"), long)
    given = {one: one for one in ("{", "1", '"a"', "NaN", "", "[1,]", "null")}
    given["no end"] = "[" * 100_000
    yield from table("read_json", lambda one: _first_words(text.read_json, one), given)
    yield from table("guess", lambda one: text.guess("it", [one]) == one, given)


def _home(folder: Path) -> Any:
    from .addresses import environment

    return environment(HOME=str(folder), USERPROFILE=str(folder))


def _of_folder(call: Callable[[Any], object], folder: Path) -> Callable[[Any], Plain]:
    return lambda one: _quiet(call)(one, folder=folder)


def _first_words(call: Callable[[str, str], object], value: str) -> Plain:
    """Return the result; of an error only what is our own."""
    return ours(result(lambda one: call("it", one), value), " is not JSON: ")
