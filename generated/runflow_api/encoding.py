"""From values to requests: JSON, path segments, query values, headers and forms."""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from typing import Any
from urllib.parse import quote
from uuid import UUID

from .kinds import is_list, is_object
from .types import File, Operation, QueryValue, RequestArguments, RequestFiles, Unset


def json_value(value: object) -> Any:
    """Give the JSON form of a value. A datetime without a time zone is UTC."""
    write = _WRITERS.get(type(value), _json_value)
    return value if write is None else write(value)


def _json_value(value: Any) -> Any:
    """Give the JSON form of a value whose type the table does not have."""
    if isinstance(value, Enum):
        return value.value
    if _is_model(value):
        return value.to_dict()
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, datetime.datetime):
        return _instant(value)
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, File):
        return value.to_tuple()
    if is_object(value):
        return _object(value)
    if is_list(value):
        return _list(value)
    return value


def _instant(value: datetime.datetime) -> str:
    return (value.replace(tzinfo=datetime.timezone.utc) if value.tzinfo is None else value).isoformat()


def _object(value: Mapping[str, Any]) -> dict[str, Any]:
    return {name: json_value(field) for name, field in value.items()}


def _list(value: Sequence[Any]) -> list[Any]:
    return [json_value(item) for item in value]


def _left_out(value: object) -> object:
    """Mark the writer of what stays out of an object; by itself it has no JSON form and stays as it is."""
    return value


# How the values that come most often are written; None stands for those that are JSON already.
_WRITERS: Mapping[type[object], Callable[[Any], Any] | None] = {
    type(None): None,
    str: None,
    int: None,
    float: None,
    bool: None,
    Unset: _left_out,
    UUID: str,
    datetime.datetime: _instant,
    dict: _object,
    list: _list,
}


def json_object(known: Mapping[str, object], additional: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Give the JSON object of a model: what is UNSET stays out, a known name wins over an additional one."""
    values = {name: json_value(value) for name, value in additional.items()} if additional else {}
    find = _WRITERS.get
    for name, value in known.items():
        write = find(type(value), _json_value)
        if write is None:
            values[name] = value
        elif write is not _left_out:
            values[name] = write(value)
    return values


def text(value: Any) -> str:
    """Give the text form of a value, as headers, paths, queries and forms want it: JSON for an object in one of them."""
    if isinstance(value, str):
        return str(value.value) if isinstance(value, Enum) else value
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None or isinstance(value, Unset):
        raise TypeError(f"{value} has no text form")
    plain = json_value(value)
    return json.dumps(plain) if is_object(plain) or is_list(plain) else str(plain)


def json_text(value: Any) -> Any:
    """Give the JSON text of a value, for a parameter that is sent as one. UNSET and None stay."""
    return json.dumps(json_value(value)) if _is_sent(value) else value


def joined(name: str, value: Any, separator: str) -> str | None:
    """Give the items of a list, or the names and values of an object, as one text.

    None for what is not sent: UNSET, None, and a list or object without a value.

    Raises:
        ValueError: an item contains what stands between the items, or is a list or an object itself.
    """
    if not _is_sent(value):
        return None
    if _is_model(value):
        value = value.to_dict()
    if is_object(value):
        value = [part for key, item in value.items() if _is_sent(item) for part in (key, item)]
    if not is_list(value):
        return text(value)
    items = [_plain_text(name, item) for item in value if _is_sent(item)]
    for item in items:
        if separator in item:
            raise ValueError(f"parameter {name}: {separator!r} stands between its items, one of which is {item!r}")
    return separator.join(items) if items else None


def deep_object(name: str, value: Any) -> dict[str, Any]:
    """Give the parameters that an object is sent as, one a property: `name[property]`.

    Raises:
        ValueError: a property is a list or an object itself.
    """
    if not _is_sent(value):
        return {}
    fields: Mapping[str, Any] = value.to_dict() if _is_model(value) else value
    return {f"{name}[{key}]": _plain_text(name, field) for key, field in fields.items() if _is_sent(field)}


def _plain_text(name: str, value: object) -> str:
    if is_list(value) or is_object(value) or _is_model(value):
        raise ValueError(f"parameter {name}: no text is defined for a list or an object inside of it")
    return text(value)


def _is_sent(value: object) -> bool:
    return value is not None and not isinstance(value, Unset)


def path_value(name: str, value: Any, *, many_segments: bool = False, separator: str = "") -> str:
    """Give a path parameter, percent-encoded. With many_segments its slashes stay, and so does the separator of a list.

    Raises:
        ValueError: the value is not set, or a segment of it is empty, "." or "..": such a path leads elsewhere.
            Or an item contains the separator.
    """
    if separator:
        value = joined(name, value, separator)
    if not _is_sent(value):
        raise ValueError(f"path parameter {name} is not set")
    whole = text(value)
    for segment in whole.split("/"):
        if segment in ("", ".", ".."):
            raise ValueError(f"path parameter {name}: a segment must not be empty, '.' or '..', got {whole!r}")
    return quote(whole, safe=separator + "/" if many_segments else separator)


def query_values(values: Mapping[str, Any]) -> dict[str, QueryValue]:
    """Give the query of a request or the fields of a form: UNSET and None stay out, a list repeats its name."""
    query: dict[str, QueryValue] = {}
    for name, value in values.items():
        if not _is_sent(value):
            continue
        if _is_model(value):
            query.update(query_values(value.to_dict()))
        elif is_list(value):
            query[name] = [text(item) for item in value if _is_sent(item)]
        else:
            query[name] = text(value)
    return query


def header_values(values: Mapping[str, Any]) -> dict[str, str]:
    """Give the headers of a request: UNSET and None stay out."""
    return {name: text(value) for name, value in values.items() if _is_sent(value)}


def form_parts(known: Mapping[str, Any], additional: Mapping[str, Any]) -> RequestFiles:
    """Give the parts of a multipart form. A list repeats its name, an object is sent as JSON."""
    parts: RequestFiles = []
    for name, value in {**additional, **known}.items():
        if not isinstance(value, Unset):
            parts.extend((name, _part(item)) for item in (value if is_list(value) else (value,)))
    return parts


def _part(value: Any) -> tuple[str | None, Any, str | None]:
    if isinstance(value, File):
        return value.to_tuple()
    if _is_model(value) or value is None or is_object(value):
        return None, json.dumps(json_value(value)).encode(), "application/json"
    return None, text(value).encode(), "text/plain"


def request(
    operation: Operation,
    url: str,
    *,
    query: Mapping[str, Any] | None = None,
    headers: Mapping[str, Any] | None = None,
    cookies: Mapping[str, Any] | None = None,
) -> RequestArguments:
    """Put a request together, without its body."""
    arguments = RequestArguments(method=operation.method, url=url)
    if query is not None:
        arguments["params"] = query_values(query)
    sent = header_values(headers or {})
    if cookies is not None and (pairs := header_values(cookies)):
        sent["Cookie"] = "; ".join(f"{name}={quote(value)}" for name, value in pairs.items())
    if sent:
        arguments["headers"] = sent
    return arguments


def add_json(arguments: RequestArguments, body: Any, content_type: str) -> None:
    """Add a JSON body, unless it is UNSET."""
    if isinstance(body, Unset):
        return
    if body is None:
        arguments["content"] = b"null"  # the HTTP library takes json=None for "no body"
    else:
        arguments["json"] = json_value(body)
    _add_content_type(arguments, content_type)


def add_form(arguments: RequestArguments, body: Any) -> None:
    """Add a body of form fields, unless it is UNSET. The HTTP library adds the Content-Type."""
    if not isinstance(body, Unset):
        arguments["data"] = query_values(body.to_dict())


def add_multipart(arguments: RequestArguments, body: Any) -> None:
    """Add a multipart body, unless it is UNSET. The HTTP library adds the Content-Type with a random boundary."""
    if not isinstance(body, Unset):
        arguments["files"] = body.to_multipart()


def add_content(arguments: RequestArguments, body: Any, content_type: str) -> None:
    """Add a body of bytes or text as it is, unless it is UNSET. A File is read to its end, and may say its own type."""
    if isinstance(body, Unset):
        return
    content = body.payload.read() if isinstance(body, File) else body
    arguments["content"] = content if isinstance(content, bytes) else text(content).encode()
    _add_content_type(arguments, (body.mime_type if isinstance(body, File) else None) or content_type)


def _is_model(value: Any) -> bool:
    return callable(getattr(value, "to_dict", None))


def _add_content_type(arguments: RequestArguments, content_type: str) -> None:
    arguments["headers"] = {**arguments.get("headers", {}), "Content-Type": content_type}
