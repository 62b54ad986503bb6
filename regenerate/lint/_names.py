"""Lint rules about names.

They find what the generator would overwrite, shadow, change or put into a wrong file.
"""

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Final

from openapi_python_client.parser.openapi import generate_operation_id
from openapi_python_client.schema.untrusted_string import UntrustedString
from openapi_python_client.strings import ClassName, PythonIdentifier

from ..document.json_tree import JSONObject, object_at, objects_at, pointer, strings_at, text_at
from ..document.schemas import resolved
from .findings import (
    Complaint,
    Rule,
    component_schemas,
    parameters,
    path_operations,
    schemas,
)

FIELD_PREFIX: Final = "field_"

# Names that generated modules import: a schema of that name would take their place.
_USED_BY_THE_CLIENT: Final = frozenset(
    {
        "Any",
        "AuthenticatedClient",
        "Client",
        "DecodingError",
        "File",
        "Final",
        "FreeFormObject",
        "Literal",
        "Mapping",
        "NoReturn",
        "Operation",
        "RequestArguments",
        "RequestFiles",
        "Response",
        "Self",
        "UNSET",
        "UnknownVariant",
        "Unset",
    }
)
# Names that the annotations of a model use: a field of that name would stand for another type.
_USED_BY_FIELDS: Final = frozenset(
    {"Any", "File", "Literal", "Mapping", "RequestFiles", "Self", "UNSET", "UUID", "Unset"}
)
# Members of every generated model class.
_USED_BY_MODELS: Final = frozenset(
    {"additional_properties", "from_dict", "from_part", "to_dict", "to_multipart"}
)
# Arguments that generated functions have beside the parameters of the operation.
_USED_BY_OPERATIONS: Final = frozenset({"body"})
_MAX_NAME_LENGTH: Final = 200
_RENAME: Final = (
    "Rename it with a correction, or take it into naming.yaml if it is a name of "
    "the document's own."
)


def _identifier(name: str) -> str:
    return str(PythonIdentifier(name, FIELD_PREFIX))


def _strange_characters(name: str) -> str:
    """Return the characters that the generator leaves out of a string, in a printable form."""
    strange = [
        c
        for c in name
        if unicodedata.category(c).startswith("C") or unicodedata.category(c) in ("Zl", "Zp")
    ]
    return ", ".join(sorted({f"U+{ord(c):04X}" for c in strange}))


def same_module(document: JSONObject) -> Iterator[Complaint]:
    """Report operations of one tag whose ids are equal in snake case.

    The second file would overwrite the first.
    """
    found: defaultdict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
    for path, method, operation in path_operations(document):
        tag = next(iter(strings_at(operation, "tags")), "default")
        written = text_at(operation, "operationId")
        name = (
            _identifier(written)
            if written
            else str(
                generate_operation_id(
                    path=UntrustedString(path), method=method, prefix=FIELD_PREFIX
                )
            )
        )
        found[str(PythonIdentifier(tag, "tag")), name].append((path, method))
    for (tag, name), places in found.items():
        for path, method in places[1:]:
            first = f"{places[0][1].upper()} {places[0][0]}"
            yield (
                pointer("paths", path, method),
                f"becomes {tag}/{name}.py, as {first} does",
                _RENAME,
            )


def file_names(document: JSONObject) -> Iterator[Complaint]:
    """Report operation ids, tags and schema names that cannot be file names."""
    names = [(pointer("components", "schemas", name), name) for name in component_schemas(document)]
    for path, method, operation in path_operations(document):
        place = pointer("paths", path, method)
        names.append((f"{place}/operationId", text_at(operation, "operationId")))
        names += [(f"{place}/tags", tag) for tag in strings_at(operation, "tags")]
    for place, name in names:
        if _strange_characters(name) or ".." in name or any(mark in name for mark in "/\\'\"`{}"):
            yield place, f"the name {name!a} cannot become a file's", _RENAME
        elif len(name) > _MAX_NAME_LENGTH:
            yield place, f"the name {name[:40]!a}... is too long for a file's", _RENAME
        elif name and not any(c.isascii() and c.isalnum() for c in name):
            yield place, f"the name {name!a} has no letter that a file's name could have", _RENAME


def wire_names(document: JSONObject) -> Iterator[Complaint]:
    """Report characters that the generator leaves out of strings.

    The name or value on the wire would be another one.
    """
    remedy = (
        "Ask for a document without them; remove the property, parameter or value with a "
        "correction until then."
    )
    for place, parameter in parameters(document):
        name = text_at(parameter, "name")
        if _strange_characters(name) or '"' in name:
            yield (
                f"{place}/name",
                f"the parameter name {name!a} holds a quote or a control character",
                remedy,
            )
    for place, schema in schemas(document):
        for name in object_at(schema, "properties"):
            if _strange_characters(name):
                yield (
                    place + pointer("properties", name),
                    f"the property name holds {_strange_characters(name)}",
                    remedy,
                )
        for key in ("enum", "const"):
            for value in strings_at(schema, key) or [text_at(schema, key)]:
                if _strange_characters(value):
                    yield (
                        f"{place}/{key}",
                        f"the value {value!a} holds {_strange_characters(value)}",
                        remedy,
                    )


def same_class(document: JSONObject) -> Iterator[Complaint]:
    """Report schemas that differ in case or punctuation alone.

    They become one class or one file, and the other one is lost.
    """
    found: defaultdict[str, list[str]] = defaultdict(list)
    for name in component_schemas(document):
        found[_identifier(ClassName(name, FIELD_PREFIX)).lower()].append(name)
    for names in found.values():
        for name in names[1:]:
            yield (
                pointer("components", "schemas", name),
                f"becomes the same class or file as {names[0]}",
                _RENAME,
            )


def client_names(document: JSONObject) -> Iterator[Complaint]:
    """Report schemas with a name that generated modules import themselves.

    The operation would fail when it is used.
    """
    for name in component_schemas(document):
        made = str(ClassName(name, FIELD_PREFIX))
        if made in _USED_BY_THE_CLIENT or made.rstrip("_") != made:
            yield (
                pointer("components", "schemas", name),
                f"{name} is a name of the client or of Python",
                _RENAME,
            )


def titles(document: JSONObject) -> Iterator[Complaint]:
    """Report two schemas with one title.

    The generator drops the second, and every operation that uses it.
    """
    found: defaultdict[str, list[str]] = defaultdict(list)
    for name in component_schemas(document):
        title = text_at(object_at(component_schemas(document), name), "title")
        if title:
            found[str(ClassName(title, FIELD_PREFIX)).lower()].append(name)
    for names in found.values():
        for name in names[1:]:
            place = pointer("components", "schemas", name, "title")
            yield (
                place,
                f"has the title of {names[0]}",
                "Lint the corrected document: titles are gone there.",
            )


def property_names(document: JSONObject) -> Iterator[Complaint]:
    """Report properties that hide a method of their class, or share one Python name.

    The generator removes the schema.
    """
    remedy = "Give one of them another name in the document, or remove it with a correction."
    for place, schema in schemas(document):
        names = list(object_at(schema, "properties"))
        for name, made in _near_names(names).items():
            if made in _USED_BY_MODELS | _USED_BY_FIELDS:
                what = (
                    f"{name!a} is a member of every model class, or a name that its annotations use"
                )
                yield place + pointer("properties", name), what, remedy
        for first, second in _same_names(names):
            yield (
                place + pointer("properties", second),
                f"{second!a} and {first!a} are one name in Python",
                remedy,
            )


def parameter_names(document: JSONObject) -> Iterator[Complaint]:
    """Report parameters that share one Python name, or that of another argument."""
    remedy = "Remove one of them with a correction: the generator cannot tell them apart."
    for path, method, operation in path_operations(document):
        place = pointer("paths", path, method, "parameters")
        found = [resolved(document, parameter) for parameter in objects_at(operation, "parameters")]
        for where in ("path", "query", "header", "cookie"):
            names = [
                text_at(parameter, "name") for parameter in found if parameter.get("in") == where
            ]
            for first, second in _same_names(names):
                yield (
                    place + _index(found, where, second),
                    f"the {where} parameters {first!a} and {second!a} are one name in Python",
                    remedy,
                )
            for name in names:
                if "requestBody" in operation and _identifier(name) in _USED_BY_OPERATIONS:
                    yield (
                        place + _index(found, where, name),
                        f"the {where} parameter {name!a} is called like the argument for the body",
                        remedy,
                    )


def _index(found: list[JSONObject], where: str, name: str) -> str:
    """Return the end of a pointer to the parameter of this place and name."""
    for index, parameter in enumerate(found):
        if (parameter.get("in"), parameter.get("name")) == (where, name):
            return pointer(index)
    return ""


def _same_names(names: list[str]) -> Iterator[tuple[str, str]]:
    """Yield pairs of names that stay one Python name, even as near to the original as can be."""
    found: dict[str, str] = {}
    for name, made in _near_names(names).items():
        if made in found:
            yield found[made], name
        found.setdefault(made, name)


def _near_names(names: list[str]) -> dict[str, str]:
    """Return the Python name of each name.

    It is the usual one. Where others have that one too, it is as near to the original as can be.
    """
    usual = {name: _identifier(name) for name in names}
    counts = Counter(usual.values())
    return {
        name: made
        if counts[made] == 1
        else str(PythonIdentifier(name, FIELD_PREFIX, skip_snake_case=True))
        for name, made in usual.items()
    }


NAME_RULES: Final[dict[str, Rule]] = {
    "same-module": same_module,
    "file-name": file_names,
    "wire-name": wire_names,
    "same-class": same_class,
    "client-name": client_names,
    "equal-title": titles,
    "property-name": property_names,
    "parameter-name": parameter_names,
}
