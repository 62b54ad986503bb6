"""Path templates: other names in the braces, and converters such as `{slug:path}`."""

import re
from difflib import get_close_matches
from typing import Final

from ..document.json_tree import (
    HTTP_METHODS,
    JSONObject,
    object_at,
    objects_at,
    path_parameters,
    text_at,
)
from ..naming.operation_names import shape

_CONVERTER: Final = re.compile(r"\{([^{}/:]+):([a-z]+)\}")
_PATH_LITERAL: Final = re.compile(r"(['\"])(/[^'\"]*)\1")
_NAME_TEST: Final = re.compile(r"(@\.name\s*==\s*)(['\"])([^'\"]*)\2")
_OPERATION_PARAMETERS: Final = re.compile(rf"\.({'|'.join(HTTP_METHODS)})\.parameters\b")
_CANDIDATES: Final = 3


def drop_converters(document: JSONObject) -> None:
    """Write each `{slug:path}` of the document as `{slug}`, in place.

    A parameter with the converter `path` holds slashes: it gets `x-many-segments`.
    """
    paths = object_at(document, "paths")
    for path in [path for path in paths if _CONVERTER.search(path)]:
        plain = _CONVERTER.sub(r"{\1}", path)
        if plain in paths:
            continue
        item = object_at(paths, path)
        many = {name for name, converter in _CONVERTER.findall(path) if converter == "path"}
        for holder in (item, *(object_at(item, method) for method in HTTP_METHODS)):
            for parameter in objects_at(holder, "parameters"):
                name = text_at(parameter, "name").partition(":")[0]
                if text_at(parameter, "in") == "path" and name in path_parameters(plain):
                    parameter["name"] = name
                    if name in many:
                        parameter["x-many-segments"] = True
        paths[plain] = paths.pop(path)


def followed_targets(document: JSONObject, target: str) -> list[str]:
    """Return a JSONPath as the document would spell it, most likely first.

    The parameters of a path may have other names there, or stand beside the operations of the path.
    """
    paths, renamed = object_at(document, "paths"), dict[str, str]()

    def follow(found: re.Match[str]) -> str:
        alike = [path for path in paths if shape(path) == shape(found[2])]
        if found[2] in paths or len(alike) != 1:
            return found[0]
        renamed.update(zip(path_parameters(found[2]), path_parameters(alike[0]), strict=True))
        return f"{found[1]}{alike[0]}{found[1]}"

    def rename(found: re.Match[str]) -> str:
        return f"{found[1]}{found[2]}{renamed.get(found[3], found[3])}{found[2]}"

    spelled = _NAME_TEST.sub(rename, _PATH_LITERAL.sub(follow, target))
    return [spelled, _OPERATION_PARAMETERS.sub(".parameters", spelled)]


def nearest_paths(document: JSONObject, target: str) -> list[str]:
    """Return the paths of the document that are most like the one in a JSONPath."""
    literal = _PATH_LITERAL.search(target)
    paths = object_at(document, "paths")
    return get_close_matches(literal[2], paths, _CANDIDATES) if literal is not None else []
