"""Find the schemas that become classes of the client, and write the document with their names."""

from collections.abc import Iterator, Mapping

from ..document.json_tree import (
    DocumentError,
    JSONObject,
    at_pointer,
    local_pointer,
    object_at,
    objects_at,
    pointer,
    text_at,
)
from ..document.schemas import (
    ANNOTATIONS,
    COMBINING,
    all_operations,
    as_schema,
    map_subschemas,
    reference,
    schema_holders,
)

FREE_FORM_NAME = "JsonObject"
FREE_FORM: JSONObject = {
    "type": "object",
    "additionalProperties": True,
    "description": "Any JSON object.",
}
# Far above any real document, far below what would fill the memory: aliases inside aliases grow
# exponentially.
MAX_SCHEMAS = 500_000


def is_free_form(schema: JSONObject) -> bool:
    """Return whether the schema is an object without further rules."""
    words = {
        key
        for key in schema
        if key not in (*ANNOTATIONS, "required", "minProperties", "maxProperties")
    }
    return words == {"type"} and schema["type"] == "object"


def is_class(schema: JSONObject) -> bool:
    """Return whether the generator makes a class of the schema.

    That is an object, an enum, or parts that must all hold.
    """
    if "$ref" in schema:
        return False
    if "anyOf" in schema or "oneOf" in schema:
        return "properties" in schema
    return schema.get("type") == "object" or bool(schema.get("enum")) or "allOf" in schema


class ClassReader:
    """Finds the classes of a document by JSON pointer, through references, arrays and unions."""

    def __init__(self, document: JSONObject) -> None:
        self._document = document
        self._visited = 0

    def _count(self) -> None:
        self._visited += 1
        if self._visited > MAX_SCHEMAS:
            raise DocumentError(
                f"with all references followed, the document holds more than {MAX_SCHEMAS} schemas"
            )

    def at(self, where: str) -> JSONObject:
        """Return the schema at a pointer."""
        return as_schema(at_pointer(self._document, where))

    def target(self, schema: JSONObject) -> tuple[str, JSONObject] | None:
        """Return where a reference ends, references to references followed.

        It is None for one that leads nowhere.
        """
        seen: set[str] = set()
        where = ""
        while "$ref" in schema:
            where = local_pointer(text_at(schema, "$ref")) or ""
            if not where or where in seen:
                return None
            seen.add(where)
            try:
                schema = self.at(where)
            except KeyError:
                return None
        return where, schema

    def classes(
        self, where: str, schema: JSONObject, inside: tuple[str, ...] = ()
    ) -> Iterator[tuple[str, str]]:
        """Yield the classes that a value of this schema holds, each with its suffix and pointer.

        The suffix is `[]` for the items of an array and `|2` for the second variant of a union; the
        variant is not counted where only one of them holds classes.

        Raises:
            DocumentError: the aliases of the document never end.
        """
        self._count()
        if "$ref" in schema:
            found = self.target(schema)
            if found is not None and found[0] not in inside:
                yield from self.classes(*found, (*inside, found[0]))
            return
        if is_class(schema):
            yield "", where
            return
        items = schema.get("items")
        if isinstance(items, dict):
            for suffix, pointer_found in self.classes(where + "/items", items, inside):
                yield "[]" + suffix, pointer_found
        for key in ("prefixItems", "anyOf"):
            variants = [
                list(self.classes(f"{where}/{key}/{index}", variant, inside))
                for index, variant in enumerate(objects_at(schema, key))
            ]
            alone = sum(map(bool, variants)) == 1
            for number, variant in enumerate(variants, start=1):
                for suffix, pointer_found in variant:
                    yield suffix if alone else f"|{number}{suffix}", pointer_found

    def members(self, where: str) -> Iterator[tuple[str, str]]:
        """Yield the classes inside a class, each with its suffix and pointer.

        A suffix is `.logs[]` for a field, or `{}` for the values of a map.
        """
        schema = self.at(where)
        properties = object_at(schema, "properties")
        ways = [
            (f".{name}", pointer("properties", name), as_schema(properties[name]))
            for name in sorted(properties)
        ]
        ways.append(("{}", "/additionalProperties", object_at(schema, "additionalProperties")))
        for key in COMBINING:
            parts = enumerate(objects_at(schema, key))
            ways += [(f"&{index + 1}", f"/{key}/{index}", part) for index, part in parts]
        for start, way, inner in ways:
            for suffix, found in self.classes(where + way, inner):
                yield start + suffix, found


class _Writer(ClassReader):
    def __init__(self, document: JSONObject, names: Mapping[str, str]) -> None:
        super().__init__(document)
        self._names = names

    def schema(self, where: str, schema: JSONObject, inside: tuple[str, ...] = ()) -> JSONObject:
        self._count()
        if "$ref" in schema:
            found = self.target(schema)
            if found is None:
                return schema
            where, schema = found
            if where in inside:
                # A value that holds itself without a class in between may be anything from here.
                return {}
            inside = (*inside, where)
        if is_class(schema) and where in self._names:
            return reference(self._names[where])
        return self.inside(where, schema, inside)

    def inside(self, where: str, schema: JSONObject, inside: tuple[str, ...] = ()) -> JSONObject:
        return map_subschemas(
            schema, lambda way, inner: self.schema(where + pointer(*way), inner, inside)
        )


def write_classes(document: JSONObject, names: Mapping[str, str]) -> JSONObject:
    """Return the classes under their names.

    The schemas of the operations are replaced in place by references to them.

    `names` has the name of every class by its pointer. What is not a class is written out where it
    is used.

    Raises:
        DocumentError: aliases of the document would fill the memory.
    """
    writer = _Writer(document, names)
    result: JSONObject = {}
    for where, name in names.items():
        if name == FREE_FORM_NAME:
            result[name] = dict(FREE_FORM)
        elif name not in result:
            result[name] = writer.inside(where, writer.at(where))
    for way, operation in all_operations(document):
        for inner, holder in schema_holders(operation):
            holder["schema"] = writer.schema(
                pointer(*way, *inner, "schema"), as_schema(holder["schema"])
            )
    return result
