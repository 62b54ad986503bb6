"""YAML files, read as strictly as JSON: what JSON cannot say is refused or stays text."""

import re
from collections.abc import Hashable
from functools import lru_cache
from pathlib import Path
from typing import Final, cast

import yaml

from .json_tree import DocumentError, JSONObject, copy_document, copy_json, kind_of

MAX_VALUES: Final = 5_000_000
"""Far above any real document."""


class _StrictLoader(yaml.SafeLoader):
    """YAML 1.2's JSON-like types only.

    There are no dates, no `yes` for true, no merge keys and no key twice. Keys stay as written.
    """

    yaml_implicit_resolvers = {}  # noqa: RUF012 - the base class keeps its own table here

    def construct_mapping(
        self, node: yaml.MappingNode, deep: bool = False
    ) -> dict[Hashable, object]:
        result: dict[Hashable, object] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode):
                raise DocumentError(f"line {line}: a key must be plain text")
            if key_node.value in result:
                raise DocumentError(f"line {line}: the key {key_node.value!r} stands twice")
            # types-PyYAML leaves the parameters of construct_object untyped.
            result[key_node.value] = self.construct_object(value_node, deep=True)  # pyright: ignore[reportUnknownMemberType]
        return result


_StrictLoader.add_constructor("tag:yaml.org,2002:map", _StrictLoader.construct_mapping)
for _tag, _pattern, _first in (
    ("null", r"~|null|", ["~", "n", ""]),
    ("bool", r"true|false", ["t", "f"]),
    ("int", r"-?(0|[1-9][0-9]*)", list("-0123456789")),
    ("float", r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?", list("-0123456789")),
):
    # types-PyYAML leaves the parameters of add_implicit_resolver untyped.
    _StrictLoader.add_implicit_resolver(  # pyright: ignore[reportUnknownMemberType]
        f"tag:yaml.org,2002:{_tag}", re.compile(f"^(?:{_pattern})$"), _first
    )


def read_yaml(path: Path) -> JSONObject:
    """Return the object that a YAML file holds.

    Raises:
        DocumentError: the file cannot be read; the text names it and says why.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise DocumentError(f"{path.name}: {error.strerror}") from None
    return copy_document(_parsed(raw, path.name))


@lru_cache(maxsize=16)
def _parsed(raw: bytes, name: str) -> JSONObject:
    """Parse the same bytes once: corrections and names are read for each document."""
    return parse_yaml(raw, name)


def parse_yaml(raw: bytes, name: str) -> JSONObject:
    """Return the object that the YAML in these bytes holds; `name` is what errors call it.

    Raises:
        DocumentError: it is not strict YAML, not an object, or has too many aliases.
    """
    try:
        loaded = yaml.load(raw, Loader=_StrictLoader)
        _refuse_many_values(loaded)
        value = copy_json(loaded)
    except yaml.YAMLError as error:
        raise DocumentError(f"{name}: not YAML: {error}") from None
    except DocumentError as error:
        raise DocumentError(f"{name}: {error}") from None
    except RecursionError:
        raise DocumentError(f"{name}: nested too deeply") from None
    except ValueError as error:  # a number of too many digits, half of a surrogate pair
        raise DocumentError(f"{name}: not YAML: {error}") from None
    if not isinstance(value, dict):
        raise DocumentError(f"{name}: holds {kind_of(value)}, not an object")
    return value


def _refuse_many_values(loaded: object) -> None:
    """Raise DocumentError where aliases inside aliases would fill the memory.

    A text that UTF-8 cannot say raises UnicodeEncodeError: JSON refuses it, too.
    """
    waiting, seen = [loaded], 0
    while waiting:
        value = waiting.pop()
        seen += 1
        if seen > MAX_VALUES:
            raise DocumentError(f"holds more than {MAX_VALUES} values, with its aliases followed")
        if isinstance(value, str):
            value.encode()
        elif isinstance(value, dict):
            members = cast("dict[str, object]", value)
            "".join(members).encode()
            waiting.extend(members.values())
        elif isinstance(value, list):
            waiting.extend(cast("list[object]", value))
