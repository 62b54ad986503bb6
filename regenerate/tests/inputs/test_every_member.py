"""Every member of a catalog row with every value it may have, false, 0 and empty ones too."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from attrs import evolve, fields
from suites.snapshot import check_snapshot

from ...inputs.catalog import (
    INPUT_TYPES,
    LIMITS,
    Condition,
    Input,
    Model,
    Output,
    Price,
    Provenance,
    Surcharge,
    catalog_files,
    read_catalog,
)
from ...inputs.classes import input_modules
from ..every_word import SNAPSHOTS

EDGES: Final[tuple[object, ...]] = (
    *(False, True, 0, 1, 0.0, 1.5, -1, "", "x", "a\"b'c\\", "é"),
    *([], {}, [0], {"a": None}),
)
PLAIN: Final = Input("field", "string", False, "A field.")
INPUTS: Final = {
    **{f"default {value!r}": evolve(PLAIN, type="json", default=value) for value in EDGES},
    **{f"type {kind}": evolve(PLAIN, type=kind) for kind in INPUT_TYPES},
    "two types": evolve(PLAIN, type="image|image_list"),
    "required": evolve(PLAIN, required=True),
    "not known": evolve(PLAIN, required=None),
    "values": evolve(PLAIN, allowed=["a", "b"], default="a"),
    "one value": evolve(PLAIN, allowed=["a"]),
    "numbers": evolve(PLAIN, type="integer", allowed=[0, 1], default=0),
    "fractions": evolve(PLAIN, type="number", allowed=[0.0, 0.5]),
    "booleans": evolve(PLAIN, type="boolean", allowed=[False, True], default=False),
    "suggested": evolve(PLAIN, suggested=["a", "b"]),
    "suggested required": evolve(PLAIN, suggested=[""], required=True),
    **{f"limit {word}": evolve(PLAIN, limits={word: 0}) for word in LIMITS},
    "two limits": evolve(PLAIN, limits={"min": 0.5, "max": 3}),
    "large limits": evolve(PLAIN, type="integer", limits={"min": -(2**31), "max": 2**31 - 1}),
    "exact limits": evolve(PLAIN, type="number", limits={"min": 0.12345678, "max": 1e7}),
    "pattern": evolve(PLAIN, pattern=r"^\d+$"),
    "empty pattern": evolve(PLAIN, pattern=""),
    "excludes": evolve(PLAIN, excludes=["other"]),
    "another origin": evolve(PLAIN, origin="example"),
    "another name": evolve(PLAIN, name="2nd Picture!"),
    "a keyword": evolve(PLAIN, name="from"),
    "no text": evolve(PLAIN, description=""),
}
CONDITION: Final = Condition("field", [0, False, ""])
PRICES: Final[dict[str, Price | None]] = {
    "none": None,
    "zero": Price("0", "image"),
    "note": Price("0.10", "second", note="About."),
    "empty note": Price("0.10", "second", note=""),
    "condition": Price("1", "request", conditions=[CONDITION]),
    "cheaper": Price("1", "request", conditions=[evolve(CONDITION, cheaper=["a", 0])]),
    "surcharges": Price("1", "token", surcharges=[Surcharge("a", ["x"], "0.5")] * 2),
    "proviso": Price("1", "token", proviso="On Mondays."),
    "everything": Price("1", "token", "n", [CONDITION] * 2, [Surcharge("a", [1], "0")], "p"),
}
BASE: Final = Model(
    id="acme/model",
    name="Model",
    description="Makes.",
    kind="model",
    endpoint="/v1/models/acme/model/runs",
    provider=None,
    license=None,
    price=None,
    output=Output("image", ["outputs"], complete=True),
    inputs=[PLAIN],
    inputs_complete=True,
    example=None,
    provenance=Provenance("page", ["https://a.test"]),
)
MODELS: Final = {
    **{f"input, {name}": evolve(BASE, inputs=[one]) for name, one in INPUTS.items()},
    **{f"price, {name}": evolve(BASE, price=one) for name, one in PRICES.items()},
    "no inputs": evolve(BASE, inputs=[], inputs_complete=False),
    "several inputs": evolve(BASE, inputs=[evolve(PLAIN, name=name) for name in "cab"]),
    "empty example": evolve(BASE, example={}),
    "example": evolve(BASE, example={"a": 0, "b": False, "c": None, "d": []}),
    "provider": evolve(BASE, provider="", license="x"),
    "output": evolve(BASE, output=Output("unknown", [], complete=False)),
    "provenance": evolve(BASE, provenance=Provenance("x", [], "2026-01-01", "")),
    "workflow": evolve(BASE, kind="comfyui-workflow"),
}


def read_back(folder: Path, model: Model) -> Model:
    """Return the model as it is read from the file that is written of it."""
    for name, text in catalog_files((model,)).items():
        (folder / name).write_text(text, encoding="utf-8")
    (found,) = read_catalog(folder)
    return found


def exactly(value: object) -> object:
    """Return a value so that 0, 0.0 and false differ, and lists and tuples do not."""
    if hasattr(type(value), "__attrs_attrs__"):
        members: Any = type(value)
        return {one.name: exactly(getattr(value, one.name)) for one in fields(members)}
    return json.dumps(value)


@pytest.mark.parametrize("name", MODELS)
def test_what_is_written_is_read_back(name: str, tmp_path: Path) -> None:
    model = MODELS[name]
    back = read_back(tmp_path, model)
    for attribute in fields(Model):
        if attribute.name not in ("inputs", "price"):
            before, after = getattr(model, attribute.name), getattr(back, attribute.name)
            assert exactly(after) == exactly(before), attribute.name
    assert [exactly(one) for one in back.inputs] == [exactly(one) for one in model.inputs]
    if model.price is None or back.price is None:
        assert back.price == model.price
        return
    for attribute in fields(Price):
        before, after = getattr(model.price, attribute.name), getattr(back.price, attribute.name)
        if attribute.name in ("conditions", "surcharges"):
            before, after = [exactly(one) for one in before], [exactly(one) for one in after]
        assert after == before, attribute.name


def texts() -> Iterator[str]:
    """Yield the file and the class of every model, the lines that differ from the plain one's."""
    plain = {*catalog_files((BASE,))["acme.json"].splitlines()}
    plain |= {line for text in input_modules((BASE,)).values() for line in text.splitlines()}
    for name, model in MODELS.items():
        yield f"* {name}"
        text = catalog_files((model,))["acme.json"] + "".join(input_modules((model,)).values())
        yield from (f"    {line}" for line in text.splitlines() if line not in plain)


def test_files_and_classes_are_written_as_before() -> None:
    check_snapshot(SNAPSHOTS / "inputs.txt", "\n".join(texts()) + "\n")
