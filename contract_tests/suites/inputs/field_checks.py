"""Write down what each kind of field says to each value, and what it makes of each text."""

import re
import tempfile
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from runflow_client import InvalidArgument
from runflow_client._typed_inputs.fields import InputField
from runflow_client._typed_inputs.text import guess, read_field

PNG: Final = b"\x89PNG\r\n\x1a\n of this test"

FIELDS: Final = (
    *(
        InputField("field", kind)
        for kind in (
            *("string", "integer", "number", "boolean", "object", "array", "json", "image"),
            *("video", "file", "image_list", "string|integer"),
        )
    ),
    InputField("field", "string", required=True),
    InputField("field", "array", required=True),
    InputField("field", "string", allowed=("1K", "2K")),
    InputField("field", "string", allowed=("4s", "8s")),
    InputField("field", "integer", allowed=(5, 10)),
    InputField("field", "string", pattern=r"\d+s"),
    InputField("field", "integer", minimum=1, maximum=7),
    InputField("num_images", "integer"),
    InputField("field", "number", minimum=0.5, maximum=1.5),
    InputField("field", "string", min_length=2, max_length=3),
    InputField("field", "array", min_length=1, max_length=2),
)

VALUES: Final[tuple[Any, ...]] = (
    *(True, 0, 1, 5, 7, 8, 0.5, 1.5, 1.6, 7.0, -1, Decimal(5)),
    *("", " ", "a", "ab", "abc", "abcd", "1K", "1k", "4s", "5s", "5", "8", "7 s"),
    *(
        "https://a.test/a.png?signature=s",
        "picture.png",
        "ftp://a.test/a.png",
        "runflow://assets/7",
    ),
    *("data:image/png;base64,iVBORw0KGgo=", "data:text/plain,hello", "data:image/png;base64,%"),
    *(PNG, b"", Path("picture.png"), [], (), [1], ["a", "b"], ["a", "b", "c"], [PNG, 5], (1, 2)),
    *({}, {"a": 1}, {"a"}, dict),
)

TEXTS: Final = (
    *("", "a", "7", "7.5", "-1", "true", "No", "off", '{"a": 1}', "[1, 2]", '["lamp.png"]'),
    *("{", "null", "lamp.png", "@lamp.png", "@missing.png", "missing.png", "folder"),
    *("https://a.test/a.png", "data:image/png;base64,", "s3://bucket/a.png", "NaN", "1e3"),
)
KINDS: Final = (
    *("string", "integer", "number", "boolean", "object", "array", "json", "image", "image_list"),
    *("string|integer", "integer|number", "string|object"),
)


def _told(field: InputField) -> str:
    facts: Mapping[str, Any] = {
        name: getattr(field, name)
        for name in (
            "required",
            "allowed",
            "pattern",
            "minimum",
            "maximum",
            "min_length",
            "max_length",
        )
    }
    told = [f"{name}={value}" for name, value in facts.items() if value not in (None, (), False)]
    return " ".join([field.name, field.type, *told])


def lines() -> Iterator[str]:
    """Give the list, line by line."""
    for field in FIELDS:
        yield _told(field)
        for value in VALUES:
            problem = field.problem(value)
            told = "taken" if problem is None else problem
            yield f"    {value!r}: {told}".replace("PosixPath", "Path")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "lamp.png").write_bytes(PNG)
        (folder / "folder").mkdir()
        for kind in (*KINDS, None):
            yield f"texts of {kind or 'a field that the catalog does not know'}"
            for texts in (*([one] for one in TEXTS), ["a", "7"], ["lamp.png", "https://a.test/"]):
                yield f"    {texts}: {_read(kind, texts, folder)}"


def _read(kind: str | None, texts: list[str], folder: Path) -> str:
    try:
        if kind is None:
            found = guess("field", texts, folder)
        else:
            found = read_field("field", kind.split("|"), texts, folder)
    except InvalidArgument as error:
        found = error
    return re.sub(re.escape(str(folder)), "FOLDER", f"{found!r}").replace("PosixPath", "Path")
