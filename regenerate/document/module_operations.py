"""The operations of a corrected document, with the modules that the generator makes of them."""

import re
from collections.abc import Iterator
from typing import Final

from attrs import frozen
from openapi_python_client.parser.openapi import generate_operation_id
from openapi_python_client.schema.untrusted_string import UntrustedString
from openapi_python_client.strings import PythonIdentifier

from .json_tree import JSONObject, object_at, objects_at, operations, pointer, strings_at, text_at

FIELD_PREFIX: Final = "field_"
# The generator finds the parameters of a path with the same expression.
PATH_PARAMETER: Final = re.compile(r"{([a-zA-Z_-][a-zA-Z0-9_-]*)}")


@frozen
class ModuleOperation:
    """One operation.

    `module` is the one below `api` that it becomes, as tag/name.
    """

    module: str
    method: str
    path: str
    data: JSONObject

    @property
    def title(self) -> str:
        """The operation as people write it: `GET /v1/runs`."""
        return f"{self.method} {self.path}"

    def parameters(self, place: str) -> list[JSONObject]:
        """Return the parameters in the path, query, header or cookie.

        Those in the path come in its order.
        """
        found = [
            parameter
            for parameter in objects_at(self.data, "parameters")
            if parameter.get("in") == place
        ]
        if place != "path":
            return found
        by_name = {text_at(parameter, "name"): parameter for parameter in found}
        return [by_name.get(name, {}) for name in PATH_PARAMETER.findall(self.path)]


def module_operations(document: JSONObject) -> Iterator[ModuleOperation]:
    """Yield every operation of a document, by path and method."""
    for operation in operations(document):
        tag = PythonIdentifier((strings_at(operation.data, "tags") or ["default"])[0], prefix="tag")
        operation_id = operation.data.get("operationId")
        if operation_id is None:
            path = UntrustedString(operation.path)
            name = generate_operation_id(path=path, method=operation.method, prefix=FIELD_PREFIX)
        else:
            name = PythonIdentifier(str(operation_id), prefix=FIELD_PREFIX)
        yield ModuleOperation(
            f"{tag}/{name}", operation.method.upper(), operation.path, operation.data
        )


def unreadable_operations(document: JSONObject) -> Iterator[str]:
    """Yield what the generator or its templates would leave out silently, with its place.

    A corrected document has nothing of this: references and shared parameters are written out.
    """
    paths = object_at(document, "paths")
    for path in paths:
        for key in ("$ref", "parameters"):
            if key in object_at(paths, path):
                yield f"{pointer('paths', path, key)} is not written out in the operations"
    for operation in operations(document):
        responses = object_at(operation.data, "responses")
        if not responses:
            yield f"{operation.title} documents no response"
        written = {"requestBody": object_at(operation.data, "requestBody")}
        written |= {f"responses/{status}": object_at(responses, status) for status in responses}
        for index, parameter in enumerate(objects_at(operation.data, "parameters")):
            written[f"parameters/{index}"] = parameter
        for place, value in written.items():
            if "$ref" in value:
                yield f"{operation.pointer}/{place} is a reference and not written out"
