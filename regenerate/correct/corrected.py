"""Correct the published document: our corrections, one spelling, our names."""

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path

from attrs import field, frozen

from ..document.json_tree import (
    DocumentError,
    JSONObject,
    JSONValue,
    copy_document,
    object_at,
    operations,
    parse_document,
    readable_text,
    refuse_deep_nesting,
    sorted_keys,
    text_at,
)
from ..document.parameter_styles import settle_styles
from ..naming.class_schemas import write_classes
from ..naming.operation_names import (
    NamingTable,
    OperationName,
    name_operations,
    read_table,
    table_spelling,
)
from ..naming.schema_names import name_schemas
from ..project.paths import CORRECTIONS, DOCUMENT
from ._additions import select_additions
from ._bytes import send_files_in_parts, settle_bytes, without_mode
from ._directions import mark_directions, settle_directions
from ._discriminators import write_discriminators
from ._enum_members import name_enum_members
from ._expand import expand_document
from ._joined_parameters import split_joined_parameters
from ._path_templates import plain_paths
from ._security import name_schemes
from .all_of import merge_all_of
from .normalise import normalise_schemas
from .overlays import OUTSIDE, AppliedAction, StaleCorrection, apply_overlay, read_overlays
from .published_places import published_place


@frozen
class Names:
    """The names that were given.

    These are operations by `METHOD path`, schemas with their first place, and conflicts.

    `published` says where a schema of a name stands in the document that was given.
    """

    operations: Mapping[str, OperationName]
    schemas: Mapping[str, str]
    conflicts: tuple[str, ...]
    published: Mapping[str, str]


@frozen
class CorrectedDocument:
    """The document for the generator, and how it came about.

    `applied` has every correction with its number of matches. `unmatched_names` are the operations
    and places of the naming table that this document lacks. They are reported and are not errors.
    """

    document: JSONObject
    applied: tuple[AppliedAction, ...]
    names: Names
    unmatched_names: tuple[str, ...]
    brought: tuple[str, ...] = ()
    """The operations that a correction would add and that the document has itself."""
    published: JSONObject = field(repr=False, factory=dict[str, JSONValue])
    """The document as it was given, with the corrections applied and nothing else."""
    split: tuple[str, ...] = ()
    """The operations that take a whole id, and how they are written here."""

    def published_place(self, place: str) -> str:
        """Return where a place of the corrected document stands in the published one."""
        return published_place(self.published, self.document, dict(self.names.published), place)

    def outside(self) -> JSONObject:
        """Return the paths of the operations that corrections have added, as published ones are."""
        found: dict[str, JSONValue] = {}
        for one in operations(self.published):
            if one.data.get(OUTSIDE) is True:
                found[one.path] = {**object_at(found, one.path), one.method: one.data}
        return found


class StaleCorrections(StaleCorrection):
    """Corrections match nothing; `corrected` is the document without them."""

    def __init__(self, message: str, corrected: CorrectedDocument) -> None:
        super().__init__(message)
        self.corrected = corrected


def correct(
    document: Mapping[str, object],
    corrections: Path | None = CORRECTIONS,
    naming: NamingTable | None = None,
) -> CorrectedDocument:
    """Return the corrected document; the one given is not touched.

    `corrections` is a folder of overlays, or None. `naming` None is the table of this project. The
    same document gives the same bytes, and so does one that differs only in its own names, titles,
    key order, spelling of null, repeated `default` answers or unknown extensions.

    Raises:
        DocumentError: the document cannot be corrected; the text names the place.
        StaleCorrections: corrections match nothing; the text names all of them.
        OverlayError: a correction is invalid, or does not fit the document.
    """
    try:
        return _correct(document, corrections, read_table() if naming is None else naming)
    except RecursionError:
        raise DocumentError("references lead through too many levels") from None


def _correct(
    document: Mapping[str, object], corrections: Path | None, table: NamingTable
) -> CorrectedDocument:
    working = copy_document(document)
    refuse_deep_nesting(working)
    if not text_at(working, "openapi").startswith(("3.0.", "3.1.")):
        raise DocumentError(
            f"openapi is {working.get('openapi')!r}; only 3.0.x and 3.1.x can be read"
        )
    overlays = read_overlays(corrections) if corrections is not None else []
    plain_paths(working)
    split = split_joined_parameters(working, table)
    applied: list[AppliedAction] = []
    stale: list[str] = []
    brought: list[str] = []
    for overlay in overlays:
        if overlay.adds_operations:
            additions = select_additions(working, overlay, table_spelling(working, table))
            overlay = additions.overlay
            brought += [f"{name} ({overlay.name})" for name in additions.brought]
        try:
            applied += apply_overlay(working, overlay)
        except StaleCorrection as error:
            stale.append(str(error))
    given = copy_document(working)
    expanded = expand_document(working)
    name_schemes(expanded)
    mark_directions(expanded)
    send_files_in_parts(expanded)
    normalise_schemas(expanded)
    merge_all_of(expanded)
    settle_styles(expanded)
    settle_bytes(expanded)
    write_discriminators(expanded)
    settle_directions(expanded)
    operation_names = name_operations(expanded, table)
    schema_names = name_schemas(expanded, table, operation_names)
    schemas = write_classes(expanded, schema_names.names)
    # Several places may have one name: the first that was found is the one to look at.
    published: dict[str, str] = {}
    for where, name in schema_names.names.items():
        published.setdefault(name, _published(where))
    corrected = CorrectedDocument(
        _finished(expanded, schemas, operation_names),
        tuple(applied),
        Names(
            dict(sorted(operation_names.items())),
            schema_names.places,
            schema_names.conflicts,
            published,
        ),
        _unmatched_operations(table, operation_names) + schema_names.unmatched,
        tuple(brought),
        given,
        split,
    )
    if stale:
        raise StaleCorrections("\n".join(stale), corrected)
    return corrected


def _published(where: str) -> str:
    """Return the pointer of a schema as the document that was given has it."""
    parts = where.split("/")
    if parts[1:3] == ["components", "schemas"]:
        parts[3] = without_mode(parts[3])
    return "/".join(parts)


def _finished(
    document: JSONObject, schemas: JSONObject, names: Mapping[str, OperationName]
) -> JSONObject:
    for operation in operations(document):
        name = names[operation.title]
        operation.data["operationId"] = name.name
        operation.data["tags"] = [name.package]
        operation.data.pop("callbacks", None)
    document.pop("webhooks", None)
    components = object_at(document, "components")
    components.pop("schemas", None)
    if schemas:
        components["schemas"] = schemas
    if components:
        document["components"] = components
    name_enum_members(document)
    return sorted_keys(document)


def _unmatched_operations(
    table: NamingTable, names: Mapping[str, OperationName]
) -> tuple[str, ...]:
    used = set(names.values())
    return tuple(sorted(place for place, name in table.operations.items() if name not in used))


def main() -> int:
    """Print the corrected JSON of a document, by default the project's own."""
    parser = argparse.ArgumentParser(prog="python -m regenerate.correct", description=main.__doc__)
    parser.add_argument("document", nargs="?", type=Path, default=DOCUMENT)
    parser.add_argument("--corrections", type=Path, default=CORRECTIONS, help="folder of overlays")
    arguments = parser.parse_args()
    try:
        corrected = correct(parse_document(arguments.document.read_bytes()), arguments.corrections)
    except (DocumentError, OSError) as error:
        print(f"{arguments.document}: {error}", file=sys.stderr)
        return 1
    sys.stdout.write(readable_text(corrected.document))
    return 0
