"""Bring our catalog up to the API's own: what the API says wins, what only ours has stays."""

from collections.abc import Sequence

from attrs import evolve, field, frozen

from ..document.json_tree import JSONObject
from ._rows import inputs_of, model_id_of, price_of
from .catalog import OUTPUT_KINDS, Catalog, Input, Model, Output, Provenance
from .checks import fits

_SOURCE = "GET /v1/models"


@frozen
class Refreshed:
    """The catalog with what the API says, and notes for a person to check."""

    catalog: Catalog
    notes: Sequence[str] = field(factory=list[str])


def refresh(catalog: Catalog, rows: Sequence[JSONObject]) -> Refreshed:
    """Merge the rows of the API into the catalog.

    Models that the API does not list stay, and are noted.
    """
    models = {model.id: model for model in catalog}
    notes: list[str] = []
    listed: set[str] = set()
    for row in rows:
        if row.get("deleted_at"):
            continue
        model_id = model_id_of(row, tuple(models))
        if model_id is None:
            notes.append(f"whose model is slug {row.get('slug')!r}? It is left out")
            continue
        if model_id in listed:
            notes.append(f"{model_id} is listed twice; the first one counts")
            continue
        listed.add(model_id)
        own: list[str] = []
        models[model_id] = _merged(models.get(model_id) or _new(model_id, row), row, own)
        notes += [f"{model_id}: {note}" for note in own]
    notes += [
        f"{model.id} is not in the API's catalog; it stays in ours"
        for model in catalog
        if model.id not in listed
    ]
    return Refreshed(tuple(sorted(models.values(), key=lambda model: model.owner)), notes)


def _merged(model: Model, row: JSONObject, notes: list[str]) -> Model:
    name, license_code, updated = row.get("name"), row.get("license_code"), row.get("updated_at")
    inputs = inputs_of(row, model.inputs, notes)
    told = bool(inputs)
    origin = model.provenance
    if told:
        sources = [*origin.sources, *([] if _SOURCE in origin.sources else [_SOURCE])]
        date = updated[:10] if isinstance(updated, str) and updated else None
        # Our note speaks of what a page lacked; the API's own list lacks nothing.
        origin = Provenance(
            "api", sources, date, origin.note if origin.known_from == "api" else None
        )
    else:
        notes.append("the API lists no input; ours stay as they are")
    return evolve(
        model,
        name=name if isinstance(name, str) and name else model.name,
        license=license_code if isinstance(license_code, str) and license_code else model.license,
        price=price_of(row, model.price),
        inputs=inputs if told else model.inputs,
        inputs_complete=model.inputs_complete or told,
        example=_fitting_example(model, inputs if told else model.inputs),
        provenance=origin,
    )


def _fitting_example(model: Model, inputs: Sequence[Input]) -> dict[str, object] | None:
    """Return our example without what the API would refuse now: another field, type or value."""
    if model.example is None:
        return None
    known = {described.name: described for described in inputs}
    return {
        name: value
        for name, value in model.example.items()
        if name in known and fits(known[name], value)
    }


def _new(model_id: str, row: JSONObject) -> Model:
    category = str(row.get("category_code") or "").lower()
    kinds = [
        kind
        for kind in OUTPUT_KINDS
        if kind in category.replace("-to-", " to ").rpartition(" to ")[2]
    ]
    name, text = row.get("name"), row.get("description")
    return Model(
        id=model_id,
        name=name if isinstance(name, str) and name else model_id,
        description=" ".join(text.split())
        if isinstance(text, str) and text.strip()
        else "Not described.",
        kind="model",
        endpoint=f"/v1/models/{model_id}/runs",
        provider=None,
        license=None,
        price=None,
        output=Output(kinds[0] if kinds else "unknown", [], complete=False),
        inputs=[],
        inputs_complete=False,
        example=None,
        provenance=Provenance("api", [_SOURCE]),
    )
