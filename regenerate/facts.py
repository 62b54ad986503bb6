"""What the templates must know of an operation and the generator does not tell them, as a Jinja file."""

from collections.abc import Sequence
from typing import Any

from regenerate.media_types import SeveralContentTypes
from regenerate.operations import (
    PATH_PARAMETER,
    Document,
    DocumentOperation,
    document_operations,
    parameters,
    path_parameters,
)


def facts_template(document: Document, several: SeveralContentTypes, secret_fields: Sequence[str]) -> str:
    """Give the text of `facts.jinja`: for each module its method, its path in pieces, and what is special about it.

    A parameter in a path is told by its position: the generator may have changed its name.
    """
    facts = {operation.module: _facts(document, operation, several) for operation in document_operations(document)}
    # ascii() and Jinja write strings, lists and dicts alike, and what it gives is free of line ends.
    return f"{{% set facts = {facts!a} %}}\n{{% set secret_fields = {list(secret_fields)!a} %}}\n"


def _facts(document: Document, operation: DocumentOperation, several: SeveralContentTypes) -> dict[str, Any]:
    return {
        "method": operation.method.upper(),
        "path": operation.path,
        "pieces": _pieces(document, operation),
        "descriptions": _descriptions(document, operation),
        "inferred": operation.content.get("x-inferred") is True,
        "json_or_file": sorted(several.get(operation.place, ())),
    }


def _descriptions(document: Document, operation: DocumentOperation) -> dict[str, dict[str, str]]:
    """Give the descriptions of the parameters, by place and name: the generator drops them."""
    descriptions: dict[str, dict[str, str]] = {"path": {}, "query": {}, "header": {}, "cookie": {}}
    for parameter in parameters(document, operation):
        description = parameter.get("description")
        if isinstance(description, str):
            descriptions.setdefault(str(parameter.get("in")), {})[str(parameter.get("name"))] = description
    return descriptions


def _pieces(document: Document, operation: DocumentOperation) -> list[dict[str, Any]]:
    pieces: list[dict[str, Any]] = []
    in_path = path_parameters(document, operation)
    # Splitting at a group gives text and names in turn.
    for index, piece in enumerate(PATH_PARAMETER.split(operation.path)):
        if index % 2 == 0:
            if piece:
                pieces.append({"text": piece})
        else:
            position = index // 2
            pieces.append({"parameter": position, "many": in_path[position].get("x-many-segments") is True})
    return pieces
