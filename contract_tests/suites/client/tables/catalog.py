"""What the comparison of the catalogs makes of rows of the website's file and of the API's list."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from ..test_public_catalog import compared_with, listing
from .rows import Plain, table

PAGE: Final = "https://www.runflow.io/models/"
KNOWN: Final = "google/veo3.1"
NEW: Final = {"page_url": f"{PAGE}acme/new-model", "slug": "new-model"}

Row = dict[str, Any]

FILE_ROWS: Final[Mapping[str, Sequence[Row]]] = {
    "page and slug": [NEW],
    "page and another slug": [{**NEW, "slug": "another"}],
    "page and another known slug": [{"page_url": f"{PAGE}{KNOWN}", "slug": "nano-banana-pro"}],
    "another page and known slug": [{**NEW, "slug": "veo3.1"}],
    "page with more behind it": [{"page_url": f"{PAGE}acme/new-model/?a=b#c"}],
    "page of all models": [{"page_url": PAGE}],
    "page alone that is no text": [{"page_url": 7, "slug": "acme/new-model"}],
    "slug that is no text": [{"page_url": f"{PAGE}acme/new-model", "slug": 7}],
    "slug with its owner": [{"slug": "acme/new-model"}],
    "known slug without its owner": [{"slug": "veo3.1"}],
    "slug that is empty": [{"slug": ""}],
    "no name at all": [{"model_name": "New"}],
    "title and price": [{**NEW, "model_name": "New", "price_label": "$0.10/image"}],
    "words of the API": [{**NEW, "name": "New", "pricing_note": "$0.10/image"}],
    "known title and price": [{"slug": KNOWN, "model_name": "Veo", "price_label": "$2 per second"}],
    "two rows of one": [{"slug": KNOWN}, {"slug": "veo3.1", "model_name": "Veo"}],
    "two new ones": [{"slug": "b/two"}, {"slug": "a/one"}],
    "one twice": [{"slug": "acme/new-model"}, {"slug": "Acme/New.Model", "model_name": "New"}],
    **{
        f"{name}, active {active}": [{"slug": slug, "active": active}]
        for name, slug in (("known", KNOWN), ("new", "acme/new-model"))
        for active in (True, False, None, 0, "no")
    },
}
BOTH: Final[Mapping[str, tuple[Sequence[Row], Sequence[Row]]]] = {
    "the list alone": ([{"slug": "x"}], [{"slug": "new-model", "name": "New"}]),
    "price and title of the list": (
        [{"slug": KNOWN}],
        [{"slug": "veo3.1", "name": "Veo", "pricing_note": "$3/second"}],
    ),
    "price and title of both": (
        [{"slug": KNOWN, "model_name": "Veo of the file", "price_label": "$2/second"}],
        [{"slug": "veo3.1", "name": "Veo of the list", "pricing_note": "$3/second"}],
    ),
    "retired in the file": ([{"slug": KNOWN, "active": False}], [{"slug": "veo3.1"}]),
    "new in both": ([{"slug": "acme/new-model"}], [{"slug": "new-model", "name": "New"}]),
    "words of the file": ([{"slug": KNOWN}], [{"slug": "veo3.1", "model_name": "Veo"}]),
    "the list without slugs": ([{"slug": KNOWN}], [{"name": "Veo"}, {"slug": 7}]),
}


def _told(file: Sequence[Row], rows: Sequence[Row]) -> Plain:
    """Return what is told of the known model, and of all that are listed or newer."""
    models = compared_with(listing([*file], [*rows])).models
    return Plain(
        "; ".join(
            f"{model.id} {model.state}, {model.name}, {model.price} a {model.price_unit}"
            for model in models
            if model.state != "retired" or model.id == KNOWN
        )
    )


def lines() -> Iterator[str]:
    """Give the tables, line by line."""
    yield from table("rows of the file", lambda rows: _told(rows, [{"slug": "x"}]), FILE_ROWS)
    yield from table("rows of both places", lambda both: _told(*both), BOTH)
