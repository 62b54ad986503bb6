"""Read the catalog of models, one file an owner, strictly, and write it back as the same bytes."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import UnionType
from typing import Any, Final, cast, get_args, get_origin

from attrs import NOTHING, Attribute, asdict, field, fields, frozen, has

from ..document.json_tree import DocumentError, parse_document

PRICE_UNITS: Final = ("image", "second", "megapixel", "request", "token")
OUTPUT_KINDS: Final = ("image", "video", "audio", "unknown")
KINDS: Final = ("model", "comfyui-workflow")
FILE_TYPES: Final = ("image", "video", "audio", "file")
INPUT_TYPES: Final = (
    "string",
    "integer",
    "number",
    "boolean",
    "object",
    "array",
    "json",
    *FILE_TYPES,
    "image_list",
)
LIMITS: Final = ("min", "max", "min_chars", "max_chars", "min_items", "max_items")


class CatalogError(ValueError):
    """The catalog cannot be used. The text lists every problem with its place."""


@frozen
class Input:
    """One input field of a model.

    `required` is None where it is not known, `origin` says where the field was seen.
    """

    name: str
    type: str
    required: bool | None
    description: str
    origin: str = "table"
    allowed: Sequence[object] = ()
    """The only values there are."""
    suggested: Sequence[object] = ()
    """Values that were seen, among others."""
    default: object = None
    limits: Mapping[str, float] = field(factory=dict[str, float])
    pattern: str | None = None
    excludes: Sequence[str] = ()

    @property
    def types(self) -> list[str]:
        """The types that a value may have."""
        return self.type.split("|")


@frozen
class Condition:
    """The price holds where `field` has one of `values`.

    `cheaper` are values that cost less, others cost more.
    """

    field: str
    values: Sequence[object]
    cheaper: Sequence[object] = ()


@frozen
class Surcharge:
    """What each unit costs more where `field` has one of `values`, in US dollars."""

    field: str
    values: Sequence[object]
    amount: str


@frozen
class Price:
    """US dollars for one unit, as a decimal string, and when that holds."""

    amount: str
    unit: str
    note: str | None = None
    conditions: Sequence[Condition] = ()
    surcharges: Sequence[Surcharge] = ()
    proviso: str | None = None


@frozen
class Output:
    """What the model makes, and the names of its output fields as far as they were seen."""

    kind: str
    fields: Sequence[str]
    complete: bool


@frozen
class Provenance:
    """Where the facts come from and how far they go."""

    known_from: str
    sources: Sequence[str]
    page_updated: str | None = None
    note: str | None = None


@frozen
class Model:
    """One model of the catalog."""

    id: str
    name: str
    description: str
    kind: str
    endpoint: str
    provider: str | None
    license: str | None
    price: Price | None
    output: Output
    inputs: Sequence[Input]
    inputs_complete: bool
    example: Mapping[str, object] | None
    provenance: Provenance

    @property
    def owner(self) -> str:
        """The first segment of the id."""
        return self.id.partition("/")[0]


Catalog = tuple[Model, ...]

_PARTS: Final[Mapping[tuple[type, str], type]] = {
    (Model, "price"): Price,
    (Model, "output"): Output,
    (Model, "provenance"): Provenance,
}
_LISTS: Final[Mapping[tuple[type, str], type]] = {
    (Model, "inputs"): Input,
    (Price, "conditions"): Condition,
    (Price, "surcharges"): Surcharge,
}


def read_catalog(folder: Path) -> Catalog:
    """Read every owner's file of the folder: the models in the order of the files, owners sorted.

    Raises:
        CatalogError: a file is not JSON, has a member that is not known or of another type, lacks
            one, or is not its owner's.
    """
    models: list[Model] = []
    for path in sorted(folder.glob("*.json")):
        try:
            contents = parse_document(path.read_bytes())
        except DocumentError as error:
            raise CatalogError(f"{path.name}: {error}") from None
        rows = contents.get("models")
        if contents.keys() != {"owner", "models"} or not isinstance(rows, list):
            raise CatalogError(f"{path.name}: expected an object of owner and models")
        if contents["owner"] != path.stem:
            raise CatalogError(f"{path.name} is the file of {contents['owner']!r}")
        if not rows:
            raise CatalogError(f"{path.name}: has no model: delete it")
        models.extend(
            _built(Model, row, f"{path.name} models[{number}]") for number, row in enumerate(rows)
        )
    if not models:
        raise CatalogError(f"no catalog file in {folder.name}")
    return tuple(models)


def catalog_files(catalog: Catalog) -> dict[str, str]:
    """Return the text of each owner's file, by file name."""
    owners = sorted({model.owner for model in catalog})
    return {
        f"{owner}.json": json.dumps(
            {
                "owner": owner,
                "models": [_plain(model) for model in catalog if model.owner == owner],
            },
            indent=2,
            ensure_ascii=False,
        )
        + "\n"
        for owner in owners
    }


def _built(kind: type[Any], data: object, place: str) -> Any:
    if not isinstance(data, dict):
        raise CatalogError(f"{place}: expected an object")
    members = cast("dict[str, Any]", data)
    known = {attribute.name: attribute for attribute in _attributes(kind)}
    unknown = sorted(members.keys() - known.keys())
    missing = [
        name
        for name, attribute in known.items()
        if not _has_default(attribute) and name not in members
    ]
    if unknown or missing:
        raise CatalogError(f"{place}: unknown members: {unknown}; missing members: {missing}")
    values = dict(members)
    for name, value in members.items():
        if not _is_of(known[name].type, value):
            raise CatalogError(f"{place}.{name}: {str(value)[:80]!r} is of another type")
        if (part := _PARTS.get((kind, name))) is not None and value is not None:
            values[name] = _built(part, value, f"{place}.{name}")
        elif (part := _LISTS.get((kind, name))) is not None:
            rows = cast("list[object]", value)
            values[name] = [
                _built(part, row, f"{place}.{name}[{number}]") for number, row in enumerate(rows)
            ]
    return kind(**values)


def _is_of(kind: object, value: object) -> bool:
    """Return whether a JSON value may stand for an attribute of this type."""
    origin = get_origin(kind)
    if origin is UnionType:
        return any(_is_of(one, value) for one in get_args(kind))
    if origin is Sequence and isinstance(value, list):
        return all(_is_of(get_args(kind)[0], one) for one in cast("list[object]", value))
    if origin is Mapping and isinstance(value, dict):
        return all(
            _is_of(get_args(kind)[1], one) for one in cast("dict[str, object]", value).values()
        )
    if origin is not None or has(cast("type[Any]", kind)):
        return origin is None and isinstance(value, dict)
    if kind is float:
        return isinstance(value, int | float) and not isinstance(value, bool)
    return isinstance(value, cast("type[Any]", kind))


def _attributes(kind: type[Any]) -> "tuple[Attribute[Any], ...]":
    return cast("tuple[Attribute[Any], ...]", fields(kind))


def _has_default(attribute: "Attribute[Any]") -> bool:
    return attribute.default is not NOTHING


def _plain(model: Model) -> dict[str, Any]:
    """Return the model as JSON.

    Optional members with their default value are left out.
    """
    return cast("dict[str, Any]", _without_defaults(model, asdict(model)))


def _without_defaults(described: object, data: Any) -> Any:
    if isinstance(described, list | tuple):
        members = cast("Sequence[object]", described)
        return [_without_defaults(member, row) for member, row in zip(members, data, strict=True)]
    if not has(type(described)):
        return data
    return {
        attribute.name: _without_defaults(getattr(described, attribute.name), data[attribute.name])
        for attribute in _attributes(type(described))
        if not (_has_default(attribute) and _is_default(attribute, data[attribute.name]))
    }


def _is_default(attribute: "Attribute[Any]", value: object) -> bool:
    given = attribute.default
    make = getattr(given, "factory", None)
    default = given if make is None else make()
    return value == default or (default == () and value == [])  # JSON has no tuples
