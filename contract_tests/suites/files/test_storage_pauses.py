"""A storage that asks to wait (Retry-After) is waited for as the API is, in both directions."""

from collections.abc import Callable
from typing import Any

import pytest
from runflow_client import RequestTimeout, StorageRefused
from runflow_mock import MockRunflow

from ..http_library import httpx
from .conftest import output_at, pauses_of
from .flaky import Flaky
from .pictures import PICTURE
from .storage import Storage

EDIT = "google/nano-banana-pro/edit"
LEAST = 0.25
SENT = {"Date": "Wed, 21 Oct 2015 07:28:00 GMT"}

ASKED: dict[str, tuple[dict[str, str], float]] = {
    "nothing": ({}, LEAST),
    "seconds": ({"Retry-After": "3"}, 3.0),
    "a fraction": ({"Retry-After": "1.5"}, 1.5),
    "as long as is allowed": ({"Retry-After": "60"}, 60.0),
    "less than after any failure": ({"Retry-After": "0"}, LEAST),
    "less than nothing": ({"Retry-After": "-3"}, LEAST),
    "no number": ({"Retry-After": "soon"}, LEAST),
    "not a number": ({"Retry-After": "nan"}, LEAST),
    "for ever": ({"Retry-After": "inf"}, LEAST),
    "a moment that has passed": ({"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}, LEAST),
    "without a time zone": ({"Retry-After": "Wed, 21 Oct 2015 07:28:00"}, LEAST),
    "a moment after the answer": (
        {"Retry-After": "Wed, 21 Oct 2015 07:28:07 GMT", **SENT},
        7.0,
    ),
    "a moment in another zone": (
        {"Retry-After": "Wed, 21 Oct 2015 09:28:07 +0200", **SENT},
        7.0,
    ),
    "a moment without a zone": ({"Retry-After": "Wed, 21 Oct 2015 07:28:07", **SENT}, 7.0),
}
TOO_LONG: dict[str, tuple[str, float]] = {
    "a little more": ("60.5", 60.5),
    "for years": ("1e12", 1e12),
    "a moment beyond": ("Wed, 21 Oct 2015 07:30:00 GMT", 120.0),
}


def upload(client: Any, _mock: MockRunflow, _storage: Storage) -> bytes:
    client.assets.upload(PICTURE)
    return PICTURE


def download(client: Any, mock: MockRunflow, storage: Storage) -> bytes:
    (artifact,) = output_at(client, mock, storage.url).outputs
    read: bytes = artifact.read()
    return read


WAYS: dict[str, tuple[str, Callable[[Any, MockRunflow, Storage], bytes]]] = {
    "upload": ("PUT", upload),
    "download": ("GET", download),
}


def flaky(way: str, storage: Storage, status: int, headers: dict[str, str]) -> Flaky:
    host = None if way == "upload" else storage.base_url.removeprefix("http://")
    return Flaky([httpx.Response(status, headers=headers)], method=WAYS[way][0], host=host)


@pytest.mark.parametrize(
    ("what", "status"), [*((what, 503) for what in ASKED), ("seconds", 429), ("nothing", 429)]
)
@pytest.mark.parametrize("way", WAYS)
def test_a_storage_is_waited_for(
    through: Any, mock: MockRunflow, storage: Storage, way: str, what: str, status: int
) -> None:
    headers, seconds = ASKED[what]
    client = through(flaky(way, storage, status, headers))
    waited = pauses_of(client)
    assert WAYS[way][1](client, mock, storage) == (PICTURE if way == "upload" else storage.content)
    assert [pause for pause in waited if pause in {seconds, LEAST}][-1] == seconds


@pytest.mark.parametrize("what", TOO_LONG)
@pytest.mark.parametrize("way", WAYS)
def test_a_storage_that_asks_for_too_long_ends_the_transfer(
    through: Any, mock: MockRunflow, storage: Storage, way: str, what: str
) -> None:
    text, seconds = TOO_LONG[what]
    client = through(flaky(way, storage, 503, {"Retry-After": text, **SENT}))
    waited = pauses_of(client)
    with pytest.raises(StorageRefused) as caught:
        WAYS[way][1](client, mock, storage)
    assert (caught.value.status, caught.value.retry_after) == (503, seconds)
    assert max(waited, default=0.0) < LEAST * 100


@pytest.mark.parametrize("status", [403, 404])
@pytest.mark.parametrize("way", WAYS)
def test_a_refusal_that_stays_is_not_waited_for(
    through: Any, mock: MockRunflow, storage: Storage, way: str, status: int
) -> None:
    refusal = flaky(way, storage, status, {"Retry-After": "3"})
    refusal.troubles *= 2
    client = through(refusal)
    waited = pauses_of(client)
    with pytest.raises(StorageRefused) as caught:
        WAYS[way][1](client, mock, storage)
    assert caught.value.retry_after == 3.0
    assert 3.0 not in waited


def test_the_timeout_of_a_run_counts_for_more_than_what_the_storage_asks(
    through: Any, mock: MockRunflow, storage: Storage
) -> None:
    client = through(flaky("upload", storage, 503, {"Retry-After": "30"}))
    waited = pauses_of(client)
    with pytest.raises(RequestTimeout, match="no run was created"):
        client.run(EDIT, {"prompt": "x", "image_urls": [PICTURE]}, timeout=5)
    assert (waited, mock.runs) == ([], [])
