"""Every model of the catalog has its class: found by id, loaded alone, saying what the catalog
says.
"""

import copy
import json
import pickle
import subprocess
import sys
from decimal import Decimal
from typing import Any, Literal, get_args, get_origin

import attrs
import pytest
from runflow_client import InvalidArgument, ModelInput, inputs
from runflow_client._estimate import input_class
from runflow_client._typed_inputs.fields import InputField
from runflow_client._typed_inputs.prices import PriceTerms
from runflow_client.inputs import (
    GoogleNanoBananaPro,
    GoogleVeo31Fast,
    RunflowAccessBrandLockedVariantNux,
)

from suites.inputs.shipped import MODELS

EVERY_MODEL = pytest.mark.parametrize("model", MODELS.values(), ids=lambda model: model["id"])


def class_of(model: dict[str, Any]) -> type[ModelInput]:
    found = input_class(model["id"])
    assert found is not None
    return found


def test_the_catalog_has_its_53_models_and_each_is_known() -> None:
    assert len(MODELS) == 53
    assert tuple(inputs.CLASSES) == tuple(sorted(MODELS))
    assert input_class("nobody/nothing") is None


@EVERY_MODEL
def test_a_class_says_what_the_catalog_says(model: dict[str, Any]) -> None:
    known = class_of(model)
    price = model["price"]
    assert issubclass(known, ModelInput)
    assert model["id"] == known.MODEL_ID
    assert model["endpoint"] == known.ENDPOINT
    assert (None if price is None else Decimal(price["amount"])) == known.PRICE
    assert (None if price is None else price["unit"]) == known.PRICE_UNIT
    assert model["output"]["kind"] == known.OUTPUT_KIND
    assert known.COMPLETE is model["inputs_complete"]
    fields = known.known_fields().values()
    assert [
        (field.name, field.type, field.required, list(field.allowed), field.api_default)
        for field in fields
    ] == [
        (
            row["name"],
            row["type"],
            row["required"] is True,
            row.get("allowed", []),
            row.get("default"),
        )
        for row in model["inputs"]
    ]
    assert [_limits(field) for field in fields] == [
        {one: row.get(one) for one in ("pattern", "excludes")}
        | {one: row.get("limits", {}).get(one) for one in LIMITS}
        for row in model["inputs"]
    ]
    assert _terms(known.PRICE_TERMS) == {
        one: (price or {}).get(one) for one in ("conditions", "surcharges", "proviso")
    }
    documented = " ".join((known.__doc__ or "").split())
    assert model["endpoint"] in documented
    for attribute, row in zip(known.known_fields(), model["inputs"], strict=True):
        assert f"{attribute}: {row['description']}" in documented


LIMITS = ("min", "max", "min_chars", "max_chars", "min_items", "max_items")
"""What the catalog may say of the limits of a field."""


def _limits(field: InputField) -> dict[str, Any]:
    """What a class says of the limits of a field, in the words of the catalog."""
    size = "items" if "list" in field.type or "array" in field.type else "chars"
    told = {
        "pattern": field.pattern,
        "excludes": list(field.excludes) or None,
        "min": field.minimum,
        "max": field.maximum,
        f"min_{size}": field.min_length,
        f"max_{size}": field.max_length,
    }
    return dict.fromkeys(LIMITS) | told


def _terms(terms: PriceTerms) -> dict[str, Any]:
    """What a class says of the price besides the number, in the words of the catalog."""
    conditions = [
        {"field": one.field, "values": list(one.values)}
        | ({"cheaper": list(one.cheaper)} if one.cheaper else {})
        for one in terms.conditions
    ]
    surcharges = [
        {"field": one.field, "values": list(one.values), "amount": str(one.amount)}
        for one in terms.surcharges
    ]
    return {
        "conditions": conditions or None,
        "surcharges": surcharges or None,
        "proviso": terms.proviso,
    }


@EVERY_MODEL
def test_allowed_values_are_closed_literals_and_suggestions_open_ones(
    model: dict[str, Any],
) -> None:
    known = class_of(model)
    annotations = {field.name: field.type for field in attrs.fields(known)}
    assert annotations
    for attribute, row in zip(known.known_fields(), model["inputs"], strict=True):
        union = annotations[attribute]
        members = get_args(union) if get_origin(union) is not Literal else (union,)
        literals = [
            value
            for member in members
            if get_origin(member) is Literal
            for value in get_args(member)
        ]
        assert literals == row.get("allowed", row.get("suggested", []))
        if row["type"].split("|")[0] == "string":
            assert (union is str or str in members) is not bool(row.get("allowed"))


@EVERY_MODEL
def test_the_example_passes_and_comes_out_as_it_went_in(model: dict[str, Any]) -> None:
    example = model["example"]
    if example is None:
        example = {
            row["name"]: "https://example.com/a.png"
            for row in model["inputs"]
            if row["type"] == "image"
        }
    made = class_of(model).from_input(example)
    assert made.to_input() == example
    assert made.extra == {}


ALONE = """
import importlib, json, sys
from runflow_client.inputs import CLASSES

def loaded():
    ours = {name for name in sys.modules if name.startswith("runflow_client.inputs.")}
    return {name for name in ours if name.count(".") == 3}

wrong = {}
for name in CLASSES.values():
    for module in [module for module in sys.modules if module.startswith("runflow_client.inputs")]:
        del sys.modules[module]
    package = importlib.import_module("runflow_client.inputs")
    if loaded():
        wrong["the package"] = sorted(loaded())
    found = getattr(package, name)
    if loaded() != {found.__module__}:
        wrong[name] = sorted(loaded())
client = "runflow_client._sync.client" in sys.modules
print(json.dumps({"wrong": wrong, "httpx": "httpx" in sys.modules, "runs": client}))
"""


def test_one_class_loads_no_other_and_no_http() -> None:
    done = subprocess.run(
        [sys.executable, "-c", ALONE], check=True, capture_output=True, text=True, timeout=60
    )
    assert json.loads(done.stdout) == {"wrong": {}, "httpx": False, "runs": False}


def test_the_package_lists_every_class() -> None:
    assert {*inputs.CLASSES.values(), "CLASSES"} == set(inputs.__all__)
    assert set(inputs.__all__) <= set(dir(inputs))
    with pytest.raises(AttributeError, match="GoogleNothing"):
        getattr(inputs, "GoogleNothing")  # noqa: B009 # the name is not there for a type checker either


def test_the_owners_package_gives_the_same_class() -> None:
    from runflow_client.inputs import google
    from runflow_client.inputs.google.nano_banana_pro import GoogleNanoBananaPro as Same

    assert google.GoogleNanoBananaPro is GoogleNanoBananaPro is Same


def test_a_type_checker_sees_closed_values_and_required_fields() -> None:
    # mypy reports an ignore that is not needed: these lines fail the type check if the error went
    # away.
    with pytest.raises(InvalidArgument):
        GoogleVeo31Fast(prompt="A", duration="9s")  # type: ignore[arg-type] # refused, and the checker knows it
    with pytest.raises(InvalidArgument):
        GoogleVeo31Fast()  # type: ignore[call-arg] # prompt is required
    with pytest.raises(TypeError):
        GoogleNanoBananaPro("A")  # type: ignore[call-arg, arg-type] # keywords only


def test_an_input_survives_copying_and_pickling_and_cannot_be_changed() -> None:
    made = GoogleNanoBananaPro(prompt="A", resolution="2K", extra={"resolution_": 1}, strict=False)
    assert pickle.loads(pickle.dumps(made)) == copy.deepcopy(made) == made
    assert made.evolve(prompt="B").to_input() == {
        "prompt": "B",
        "resolution": "2K",
        "resolution_": 1,
    }
    assert len({made, made.evolve(), made.evolve(seed=1)}) == 2
    assert GoogleNanoBananaPro(prompt="A") == GoogleNanoBananaPro(prompt="A", strict=False)
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        made.prompt = "C"  # type: ignore[misc] # it cannot be set
    with pytest.raises(TypeError):
        made.known_fields()["seed"] = InputField("seed", "string")  # type: ignore[index] # nor this


@EVERY_MODEL
def test_an_input_can_be_hashed_whatever_its_fields_hold(model: dict[str, Any]) -> None:
    known = class_of(model)
    holding: list[dict[str, Any]] = [
        {attribute: {"a": []}, "strict": False} for attribute in known.known_fields()
    ]
    made = [known(**given) for given in holding]
    assert [hash(one) for one in made] == [hash(known(**given)) for given in holding]


def test_changing_a_copied_input_checks_again() -> None:
    made = GoogleNanoBananaPro(prompt="A")
    with pytest.raises(InvalidArgument, match="num_images"):
        made.evolve(num_images="two")
    with pytest.raises(TypeError, match="number_of_images"):
        made.evolve(number_of_images=2)


def test_names_with_spaces_and_capitals_are_sent_as_the_api_spells_them() -> None:
    made = RunflowAccessBrandLockedVariantNux(
        aux_reference_1="https://example.com/a.png", prompt="A"
    )
    assert made.to_input() == {"Aux Reference 1": "https://example.com/a.png", "prompt": "A"}
    assert RunflowAccessBrandLockedVariantNux.from_input(made.to_input()) == made
