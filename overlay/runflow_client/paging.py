"""Lists, page by page, in both directions.

The document's pages have `items`, `first`, `next` and `previous`; older prose calls the cursors `next_pq` and `prev_pq`. Both are
read.
"""

from collections.abc import Callable, Mapping
from typing import Any, Generic, TypeVar

from attrs import frozen
from runflow_api.http_library import httpx
from runflow_api.types import RequestArguments

from .exchanges import deliver, unreadable
from .flows import Context, Flow, Update
from .json_shapes import as_list, objects_in
from .reading import read_object

T = TypeVar("T")

LARGEST_PAGE = 500
"""Items, from the `limit` parameter's own bounds (1 to 500)."""


@frozen
class Page(Generic[T]):
    """One page: its items, and the cursors of its neighbours (None where there is none)."""

    items: list[T]
    next: str | None
    previous: str | None


def read_page(response: httpx.Response, read_item: Callable[[Mapping[str, Any]], T]) -> Page[T]:
    """The page in this answer; an item that is no object is left out.

    Raises UnreadableAnswer for what is no page, and for an item of which `read_item` raises ValueError.
    """
    body = read_object(response)
    items = body.get("items")
    if as_list(items) is None:
        raise unreadable(response, "a page without a list of items")
    try:
        found = [read_item(item) for item in objects_in(items)]
    except ValueError as error:
        raise unreadable(response, f"an item of the list cannot be used: {error}") from None
    return Page(
        found,
        _cursor(body, "next", "next_pq"),
        _cursor(body, "previous", "prev_pq"),
    )


def _cursor(body: Mapping[str, Any], *names: str) -> str | None:
    return next((body[name] for name in names if isinstance(body.get(name), str) and body[name]), None)


def walk(
    context: Context,
    build: Callable[[str | None], RequestArguments],
    read_item: Callable[[Mapping[str, Any]], tuple[object, object]],
    *,
    cursor: str | None,
    backward: bool,
) -> Flow[None]:
    """Tell an Update for every item from the page at the cursor on, asking for a page only when it is wanted.

    `build` makes the request for a cursor (None: the first page), `read_item` gives an item's identity and what to tell. No
    item is told twice, although the list may grow meanwhile. `backward` follows the previous pages instead of the next.
    """
    cursors: set[str] = set()
    told: set[object] = set()
    while True:
        response = yield from deliver(context, build(cursor))
        page = read_page(response, read_item)
        for identity, item in page.items:
            if identity is None or identity not in told:
                told.add(identity)
                yield Update(item)
        cursor = page.previous if backward else page.next
        if cursor is None or cursor in cursors:  # a cursor that comes again would lead round in a circle
            return
        cursors.add(cursor)
