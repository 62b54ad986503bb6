"""Our API written as a FastAPI app: what FastAPI itself publishes of it.

Models and routes are made of our document, so that only FastAPI's spelling is another: names of
operations and schemas, titles, nullable fields, the paths with converters.
"""

import inspect
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Annotated, Any, ForwardRef, Literal, Union
from uuid import UUID

from fastapi import APIRouter, Body, FastAPI, Header, Path, Query, Security
from fastapi.security import HTTPBearer
from pydantic import BaseModel, ConfigDict, Field, create_model

from ..document.json_tree import JSONObject, object_at, objects_at, strings_at, text_at

_PLAIN: dict[str, Any] = {"integer": int, "number": float, "boolean": bool, "null": type(None)}
_FORMATS: dict[str, Any] = {"uuid": UUID, "date-time": datetime}
_LIMITS = {
    "maximum": "le",
    "minimum": "ge",
    "maxLength": "max_length",
    "minLength": "min_length",
    "maxItems": "max_length",
    "minItems": "min_length",
    "pattern": "pattern",
}
_PLACES: dict[str, Callable[..., Any]] = {"path": Path, "query": Query, "header": Header}


class _Types:
    """The Python types of a document's schemas."""

    def __init__(self, document: JSONObject) -> None:
        self._schemas = object_at(object_at(document, "components"), "schemas")
        self._models: dict[str, Any] = {}

    def of(self, schema: JSONObject) -> Any:
        reference = text_at(schema, "$ref")
        if reference:
            return self._named(reference.rpartition("/")[2])
        variants = objects_at(schema, "anyOf")
        if variants:
            return Union[tuple(self.of(one) for one in variants)]  # noqa: UP007 - of a tuple
        if "enum" in schema:
            return Literal[tuple(strings_at(schema, "enum"))]
        limits: dict[str, Any] = {
            word: schema[name] for name, word in _LIMITS.items() if name in schema
        }
        plain = self._plain(schema)
        return Annotated[plain, Field(**limits)] if limits else plain

    def _plain(self, schema: JSONObject) -> Any:
        kind = schema.get("type")
        if kind == "array":
            return list[self.of(object_at(schema, "items"))]  # type: ignore[misc]
        if kind == "object":
            inner = schema.get("additionalProperties")
            return dict[str, self.of(inner) if isinstance(inner, dict) else Any]  # type: ignore[misc]
        if kind == "string":
            return _FORMATS.get(text_at(schema, "format"), str)
        return _PLAIN.get(str(kind), Any)

    def _named(self, name: str) -> Any:
        if name not in self._models:
            schema = object_at(self._schemas, name)
            self._models[name] = ForwardRef(name)  # for those that hold each other
            self._models[name] = (
                self._model(name, schema) if schema.get("type") == "object" else self.of(schema)
            )
        return self._models[name]

    def complete(self) -> None:
        """Let each model find those that it refers to by name."""
        for name in list(self._schemas):
            model = self._named(name)
            if isinstance(model, type) and issubclass(model, BaseModel):
                model.model_rebuild(_types_namespace=self._models)

    def _model(self, name: str, schema: JSONObject) -> Any:
        required, properties = strings_at(schema, "required"), object_at(schema, "properties")
        fields: dict[str, Any] = {}
        for field in properties:
            inner = object_at(properties, field)
            text = text_at(inner, "description") or None
            kept = Field(... if field in required else None, description=text)
            fields[field] = (self.of(inner), kept)
        extra: Literal["allow", "ignore"] = (
            "allow" if schema.get("additionalProperties") is True or not fields else "ignore"
        )
        config = ConfigDict(extra=extra, protected_namespaces=(), regex_engine="python-re")
        return create_model(
            name, __config__=config, __doc__=text_at(schema, "description"), **fields
        )


def app_of(document: JSONObject) -> FastAPI:
    """Return an app with every operation of the document; the functions do nothing."""
    types = _Types(document)
    types.complete()
    app = FastAPI(title="Runflow API", version="0.1.0")
    key = HTTPBearer()
    paths = object_at(document, "paths")
    for path in paths:
        item = object_at(paths, path)
        for method in item:
            _add(app.router, types, path, method, object_at(item, method), key)
    return app


def _add(
    router: APIRouter,
    types: _Types,
    path: str,
    method: str,
    operation: JSONObject,
    key: HTTPBearer | None,
    name: str = "",
) -> None:
    def endpoint(**_: Any) -> Any:
        raise NotImplementedError

    name = name or text_at(operation, "operationId")
    parameters = [*_parameters(types, operation)]
    if key is not None and operation.get("security") != []:
        parameters.append(_parameter("key", Annotated[Any, Security(key)]))
    endpoint.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    endpoint.__name__ = name
    answers = object_at(operation, "responses")
    good = min((status for status in answers if status[:1] == "2" and status.isdigit()), default="")
    router.add_api_route(
        path,
        endpoint,
        methods=[method.upper()],
        status_code=int(good or 200),
        response_model=_body(types, object_at(answers, good)) if good else None,
        summary=text_at(operation, "summary"),
        description=text_at(operation, "description"),
        tags=[*strings_at(operation, "tags")],
        responses={
            int(status): {"model": model, "description": "Refused."}
            for status in answers
            if status.isdigit() and status != good
            if (model := _body(types, object_at(answers, status))) is not None
        },
        callbacks=_callbacks(types, operation),
    )


def _callbacks(types: _Types, operation: JSONObject) -> Any:
    found = APIRouter()
    for callback in object_at(operation, "callbacks").values():
        paths: JSONObject = callback if isinstance(callback, dict) else {}
        for address in paths:
            called = object_at(object_at(paths, address), "post")
            name = f"{text_at(operation, 'operationId')}_called_back"
            _add(found, types, address, "post", called, None, name)
    return found.routes or None


def _body(types: _Types, holder: JSONObject) -> Any:
    content = object_at(object_at(holder, "content"), "application/json")
    return types.of(object_at(content, "schema")) if content else None


def _parameters(types: _Types, operation: JSONObject) -> Iterator[inspect.Parameter]:
    for number, one in enumerate(objects_at(operation, "parameters")):
        place, name = text_at(one, "in"), text_at(one, "name")
        schema, required = object_at(one, "schema"), one.get("required") is True
        text = text_at(one, "description") or None
        told = _PLACES[place](alias=name, description=text)
        annotation: Any = Annotated[types.of(schema), told]
        empty = inspect.Parameter.empty
        default = empty if required else schema.get("default")
        # A path parameter is found by its own name, the others by their alias.
        yield _parameter(name if place == "path" else f"parameter_{number}", annotation, default)
    body = object_at(operation, "requestBody")
    if body:
        required = body.get("required") is True
        kind: Any = _body(types, body)
        kind = kind if required else kind | None
        yield _parameter(
            "body",
            Annotated[kind, Body()],
            inspect.Parameter.empty if required else None,
        )


def _parameter(name: str, kind: Any, default: Any = inspect.Parameter.empty) -> inspect.Parameter:
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=kind)


def published(document: JSONObject) -> dict[str, Any]:
    """Return what FastAPI publishes of the app."""
    found: dict[str, Any] = app_of(document).openapi()
    return found
