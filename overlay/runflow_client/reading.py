"""Reading answers into generated models without losing what does not keep to the document."""

import json
from collections.abc import Callable, Mapping
from typing import Any, Protocol, Self, TypeVar

from runflow_api.errors import ApiError as GeneratedError
from runflow_api.http_library import httpx

from .exchanges import unreadable
from .json_shapes import as_object


class Model(Protocol):
    """What every generated model of an object is."""

    additional_properties: dict[str, Any]

    @classmethod
    def from_dict(cls, source: Mapping[str, Any]) -> Self:
        """The model of this JSON object."""
        ...


M = TypeVar("M", bound=Model)


def read_model(response: httpx.Response, parse: Callable[[httpx.Response], object], model: type[M]) -> M:
    """The answer as this model, by the operation's own `parse`, or salvaged. Raises UnreadableAnswer when it is no object."""
    try:
        answer = parse(response)
    except GeneratedError:
        return salvage(model, read_object(response))
    if not isinstance(answer, model):
        raise unreadable(response, f"expected a {model.__name__}, not a {type(answer).__name__}")
    return answer


def read_object(response: httpx.Response) -> dict[str, Any]:
    """The answer's JSON object. Raises UnreadableAnswer for anything else."""
    try:
        body = as_object(json.loads(response.content))
    except (ValueError, RecursionError):
        raise unreadable(response, "the body is not JSON") from None
    if body is None:
        raise unreadable(response, "the body is not a JSON object")
    return body


def salvage(model: type[M], body: Mapping[str, Any]) -> M:
    """The model with each field that can be read; the others stay in `additional_properties` as they came.

    A run must not be lost because the server sends one of its fields in a new form.
    """
    try:
        return model.from_dict(body)
    except Exception:  # whatever the generated reader makes of it, the fields are tried one by one
        readable = {name: value for name, value in body.items() if _is_readable(model, name, value)}
    salvaged = model.from_dict(readable)
    salvaged.additional_properties.update({name: value for name, value in body.items() if name not in readable})
    return salvaged


def _is_readable(model: type[Model], name: str, value: object) -> bool:
    try:
        model.from_dict({name: value})
    except Exception:
        return False
    return True


def salvage_answer(model: type[M]) -> Callable[[httpx.Response], M]:
    """A reader of answers that are one object of this model."""
    return lambda response: salvage(model, read_object(response))
