"""Write, as a Jinja file, what the templates need and the generator does not tell them."""

from collections.abc import Sequence
from typing import Any, Final

from ..correct.bodies import SeveralContentTypes
from ..correct.headers import HEADER
from ..correct.normalise import and_deprecated
from ..document.json_tree import JSONObject, object_at, text_at
from ..document.limits import least_maximums
from ..document.module_operations import PATH_PARAMETER, ModuleOperation, module_operations
from ..document.parameter_styles import Writing, writing_of
from ..document.security import key_place
from ..document.terminal_statuses import terminal_values_by_name

PLACES: Final = ("path", "query", "header", "cookie")


def facts_template(
    document: JSONObject, several: SeveralContentTypes, secret_fields: Sequence[str]
) -> str:
    """Return the text of `facts.jinja`.

    It has, for each module, its method, its path in pieces, and what is special about it.

    A parameter in a path is identified by its position: the generator may have renamed it.
    """
    facts = {
        operation.module: _facts(document, operation, several)
        for operation in module_operations(document)
    }
    # !a and Jinja write strings, lists and dicts alike, and what it gives is free of line ends.
    values = {
        "facts": facts,
        "secret_fields": list(secret_fields),
        "key": _key(document),
        "terminal": {n: list(v) for n, v in terminal_values_by_name(document).items()},
    }
    return "".join(f"{{% set {name} = {value!a} %}}\n" for name, value in values.items())


def limits_module(document: JSONObject) -> str:
    """Return the text of `limits.py`: what the document allows at most, by parameter."""
    return (
        '"""The largest values that the document allows, by query parameter."""\n\n'
        "from typing import Final\n\n"
        f"MAXIMUMS: Final[dict[str, int]] = {least_maximums(document)!r}\n"
        '"""The least one where operations allow different ones."""\n'
    )


def _key(document: JSONObject) -> dict[str, str]:
    """Return where the client sends the key: as most operations want it."""
    place = key_place(document)
    return {"place": place.place, "name": place.name, "prefix": place.prefix}


def _writings(document: JSONObject, parameters: list[JSONObject]) -> dict[str, Writing]:
    found: dict[str, Writing] = {}
    for parameter in parameters:
        sent = {**parameter, "in": "header"} if parameter.get(HEADER) is True else parameter
        found[text_at(parameter, "name")] = writing_of(document, sent) or Writing()
    return found


def _facts(
    document: JSONObject, operation: ModuleOperation, several: SeveralContentTypes
) -> dict[str, Any]:
    writings = {place: _writings(document, operation.parameters(place)) for place in PLACES}
    queries = writings["query"]
    return {
        "method": operation.method,
        "path": operation.path,
        "pieces": _pieces(operation),
        "descriptions": {
            place: {
                text_at(parameter, "name"): _description(parameter)
                for parameter in operation.parameters(place)
            }
            for place in PLACES
        },
        "json_texts": [name for name, writing in queries.items() if writing.is_json],
        "deep": [name for name, writing in queries.items() if writing.is_deep],
        "separators": {
            place: {name: one.separator for name, one in written.items() if one.separator}
            for place, written in writings.items()
        },
        "headers_as_cookies": [
            text_at(parameter, "name")
            for parameter in operation.parameters("cookie")
            if parameter.get(HEADER) is True
        ],
        "inferred": operation.data.get("x-inferred") is True,
        "deprecated": operation.data.get("deprecated") is True,
        "json_or_file": sorted(several.get(operation.module, ())),
    }


def _description(parameter: JSONObject) -> str:
    """Return what the document says of a parameter, also that it is deprecated."""
    text = text_at(parameter, "description")
    if parameter.get("deprecated") is not True:
        return text
    return and_deprecated(text or text_at(object_at(parameter, "schema"), "description"))


def _pieces(operation: ModuleOperation) -> list[dict[str, Any]]:
    pieces: list[dict[str, Any]] = []
    parameters = operation.parameters("path")
    # Splitting at a group gives text and names in turn.
    for index, piece in enumerate(PATH_PARAMETER.split(operation.path)):
        if index % 2 == 0:
            if piece:
                pieces.append({"text": piece})
        else:
            position = index // 2
            pieces.append(
                {"parameter": position, "many": parameters[position].get("x-many-segments") is True}
            )
    return pieces
