"""What a schema of the document has against a value: one entry a difference, with the pointer in value and document."""

import re
from collections.abc import Iterator, Sequence
from typing import Any, cast

import jsonschema_rs
from attrs import frozen
from runflow_client.redaction import redact

DOCUMENT_URI = "urn:runflow-document"
MAX_MESSAGE_LENGTH = 300  # characters
_WORD = re.compile(r"[a-z][a-z0-9_.-]{0,39}")


@frozen
class Difference:
    """One difference: the pointer in the value, the broken keyword, its pointer in the document, words, and the value."""

    at: str
    keyword: str
    pointer: str
    what: str
    observed: Any


class SchemaValidator:
    """Validates values against the schemas of one document. Validators are made once for each pointer."""

    def __init__(self, content: dict[str, Any]) -> None:
        self._registry = jsonschema_rs.Registry([(DOCUMENT_URI, content)])
        self._validators: dict[str, jsonschema_rs.Draft202012Validator] = {}

    def differences(self, pointer: str, value: object) -> list[Difference]:
        """Return what the schema at that pointer (a JSON pointer) has against the value; empty if nothing."""
        validator = self._validators.get(pointer)
        if validator is None:
            schema = {"$ref": f"{DOCUMENT_URI}#{_uri_fragment(pointer)}"}
            validator = jsonschema_rs.Draft202012Validator(
                schema, registry=self._registry, validate_formats=True, mask="the value"
            )
            self._validators[pointer] = validator
        if validator.is_valid(value):
            return []
        return [_difference(error) for error in _reasons(validator.iter_errors(cast(Any, value)))]


def _reasons(
    errors: Iterator[jsonschema_rs.ValidationError],
) -> Iterator[jsonschema_rs.ValidationError]:
    """Yield the errors, and instead of "none of the branches" what the one branch that is not null has against the value."""
    for error in errors:
        branches: Sequence[Sequence[jsonschema_rs.ValidationError]] = (
            getattr(error.kind, "context", None) or ()
        )
        speaking = [branch for branch in branches if not _only_asks_for_null(branch)]
        if len(speaking) == 1:
            yield from _reasons(iter(speaking[0]))
        else:
            yield error


def _only_asks_for_null(branch: Sequence[jsonschema_rs.ValidationError]) -> bool:
    return all(getattr(error.kind, "types", None) == ["null"] for error in branch)


def _difference(error: jsonschema_rs.ValidationError) -> Difference:
    location = error.absolute_keyword_location or ""
    pointer = re.sub(
        r"%([0-9A-Fa-f]{2})", lambda code: chr(int(code[1], 16)), location.partition("#")[2]
    )
    at = "".join(f"/{part}" for part in error.instance_path)
    keyword = str(getattr(error.kind, "name", type(error.kind).__name__))
    if keyword == "required":
        missing = str(getattr(error.kind, "property", ""))
        return Difference(at, keyword, pointer, f"{missing} is missing", missing)
    # Bodies hold people's data: of a value only its kind is told, and a word that could stand in an enum.
    word = isinstance(error.instance, str) and _WORD.fullmatch(error.instance)
    seen = f"{json_type(error.instance)} {error.instance}" if word else json_type(error.instance)
    what = f"{redact(error.message)[:MAX_MESSAGE_LENGTH]} (it is: {redact(seen)})"
    return Difference(at, keyword, pointer, what, error.instance)


def json_type(value: object) -> str:
    """Return what JSON calls the type of the value."""
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
