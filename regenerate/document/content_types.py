"""Content types: which of them say JSON, and which say a form."""

from typing import Final

JSON: Final = "application/json"
TEXT_JSON: Final = "text/json"
MULTIPART: Final = "multipart/form-data"
_YAML: Final = ("application/yaml", "application/x-yaml", "text/yaml", "text/x-yaml")
ENCODED_FORM: Final = "application/x-www-form-urlencoded"
_FORMS: Final = (ENCODED_FORM, MULTIPART)


def essence_of(content_type: str) -> str:
    """Return the content type without its parameters, in lower case.

    `text/html; charset=UTF-8` is `text/html`.
    """
    return content_type.partition(";")[0].strip().lower()


def is_json(content_type: str) -> bool:
    """Return whether a content type says JSON."""
    essence = essence_of(content_type)
    return essence in (JSON, TEXT_JSON) or essence.endswith("+json")


def is_yaml(content_type: str) -> bool:
    """Return whether a content type says YAML."""
    essence = essence_of(content_type)
    return essence in _YAML or essence.endswith("+yaml")


def is_form(content_type: str) -> bool:
    """Return whether a content type says a form.

    Its fields or parts are the properties of an object.
    """
    return essence_of(content_type) in _FORMS


def has_fields(content_type: str) -> bool:
    """Return whether the client reads and writes the fields of a body.

    A body of any other content type is text or bytes.
    """
    return is_json(content_type) or is_form(content_type)
