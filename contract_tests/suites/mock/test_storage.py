"""The object storage answers as S3 does: ranges, entity tags, one signature only, XML errors."""

import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator

import httpx
import pytest
from runflow_mock import MockRunflow

from .calling import RUN_SECONDS, create_run, get_run


@pytest.fixture
def url(mock: MockRunflow, api: httpx.Client) -> str:
    """The signed URL of an output."""
    mock.advance(0.25)  # an HTTP date has whole seconds only
    run_id = create_run(api)["id"]
    mock.advance(RUN_SECONDS)
    found: str = get_run(api, run_id)["output"]["outputs"][0]["url"]
    return found


@pytest.fixture
def storage() -> Iterator[httpx.Client]:
    with httpx.Client(trust_env=False) as client:
        yield client


def code_of(response: httpx.Response, status: int) -> str | None:
    """Return the code of an XML error that must have that status."""
    assert (response.status_code, response.headers["content-type"]) == (status, "application/xml")
    root = ElementTree.fromstring(response.content)
    assert root.findtext("Message")
    return root.findtext("Code")


def test_a_whole_file_says_that_parts_of_it_can_be_had(storage: httpx.Client, url: str) -> None:
    whole = storage.get(url)
    assert whole.headers["accept-ranges"] == "bytes"
    assert whole.headers["last-modified"] == "Thu, 01 Jan 2026 00:00:06 GMT"
    assert whole.headers["etag"] == storage.get(url).headers["etag"]


@pytest.mark.parametrize(
    ("wanted", "part"),
    [
        ("bytes=0-9", slice(0, 10)),
        ("bytes=100-", slice(100, None)),
        ("bytes=-7", slice(-7, None)),
        ("bytes=5-999999999", slice(5, None)),
        ("bytes=-999999999", slice(None)),
    ],
)
def test_a_part_is_given(storage: httpx.Client, url: str, wanted: str, part: slice) -> None:
    whole = storage.get(url).content
    response = storage.get(url, headers={"Range": wanted})
    start, stop, _ = part.indices(len(whole))
    assert (response.status_code, response.content) == (206, whole[part])
    assert response.headers["content-range"] == f"bytes {start}-{stop - 1}/{len(whole)}"
    assert response.headers["content-length"] == str(stop - start)


@pytest.mark.parametrize(
    "wanted",
    [
        *("bytes=9-3", "lines=1-2", "bytes=-", "bytes=0-1,4-5", "bytes"),
        *(f"bytes={'9' * 5000}-", f"bytes=-{'9' * 5000}", f"bytes=0-{'9' * 5000}"),
    ],
)
def test_a_range_that_makes_no_sense_is_ignored(
    storage: httpx.Client, url: str, wanted: str
) -> None:
    assert storage.get(url, headers={"Range": wanted}).content == storage.get(url).content


@pytest.mark.parametrize("wanted", ["bytes={size}-", "bytes=-0"])
def test_a_range_outside_the_file_is_refused(storage: httpx.Client, url: str, wanted: str) -> None:
    size = len(storage.get(url).content)
    response = storage.get(url, headers={"Range": wanted.format(size=size)})
    assert code_of(response, 416) == "InvalidRange"
    assert response.headers["content-range"] == f"bytes */{size}"


def test_a_part_can_be_held_to_one_version(storage: httpx.Client, url: str) -> None:
    whole = storage.get(url)
    tag, changed = whole.headers["etag"], whole.headers["last-modified"]
    part = {"Range": "bytes=0-9"}
    for same in (tag, changed):
        assert storage.get(url, headers={**part, "If-Range": same}).status_code == 206
    for other in ('"other"', "Thu, 01 Jan 2026 00:00:05 GMT", "no date"):
        assert storage.get(url, headers={**part, "If-Range": other}).content == whole.content
    assert storage.get(url, headers={**part, "If-Match": tag}).status_code == 206
    refused = storage.get(url, headers={**part, "If-Match": '"other"'})
    assert code_of(refused, 412) == "PreconditionFailed"
    assert storage.get(url, headers={"If-None-Match": tag}).status_code == 304


def test_a_key_must_not_be_sent_to_the_storage(
    mock: MockRunflow, api: httpx.Client, storage: httpx.Client, url: str
) -> None:
    key = {"Authorization": f"Bearer {mock.api_key}"}
    assert code_of(storage.get(url, headers=key), 400) == "InvalidArgument"
    session = api.post(
        "/v1/asset-uploads", json={"filename": "a", "mime_type": "image/png", "size_bytes": 1}
    ).json()
    refused = storage.put(session["upload_url"], content=b"x", headers=key)
    assert code_of(refused, 400) == "InvalidArgument"


@pytest.mark.parametrize(
    ("place", "has"),
    [("/_outputs/x/0.png", "GET HEAD"), ("/_assets/x/a.png", "GET HEAD"), ("/_uploads/x", "PUT")],
)
def test_each_place_has_its_methods(
    mock: MockRunflow, storage: httpx.Client, place: str, has: str
) -> None:
    for method in ("GET", "HEAD", "PUT", "POST", "PATCH", "DELETE", "OPTIONS"):
        refused = storage.request(method, mock.base_url + place)
        assert refused.status_code == (403 if method in has.split() else 405), method


def test_a_url_is_good_for_the_method_that_it_was_signed_for(
    mock: MockRunflow, storage: httpx.Client, url: str
) -> None:
    assert storage.head(url).status_code == 403
    assert code_of(storage.put(url), 405) == "MethodNotAllowed"
    assert code_of(storage.get(url + "0"), 403) == "SignatureDoesNotMatch"
    mock.advance(2 * 24 * 60 * 60)
    assert code_of(storage.get(url), 403) == "AccessDenied"
