"""Read Runflow's public catalog, which needs no key, and compare it with that of this package.

It stands in two places: the API lists the public models that are active, and the website has a file
that names their whole ids and those that are retired.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any, Final
from urllib.parse import urlsplit

from attrs import field, frozen
from runflow_api.api.models import list_public_models
from runflow_api.models.public_model import PublicModel

from .._errors import RunflowError
from .._json import as_list, as_text, objects_in
from .._models.upstream import CatalogComparison, UpstreamModel
from .._responses import parse_leniently
from .commands import Context, Flow
from .download import Source, fetch
from .paginate import MAX_PAGE_SIZE, Pages, walk_list
from .save import MemorySink

OPERATION: Final = "GET /v1/public/models"
FILE: Final = "models-catalog.json"
WEBSITE: Final = "https://www.runflow.io"
MAX_FILE_BYTES: Final = 16 * 1024 * 1024

_DOMAIN: Final = "runflow.io"
_MAX_PAGES: Final = 100
_MODEL_PAGE: Final = re.compile(r"/models/([^?#]+?)/?(?:[?#]|$)")
_PRICE: Final = re.compile(
    r"\$\s*([0-9]+(?:\.[0-9]+)?)\s*(?:/|per\b)\s*"
    r"(image|second|megapixel|MP|request|call|token)s?\b",
    re.IGNORECASE,
)
_UNITS: Final = {"mp": "megapixel", "call": "request"}


@frozen
class _Row:
    """One model of a source. `names` are what may be its id, the best first."""

    names: tuple[str, ...]
    title: str | None
    price: tuple[Decimal, str] | None
    is_active: bool = True


@frozen
class _Known:
    """The models of this package, found by what others call them."""

    prices: Mapping[str, tuple[Decimal | None, str | None]]
    by_id: dict[str, set[str]] = field(factory=dict[str, set[str]])
    by_slug: dict[str, set[str]] = field(factory=dict[str, set[str]])

    def __attrs_post_init__(self) -> None:
        for model in self.prices:
            self.by_id.setdefault(_key(model), set()).add(model)
            self.by_slug.setdefault(_key(model.partition("/")[2]), set()).add(model)

    def find(self, row: _Row) -> set[str]:
        """Return the ids that the row may mean; none where this package does not have it.

        A slug alone means every model that has it.
        """
        for name in row.names:
            if found := self.by_id.get(_key(name)) or self.by_slug.get(_key(name)):
                return found
        return set()


def file_address(base_url: str) -> str:
    """Return where the file of the website stands: beside the API where that is not Runflow's."""
    host = urlsplit(base_url).hostname or ""
    is_runflow = host == _DOMAIN or host.endswith(f".{_DOMAIN}")
    return f"{WEBSITE if is_runflow else base_url}/{FILE}"


def models(context: Context, **query: Any) -> Flow[None]:
    """List the public, active models."""
    return walk_list(
        context,
        list_public_models.build_request,
        lambda item: parse_leniently(PublicModel, item),
        **query,
    )


def compare(context: Context, base_url: str) -> Flow[CatalogComparison]:
    """Read both places and compare them with the typed inputs of this package.

    Raises RunflowError where neither can be read, or lists no model.
    """
    address = file_address(base_url)
    rows = list[_Row]()
    sources = list[str]()
    failures = dict[str, RunflowError]()
    for name, read in ((address, _file_rows(context, address)), (OPERATION, _listed(context))):
        try:
            rows += yield from read
            sources.append(name)
        except RunflowError as error:
            failures[name] = error
    if not sources:
        failure = failures[OPERATION]
        failure.add_note(f"{address} could not be read either: {failures[address]}")
        raise failure
    if not rows:
        raise RunflowError(f"the public catalog lists no model: {' and '.join(sources)}")
    return CatalogComparison(
        models=tuple(_models(_Known(_prices()), rows)),
        sources=tuple(sources),
        unread=tuple(f"{name}: {error}" for name, error in failures.items()),
    )


def _prices() -> dict[str, tuple[Decimal | None, str | None]]:
    """Return price and unit of the models of this package. ComfyUI workflows are in no catalog."""
    from .. import inputs  # loads the class of every model

    classes = [getattr(inputs, name) for name in inputs.CLASSES.values()]
    return {
        found.MODEL_ID: (found.PRICE, found.PRICE_UNIT)
        for found in classes
        if found.ENDPOINT.startswith("/v1/models/")
    }


def _listed(context: Context) -> Flow[list[_Row]]:
    pages = Pages(
        context,
        lambda cursor: list_public_models.build_request(limit=MAX_PAGE_SIZE, pq=cursor),
        lambda item: item,
        max_pages=_MAX_PAGES,
    )
    rows = list[_Row]()
    while (page := (yield from pages.next())) is not None:
        rows += [
            _Row((slug,), as_text(item.get("name")), read_price(item.get("pricing_note")))
            for item in page.items
            if (slug := as_text(item.get("slug")))
        ]
    pages.require_end("public models")
    return rows


def _file_rows(context: Context, address: str) -> Flow[list[_Row]]:
    sink = MemorySink()
    source = Source(url=address, renew=_no_other_address, queued=False)
    yield from fetch(context, source, sink, max_bytes=MAX_FILE_BYTES)
    try:
        content: object = json.loads(bytes(sink.content))
    except (ValueError, RecursionError) as error:
        raise RunflowError(f"it is not JSON ({type(error).__name__})") from None
    if as_list(content) is None:
        raise RunflowError("it is not a list of models")
    return [row for item in objects_in(content) if (row := _file_row(item)).names]


def _no_other_address() -> Flow[str | None]:
    yield from ()
    return None


def _file_row(item: Mapping[str, Any]) -> _Row:
    page = _MODEL_PAGE.search(as_text(item.get("page_url")) or "")
    names = (page[1] if page else None, as_text(item.get("slug")))
    return _Row(
        tuple(name for name in names if name),
        as_text(item.get("model_name")),
        read_price(item.get("price_label")),
        item.get("active") is not False,
    )


def read_price(label: object) -> tuple[Decimal, str] | None:
    """Return US dollars and unit of a label such as `$0.05/megapixel`, None for other texts."""
    found = _PRICE.search(as_text(label) or "")
    if found is None:
        return None
    unit = found[2].lower()
    return Decimal(found[1]), _UNITS.get(unit, unit)


def _models(known: _Known, rows: Iterable[_Row]) -> Iterator[UpstreamModel]:
    seen = dict[str, list[_Row]]()
    newer = dict[str, _Row]()
    for row in rows:
        ids = known.find(row)
        for model in ids:
            seen.setdefault(model, []).append(row)
        if not ids and row.is_active and not _has(newer, row):
            newer[row.names[0]] = row
    for model in sorted(known.prices):
        price, unit = known.prices[model]
        found = seen.get(model, [])
        active = any(row.is_active for row in found)
        yield _upstream(model, "listed" if active else "retired", found, price, unit)
    for name in sorted(newer):
        yield _upstream(name, "newer", [newer[name]], None, None)


def _has(newer: Mapping[str, _Row], row: _Row) -> bool:
    """Return whether the other place has the model already, which may name it with its owner."""
    keys = {_key(name) for name in row.names}
    return any(
        _key(name) in keys or _key(name.partition("/")[2]) in keys
        for found in newer.values()
        for name in found.names
    )


def _upstream(
    model: str,
    state: Any,
    rows: Iterable[_Row],
    known_price: Decimal | None,
    known_unit: str | None,
) -> UpstreamModel:
    found = list(rows)
    price, unit = next((row.price for row in found if row.price), (None, None))
    return UpstreamModel(
        id=model,
        state=state,
        name=next((row.title for row in found if row.title), None),
        price=price,
        price_unit=unit,
        known_price=known_price,
        known_unit=known_unit,
    )


def _key(name: str) -> str:
    """Return a name as the website and the API may both write it: `flux-pro/kontext` is
    `flux-pro-kontext`.
    """
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
