"""What becomes of our catalog by each small edit of a row of the API's, and of a file of ours."""

import ast
import copy
import difflib
import json
from collections.abc import Iterator, Mapping
from itertools import combinations, product
from pathlib import Path
from typing import Any, Final

import pytest
from attrs import evolve
from suites.snapshot import check_snapshot

from ...document.json_tree import JSONObject
from ...inputs._changes import catalog_changes
from ...inputs._refresh import refresh
from ...inputs.catalog import Catalog, CatalogError, Price, catalog_files, read_catalog
from ...inputs.checks import check_catalog
from ...inputs.classes import input_modules
from ...inputs.names import RESERVED, attribute_name, class_name, module_path
from ...project.paths import ROOT
from ..edits import edits
from ..every_word import SNAPSHOTS
from .test_every_member import BASE, MODELS, PLAIN, PRICES, exactly

OWN: Final = evolve(
    BASE,
    price=Price("0.10", "image", note="Ours."),
    inputs=[
        evolve(PLAIN, name="picture", type="image", required=True, description="The picture."),
        evolve(PLAIN, name="size", type="integer", limits={"min": 1}, default=2, origin="example"),
        evolve(PLAIN, name="style", allowed=["a", "b"], default="a"),
        evolve(PLAIN, name="hints", type="image_list", excludes=["size"]),
    ],
    example={"picture": "https://a.test/a.png", "size": 3, "style": "a"},
    provenance=evolve(BASE.provenance, note="The page says little."),
)
CATALOG: Final[Catalog] = (OWN, evolve(BASE, id="other/thing", endpoint="/v1/models/other/thing/"))
ROW: Final[JSONObject] = {
    "id": "1",
    "slug": "acme/model",
    "name": "Model 2",
    "license_code": "MIT",
    "category_code": "image-to-video",
    "description": "Makes  a film.",
    "deleted_at": None,
    "updated_at": "2026-11-01T10:00:00Z",
    "pricing_note": "From $0.20/image.",
    "inputs": [
        {
            "name": "size",
            "variable_type_code": "int",
            "is_required": True,
            "sort_order": 3,
            "default_value": {"value": 5},
            "validator_code": "range",
            "validator_attrs": {"min": 0, "max_value": 8},
        },
        {
            "name": "style",
            "variable_type_code": "string",
            "sort_order": 2,
            "default_value": "c",
            "validator_attrs": {"options": [{"value": "a"}, "c"]},
        },
        {"name": "hints", "variable_type_code": "array", "validator_attrs": {"max_length": 4}},
        {"name": "extra", "variable_type_code": "bool", "sort_order": 1, "default_value": False},
        {"name": "more", "variable_type_code": "json", "display_name": "More  of it"},
    ],
}
NEW_ROW: Final[JSONObject] = {**ROW, "slug": "new", "owner": {"slug": "maker"}}
"""The same row for a model that is not in our catalog."""
MORE_EDITS: Final[Mapping[str, JSONObject]] = {
    **{f"slug {slug!r}": {"slug": slug} for slug in (None, "", "/", "model", "thing", "x/y", 5)},
    **{f"model id {one!r}": {"slug": "z", "model_id": one} for one in ("acme/model", "z/z", 5)},
    **{
        f"owner under {word}": {"slug": "z", "owner": None, word: "maker"}
        for word in ("owner", "owner_slug", "organization", "model_creator", "vendor")
    },
    "owner in the slug": {"slug": "maker/z", "owner": "maker"},
    "owner without a slug": {"slug": "z", "owner": {"name": "maker"}},
    "deleted": {"deleted_at": "2026-01-01"},
    **{
        f"price {note!r}": {"pricing_note": note}
        for note in (
            *(
                "$1 per second",
                "$0.1/MP",
                "$0.100/image",
                "$2/megapixel",
                "$3/request",
                "$.5/image",
            ),
            *("$1/minute", "$1/images", "1/image", "€1/image", "", 5),
        )
    },
    **{
        f"category {code!r}": {"category_code": code}
        for code in ("text-to-audio", "video-to-image", "IMAGE", "text to video", "upscale", None)
    },
    **{f"text {text!r}": {"description": text} for text in (None, " ", 5)},
    **{f"{word} {text!r}": {word: text} for word in ("name", "license_code") for text in ("", 5)},
    **{f"updated {when!r}": {"updated_at": when} for when in (None, "", 5)},
}
RULES: Final[tuple[Any, ...]] = (
    *({"min": True}, {"min": "1"}, {"min": 1, "ge": 2}, {"enum": []}, {"enum": "a"}, None),
    *([], {"enum": ["a", 1]}, {"enum": [None]}, {"min": 0, "enum": ["a"], "odd": 1}),
)
DEFAULTS: Final[tuple[Any, ...]] = (
    *(None, False, 0, "", [], {}, {"value": 0}, {"default": ""}, {"value": None}),
    *({"other": 1}, {"value": 1, "unit": "s"}, "x"),
)
MORE_INPUTS: Final[Mapping[str, JSONObject]] = {
    **{
        f"type {code!r}": {"variable_type_code": code}
        for code in (
            *("float", "double", "int", "bool", "text", "string", "json", "image", "file"),
            *("array", "object", "image_list", "hologram", None, 5),
        )
    },
    **{
        f"rule {word}": {"variable_type_code": "number", "validator_attrs": {word: value}}
        for word, value in {
            **dict.fromkeys(("min", "minimum", "ge", "min_value", "min_length", "min_chars"), 0),
            **dict.fromkeys(("max", "maximum", "le", "max_value", "max_length", "max_chars"), 7),
            "min_items": 1,
            "max_items": 2,
            "gt": 1,
            "step": 2,
        }.items()
    },
    **{
        f"values under {word}": {"validator_attrs": {word: ["a", "b"]}}
        for word in ("allowed", "allowed_values", "enum", "choices", "options", "values", "any")
    },
    **{f"rules {rules!r}": {"validator_attrs": rules} for rules in RULES},
    **{
        f"default {value!r}": {"variable_type_code": "json", "default_value": value}
        for value in DEFAULTS
    },
    **{f"required {value!r}": {"is_required": value} for value in (True, False, None, "yes")},
    **{f"order {value!r}": {"sort_order": value} for value in (0, -1, 9, 1.5, None, "1")},
    **{f"name {value!r}": {"name": value} for value in ("", None, 5, "style", "picture")},
    "both texts": {"description": "One.", "display_name": "Two"},
    "empty text": {"description": "  "},
    "no text": {"description": None, "display_name": None},
}


def text_of(catalog: Catalog) -> list[str]:
    """Return a line for each member of a catalog's models, and for each input."""
    lines: list[str] = []
    for text in catalog_files(catalog).values():
        for model in json.loads(text)["models"]:
            inputs = [{"input": number, **one} for number, one in enumerate(model.pop("inputs"))]
            told = [*({name: one} for name, one in model.items()), *inputs]
            lines += [f"{model['id']}: {json.dumps(one)}" for one in told]
    return lines


def outcome(row: JSONObject, base: list[str]) -> Iterator[str]:
    """Yield what comes of a row: notes, changes for people, and the lines that `base` lacks."""
    refreshed = refresh(CATALOG, [row])
    yield from (f"note {note}" for note in refreshed.notes)
    yield from (f"change {one}" for one in catalog_changes(CATALOG, refreshed.catalog))
    if refreshed.catalog == CATALOG:
        yield "our catalog stays"
        return
    yield from (line for line in text_of(refreshed.catalog) if line not in base)
    try:
        check_catalog(refreshed.catalog)
    except CatalogError as error:
        yield f"refused {error}"


def rows() -> Iterator[str]:
    """Yield the outcome of the row, and how each edit differs from it."""
    plain = [*outcome(ROW, text_of(CATALOG))]
    yield from plain
    base, base_new = (text_of(refresh(CATALOG, [row]).catalog) for row in (ROW, NEW_ROW))
    edited: dict[str, tuple[JSONObject, list[str]]] = {
        f"{name}": (new, base) for name, new in edits(ROW) if isinstance(new, dict)
    }
    for name, more in MORE_EDITS.items():
        edited[name] = ({**ROW, **more}, base)
        if not name.startswith(("price", "updated", "deleted")):
            edited[f"new model, {name}"] = ({**NEW_ROW, **more}, base_new)
    for name, more in MORE_INPUTS.items():
        row: Any = copy.deepcopy(ROW)
        row["inputs"][1] |= more
        edited[f"style with {name}"] = (row, base)
    silent: list[str] = []
    notes = [line for line in plain if line.startswith("note")]
    for name, (row, before) in edited.items():
        told = [*outcome(row, before)]
        found = [line for line in told if line not in plain]
        found += [f"no {line}" for line in notes if line not in told]
        if found:
            yield from (f"* {name}", *(f"    {line}" for line in found))
        else:
            silent.append(name)
    yield f"Nothing else by {'; '.join(silent)}"


def test_rows_change_the_catalog_as_before() -> None:
    check_snapshot(SNAPSHOTS / "rows.txt", "\n".join(rows()) + "\n")


def test_a_row_twice_and_a_model_without_one() -> None:
    found = refresh(CATALOG, [ROW, {**ROW, "name": "Third"}])
    assert [*found.notes] == [
        "acme/model is listed twice; the first one counts",
        "other/thing is not in the API's catalog; it stays in ours",
    ]
    assert [model.name for model in found.catalog] == ["Model 2", "Model"]
    assert refresh(CATALOG, []).catalog == CATALOG


@pytest.mark.parametrize(
    ("kind", "default", "other"),
    [
        *(("string", "", "a"), ("string", "a", ""), ("boolean", False, True)),
        *(("integer", 0, 1), ("integer", 1, 0), ("number", 0.5, 0)),
    ],
)
def test_a_default_of_ours_stays_only_where_the_api_allows_it(
    kind: str, default: object, other: object
) -> None:
    ours = evolve(BASE, inputs=[evolve(PLAIN, type=kind, default=default)])
    for allowed, kept in (([other, default], default), ([other], None)):
        rules: Any = {"enum": allowed}
        declared: JSONObject = {"name": PLAIN.name, "validator_attrs": rules}
        (found,) = refresh((ours,), [{"slug": BASE.id, "inputs": [declared]}]).catalog
        assert exactly(found.inputs[0].default) == exactly(kept)


def test_values_of_ours_that_were_seen_give_way_to_those_that_the_api_allows() -> None:
    ours = evolve(BASE, inputs=[evolve(PLAIN, suggested=["a", "b"])])
    for allowed, kept in ((["a"], []), ([], ["a", "b"])):
        rules: Any = {"enum": allowed}
        declared: JSONObject = {"name": PLAIN.name, "validator_attrs": rules}
        (found,) = refresh((ours,), [{"slug": BASE.id, "inputs": [declared]}]).catalog
        assert [*found.inputs[0].suggested] == kept
        check_catalog((found,))


def comparisons() -> Iterator[str]:
    """Yield the changes for people from one model to each other one, and back."""
    priced = {
        f"{one} to {other}": (evolve(BASE, price=PRICES[one]), evolve(BASE, price=PRICES[other]))
        for one, other in product(("none", "zero", "condition", "note"), repeat=2)
    }
    for was, now in (("9", "10"), ("0.5", "0.10"), ("0.5", "0.50")):
        old, new = (evolve(BASE, price=Price(amount, "image")) for amount in (was, now))
        priced[f"price {was} to {now}"] = old, new
    versions = {name: (BASE, model) for name, model in MODELS.items()} | priced
    for what, new in (
        ("id", evolve(BASE, id="acme/other")),
        ("endpoint", evolve(BASE, endpoint="/v2")),
        ("name", evolve(BASE, name="Other")),
        ("values", evolve(BASE, inputs=[evolve(PLAIN, allowed=["b", "c"])])),
    ):
        versions[what] = (BASE, new)
    values = evolve(BASE, inputs=[evolve(PLAIN, allowed=["a", "b"])])
    versions["other values"] = (values, versions["values"][1])
    versions["values in another order"] = (
        values,
        evolve(BASE, inputs=[evolve(PLAIN, allowed=["b", "a"])]),
    )
    known = {one: evolve(PLAIN, required=one) for one in (True, False, None)}
    for first, second in combinations(known, 2):
        pair = [evolve(BASE, inputs=[known[one]]) for one in (first, second)]
        versions[f"required {first} to {second}"] = (pair[0], pair[1])
    for required in (True, None):
        more = evolve(known[required], name="more")
        versions[f"more, required {required}"] = (BASE, evolve(BASE, inputs=[more, PLAIN]))
    limits: list[dict[str, Any]] = [{"min": 1, "max": 3}, {"min": 2, "max": 3}, {"min": 1}]
    limits += [{"min": 1, "max": 4}, {"max_items": 1}, {"max_items": 2}]
    for one, other in combinations(limits, 2):
        pair = [evolve(BASE, inputs=[evolve(PLAIN, limits=limit)]) for limit in (one, other)]
        versions[f"limits {one} to {other}"] = (pair[0], pair[1])
    for name, (old, new) in versions.items():
        yield f"* {name}"
        for word, before, after in (("", old, new), ("back, ", new, old)):
            yield from (f"    {word}{one}" for one in catalog_changes((before,), (after,)))
        assert catalog_changes((new,), (new,)) == []


def test_models_are_compared_as_before() -> None:
    check_snapshot(SNAPSHOTS / "model_changes.txt", "\n".join(comparisons()) + "\n")


FILE: Final[JSONObject] = {
    "owner": "acme",
    "models": [
        {
            **json.loads(catalog_files((OWN,))["acme.json"])["models"][0],
            "price": {
                "amount": "0.10",
                "unit": "second",
                "conditions": [{"field": "style", "values": ["a"], "cheaper": ["b"]}],
                "surcharges": [{"field": "size", "values": [4], "amount": "0.05"}],
                "proviso": "On Mondays.",
            },
            "example": {"picture": "https://a.test/a.png", "size": 3, "style": "a"},
        },
    ],
}


def made_of(file: JSONObject, folder: Path) -> list[str]:
    """Return the lines of the classes that a file gives, or why it is refused."""
    (folder / "acme.json").write_text(json.dumps(file), encoding="utf-8")
    try:
        catalog = read_catalog(folder)
        check_catalog(catalog)
    except CatalogError as error:
        return [f"refused {line}" for line in str(error).splitlines()]
    return "".join(input_modules(catalog).values()).splitlines()


def files(folder: Path) -> Iterator[str]:
    """Yield what each edit of a file makes of it."""
    base = made_of(FILE, folder)
    yield from base
    silent: list[str] = []
    second: Any = copy.deepcopy(FILE)
    second["models"].append(second["models"][0])
    one: Any = copy.deepcopy(FILE)
    one["models"][0]["inputs"] *= 2
    limit: Any = copy.deepcopy(FILE)
    limit["models"][0]["inputs"][1]["limits"]["min"] = True
    more = {"a model twice": second, "inputs twice": one, "a limit of true": limit}
    for name, new in (*edits(FILE), *more.items()):
        found = [
            f"    {line[:200]}"
            for line in difflib.unified_diff(base, made_of(new, folder), lineterm="", n=0)
            if line.startswith("+") and not line.startswith("+++")
        ]
        if found:
            yield from (f"* {name}", *found)
        else:
            silent.append(name)
    yield from ("Nothing is added by", *silent)


def test_files_are_read_and_refused_as_before(tmp_path: Path) -> None:
    folder = tmp_path / "catalog"
    folder.mkdir()
    check_snapshot(SNAPSHOTS / "catalog_files.txt", "\n".join(files(folder)) + "\n")


def names() -> Iterator[str]:
    """Yield the Python names of ids and fields."""
    for one in (
        *(
            "google/veo3.1/fast",
            "a/b",
            "1a/2b",
            "a-b/c_d",
            "A/B.C",
            "x/class",
            "x/1",
            "é/ü",
            "a/b/c",
        ),
        *("Aux Reference 1", "from", "int", "Mapping", "object", "self", "extra", "", "__", "2nd"),
        *("strict", "to_input", "evolve", "Decimal", "list", "None", "none", "a--b"),
        *("bool", "float", "str", "input_field", "known_fields", "from_input", "takes_batches"),
    ):
        yield f"{one!r}: {class_name(one)} {module_path(one)} {attribute_name(one)}"


def inherited() -> set[str]:
    """Return the public names that every class of inputs inherits, without the constants."""
    source = ROOT / "overlay" / "runflow_client" / "_typed_inputs" / "base.py"
    (base,) = (
        one
        for one in ast.parse(source.read_text(encoding="utf-8")).body
        if isinstance(one, ast.ClassDef) and one.name == "ModelInput"
    )
    methods = {one.name for one in base.body if isinstance(one, ast.FunctionDef)}
    members = {ast.unparse(one.target) for one in base.body if isinstance(one, ast.AnnAssign)}
    return {name for name in methods | members if name.islower() and not name.startswith("_")}


def test_no_field_hides_what_its_class_inherits() -> None:
    assert inherited() > {"evolve", "extra", "takes_batches"}
    for name in (*inherited(), *sorted(RESERVED)):
        assert attribute_name(name) == f"{name}_"


def test_python_names_are_those_of_before() -> None:
    check_snapshot(SNAPSHOTS / "input_names.txt", "\n".join(names()) + "\n")
