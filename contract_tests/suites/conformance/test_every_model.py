"""Every generated model: made by keyword, with required fields and without others."""

import copy
import pickle
import re
from collections.abc import Iterable, Iterator
from typing import Any, cast

import pytest
from attrs import NOTHING, fields, has
from runflow_api import models
from runflow_api.open_enums import OpenStrEnum
from runflow_api.types import UNSET
from vectors.client.operations import python_name
from vectors.document import ConformanceDocument

# The two of ComfyUI are of operations that a correction adds: this document lacks them.
OUTSIDE = {"ComfyuiWorkflow", "ComfyuiWorkflowPage"}
OBJECTS = [name for name in models.__all__ if has(getattr(models, name)) and name not in OUTSIDE]
SECRET = {"plain_secret", "upload_url"}


def made(name: str) -> tuple[Any, dict[str, Any]]:
    """Return the model and values for its required fields."""
    model: Any = getattr(models, name)
    needed = {
        field.name: f"its {field.name}" for field in fields(model) if field.default is NOTHING
    }
    return model, needed


@pytest.mark.parametrize("name", OBJECTS)
def test_it_is_made_by_name_of_what_the_document_requires(
    name: str, document: ConformanceDocument
) -> None:
    model, needed = made(name)
    schema = document.shape({"$ref": f"#/components/schemas/{name}"})
    attributes = {field.name: field for field in fields(model)}
    assert {python_name(wire, attributes) for wire in schema.get("required", ())} == set(needed)
    declared = {str(python_name(wire, attributes)) for wire in schema["properties"]}
    assert {field.name for field in attributes.values() if field.init} == declared
    assert all(field.kw_only for field in attributes.values() if field.init)
    instance = model(**needed)
    assert {field: getattr(instance, field) for field in declared - set(needed)} == dict.fromkeys(
        declared - set(needed), UNSET
    )
    with pytest.raises(TypeError):
        model(*needed.values(), UNSET)
    for missing in needed:
        with pytest.raises(TypeError, match=missing):
            model(**{one: value for one, value in needed.items() if one != missing})


@pytest.mark.parametrize("name", OBJECTS)
def test_it_writes_what_was_set_under_the_name_of_the_document(
    name: str, document: ConformanceDocument
) -> None:
    model, needed = made(name)
    schema = document.shape({"$ref": f"#/components/schemas/{name}"})
    attributes = {field.name for field in fields(model)}
    names = {wire: str(python_name(wire, attributes)) for wire in schema["properties"]}
    assert model(**needed).to_dict() == {
        wire: needed[own] for wire, own in names.items() if own in needed
    }
    everything = model(**{own: f"its {wire}" for wire, own in names.items()})
    assert everything.to_dict() == {wire: f"its {wire}" for wire in names}
    for wire, own in names.items():
        single = model(**needed)
        setattr(single, own, None)
        assert single.to_dict()[wire] is None


@pytest.mark.parametrize("name", OBJECTS)
def test_its_additional_properties_are_its_own(name: str) -> None:
    model, needed = made(name)
    first, second = model(**needed), model(**needed)
    assert first.additional_properties == {}
    first.additional_properties["x_newer"] = 1
    assert (second.additional_properties, first.to_dict()["x_newer"]) == ({}, 1)
    assert first != second
    assert copy.deepcopy(first) == first
    assert pickle.loads(pickle.dumps(first)) == first


@pytest.mark.parametrize("name", OBJECTS)
def test_it_shows_its_values_and_no_secret(name: str) -> None:
    model, _ = made(name)
    attributes = [field.name for field in fields(model) if field.init]
    shown = repr(model(**{field: f"its {field}" for field in attributes}))
    said = (f"{field}={'...' if field in SECRET else repr(f'its {field}')}" for field in attributes)
    assert shown == f"{name}({', '.join(said)})"


def test_every_schema_and_every_enum_has_its_class(document: ConformanceDocument) -> None:
    assert set(document.content["components"]["schemas"]) <= set(models.__all__)
    classes = [getattr(models, name) for name in models.__all__ if name not in OBJECTS]
    enums = [one for one in classes if issubclass(one, OpenStrEnum)]
    named = {tuple(member.value for member in enum) for enum in enums}
    assert named == set(enumerations(document.content["components"]["schemas"]))
    for enum in enums:
        for member in enum:
            assert member.name == re.sub(r"\W", "_", member.value).upper()
            assert member.is_known


def enumerations(node: Any) -> Iterator[tuple[str, ...]]:
    """Yield the values of every enum below a node of the document."""
    if isinstance(node, dict):
        inner = cast("dict[str, Any]", node)
        values = inner.get("enum") or inner.get("x-extensible-enum")
        if isinstance(values, list):
            yield tuple(cast("list[str]", values))
        for one in inner.values():
            yield from enumerations(one)
    elif isinstance(node, list):
        for one in cast("Iterable[Any]", node):
            yield from enumerations(one)
