"""The models that can be run: their inputs, outputs and prices."""

import json
from collections.abc import Iterator
from decimal import Decimal
from functools import cache, cached_property
from typing import Final, cast

from attrs import evolve, field, frozen, validators

from ..contract.choices import did_you_mean, one_of
from ..contract.identifiers import named_id
from ..contract.json_types import JsonObject
from ..contract.packaged import find_packaged
from ..state.conversions import to_decimal, to_tuple
from ..state.money import finite

# The Python types of the values of each catalog type. `bool` is an `int` in Python, never in JSON.
TYPES: dict[str, tuple[type, ...]] = {
    **dict.fromkeys(("string", "image", "video", "audio", "file"), (str,)),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "object": (dict,),
    "array": (list,),
    "image_list": (list,),
}

# Types whose values are the URL of a file, or a list of such.
FILE_TYPES = frozenset({"image", "video", "audio", "file", "image_list"})
URL_STARTS = ("http://", "https://", "data:", "runflow://assets/")

# Inputs whose documented values are suggestions in the catalog, because official programs send a
# further one. They take the documented values and these.
SEEN_VALUES = {("runflow/smart-resize", "aspect_ratio"): ("25:36",)}

CATALOG_NAME = "catalog"
TEMPLATE_OWNER = "runflow"
"""Whose models are template-backed: those take batches, the others do not."""


@frozen
class ModelInput:
    """One declared input of a model.

    `type` may be several, separated by `|`. A type that is not in the catalog's list accepts any
    value.
    """

    name: str
    type: str
    required: bool = False
    allowed: tuple[object, ...] = field(
        default=(), converter=to_tuple, validator=validators.instance_of(tuple), hash=False
    )
    default: object = field(default=None, hash=False)
    limits: JsonObject = field(factory=dict[str, object], hash=False)

    def problem(self, value: object) -> tuple[str, str] | None:
        """Return what is wrong with the value as (message, kind), or None."""
        if not any(_has_type(value, name) for name in self.type.split("|")):
            return f"Input should be a valid {self.type}", f"{self.type}_type"
        if self.allowed and value not in self.allowed:
            return (
                f"Input should be one of {', '.join(repr(item) for item in self.allowed)}",
                "enum",
            )
        if FILE_TYPES.issuperset(self.type.split("|")) and not _has_urls(value):
            return (
                "Input should be an http or https URL, a data: URI or a reference to an asset",
                "url_scheme",
            )
        if isinstance(value, int | float):
            if "min" in self.limits and value < self.limits["min"]:
                return f"Input should be at least {self.limits['min']}", "greater_than_equal"
            if "max" in self.limits and value > self.limits["max"]:
                return f"Input should be at most {self.limits['max']}", "less_than_equal"
        return None


def _has_type(value: object, name: str) -> bool:
    types = TYPES.get(name)
    return types is None or (
        isinstance(value, types) and (not isinstance(value, bool) or bool in types)
    )


def _has_urls(value: object) -> bool:
    """Return whether the value is a URL that names a file, or a list of only such URLs."""
    urls = cast("list[object]", value) if isinstance(value, list) else [value]
    return all(isinstance(url, str) and url.lower().startswith(URL_STARTS) for url in urls)


WORKFLOW: Final = "comfyui-workflow"
"""The kind of a ComfyUI workflow in the catalog."""

UNITS: Final = ("image", "second", "megapixel", "request", "token")
OUTPUT_KINDS: Final = ("image", "video", "audio")


@frozen
class CatalogModel:
    """One model, or one ComfyUI workflow.

    `price` is in US dollars for each `unit` (image, second, megapixel, request or token).
    `output_fields` are the names at the top of a run's output, empty if they are not documented.
    """

    model_id: str
    name: str
    price: Decimal = field(
        default=Decimal(0),
        converter=to_decimal,
        validator=[validators.instance_of(Decimal), finite, validators.ge(Decimal(0))],
    )
    unit: str = field(default="request", validator=one_of("unit", UNITS))
    output_kind: str = field(default="image", validator=one_of("kind of output", OUTPUT_KINDS))
    output_fields: tuple[str, ...] = ()
    license: str | None = None
    price_note: str | None = None
    batches: bool = False
    is_workflow: bool = False
    is_active: bool = True
    inputs_complete: bool = False
    example_input: JsonObject | None = field(default=None, hash=False)
    inputs: tuple[ModelInput, ...] = ()

    @cached_property
    def id(self) -> str:
        """The UUID of the model."""
        return named_id("model", self.model_id)

    @property
    def owner(self) -> str:
        """The first segment of the model id."""
        return self.model_id.partition("/")[0]

    @property
    def slug(self) -> str:
        """The model id after its owner."""
        return self.model_id.partition("/")[2]

    def problems(self, values: JsonObject, *, strict: bool = False) -> list[JsonObject]:
        """Return the entries of `errors[]` for a run's input, empty if it is valid.

        With `strict`, fields that the model does not declare are errors too, unless the catalog
        does not know all of them.
        """
        errors: list[JsonObject] = []
        for declared in self.inputs:
            location = ["body", "input", declared.name]
            value = values.get(declared.name)
            if value is None:
                if declared.required:
                    errors.append({"loc": location, "msg": "Field required", "type": "missing"})
                continue
            problem = declared.problem(value)
            if problem is not None:
                errors.append({"loc": location, "msg": problem[0], "type": problem[1]})
        if strict and self.inputs_complete:
            declared_names = {declared.name for declared in self.inputs}
            errors += [
                {
                    "loc": ["body", "input", name],
                    "msg": "Extra inputs are not permitted",
                    "type": "extra_forbidden",
                }
                for name in values
                if name not in declared_names
            ]
        return errors


@cache
def packaged_models() -> tuple[CatalogModel, ...]:
    """Return the models that the files of the catalog list."""
    files = sorted(find_packaged(CATALOG_NAME).glob("*.json"))
    rows = [row for file in files for row in json.loads(file.read_text(encoding="utf-8"))["models"]]
    return tuple(_model_of(row) for row in rows if row["kind"] in ("model", WORKFLOW))


def _model_of(row: JsonObject) -> CatalogModel:
    """Return the model of a row of the catalog. One without a known price is free here."""
    model_id, output = str(row["id"]), row["output"]
    price: JsonObject = row["price"] or {}
    return CatalogModel(
        model_id,
        name=row["name"],
        price=price.get("amount", "0"),
        unit=price.get("unit", "request"),
        output_kind=output["kind"] if output["kind"] != "unknown" else "image",
        output_fields=tuple(output["fields"]),
        license=row["license"],
        price_note=price.get("note"),
        batches=model_id.startswith(f"{TEMPLATE_OWNER}/"),
        is_workflow=row["kind"] == WORKFLOW,
        inputs_complete=row["inputs_complete"],
        example_input=row["example"],
        inputs=tuple(
            ModelInput(
                declared["name"],
                declared["type"],
                required=declared["required"] is True,
                allowed=_allowed(model_id, declared),
                default=declared.get("default"),
                limits=declared.get("limits", {}),
            )
            for declared in row["inputs"]
        ),
    )


def _allowed(model_id: str, declared: JsonObject) -> tuple[object, ...]:
    """Return the values that the declared input takes, empty for any."""
    seen = SEEN_VALUES.get((model_id, declared["name"]))
    if seen is None:
        return tuple(declared.get("allowed", ()))
    return (*declared["suggested"], *seen)


class Catalog:
    """The models by id, those of the packaged catalog and those that a test adds."""

    def __init__(self) -> None:
        self._models: dict[str, CatalogModel] = {
            model.model_id: model for model in packaged_models()
        }

    def _put(self, model: CatalogModel) -> CatalogModel:
        self._models[model.model_id] = model
        return model

    def add(
        self,
        model_id: str,
        *,
        price: Decimal | float | str = Decimal(0),
        unit: str = "request",
        output_kind: str = "image",
        batches: bool = False,
        is_workflow: bool = False,
        inputs: tuple[ModelInput, ...] = (),
    ) -> CatalogModel:
        """Add a model (or replace it) and return it.

        With `inputs`, a run's input is checked against them.
        """
        return self._put(
            CatalogModel(
                model_id,
                name=model_id,
                price=price,
                unit=unit,
                output_kind=output_kind,
                batches=batches,
                is_workflow=is_workflow,
                inputs_complete=bool(inputs),
                inputs=inputs,
            )
        )

    def retire(self, model_id: str) -> CatalogModel:
        """Take a model out of the public lists and return it.

        What Runflow answers to a run of such a model is not documented: here it still runs.
        Raise ValueError if there is no model with that id.
        """
        self.check(model_id)
        return self._put(evolve(self._models[model_id], is_active=False))

    def get(self, model_id: str) -> CatalogModel | None:
        """Return the model with that id (`google/nano-banana-pro`), or None."""
        return self._models.get(model_id)

    def check(self, model_id: str | None) -> None:
        """Raise ValueError if there is no model with that id. None means any model."""
        if model_id is None or model_id in self._models:
            return
        hint = did_you_mean(model_id, self._models)
        raise ValueError(
            f"the catalog has no model {model_id!r}{hint}: "
            f"add your own with models.add({model_id!r})"
        )

    def by_uuid(self, identifier: str) -> CatalogModel | None:
        """Return the model with that UUID, or None."""
        return next((model for model in self if model.id == identifier.lower()), None)

    def __iter__(self) -> Iterator[CatalogModel]:
        return (model for model in self._models.values() if not model.is_workflow)

    def workflows(self) -> list[CatalogModel]:
        """Return the ComfyUI workflows, which are no models but run like them."""
        return [model for model in self._models.values() if model.is_workflow]

    def __len__(self) -> int:
        return sum(1 for _ in self)
