"""The API's own catalog: GET /v1/models with the inputs of each model, page after page."""

from collections.abc import Iterator
from typing import Final
from urllib.parse import quote

import httpx
from attrs import field, frozen

from ..document.json_tree import DocumentError, JSONObject, objects_at, parse_document
from ..fetch.source import SourceError, WebSource, read_source

PRODUCTION: Final = "https://api.runflow.io"
_SECONDS: Final = 30.0
MAX_PAGE_BYTES: Final = 32 * 1024 * 1024
_MAX_PAGES: Final = 200
_PAGE_SIZE: Final = 100


class RemoteError(Exception):
    """The API's catalog could not be read.

    The text names the call and what came instead. It never holds the key.
    """


@frozen
class Api:
    """Where the API is, and the key to it."""

    source: WebSource
    key: str = field(repr=False)


def open_source(base_url: str) -> WebSource:
    """Check the address: https, or http on this machine.

    Raises:
        RemoteError: the address is not usable.
    """
    try:
        source = read_source(base_url)
    except SourceError as error:
        raise RemoteError(str(error)) from None
    if not isinstance(source, WebSource) or source.has_secrets:
        raise RemoteError(
            "the address of the API must be https, or http on this machine, without credentials "
            "and query"
        )
    return source


def open_api(base_url: str, key: str) -> Api:
    """Check the address, as open_source does, and the key.

    Raises:
        RemoteError: the address or the key is not usable.
    """
    source = open_source(base_url)
    if not key.isascii() or not key.isprintable() or " " in key or not key:
        raise RemoteError(
            "the API key is empty or holds characters that a header cannot carry: copy it again"
        )
    return Api(source, key)


def check_is_runflow(base_url: str) -> None:
    """Refuse a source that is not Runflow's own: https at runflow.io or below it.

    Raises:
        RemoteError: it is another one, or the address is not usable.
    """
    source = open_source(base_url)
    host = source.url.host
    if source.url.scheme != "https" or not f".{host}".endswith(".runflow.io"):
        raise RemoteError(
            f"{source.label} is not Runflow's: its catalog would be taken for Runflow's. Nothing "
            "was written. Unset RUNFLOW_BASE_URL, or ALLOW_OTHER_SOURCE=1 takes it"
        )


def fetch_models(api: Api, timeout: float = _SECONDS) -> list[JSONObject]:
    """Return every model that the API lists, each with its `inputs`.

    A model without documented inputs has an empty list. `timeout` is in seconds, for each silence.

    Raises:
        RemoteError: an answer is not 200 with a page in JSON, is too large or too slow, or the
            pages have no end.
    """
    # A proxy of the environment has no business between two programs of one machine.
    with httpx.Client(
        timeout=timeout, follow_redirects=False, trust_env=not api.source.is_loopback
    ) as client:
        rows = list(_pages(client, api, "/v1/models"))
        return [_with_inputs(client, api, row) for row in rows]


def _with_inputs(client: httpx.Client, api: Api, row: JSONObject) -> JSONObject:
    identifier = row.get("id")
    if isinstance(row.get("inputs"), list) or not isinstance(identifier, str):
        return row
    path = f"/v1/models/{quote(identifier.lstrip('/'))}/inputs"
    return {**row, "inputs": [*_pages(client, api, path, may_be_missing=True)]}


def _pages(
    client: httpx.Client, api: Api, path: str, *, may_be_missing: bool = False
) -> Iterator[JSONObject]:
    cursor: str | None = None
    seen: set[str] = set()
    for _ in range(_MAX_PAGES):
        parameters: dict[str, str | int] = {"limit": _PAGE_SIZE}
        if cursor is not None:
            parameters["pq"] = cursor
        page = _page(client, api, path, parameters, may_be_missing=may_be_missing)
        if page is None:
            return
        yield from objects_at(page, "items")
        following = page.get("next")
        if not isinstance(following, str) or not following:
            return
        if following in seen:
            raise RemoteError(f"GET {path}: the pages lead in a circle")
        seen.add(following)
        cursor = following
    raise RemoteError(f"GET {path}: more than {_MAX_PAGES} pages")


def _page(
    client: httpx.Client,
    api: Api,
    path: str,
    parameters: dict[str, str | int],
    *,
    may_be_missing: bool,
) -> JSONObject | None:
    url = api.source.url.copy_with(path=api.source.url.path.rstrip("/") + path)
    headers = {"Authorization": f"Bearer {api.key}", "Accept": "application/json"}
    try:
        with client.stream("GET", url, params=parameters, headers=headers) as response:
            if response.status_code == 404 and may_be_missing:
                return None
            if response.status_code != 200:
                raise RemoteError(
                    f"GET {path} was answered {response.status_code}{_hint(response.status_code)}"
                )
            raw = bytearray()
            for chunk in response.iter_bytes():
                raw += chunk
                if len(raw) > MAX_PAGE_BYTES:
                    raise RemoteError(f"GET {path}: a page larger than {MAX_PAGE_BYTES} bytes")
    except httpx.HTTPError as error:
        raise RemoteError(f"GET {path}: no complete answer ({type(error).__name__})") from None
    try:
        page = parse_document(bytes(raw))
    except DocumentError as error:
        raise RemoteError(f"GET {path}: {error}") from None
    if not isinstance(page.get("items"), list):
        raise RemoteError(f"GET {path}: the answer is not a page: it has no list of items")
    return page


def _hint(status: int) -> str:
    return {
        401: ": check RUNFLOW_API_KEY",
        403: ": the key may not read models",
        429: ": try again later",
    }.get(status, "")
