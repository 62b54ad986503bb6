"""Validates a JSON value against a schema of the document."""

import re
from collections.abc import Iterator, Sequence
from typing import Any, cast

import jsonschema_rs
from attrs import frozen
from runflow_client._redaction import redact

DOCUMENT_URI = "urn:runflow-document"
MAX_MESSAGE_LENGTH = 300  # characters
_WORD = re.compile(r"[a-z][a-z0-9_.-]{0,39}")


@frozen
class SchemaError:
    """One violation of a schema.

    `instance_pointer` points into the value, `pointer` to the violated `keyword` in the document.
    `observed` is the name of a missing property, the word that no enum has, or the type of the
    value. It is None for other values of enums, which may be anything, secrets included, and for
    a value that several branches of a oneOf allow: no type that is added could help.
    """

    instance_pointer: str
    keyword: str
    pointer: str
    what: str
    observed: str | None


class SchemaValidator:
    """Validates values against the schemas of one document. Validators are cached by pointer."""

    def __init__(self, content: dict[str, Any]) -> None:
        self._registry = jsonschema_rs.Registry([(DOCUMENT_URI, content)])
        self._validators: dict[str, jsonschema_rs.Draft202012Validator] = {}

    def errors(self, pointer: str, value: object) -> list[SchemaError]:
        """Return every violation of the schema at that JSON pointer; empty if there is none."""
        validator = self._validators.get(pointer)
        if validator is None:
            schema = {"$ref": f"{DOCUMENT_URI}#{_uri_fragment(pointer)}"}
            validator = jsonschema_rs.Draft202012Validator(
                schema, registry=self._registry, validate_formats=True, mask="the value"
            )
            self._validators[pointer] = validator
        if validator.is_valid(value):
            return []
        return [
            _schema_error(error) for error in _leaf_errors(validator.iter_errors(cast(Any, value)))
        ]


def _leaf_errors(
    errors: Iterator[jsonschema_rs.ValidationError],
) -> Iterator[jsonschema_rs.ValidationError]:
    """Yield the errors, those of `anyOf` replaced by those of its only branch that is not null.

    "Matches no branch" would not tell a reader what is wrong with a nullable field.
    """
    for error in errors:
        branches: Sequence[Sequence[jsonschema_rs.ValidationError]] = (
            getattr(error.kind, "context", None) or ()
        )
        other_branches = [branch for branch in branches if not _is_null_branch(branch)]
        if len(other_branches) == 1 and not _allow_it_several(error):
            yield from _leaf_errors(iter(other_branches[0]))
        else:
            yield error


def _allow_it_several(error: jsonschema_rs.ValidationError) -> bool:
    """Whether several branches of a oneOf allow the value: what another says of it is no matter."""
    return isinstance(error.kind, jsonschema_rs.ValidationErrorKind.OneOfMultipleValid)


def _is_null_branch(branch: Sequence[jsonschema_rs.ValidationError]) -> bool:
    return all(getattr(error.kind, "types", None) == ["null"] for error in branch)


def _schema_error(error: jsonschema_rs.ValidationError) -> SchemaError:
    location = error.absolute_keyword_location or ""
    pointer = re.sub(
        r"%([0-9A-Fa-f]{2})", lambda code: chr(int(code[1], 16)), location.partition("#")[2]
    )
    at = "".join(f"/{part}" for part in error.instance_path)
    keyword = str(getattr(error.kind, "name", type(error.kind).__name__))
    if keyword == "required":
        missing = str(getattr(error.kind, "property", ""))
        return SchemaError(at, keyword, pointer, f"{missing} is missing", missing)
    # Bodies hold personal data: the message has the type of the value, and the value itself only
    # if it could be a member of an enum.
    value, kind = error.instance, json_type(error.instance)
    is_word = isinstance(value, str) and _WORD.fullmatch(value) and redact(value) == value
    word = str(value) if is_word else None
    seen = kind if word is None else f"{kind} {word}"
    what = f"{redact(error.message)[:MAX_MESSAGE_LENGTH]} (it is: {redact(seen)})"
    if _allow_it_several(error):
        return SchemaError(at, keyword, pointer, what, None)
    return SchemaError(at, keyword, pointer, what, word if keyword == "enum" else kind)


def json_type(value: object) -> str:
    """Return the JSON name of the value's type."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int):
        return "integer"
    names = {float: "number", str: "string", list: "array", dict: "object"}
    return next((name for kind, name in names.items() if isinstance(value, kind)), "value")


def _uri_fragment(pointer: str) -> str:
    return pointer.replace("%", "%25").replace("{", "%7B").replace("}", "%7D").replace(" ", "%20")
