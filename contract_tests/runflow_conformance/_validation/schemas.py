"""What a schema of the document has against a value: one entry a difference, with the place in value and document."""

import re
from collections.abc import Iterator, Sequence
from typing import Any, cast

import jsonschema_rs
from attrs import frozen
from runflow_client.redaction import redact

DOCUMENT_URI = "urn:runflow-document"
LONGEST_MESSAGE = 300  # characters
_WORD = re.compile(r"[a-z][a-z0-9_.-]{0,39}")


@frozen
class Difference:
    """One difference: the place in the value, the broken keyword, its place in the document, words, and the value."""

    at: str
    keyword: str
    place: str
    what: str
    observed: Any


class SchemaJudge:
    """Validates values against the schemas of one document. Validators are made once for each place."""

    def __init__(self, content: dict[str, Any]) -> None:
        self._registry = jsonschema_rs.Registry([(DOCUMENT_URI, content)])
        self._validators: dict[str, jsonschema_rs.Draft202012Validator] = {}

    def differences(self, place: str, value: object) -> list[Difference]:
        """Return what the schema at that place (a JSON pointer) has against the value; empty if nothing."""
        validator = self._validators.get(place)
        if validator is None:
            schema = {"$ref": f"{DOCUMENT_URI}#{_uri_fragment(place)}"}
            validator = jsonschema_rs.Draft202012Validator(
                schema, registry=self._registry, validate_formats=True, mask="the value"
            )
            self._validators[place] = validator
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
    place = re.sub(
        r"%([0-9A-Fa-f]{2})", lambda code: chr(int(code[1], 16)), location.partition("#")[2]
    )
    at = "".join(f"/{part}" for part in error.instance_path)
    keyword = str(getattr(error.kind, "name", type(error.kind).__name__))
    if keyword == "required":
        missing = str(getattr(error.kind, "property", ""))
        return Difference(at, keyword, place, f"{missing} is missing", missing)
    # Bodies hold people's data: of a value only its kind is told, and a word that could stand in an enum.
    word = isinstance(error.instance, str) and _WORD.fullmatch(error.instance)
    seen = f"{json_type(error.instance)} {error.instance}" if word else json_type(error.instance)
    what = f"{redact(error.message)[:LONGEST_MESSAGE]} (it is: {redact(seen)})"
    return Difference(at, keyword, place, what, error.instance)


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


def _uri_fragment(place: str) -> str:
    return place.replace("%", "%25").replace("{", "%7B").replace("}", "%7D").replace(" ", "%20")
