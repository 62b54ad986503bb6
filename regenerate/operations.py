"""The operations of a document, with the names of the modules that the generator gives them."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final, cast

from attrs import frozen
from openapi_python_client.parser.openapi import generate_operation_id
from openapi_python_client.schema.untrusted_string import UntrustedString
from openapi_python_client.strings import PythonIdentifier

METHODS: Final = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
FIELD_PREFIX: Final = "field_"
# The generator finds the parameters of a path with the same expression.
PATH_PARAMETER: Final = re.compile(r"{([a-zA-Z_-][a-zA-Z0-9_-]*)}")

Document = Mapping[str, Any]


@frozen
class DocumentOperation:
    """One operation: the module it becomes (`tag`/`name`), where it stands, and what the document says of it."""

    tag: str
    name: str
    method: str
    path: str
    content: Mapping[str, Any]
    shared_parameters: tuple[Mapping[str, Any], ...]

    @property
    def module(self) -> str:
        """The module below `api`, as tag/name."""
        return f"{self.tag}/{self.name}"

    @property
    def place(self) -> str:
        """How a reader finds it in the document."""
        return f"{self.method.upper()} {self.path}"


def document_operations(document: Document) -> Iterator[DocumentOperation]:
    """Give every operation of a document, in its order."""
    paths = mapping(document.get("paths"))
    for path, item in paths.items():
        shared = tuple(resolve(document, parameter) for parameter in sequence(mapping(item).get("parameters")))
        for method in METHODS:
            content = mapping(item).get(method)
            if isinstance(content, Mapping):
                yield _operation(method, path, cast(Mapping[str, Any], content), shared)


def parameters(document: Document, operation: DocumentOperation) -> list[Mapping[str, Any]]:
    """Give the parameters of an operation: those of its path first, which its own override."""
    own = [resolve(document, parameter) for parameter in sequence(operation.content.get("parameters"))]
    return [*operation.shared_parameters, *own]


def path_parameters(document: Document, operation: DocumentOperation) -> list[Mapping[str, Any]]:
    """Give the path parameters of an operation in the order of its path."""
    by_name = {
        parameter.get("name"): parameter
        for parameter in parameters(document, operation)
        if parameter.get("in") == "path"
    }
    return [by_name.get(name, {}) for name in PATH_PARAMETER.findall(operation.path)]


def resolve(document: Document, value: object) -> Mapping[str, Any]:
    """Follow a local `$ref` to the object that it names; an empty object if there is none."""
    seen: set[str] = set()
    found = mapping(value)
    while isinstance(reference := found.get("$ref"), str) and reference not in seen:
        seen.add(reference)
        target: object = document
        for step in reference.removeprefix("#/").split("/"):
            target = mapping(target).get(step.replace("~1", "/").replace("~0", "~"))
        found = mapping(target)
    return found


def mapping(value: object) -> Mapping[str, Any]:
    """Give an object of the document, or an empty one where there is none."""
    return cast(Mapping[str, Any], value) if isinstance(value, Mapping) else {}


def sequence(value: object) -> list[Any]:
    """Give a list of the document, or an empty one where there is none."""
    return value if isinstance(value, list) else []  # pyright: ignore[reportUnknownVariableType] # mypy: list[Any]


def _operation(
    method: str, path: str, content: Mapping[str, Any], shared: tuple[Mapping[str, Any], ...]
) -> DocumentOperation:
    tags = sequence(content.get("tags")) or ["default"]
    operation_id = content.get("operationId")
    if operation_id is None:
        name = generate_operation_id(path=UntrustedString(path), method=method, prefix=FIELD_PREFIX)
    else:
        name = PythonIdentifier(str(operation_id), prefix=FIELD_PREFIX)
    return DocumentOperation(
        tag=str(PythonIdentifier(str(tags[0]), prefix="tag")),
        name=str(name),
        method=method,
        path=path,
        content=content,
        shared_parameters=shared,
    )
