"""Security: schemes are named by what they say, so that a scheme that is renamed changes nothing.

A token of OAuth 2 or OpenID Connect is sent as a bearer token: to a client it is one.
"""

from ..document.json_tree import (
    JSONObject,
    JSONValue,
    canonical_bytes,
    object_at,
    objects_at,
    operations,
    text_at,
)
from ..naming.operation_names import snake_case

BEARER: JSONObject = {"type": "http", "scheme": "bearer"}


def name_schemes(document: JSONObject) -> None:
    """Give the schemes of an expanded document names of their own, in place.

    Schemes that no operation uses are dropped, and so are scopes: a client cannot act on them.
    """
    components = object_at(document, "components")
    written = object_at(components, "securitySchemes")
    plain = {name: _plain(object_at(written, name)) for name in written}
    names = {name: _name(scheme) for name, scheme in plain.items()}
    used: JSONObject = {}
    for operation in operations(document):
        found: dict[bytes, JSONValue] = {}
        for requirement in objects_at(operation.data, "security"):
            renamed: JSONObject = {names.get(name, name): [] for name in sorted(requirement)}
            found[canonical_bytes(renamed)] = renamed
            used |= {names[name]: plain[name] for name in requirement if name in plain}
        if found:
            operation.data["security"] = [found[key] for key in sorted(found)]
    components.pop("securitySchemes", None)
    if used:
        components["securitySchemes"] = used


def _plain(scheme: JSONObject) -> JSONObject:
    kind = text_at(scheme, "type")
    if kind in ("oauth2", "openIdConnect"):
        return dict(BEARER)
    result: JSONObject = {
        key: scheme[key] for key in ("type", "scheme", "in", "name") if key in scheme
    }
    if kind == "http":
        result["scheme"] = text_at(scheme, "scheme").lower()
    return result


def _name(scheme: JSONObject) -> str:
    kind = text_at(scheme, "type")
    if kind == "apiKey":
        return f"{text_at(scheme, 'in')}_{snake_case(text_at(scheme, 'name'))}"
    return snake_case(text_at(scheme, "scheme") or kind) or "unknown"
