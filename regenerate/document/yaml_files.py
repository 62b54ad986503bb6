"""YAML files, read as strictly as JSON: what JSON cannot say is refused or stays text."""

import re
from collections.abc import Hashable
from pathlib import Path

import yaml

from .json_tree import DocumentError, JSONObject, copy_json, kind_of


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
        value = copy_json(yaml.load(path.read_bytes(), Loader=_StrictLoader))
    except yaml.YAMLError as error:
        raise DocumentError(f"{path.name}: not YAML: {error}") from None
    except (DocumentError, OSError) as error:
        raise DocumentError(f"{path.name}: {error}") from None
    if not isinstance(value, dict):
        raise DocumentError(f"{path.name}: holds {kind_of(value)}, not an object")
    return value
