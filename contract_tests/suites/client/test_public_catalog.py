"""The public catalog is read without a key and compared with the models of this package."""

import asyncio
import inspect
import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import httpx
import pytest
from runflow_client import (
    AsyncPublicCatalog,
    CatalogComparison,
    InvalidArgument,
    PublicCatalog,
    RetryPolicy,
    RunflowError,
    UpstreamModel,
    inputs,
)
from runflow_mock import MockRunflow

from .calls import settled

Answer = Callable[[httpx.Request], httpx.Response]
FILE = "https://www.runflow.io/models-catalog.json"


def compare_blocking(base_url: str) -> CatalogComparison:
    with PublicCatalog(base_url=base_url) as catalog:
        return catalog.compare()


def compare_awaited(base_url: str) -> CatalogComparison:
    async def compare() -> CatalogComparison:
        async with AsyncPublicCatalog(base_url=base_url) as catalog:
            return await catalog.compare()

    return asyncio.run(compare())


def compared_with(answer: Answer) -> CatalogComparison:
    """Compare with what a Runflow that answers so has, in one attempt each."""
    http = httpx.Client(transport=httpx.MockTransport(answer))
    retries = RetryPolicy(attempts=1)
    with PublicCatalog(base_url="https://api.runflow.io", http_client=http, retries=retries) as one:
        return one.compare()


def by_id(comparison: CatalogComparison) -> dict[str, UpstreamModel]:
    return {model.id: model for model in comparison.models}


def listing(file: Any, rows: list[dict[str, Any]] | int) -> Answer:
    """Answer with this file of the website and these rows of the API, or with that status."""

    def answer(request: httpx.Request) -> httpx.Response:
        assert "Authorization" not in request.headers
        if str(request.url) == FILE:
            return httpx.Response(file) if isinstance(file, int) else httpx.Response(200, json=file)
        assert request.url.path == "/v1/public/models"
        if isinstance(rows, int):
            return httpx.Response(rows, json={"code": "X", "message": "no"})
        return httpx.Response(200, json={"items": rows, "next": None})

    return answer


@pytest.mark.parametrize("compare", [compare_blocking, compare_awaited])
def test_retired_newer_and_dearer_models_are_told(
    runflow_mock: MockRunflow, compare: Callable[[str], CatalogComparison]
) -> None:
    runflow_mock.models.add("acme/own-model", price="0.10")
    runflow_mock.models.add("google/veo3.1/lite", price="0.05", unit="second")
    runflow_mock.models.retire("google/veo3.1")
    comparison = compare(runflow_mock.base_url)
    found = by_id(comparison)
    assert comparison.unread == ()
    assert {model.id for model in comparison.models if model.state == "retired"} == {
        "google/veo3.1"
    }
    assert {model.id for model in comparison.models if model.state == "newer"} == {"acme/own-model"}
    assert [model.id for model in comparison.models if model.is_price_changed] == [
        "google/veo3.1/lite"
    ]
    lite = found["google/veo3.1/lite"]
    assert (lite.price, lite.known_price) == (Decimal("0.05"), Decimal("0.03"))
    workflow = "runflow-access/brand-locked-variant-nux"
    assert set(inputs.CLASSES) - set(found) == {workflow}


def test_no_key_is_asked_for_or_sent(
    runflow_mock: MockRunflow, monkeypatch: pytest.MonkeyPatch
) -> None:
    for key in ("", "rf_live_revoked"):
        monkeypatch.setenv("RUNFLOW_API_KEY", key)
        with PublicCatalog() as catalog:
            catalog.compare()
            slugs = [model.slug for model in catalog.models(page_size=20)]
    assert len(slugs) == len(inputs.CLASSES) - 1
    assert runflow_mock.requests
    assert not any("authorization" in request.headers for request in runflow_mock.requests)


@pytest.mark.parametrize(
    "row",
    [
        {"slug": "black-forest-labs/flux-pro/kontext"},
        {"slug": "flux-pro-kontext"},
        {
            "slug": "x",
            "page_url": "https://www.runflow.io/models/black-forest-labs/flux-pro-kontext",
        },
        {
            "slug": "y",
            "page_url": "https://www.runflow.io/models/black-forest-labs/flux-pro/kontext/",
        },
    ],
)
def test_a_model_is_known_by_every_spelling_of_the_website(row: dict[str, Any]) -> None:
    found = by_id(compared_with(listing([row], 503)))
    assert found["black-forest-labs/flux-pro/kontext"].state == "listed"
    assert not [model for model in found.values() if model.state == "newer"]


@pytest.mark.parametrize(
    ("label", "price"),
    [
        ("$0.05/megapixel", (Decimal("0.05"), "megapixel")),
        ("$0.05/MP", (Decimal("0.05"), "megapixel")),
        ("from $0.3024 / second", (Decimal("0.3024"), "second")),
        ("$0.12 per call", (Decimal("0.12"), "request")),
        ("on request", (None, None)),
        (None, (None, None)),
        (7, (None, None)),
    ],
)
def test_prices_are_read_as_far_as_they_can_be(label: object, price: tuple[object, object]) -> None:
    rows = [{"slug": "veo3.1", "pricing_note": label}]
    found = by_id(compared_with(listing(404, rows)))["google/veo3.1"]
    assert (found.price, found.price_unit) == price


def test_a_price_that_one_place_lacks_is_that_of_the_other() -> None:
    rows = [{"slug": "veo3.1", "pricing_note": "$0.05/second"}]
    found = by_id(compared_with(listing([{"slug": "google/veo3.1"}], rows)))["google/veo3.1"]
    assert (found.price, found.price_unit) == (Decimal("0.05"), "second")


def test_where_one_place_cannot_be_read_the_other_counts() -> None:
    comparison = compared_with(listing(404, [{"slug": "veo3.1"}]))
    assert comparison.sources == ("GET /v1/public/models",)
    assert [text.startswith(f"{FILE}: ") for text in comparison.unread] == [True]
    comparison = compared_with(listing([{"slug": "google/veo3.1"}], 500))
    assert comparison.sources == (FILE,)
    assert by_id(comparison)["google/veo3.1"].state == "listed"


def test_a_model_that_the_api_lists_is_not_retired_and_a_newer_one_is_told_once() -> None:
    file = [
        {"slug": "google/veo3.1", "active": False},
        {"slug": "acme/new-one", "price_label": "$1/request"},
        {"slug": "acme/gone", "active": False},
        "no row",
    ]
    comparison = compared_with(listing(file, [{"slug": "veo3.1"}, {"slug": "new-one"}]))
    assert by_id(comparison)["google/veo3.1"].state == "listed"
    newer = [model.id for model in comparison.models if model.state == "newer"]
    assert newer == ["acme/new-one"]


@pytest.mark.parametrize(
    ("file", "rows", "text"),
    [
        (404, 503, "models-catalog.json could not be read either"),
        ([], [], "the public catalog lists no model"),
        ({"models": []}, 503, "it is not a list of models"),
    ],
)
def test_nothing_readable_is_an_error_and_no_list_of_retired_models(
    file: Any, rows: Any, text: str
) -> None:
    with pytest.raises(RunflowError) as caught:
        compared_with(listing(file, rows))
    assert text in "\n".join([str(caught.value), *getattr(caught.value, "__notes__", [])])


@pytest.mark.parametrize("content", ["<html>", "[" * 100_000], ids=["a page", "no end"])
def test_what_comes_instead_of_the_file_is_said_to_be_no_json(content: str) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if str(request.url) == FILE:
            return httpx.Response(200, text=content)
        return httpx.Response(200, content=json.dumps({"items": [{"slug": "veo3.1"}]}).encode())

    assert "it is not JSON" in compared_with(answer).unread[0]


def test_arguments_are_checked() -> None:
    with pytest.raises(InvalidArgument):
        PublicCatalog(base_url="http://example.com")
    with pytest.raises(InvalidArgument):
        PublicCatalog(timeout=0)
    with pytest.raises(InvalidArgument):
        PublicCatalog(retries=3)  # type: ignore[arg-type]


OPTIONS: dict[str, tuple[Any, dict[str, str]]] = {
    "slug": ("lamp", {"q": "slug.EQ:'lamp'"}),
    "q": ("name.EQ:'Lamp'", {"q": "name.EQ:'Lamp'"}),
    "sort_by": ("slug:asc", {"sort_by": "slug:asc"}),
    "page_size": (7, {"limit": "7"}),
    "cursor": ("cursor-1", {"pq": "cursor-1"}),
    "backward": (True, {"from_prev": "true", "pq": "cursor-1"}),
}
"""Each option of the list, and what it changes in the query."""
KINDS = pytest.mark.parametrize("kind", [PublicCatalog, AsyncPublicCatalog])


@pytest.mark.parametrize("option", OPTIONS)
@KINDS
def test_each_option_of_the_list_is_sent(kind: Any, option: str) -> None:
    sent: list[dict[str, str]] = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(dict(request.url.params))
        return httpx.Response(200, json={"items": [{"slug": "lamp"}], "next": None})

    is_async = kind is AsyncPublicCatalog
    own = (httpx.AsyncClient if is_async else httpx.Client)(transport=httpx.MockTransport(answer))
    catalog = kind(base_url="https://api.test", http_client=own)
    assert {*inspect.signature(catalog.models).parameters} == {*OPTIONS}
    value, changed = OPTIONS[option]
    given = {option: value, **({"cursor": "cursor-1"} if option == "backward" else {})}
    found = asyncio.run(settled(catalog.models(**given)))
    assert [model.slug for model in found] == ["lamp"]
    assert sent == [{"limit": "100", "from_prev": "false", **changed}]


@KINDS
def test_a_reader_of_the_catalog_has_the_callers_settings(kind: Any) -> None:
    policy = RetryPolicy(attempts=2)
    driver = kind(base_url="https://api.test", timeout=7.0, retries=policy)._driver
    assert (driver.context.timeout, driver.context.retries) == (7.0, policy)
    assert (driver.http.timeout.read, driver.origin.base_url) == (7.0, "https://api.test")
