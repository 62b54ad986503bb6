"""Discriminated unions, written so that the generator can tell the variants apart.

The generator ignores `discriminator` and takes the first variant that parses. With the value as a
constant in each variant it takes the right one, and with a free-form object behind them a variant
that is new on the server still reads.
"""

from collections import Counter
from collections.abc import Iterator

from ..document.json_tree import (
    JSONObject,
    JSONValue,
    at_pointer,
    local_pointer,
    object_at,
    objects_at,
    strings_at,
    text_at,
)
from ..document.schemas import ANNOTATIONS, COMPONENTS, as_schema, every_schema
from ._bytes import without_mode
from ._defaults import default_sentence
from .normalise import NULL


def write_discriminators(document: JSONObject) -> None:
    """Turn every discriminator into constants of its variants, in place.

    The document is expanded and normalised.
    """
    writer = _Writer(document)
    for schema in every_schema(document):
        if isinstance(schema.get("discriminator"), dict):
            writer.write(schema)


class _Writer:
    def __init__(self, document: JSONObject) -> None:
        self._document = document
        schemas = object_at(object_at(document, "components"), "schemas")
        self._unions = {
            COMPONENTS + name: dict(found)
            for name in schemas
            if isinstance((found := object_at(schemas, name)).get("discriminator"), dict)
        }
        """The discriminated unions as the document has them."""

    def write(self, schema: JSONObject) -> None:
        discriminator = object_at(schema, "discriminator")
        name = text_at(discriminator, "propertyName")
        choices = list(self._choices(schema, name, frozenset()))
        variants = [variant for variant, _ in choices]
        found = [self._variant(variant, name, chooser) for variant, chooser in choices]
        uses = Counter(value for item in found if item is not None for value in set(item[1]))
        found = [item if item is not None and _is_own(item[1], uses) else None for item in found]
        chosen = [item for item in found if item is not None]
        if not variants:
            del schema["discriminator"]  # In a base that others extend it chooses nothing.
            return
        undecided: list[JSONValue] = [
            {"variant": index, "wants": [*_mapped(chooser, text_at(variant, "$ref"))]}
            for index, ((variant, chooser), item) in enumerate(zip(choices, found, strict=True))
            if item is None
        ]
        for target, values in chosen:
            properties = object_at(target, "properties")
            only = _only(values, object_at(properties, name))
            described = {
                key: value
                for key, value in object_at(properties, name).items()
                if key == "description"
            }
            target["properties"] = {
                **properties,
                name: {"type": "string", **described, **only},
            }
            if "default" not in only:
                target["required"] = [*sorted({*strings_at(target, "required"), name})]
        if undecided:
            schema["discriminator"] = {"propertyName": name, "x-undecided": undecided}
        else:
            del schema["discriminator"]
            null: list[JSONValue] = [dict(NULL)] if NULL in objects_at(schema, "anyOf") else []
            schema["anyOf"] = [*variants, {"type": "object"}, *null]

    def _choices(
        self, schema: JSONObject, name: str, inside: frozenset[str]
    ) -> Iterator[tuple[JSONObject, JSONObject]]:
        """Yield each variant with the discriminator that chooses it.

        Those of a union in the union, which the same property decides, stand in its place.
        """
        discriminator = object_at(schema, "discriminator")
        for variant in objects_at(schema, "anyOf"):
            reference = text_at(variant, "$ref")
            union = self._unions.get(reference) if reference not in inside else None
            chooser = object_at(union or {}, "discriminator")
            if union is not None and text_at(chooser, "propertyName") == name:
                yield from self._choices(union, name, inside | {reference})
            elif variant != NULL:
                yield variant, discriminator

    def _variant(
        self, variant: JSONObject, name: str, discriminator: JSONObject
    ) -> tuple[JSONObject, list[str]] | None:
        """Return the variant's own schema and the values that choose it, None when unknown."""
        reference = text_at(variant, "$ref")
        target = self._target(variant)
        written = self._target(object_at(object_at(target, "properties"), name))
        or_null = objects_at(written, "anyOf")
        if len(or_null) == 2 and NULL in or_null:
            written = self._target(next(part for part in or_null if part != NULL))
        is_constant = bool(written.keys() & {"const", "enum"})
        is_named = reference.startswith(COMPONENTS)
        if target.get("type") != "object" or not (is_named or is_constant):
            return None
        if (
            not set(written) <= {"type", "const", "enum", "default", *ANNOTATIONS}
            or written.get("type", "string") != "string"
        ):
            return None
        short, mapped = _short_name(reference), _mapped(discriminator, reference)
        if not mapped and not is_constant and short.startswith("~1"):
            return None  # A schema that is no component has no name that could be the value.
        written_values = (
            [text_at(written, "const")] if "const" in written else strings_at(written, "enum")
        )
        values = mapped or ([short] if short in written_values else written_values or [short])
        if written_values and not set(values) <= set(written_values):
            # FastAPI maps names of schemas where two modules have a class of one name. Whatever a
            # mapping says, a variant with one value is read with no other.
            return (target, written_values) if len(written_values) == 1 else None
        return target, values

    def _target(self, schema: JSONObject) -> JSONObject:
        for _ in range(10):
            where = local_pointer(text_at(schema, "$ref"))
            if where is None:
                break
            try:
                schema = as_schema(at_pointer(self._document, where))
            except KeyError:
                break
        return schema


def _short_name(reference: str) -> str:
    return without_mode((local_pointer(reference) or "").rsplit("/", 1)[-1])


def _mapped(discriminator: JSONObject, reference: str) -> list[str]:
    """Return the values by which the document chooses the variant of a reference."""
    mapping, short = object_at(discriminator, "mapping"), _short_name(reference)
    spellings = (reference, short, f"{COMPONENTS}{short}")
    return [value for value in sorted(mapping) if mapping[value] in spellings]


def _is_own(values: list[str], uses: Counter[str]) -> bool:
    """Return whether a variant is chosen by one value, or by several that choose no other one."""
    return len(set(values)) == 1 or all(uses[value] == 1 for value in values)


def _only(values: list[str], written: JSONObject) -> JSONObject:
    """Return what allows these values alone; the one that there is may be left out, as written."""
    if len(values) > 1:
        return {"enum": [*values]}
    is_default = default_sentence(values[0]) in text_at(written, "description")
    if is_default or written.get("default") == values[0]:
        return {"const": values[0], "default": values[0]}
    return {"const": values[0]}
