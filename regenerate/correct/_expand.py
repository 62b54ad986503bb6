"""Write every operation out in full.

References, shared parameters and security are resolved where they are used. After this step
references lead to schemas only, so a document that shares a parameter and one that repeats it give
the same client. What the generator does not read (examples, links, response headers) is gone.
"""

import re
from collections.abc import Iterator

from ..document.content_types import has_fields, is_json
from ..document.json_tree import (
    HTTP_METHODS,
    DocumentError,
    JSONObject,
    JSONValue,
    at_pointer,
    canonical_bytes,
    local_pointer,
    object_at,
    objects_at,
    path_parameters,
    text_at,
)
from ..document.parameter_styles import JSON_TEXT
from ._shared_schemas import with_named_targets

KEPT_EXTENSIONS = ("x-inferred", "x-many-segments", JSON_TEXT)

_OPERATION_KEYS = ("operationId", "tags", "summary", "description", "deprecated", "x-inferred")
_PARAMETER_KEYS = (
    "name",
    "in",
    "description",
    "deprecated",
    "schema",
    "style",
    "explode",
    *KEPT_EXTENSIONS,
)
# OpenAPI says that a header parameter of one of these names is to be ignored: the client sets them
# itself.
_IGNORED_HEADERS = frozenset({"accept", "content-type", "authorization"})
_STATUS = re.compile(r"[1-5](?:[0-9]{2}|[xX]{2})")


def expand_document(document: JSONObject) -> JSONObject:
    """Return a new document with expanded operations, callbacks and webhooks.

    Component schemas stay as they were. A reference that leads nowhere or out of the document stays
    too.

    Raises:
        DocumentError: references lead in a circle.
    """
    expander = _Expander(document)
    result: JSONObject = {
        "openapi": "3.1.0",
        "info": _info(document),
        "paths": expander.path_items("paths"),
    }
    webhooks = expander.path_items("webhooks")
    if webhooks:
        result["webhooks"] = webhooks
    servers: list[JSONValue] = [
        {key: server[key] for key in ("url", "description") if key in server}
        for server in objects_at(document, "servers")
    ]
    if servers:
        result["servers"] = servers
    components: JSONObject = {
        key: document_components[key]
        for document_components in (object_at(document, "components"),)
        for key in ("schemas", "securitySchemes")
        if document_components.get(key)
    }
    if components:
        result["components"] = components
    return with_named_targets(result, document)


def _info(document: JSONObject) -> JSONObject:
    info = object_at(document, "info")
    return {key: info[key] for key in ("title", "version", "description") if key in info}


class _Expander:
    def __init__(self, document: JSONObject) -> None:
        self._document = document
        self._security = document.get("security")

    def _resolve(self, found: JSONValue) -> JSONObject:
        seen: list[str] = []
        value = found if isinstance(found, dict) else {}
        while isinstance(value.get("$ref"), str):
            reference = text_at(value, "$ref")
            if reference in seen:
                raise DocumentError(f"the reference {reference} leads in a circle")
            seen.append(reference)
            where = local_pointer(reference)
            if where is None:
                return value
            try:
                target = at_pointer(self._document, where)
            except KeyError:
                return value
            value = target if isinstance(target, dict) else {}
        return value

    def path_items(self, section: str) -> JSONObject:
        items = object_at(self._document, section)
        return {
            path: self._path_item(path, items[path], section == "paths") for path in sorted(items)
        }

    def _path_item(self, path: str, value: JSONValue, is_path: bool) -> JSONObject:
        item = self._resolve(value)
        if "$ref" in item:
            return {"$ref": item["$ref"]}
        if isinstance(value, dict):
            item = {**item, **{key: value[key] for key in value if key != "$ref"}}
        result: JSONObject = {}
        for method in HTTP_METHODS:
            if isinstance(item.get(method), dict):
                result[method] = self._operation(
                    path if is_path else "", object_at(item, method), item
                )
        if "head" in result:
            _drop_bodies(object_at(object_at(result, "head"), "responses"), ".*")
        return result

    def _operation(self, path: str, operation: JSONObject, item: JSONObject) -> JSONObject:
        result: JSONObject = {key: operation[key] for key in _OPERATION_KEYS if operation.get(key)}
        servers = operation.get("servers") or item.get("servers")
        if path and servers and servers != self._document.get("servers"):
            result["servers"] = servers
        written = [*objects_at(item, "parameters"), *objects_at(operation, "parameters")]
        parameters: list[JSONValue] = [*self._parameters(path, written)]
        if parameters:
            result["parameters"] = parameters
        body = self._resolve(operation.get("requestBody"))
        if body:
            result["requestBody"] = self._body(body)
        result["responses"] = self._responses(object_at(operation, "responses"))
        security = operation.get("security", self._security)
        if security:
            result["security"] = security
        called = [self._callback(value) for value in object_at(operation, "callbacks").values()]
        if called:
            # Numbered in the order of what they say: the names that the document gives them have no
            # say.
            called.sort(key=lambda callback: (sorted(callback), canonical_bytes(callback)))
            result["callbacks"] = {str(number): callback for number, callback in enumerate(called)}
        return result

    def _callback(self, value: JSONValue) -> JSONObject:
        callback = self._resolve(value)
        return {
            expression: self._path_item("", callback[expression], False)
            for expression in sorted(callback)
            if not expression.startswith("x-") and expression != "$ref"
        }

    def _parameters(self, path: str, written: list[JSONObject]) -> Iterator[JSONObject]:
        # Later ones win: the operation's own parameters stand behind those of its path.
        found: dict[tuple[str, str], JSONObject] = {}
        unresolved: list[JSONObject] = []
        for value in written:
            parameter = self._resolve(value)
            if "$ref" in parameter:
                unresolved.append(parameter)
            else:
                found[text_at(parameter, "in"), text_at(parameter, "name")] = parameter
        order = path_parameters(path)

        def place(key: tuple[str, str]) -> tuple[int, int, str, str]:
            where, name = key
            in_path = where == "path" and name in order
            return (0 if in_path else 1, order.index(name) if in_path else 0, where, name)

        for key in sorted(found, key=place):
            if key[0] != "header" or key[1].lower() not in _IGNORED_HEADERS:
                yield self._parameter(found[key])
        yield from unresolved

    def _parameter(self, parameter: JSONObject) -> JSONObject:
        result: JSONObject = {key: parameter[key] for key in _PARAMETER_KEYS if key in parameter}
        if parameter.get("required"):
            result["required"] = True
        if "schema" not in result:
            result |= self._schema_of_content(parameter)
        return result

    def _schema_of_content(self, parameter: JSONObject) -> JSONObject:
        """Return the schema of a parameter that is described by the content of its text.

        In a query the client writes the JSON; elsewhere the caller gives the text.
        """
        content = object_at(parameter, "content")
        for kind in sorted(content):
            if is_json(kind) and text_at(parameter, "in") == "query":
                schema = object_at(content, kind).get("schema")
                return {"schema": {} if schema is None else schema, JSON_TEXT: True}
        text: JSONObject = {"schema": {"type": "string"}} if content else {}
        if any(map(is_json, content)):
            text["description"] = f"{text_at(parameter, 'description')} JSON text.".strip()
        return text

    def _body(self, body: JSONObject) -> JSONObject:
        result: JSONObject = {
            key: body[key] for key in ("description", "required", "$ref") if body.get(key)
        }
        if "$ref" not in result:
            result["content"] = self._content(body)
        return result

    def _content(self, holder: JSONObject) -> JSONObject:
        content = object_at(holder, "content")
        return {
            kind.strip().lower(): {
                key: value
                for key, value in object_at(content, kind).items()
                if key == "schema" and has_fields(kind)
            }
            for kind in sorted(content)
        }

    def _responses(self, responses: JSONObject) -> JSONObject:
        result: JSONObject = {}
        for status in sorted(key for key in responses if not key.startswith("x-")):
            response = self._resolve(responses[status])
            answer: JSONObject = {"description": text_at(response, "description")}
            if "$ref" in response:
                answer = {"$ref": response["$ref"]}
            elif response.get("content"):
                answer["content"] = self._content(response)
            if response.get("x-inferred"):
                answer["x-inferred"] = response["x-inferred"]
            result[status.upper() if _STATUS.fullmatch(status) else status] = answer
        _drop_bodies(result, "1..|204|205|304")
        _drop_default_twin(result)
        return result


def _drop_bodies(responses: JSONObject, statuses: str) -> None:
    """Leave out the bodies of answers that have none in HTTP, whatever is documented."""
    for status in responses:
        if re.fullmatch(statuses, status):
            object_at(responses, status).pop("content", None)


def _drop_default_twin(responses: JSONObject) -> None:
    """Leave a `default` answer out when a documented error status says the same body.

    Such a default only repeats what is known; kept, it would turn every unknown status into that
    body's type.
    """
    default = responses.get("default")
    if not isinstance(default, dict):
        return
    errors = [object_at(responses, status) for status in responses if status[:1] in ("4", "5")]
    content = canonical_bytes(default.get("content"))
    if any(canonical_bytes(error.get("content")) == content for error in errors):
        del responses["default"]
