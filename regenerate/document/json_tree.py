"""A JSON document: strict loading, walking, pointers and canonical bytes."""

import hashlib
import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NoReturn, TypeAlias, cast
from urllib.parse import unquote

from attrs import frozen

JSONValue: TypeAlias = dict[str, "JSONValue"] | list["JSONValue"] | str | int | float | bool | None
JSONObject: TypeAlias = dict[str, JSONValue]

# Deeper than any description of an API, and well inside the interpreter's own limit for the
# functions that walk it.
MAX_NESTING = 100

HTTP_METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


class DocumentError(ValueError):
    """The document, or a file that goes with it, cannot be used; the text says what and where."""


@frozen
class Operation:
    """One operation of a document.

    It has its path, its method in lower case, its pointer, and what is written there.
    """

    path: str
    method: str
    pointer: str
    data: JSONObject

    @property
    def title(self) -> str:
        """The operation as people write it: `GET /v1/runs`."""
        return f"{self.method.upper()} {self.path}"


def _refuse_constant(name: str) -> NoReturn:
    raise DocumentError(f"{name} is not a JSON number")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise DocumentError(f"the number {text[:40]} is too large")
    return number


def _without_duplicates(pairs: list[tuple[str, JSONValue]]) -> JSONObject:
    result: JSONObject = {}
    for key, value in pairs:
        if key in result:
            raise DocumentError(f"the key {key[:80]!r} stands twice in one object")
        result[key] = value
    return result


def parse_json(raw: bytes) -> JSONValue:
    """Return the value that the bytes hold.

    Strict: UTF-8 only (a byte order mark is skipped), no duplicate keys, no NaN or Infinity, no
    lone surrogates, at most `MAX_NESTING` levels.

    Raises:
        DocumentError: the bytes are not strict JSON; the text says why.
    """
    if not (encoding := json.detect_encoding(raw)).startswith("utf-8"):
        raise DocumentError(f"not UTF-8, but {encoding.upper()}: write it as UTF-8")
    try:
        text = raw.decode("utf-8-sig")
        value: JSONValue = json.loads(
            text,
            object_pairs_hook=_without_duplicates,
            parse_constant=_refuse_constant,
            parse_float=_finite,
        )
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except DocumentError as error:
        raise DocumentError(f"not strict JSON: {error}") from None
    except json.JSONDecodeError as error:
        raise DocumentError(
            f"not JSON: {error.msg} at line {error.lineno}, column {error.colno}"
        ) from None
    except RecursionError:
        raise DocumentError(f"nested deeper than {MAX_NESTING} levels") from None
    except UnicodeDecodeError as error:
        raise DocumentError(f"not UTF-8: {error.reason} at byte {error.start}") from None
    except ValueError as error:
        raise DocumentError(f"not JSON: {error}") from None
    refuse_deep_nesting(value)
    return value


def parse_document(raw: bytes) -> JSONObject:
    """Return the JSON object that the bytes hold, read as `parse_json` reads.

    Raises:
        DocumentError: the bytes are not strict JSON, or not an object.
    """
    value = parse_json(raw)
    if not isinstance(value, dict):
        raise DocumentError(f"the document is {kind_of(value)}, not an object")
    return value


def refuse_deep_nesting(value: JSONValue) -> None:
    """Raise DocumentError when the value is nested deeper than `MAX_NESTING` levels."""
    level: list[JSONValue] = [value]
    for _ in range(MAX_NESTING + 1):
        level = [inner for outer in level for inner in children(outer)]
        if not level:
            return
    raise DocumentError(f"nested deeper than {MAX_NESTING} levels")


def children(value: JSONValue) -> Iterable[JSONValue]:
    """Return the values directly inside an object or an array; nothing for everything else."""
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def kind_of(value: object) -> str:
    """Return what a JSON value is, in words for a message: `an object`, `a string`, ..."""
    names = {"bool": "a boolean", "str": "a string", "dict": "an object", "list": "an array"}
    names |= {"int": "a number", "float": "a number", "NoneType": "null"}
    kind = type(value).__name__
    return names.get(kind, kind)


def copy_json(value: object) -> JSONValue:
    """Return a copy that shares nothing with the value.

    Raises:
        DocumentError: the value is not JSON: a date, or a key that is a number.
    """
    # A dict is looked for first: asking an abstract class takes longer than the copy.
    if isinstance(value, (dict, Mapping)):
        result: JSONObject = {}
        for key, inner in cast("Mapping[object, object]", value).items():
            if not isinstance(key, str):
                raise DocumentError(f"the key {key!r} is not a string")
            result[key] = copy_json(inner)
        return result
    if isinstance(value, (list, tuple)):
        return [copy_json(inner) for inner in cast("Sequence[object]", value)]
    if (
        value is None
        or isinstance(value, (str, bool, int))
        or (isinstance(value, float) and math.isfinite(value))
    ):
        return value
    raise DocumentError(f"{value!r} is not a JSON value")


def copy_document(document: Mapping[str, object]) -> JSONObject:
    """Return a copy of a whole document that shares nothing with it.

    Raises:
        DocumentError: a value in it is not JSON.
    """
    return {key: copy_json(value) for key, value in document.items()}


def sorted_keys(value: JSONObject) -> JSONObject:
    """Return a copy whose objects have their keys in order: equal documents give equal bytes."""

    def in_order(inner: JSONValue) -> JSONValue:
        if isinstance(inner, dict):
            return {key: in_order(inner[key]) for key in sorted(inner)}
        return [in_order(item) for item in inner] if isinstance(inner, list) else inner

    return {key: in_order(value[key]) for key in sorted(value)}


def object_at(container: Mapping[str, JSONValue], key: str) -> JSONObject:
    """Return the object under the key, or an empty one where there is no object."""
    value = container.get(key)
    return value if isinstance(value, dict) else {}


def objects_at(container: Mapping[str, JSONValue], key: str) -> list[JSONObject]:
    """Return the objects of the array under the key; whatever else stands in it is left out."""
    value = container.get(key)
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def strings_at(container: Mapping[str, JSONValue], key: str) -> list[str]:
    """Return the strings of the array under the key; whatever else stands in it is left out."""
    value = container.get(key)
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def text_at(container: Mapping[str, JSONValue], key: str) -> str:
    """Return the string under the key, or an empty one."""
    value = container.get(key)
    return value if isinstance(value, str) else ""


def pointer(*parts: str | int) -> str:
    """Return the JSON pointer (RFC 6901) of the parts.

    `pointer("paths", "/v1/runs")` is `/paths/~1v1~1runs`.
    """
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts)


def pointer_parts(where: str) -> list[str]:
    """Return the parts of a JSON pointer, as `pointer` was given them."""
    return [part.replace("~1", "/").replace("~0", "~") for part in where.split("/")[1:]]


def at_pointer(document: JSONValue, where: str) -> JSONValue:
    """Return what stands at a JSON pointer.

    Raises:
        KeyError: nothing stands there.
    """
    value = document
    for key in pointer_parts(where):
        if isinstance(value, dict) and key in value:
            value = value[key]
        elif isinstance(value, list) and key.isascii() and key.isdigit() and int(key) < len(value):
            value = value[int(key)]
        else:
            raise KeyError(where)
    return value


def local_pointer(reference: str) -> str | None:
    """Return the JSON pointer that a reference such as `#/components/schemas/Run` holds.

    It is None when the reference leaves the document.
    """
    return unquote(reference[1:]) if reference.startswith("#/") else None


def walk(value: JSONValue, where: str = "") -> Iterator[tuple[str, JSONValue]]:
    """Yield every value with its JSON pointer, the outermost first."""
    yield where, value
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from walk(inner, where + pointer(key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from walk(inner, where + pointer(index))


def values_in(value: JSONValue) -> Iterator[JSONValue]:
    """Yield every value, as `walk` does, without the pointers: they cost more than the walk."""
    waiting = [value]
    while waiting:
        found = waiting.pop()
        yield found
        waiting.extend(reversed([*children(found)]))


def operations(document: Mapping[str, JSONValue]) -> Iterator[Operation]:
    """Yield every operation under `paths`, by path and then in the order of `HTTP_METHODS`."""
    paths = object_at(document, "paths")
    for path in sorted(paths):
        item = object_at(paths, path)
        for method in HTTP_METHODS:
            data = item.get(method)
            if isinstance(data, dict):
                yield Operation(path, method, pointer("paths", path, method), data)


def path_parameters(path: str) -> list[str]:
    """Return the names between braces in a path template, in their order."""
    return re.findall(r"\{([^{}/]*)\}", path)


def canonical_bytes(value: JSONValue) -> bytes:
    """Return the one spelling of a value: sorted keys, no spaces, UTF-8.

    Equal values give equal bytes.
    """
    return json.dumps(
        value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False
    ).encode("utf-8")


def readable_text(value: JSONValue) -> str:
    """Return the value for people: sorted keys, two spaces a level, a newline at the end."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, indent=2, allow_nan=False) + "\n"


def sha256(raw: bytes) -> str:
    """Return the SHA-256 of the bytes as 64 lower-case hex digits."""
    return hashlib.sha256(raw).hexdigest()
