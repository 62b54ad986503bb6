"""What is said of each defect of a catalog, and of what is none."""

from collections.abc import Iterator
from typing import Final

from attrs import evolve
from suites.snapshot import check_snapshot

from ...inputs.catalog import Catalog, CatalogError, Input, Model, Price, Surcharge
from ...inputs.checks import check_catalog
from ..every_word import SNAPSHOTS
from .test_every_member import BASE, PLAIN

IDS: Final = (
    *("acme/model", "acme", "acme/", "/model", "acme//x", "acme/é", "ac me/x", "-a/b", "a/-b"),
    *("a/b/c", "A1/b.C_d-e", "../up", "a/..", "a/b\n"),
)
AMOUNTS: Final = ("1.50", "0.001", "1e3", "0", "-1", "NaN", "Infinity", "", "1,5", "$1")
INPUTS: Final[dict[str, Input]] = {
    "unknown type": evolve(PLAIN, type="text", description="", default=1),
    "one unknown type": evolve(PLAIN, type="string|text|int"),
    "two types": evolve(PLAIN, type="integer|image_list", allowed=[1, ["a"]], default=["a"]),
    "allowed and suggested": evolve(PLAIN, allowed=["a"], suggested=["b"]),
    "allowed of another type": evolve(PLAIN, allowed=["a", 1, None]),
    "suggested of another type": evolve(PLAIN, type="number", suggested=[1, 0.5, True, "1"]),
    "a boolean for a number": evolve(PLAIN, type="integer", default=True),
    "a number for a boolean": evolve(PLAIN, type="boolean", default=0),
    "false for a boolean": evolve(PLAIN, type="boolean", default=False),
    "a whole number": evolve(PLAIN, type="number", default=1),
    "a fraction": evolve(PLAIN, type="integer", default=1.0),
    "a default that is not allowed": evolve(PLAIN, allowed=["a", "b"], default="c"),
    "an empty default": evolve(PLAIN, allowed=["a"], default=""),
    "an object": evolve(PLAIN, type="object", default={"a": 1}),
    "a list for an object": evolve(PLAIN, type="object", default=[1]),
    "an object for text": evolve(PLAIN, default={"a": 1}),
    "anything": evolve(PLAIN, type="json", default=[{}]),
    "limits": evolve(PLAIN, limits={"min": 0, "most": 1, "least": 2}),
    "itself excluded": evolve(PLAIN, excludes=[PLAIN.name]),
    "others excluded": evolve(PLAIN, excludes=["none", PLAIN.name, "nobody"]),
    "white space for a text": evolve(PLAIN, description=" \n"),
    "everything": evolve(PLAIN, description="", default=1, limits={"x": 1}, excludes=["y"]),
}


def named(*ids: str) -> Catalog:
    """Return a catalog of models with these ids."""
    return tuple(evolve(BASE, id=one, endpoint=f"/v1/models/{one}/runs") for one in ids)


def catalogs() -> Iterator[tuple[str, Catalog]]:
    """Yield catalogs, each with what it is about."""
    yield "nothing", ()
    yield from ((f"id {one!r}", named(one)) for one in IDS)
    for ids in (
        *(
            ("a/b", "a/c"),
            ("a/b", "a/b"),
            ("a/b", "a/b", "a/b"),
            ("a/b-c", "a/b.c"),
            ("a/B", "a/b"),
        ),
        ("a/1", "a/number_1"),
    ):
        yield f"ids {ids}", named(*ids)
    yield "kind", (evolve(BASE, kind="thing"),)
    yield "endpoint", (evolve(BASE, endpoint="thing"),)
    for path in ("/v1/models/acme/model2/runs", "/v1/acme/model", "/acme/model/", "acme/model/x"):
        yield f"endpoint {path}", (evolve(BASE, endpoint=path),)
    yield "output", (evolve(BASE, output=evolve(BASE.output, kind="text")),)
    for names in (
        ("a", "a"),
        ("a", "A"),
        ("a b", "a_b", "A-B"),
        ("a", "a", "A"),
        ("from", "from_"),
    ):
        yield f"fields {names}", (with_inputs(*(evolve(PLAIN, name=name) for name in names)),)
    yield from ((f"input, {name}", (with_inputs(one),)) for name, one in INPUTS.items())
    for amount in AMOUNTS:
        yield f"price {amount!r}", (evolve(BASE, price=Price(amount, "image")),)
        more = [Surcharge("a", ["b"], "1"), Surcharge("a", ["c"], amount)]
        yield f"surcharge {amount!r}", (evolve(BASE, price=Price("2", "token", surcharges=more)),)
    yield "unit", (evolve(BASE, price=Price("x", "mile")),)
    examples: tuple[dict[str, object] | None, ...] = (
        None,
        {},
        {"field": "x"},
        {"field": 1},
        {"none": "x"},
        {"field": None, "none": 1},
    )
    yield from ((f"example {one}", (evolve(BASE, example=one),)) for one in examples)


def with_inputs(*inputs: Input) -> Model:
    return evolve(BASE, inputs=[*inputs])


def problems() -> Iterator[str]:
    for what, catalog in catalogs():
        try:
            check_catalog(catalog)
        except CatalogError as error:
            yield f"{what}:"
            yield from (f"    {line}" for line in str(error).splitlines())
        else:
            yield f"{what}: none"


def test_problems_are_told_as_before() -> None:
    check_snapshot(SNAPSHOTS / "catalog_problems.txt", "\n".join(problems()) + "\n")
