"""Path templates: other names in the braces, and converters such as `{slug:path}`."""

import re
from collections.abc import Iterator
from difflib import get_close_matches
from typing import Final

from ..document.json_tree import (
    HTTP_METHODS,
    JSONObject,
    at_pointer,
    local_pointer,
    object_at,
    objects_at,
    path_parameters,
    text_at,
)
from ..document.path_templates import shape
from ..naming.operation_names import snake_case

_CONVERTER: Final = re.compile(r"\{([^{}/:]+):([a-z]+)\}")
_BRACES: Final = re.compile(r"\{([^{}/]*)\}")
_NAME: Final = re.compile(r"[A-Za-z_-][A-Za-z0-9_-]*")
_PATH_LITERAL: Final = re.compile(r"(['\"])(/[^'\"]*)\1")
_NAME_TEST: Final = re.compile(r"(@\.name\s*==\s*)(['\"])([^'\"]*)\2")
_OPERATION_PARAMETERS: Final = re.compile(rf"\.({'|'.join(HTTP_METHODS)})\.parameters\b")
_CANDIDATES: Final = 3


def plain_paths(document: JSONObject) -> None:
    """Write each `{slug:path}` of the document as `{slug}`, and other names in braces in ASCII.

    It is done in place: such a name never travels. A parameter with the converter `path` holds
    slashes and gets `x-many-segments`.
    """
    paths = object_at(document, "paths")
    for path in [path for path in paths if set(path_parameters(path)) - _plain_names(path)]:
        names = {
            name: _plain_name(name, number) for number, name in enumerate(path_parameters(path), 1)
        }
        plain = "".join(
            piece if index % 2 == 0 else f"{{{names[piece]}}}"
            for index, piece in enumerate(_BRACES.split(path))
        )
        if plain in paths or len(set(names.values())) < len(names):
            continue
        item = object_at(paths, path)
        names |= {name.partition(":")[0]: new for name, new in names.items()}
        many = {names[name] for name, converter in _CONVERTER.findall(path) if converter == "path"}
        for parameter in _parameters_of(document, item):
            name = names.get(text_at(parameter, "name"))
            if text_at(parameter, "in") == "path" and name is not None:
                parameter["name"] = name
                if name in many:
                    parameter["x-many-segments"] = True
        paths[plain] = paths.pop(path)


def _plain_names(path: str) -> set[str]:
    return {name for name in path_parameters(path) if _NAME.fullmatch(name)}


def _plain_name(name: str, number: int) -> str:
    bare = name.partition(":")[0]
    if _NAME.fullmatch(bare):
        return bare
    spelled = snake_case(bare)
    return spelled if _NAME.fullmatch(spelled) else f"parameter_{number}"


def _parameters_of(document: JSONObject, item: JSONObject) -> Iterator[JSONObject]:
    """Yield the parameters of a path; those written elsewhere are copied to where they are used."""
    for holder in (item, *(object_at(item, method) for method in HTTP_METHODS)):
        written = objects_at(holder, "parameters")
        for index, parameter in enumerate(written):
            where = local_pointer(text_at(parameter, "$ref"))
            if where is not None:
                try:
                    target = at_pointer(document, where)
                except KeyError:
                    continue
                written[index] = dict(target) if isinstance(target, dict) else parameter
        if written:
            holder["parameters"] = [*written]
        yield from written


def followed_targets(document: JSONObject, target: str) -> list[str]:
    """Return a JSONPath as the document would spell it, most likely first.

    The parameters of a path may have other names there, or stand beside the operations of the path.
    """
    paths, renamed = object_at(document, "paths"), dict[str, str]()

    def follow(found: re.Match[str]) -> str:
        alike = alike_paths(paths, found[2])
        if found[2] in paths or len(alike) != 1:
            return found[0]
        known, there = (path_parameters(path)[::-1] for path in (found[2], alike[0]))
        # From the end: behind another prefix there may be more of them in front, or fewer.
        renamed.update(zip(known, there, strict=False))
        return f"{found[1]}{alike[0]}{found[1]}"

    def rename(found: re.Match[str]) -> str:
        return f"{found[1]}{found[2]}{renamed.get(found[3], found[3])}{found[2]}"

    spelled = _NAME_TEST.sub(rename, _PATH_LITERAL.sub(follow, target))
    return [spelled, _OPERATION_PARAMETERS.sub(".parameters", spelled)]


def alike_paths(paths: JSONObject, known: str) -> list[str]:
    """Return the paths that are the known one, spelled with other names, a slash or a prefix."""
    wanted = shape(known).rstrip("/")
    shapes = {path: shape(path).rstrip("/") for path in paths}
    same = [path for path, bare in shapes.items() if bare == wanted]
    # Behind the first segment, /v1, a path is the same in another version or place. What begins
    # with that segment, as /v1/public/models beside /v1/models, is another path.
    place, slash, rest = wanted[1:].partition("/")
    behind = f"/{rest}" if slash else wanted
    moved = [
        path
        for path, bare in shapes.items()
        if bare.endswith(behind) and not bare.startswith(f"/{place}/")
    ]
    fewest = min((path.count("/") for path in moved), default=0)
    return same or [path for path in moved if path.count("/") == fewest]


def nearest_paths(document: JSONObject, target: str) -> list[str]:
    """Return the paths of the document that are most like the one in a JSONPath."""
    literal = _PATH_LITERAL.search(target)
    paths = object_at(document, "paths")
    return get_close_matches(literal[2], paths, _CANDIDATES) if literal is not None else []
