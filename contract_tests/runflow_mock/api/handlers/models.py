"""The model catalog."""

from collections.abc import Callable, Iterable

from ...contract.answers import not_found
from ...contract.identifiers import named_id
from ...contract.json_types import JsonObject
from ...simulation.catalog import CatalogModel
from ...simulation.outputs import fields_of
from ...simulation.pricing import output_count, price_of
from ...state.clock import STEPPED_START, api_instant
from ...state.money import decimal_text
from ..calls import Call, handles
from ..lists import page
from .nested import ANY, pick

IN_ORDER = "sort_order:asc"

# The API reference's names of catalog types, where they differ.
TYPE_CODES = {"number": "float", "object": "json", "string|object": "json"}

# Fields that the catalog does not contain: null.
_UNKNOWN_OF_A_MODEL = (
    "is_open_source",
    "icon_url",
    "cover_url",
    "family_id",
    "family_variant_code",
    "param_count",
    "architecture",
    "max_resolution",
    "lora_support",
    "fine_tuning",
    "supports_streaming",
    "paper_url",
    "github_url",
    "seo",
    "notable_features",
    "content",
    "created_by",
    "deleted_by",
)
_UNKNOWN_OF_AN_EXAMPLE = (
    "start_type",
    "timing",
    "duration_ms",
    "total_ms",
    "thumbnail_url",
    "category_code",
    "ran_at",
)


# Fields of a model that the public list does not show.
_NOT_PUBLIC = frozenset({"org_id", "is_public", "created_by", "deleted_at", "deleted_by"})


def model_of(call: Call, owner: str, slug: str) -> CatalogModel:
    """Return the model of the path. Raise the 404 if the catalog has none."""
    model = None if "/" in owner else call.simulation.catalog.get(f"{owner}/{slug}")
    if model is None or model.is_workflow:
        raise not_found("model", f"{owner}/{slug}", "MODEL_NOT_FOUND")
    return model


def model_row(model: CatalogModel) -> JsonObject:
    """Return the model as the API returns it."""
    created = api_instant(STEPPED_START)
    return {
        **dict.fromkeys(_UNKNOWN_OF_A_MODEL),
        "id": model.id,
        "org_id": named_id("organization", model.owner),
        "model_creator_id": named_id("creator", model.owner),
        "slug": model.slug,
        "name": model.name,
        "description": None,
        "version": None,
        "is_public": True,
        "category_code": model.output_kind,
        "status_code": "active" if model.is_active else "inactive",
        "license_code": model.license,
        "is_official": model.owner == "runflow",
        "availability_status": "available",
        "pricing_note": model.price_note,
        "created_at": created,
        "updated_at": created,
        "deleted_at": None,
        "inputs": input_rows(model),
        "outputs": output_rows(model),
    }


def creator_rows(catalog: Iterable[CatalogModel]) -> list[JsonObject]:
    """Return the creators of the models as the API returns them: one for each owner."""
    created = api_instant(STEPPED_START)
    return [
        {
            "id": named_id("creator", owner),
            "slug": owner,
            "display_name": owner.replace("-", " ").title(),
            "description": None,
            "avatar_url": None,
            "website_url": None,
            "claimed_by_org_id": None,
            "created_at": created,
            "updated_at": created,
            "models": None,
        }
        for owner in sorted({model.owner for model in catalog})
    ]


def input_rows(model: CatalogModel) -> list[JsonObject]:
    """Return the declared inputs of the model as the API returns them."""
    created = api_instant(STEPPED_START)
    return [
        {
            "id": named_id("input", model.model_id, declared.name),
            "model_id": model.id,
            "name": declared.name,
            "display_name": declared.name.replace("_", " ").capitalize(),
            "description": None,
            "variable_type_code": TYPE_CODES.get(declared.type, declared.type),
            "default_behavior_code": None,
            "validator_code": None,
            "validator_attrs": {"allowed": list(declared.allowed)}
            if declared.allowed
            else dict(declared.limits),
            "is_required": declared.required,
            "default_value": None if declared.default is None else {"value": declared.default},
            "sort_order": order,
            "is_featured": declared.required,
            "created_at": created,
            "updated_at": created,
        }
        for order, declared in enumerate(model.inputs)
    ]


def output_rows(model: CatalogModel) -> list[JsonObject]:
    """Return the declared outputs of the model as the API returns them."""
    return [
        {
            "id": named_id("output", model.model_id, name),
            "model_id": model.id,
            "name": name,
            "display_name": name.replace("_", " ").capitalize(),
            "description": None,
            "variable_type_code": "image_list" if name == "image_urls" else "json",
            "validator_code": None,
            "validator_attrs": None,
            "sort_order": order,
            "created_at": api_instant(STEPPED_START),
        }
        for order, name in enumerate(fields_of(model))
    ]


def example_rows(model: CatalogModel) -> list[JsonObject]:
    """Return the example of the model as the API returns it; empty if it has none."""
    if model.example_input is None:
        return []
    created = api_instant(STEPPED_START)
    return [
        {
            **dict.fromkeys(_UNKNOWN_OF_AN_EXAMPLE),
            "id": named_id("example", model.model_id),
            "model_id": model.id,
            "title": model.name,
            "description": None,
            "input": model.example_input,
            "output": None,
            "status_code": 200,
            "cost": decimal_text(
                price_of(model, model.example_input, output_count(model.example_input))
            ),
            "is_featured": True,
            "is_public": True,
            "sort_order": 0,
            "created_at": created,
            "updated_at": created,
        }
    ]


@handles("list_models", "GET", "/v1/models", scope="models:read")
def list_models(call: Call) -> JsonObject:
    """Return a page of the catalog."""
    return page([model_row(model) for model in call.simulation.catalog], call.query, "slug:asc")


@handles("list_public_models", "GET", "/v1/public/models", keyless=True)
def list_public_models(call: Call) -> JsonObject:
    """Return a page of the models that are public and active, without what is not public."""
    rows = [model_row(model) for model in call.simulation.catalog if model.is_active]
    public = [{key: row[key] for key in row if key not in _NOT_PUBLIC} for row in rows]
    return page(public, call.query, "slug:asc")


@handles("list_model_creators", "GET", "/v1/model-creators", scope="models:read")
def list_model_creators(call: Call) -> JsonObject:
    """Return a page of the creators of models."""
    return page(creator_rows(call.simulation.catalog), call.query, "slug:asc")


@handles("get_model_creator", "GET", "/v1/model-creators/{id}", scope="models:read")
def get_model_creator(call: Call) -> JsonObject:
    """Return one creator of models."""
    return pick(creator_rows(call.simulation.catalog), call.path_values[0], "model creator")


@handles("get_model", "GET", "/v1/models/{owner}/{id}", scope="models:read")
def get_model(call: Call) -> JsonObject:
    """Return one model."""
    return model_row(model_of(call, *call.path_values))


@handles("list_model_inputs", "GET", "/v1/models/{model_id}/inputs", scope="models:read")
def list_model_inputs(call: Call) -> JsonObject:
    """Return a page of the model's declared inputs."""
    return page(_below(call, input_rows), call.query, IN_ORDER)


@handles("get_model_input", "GET", "/v1/models/{model_id}/inputs/{id}", scope="models:read")
def get_model_input(call: Call) -> JsonObject:
    """Return one declared input."""
    return pick(_below(call, input_rows), call.path_values[1], "model input")


@handles("list_model_outputs", "GET", "/v1/models/{model_id}/outputs", scope="models:read")
def list_model_outputs(call: Call) -> JsonObject:
    """Return a page of the model's declared outputs."""
    return page(_below(call, output_rows), call.query, IN_ORDER)


@handles("get_model_output", "GET", "/v1/models/{model_id}/outputs/{id}", scope="models:read")
def get_model_output(call: Call) -> JsonObject:
    """Return one declared output."""
    return pick(_below(call, output_rows), call.path_values[1], "model output")


@handles("list_model_examples", "GET", "/v1/models/{model_id}/examples", scope="models:read")
def list_model_examples(call: Call) -> JsonObject:
    """Return a page of the model's examples."""
    return page(_below(call, example_rows), call.query, IN_ORDER)


@handles("get_model_example", "GET", "/v1/models/{model_id}/examples/{id}", scope="models:read")
def get_model_example(call: Call) -> JsonObject:
    """Return one example."""
    return pick(_below(call, example_rows), call.path_values[1], "model example")


def _below(call: Call, rows: Callable[[CatalogModel], list[JsonObject]]) -> Iterable[JsonObject]:
    """Return the rows of the model of the path, which is its UUID or its id.

    `any` means every model.
    """
    wanted = call.path_values[0]
    catalog = call.simulation.catalog
    if wanted == ANY:
        return (row for model in catalog for row in rows(model))
    found = catalog.by_uuid(wanted) or catalog.get(wanted)
    if found is None or found.is_workflow:
        raise not_found("model", wanted, "MODEL_NOT_FOUND")
    return rows(found)
