"""Assets: three-step uploads, signed URLs, and what inputs refer to."""

import base64
from pathlib import Path
from typing import Any

import httpx
import pytest
from runflow_mock import MockRunflow, Settings, SteppedClock

from .calling import RUN_SECONDS, create_run, error_of, get_run
from .stories.world import World

CONTENT = b"\x89PNG not really"


def begin(api: httpx.Client, **changes: Any) -> Any:
    body = {
        "filename": "café picture.png",
        "mime_type": "image/png",
        "size_bytes": len(CONTENT),
        **changes,
    }
    response = api.post("/v1/asset-uploads", json=body)
    assert response.status_code == 201, response.text
    return response.json()


def upload(api: httpx.Client) -> Any:
    session = begin(api)
    assert (
        httpx.put(
            session["upload_url"], content=CONTENT, headers={"Content-Type": "image/png"}
        ).status_code
        == 200
    )
    response = api.post(f"/v1/asset-uploads/{session['asset_id']}/confirmations", json={})
    assert response.status_code == 201, response.text
    return response.json()


def test_an_upload_becomes_an_asset(mock: MockRunflow, api: httpx.Client) -> None:
    asset = upload(api)
    assert (asset["name"], asset["mime_type"], asset["size_bytes"]) == (
        "café picture.png",
        "image/png",
        len(CONTENT),
    )
    read = api.get(f"/v1/assets/{asset['id']}?embed=created_by_user").json()
    response = httpx.get(read["url"])
    assert (response.content, response.headers["content-type"]) == (CONTENT, "image/png")
    assert read["created_by_user"]["email"]
    assert [row["id"] for row in api.get("/v1/assets").json()["items"]] == [asset["id"]]


def test_nobody_chooses_the_id_or_the_organization_of_an_upload(api: httpx.Client) -> None:
    usual = upload(api)
    session = begin(api, id=usual["id"], org_id="another")
    assert session["asset_id"] != usual["id"]
    httpx.put(session["upload_url"], content=CONTENT)
    made = api.post(f"/v1/asset-uploads/{session['asset_id']}/confirmations").json()
    assert (made["id"], made["org_id"]) == (session["asset_id"], usual["org_id"])


def test_confirming_twice_gives_the_same_asset_and_needs_no_body(api: httpx.Client) -> None:
    asset = upload(api)
    again = api.post(f"/v1/asset-uploads/{asset['id']}/confirmations")
    assert again.status_code == 201
    assert again.json()["id"] == asset["id"]
    assert len(api.get("/v1/assets").json()["items"]) == 1


def test_an_upload_is_checked(mock: MockRunflow, api: httpx.Client) -> None:
    session = begin(api)
    url, confirmation = (
        session["upload_url"],
        f"/v1/asset-uploads/{session['asset_id']}/confirmations",
    )
    error_of(api.post(confirmation), 404)
    assert httpx.get(url).status_code == 405
    assert httpx.put(url, content=CONTENT[:-1]).status_code == 400
    assert (
        httpx.put(url, content=CONTENT, headers={"Content-Type": "image/webp"}).status_code == 403
    )
    assert httpx.put(url.replace(session["asset_id"], "other"), content=CONTENT).status_code == 403
    error_of(api.post(confirmation), 404)
    mock.advance(24 * 60 * 60)
    assert httpx.put(url, content=CONTENT).status_code == 403


def test_what_is_uploaded_again_replaces_what_was_uploaded(api: httpx.Client) -> None:
    session, other = begin(api), CONTENT[::-1]
    for content in (CONTENT, other):
        assert httpx.put(session["upload_url"], content=content).status_code == 200
    asset = api.post(f"/v1/asset-uploads/{session['asset_id']}/confirmations").json()
    assert httpx.get(asset["url"]).content == other


def test_urls_of_assets_expire_and_are_fresh_on_every_read(
    api: httpx.Client, mock: MockRunflow
) -> None:
    asset = upload(api)
    mock.advance(8 * 24 * 60 * 60)
    assert httpx.get(asset["url"]).status_code == 403
    assert httpx.get(api.get(f"/v1/assets/{asset['id']}").json()["url"]).status_code == 200


def test_assets_are_renamed_and_deleted(mock: MockRunflow, api: httpx.Client) -> None:
    asset = upload(api)
    path = f"/v1/assets/{asset['id']}"
    mock.advance(5)
    renamed = api.patch(path, json={"name": "b.png"}).json()
    assert renamed["name"] == "b.png"
    assert renamed["updated_at"] > asset["updated_at"]
    error_of(api.patch(path, json={"name": 7}), 422)
    error_of(api.patch(path, json={"folder_id": "no uuid"}), 422)
    url = renamed["url"]
    assert api.delete(path).status_code == 204
    again = f"/v1/asset-uploads/{asset['id']}/confirmations"
    for response in (api.get(path), api.patch(path, json={}), api.delete(path), api.post(again)):
        error_of(response, 404)
    assert httpx.get(url).status_code == 404
    assert api.get("/v1/assets").json()["items"] == []


def test_no_file_is_left_of_a_deleted_asset(tmp_path: Path) -> None:
    world = World(tmp_path, seed=0)
    upload = {"filename": "a", "mime_type": "image/png", "size_bytes": 1}
    asset = world.call("POST", "/v1/asset-uploads", upload)[1]["asset_id"]
    world.state.files.put(asset, b"a")
    world.call("POST", f"/v1/asset-uploads/{asset}/confirmations", {})
    assert list(world.state.files) == [asset]
    assert world.call("DELETE", f"/v1/assets/{asset}")[0] == 204
    assert list(world.state.files) == []
    world.end()


def test_a_file_of_another_size_than_announced_becomes_no_asset(tmp_path: Path) -> None:
    """However it came into the storage: from a state file, for example."""
    world = World(tmp_path, seed=0)
    upload = {"filename": "a", "mime_type": "image/png", "size_bytes": 1}
    asset = world.call("POST", "/v1/asset-uploads", upload)[1]["asset_id"]
    for content in (b"", b"ab"):
        world.state.files.put(asset, content)
        status, body = world.call("POST", f"/v1/asset-uploads/{asset}/confirmations", {})
        said = f"1 bytes were announced, {len(content)} were uploaded"
        error = {"loc": ["body", "size_bytes"], "msg": said, "type": "size_mismatch"}
        assert (status, body["errors"]) == (422, [error])
    assert list(world.state.assets) == []
    world.end()


def test_a_run_may_refer_to_an_asset(mock: MockRunflow, api: httpx.Client) -> None:
    asset = upload(api)
    reference = f"runflow://assets/{asset['id']}"
    good = create_run(api, "runflow/skin-fix", input={"image_url": reference})["id"]
    bad = create_run(api, "runflow/skin-fix", input={"image_url": "runflow://assets/none"})["id"]
    mock.advance(RUN_SECONDS)
    assert get_run(api, good)["status_code"] == "succeeded"
    run = get_run(api, bad)
    assert (run["status_code"], run["failure_code"], run["failure_stage_code"]) == (
        "failed",
        "ASSET_NOT_FOUND",
        "dispatch",
    )


def test_a_data_uri_becomes_an_asset(mock: MockRunflow, api: httpx.Client) -> None:
    uri = f"data:image/png;base64,{base64.b64encode(CONTENT).decode()}"
    run = create_run(
        api,
        "google/nano-banana-pro/edit",
        input={"prompt": "x", "image_urls": [uri, "data:broken"]},
    )
    reference, untouched = run["input"]["image_urls"]
    assert untouched == "data:broken"
    asset = api.get(f"/v1/assets/{reference.removeprefix('runflow://assets/')}").json()
    assert httpx.get(asset["url"]).content == CONTENT


@pytest.mark.parametrize(
    ("uri", "media_type", "content"),
    [
        ("data:image/svg+xml,%3Csvg%2F%3E", "image/svg+xml", b"<svg/>"),
        ("data:text/plain;charset=utf-8,caf%C3%A9", "text/plain", "café".encode()),
        ("data:,a%20b", "text/plain", b"a b"),
        ("data:image/png;base64,", "image/png", b""),
    ],
)
def test_a_data_uri_is_read_in_each_of_its_forms(
    api: httpx.Client, uri: str, media_type: str, content: bytes
) -> None:
    run = create_run(api, "google/nano-banana-pro/edit", input={"prompt": "x", "image_urls": [uri]})
    (reference,) = run["input"]["image_urls"]
    asset = api.get(f"/v1/assets/{reference.removeprefix('runflow://assets/')}").json()
    assert (asset["mime_type"], asset["size_bytes"]) == (media_type, len(content))
    assert httpx.get(asset["url"]).content == content


def test_a_run_that_is_read_shows_its_assets_by_signed_urls(api: httpx.Client) -> None:
    reference = f"runflow://assets/{upload(api)['id']}"
    given = {"prompt": "x", "image_urls": [reference, "runflow://assets/none"]}
    run = create_run(api, "google/nano-banana-pro/edit", input=given)
    assert run["input"] == given
    for shown in (get_run(api, run["id"]), api.get("/v1/runs").json()["items"][0]):
        url, unknown = shown["input"]["image_urls"]
        assert httpx.get(url).content == CONTENT
        assert unknown == "runflow://assets/none"


def test_files_in_metadata_are_kept_too(mock: MockRunflow, api: httpx.Client) -> None:
    uri = "data:text/plain,kept"
    given = {"files": [uri], "none": None, "text": "data:broken"}
    run = create_run(api, metadata=given)
    picture = {"image_url": "https://a.test/1.png"}
    batch = api.post(
        "/v1/models/runflow/skin-fix/batches", json={"input": [picture], "metadata": given}
    ).json()
    for made in (run, batch):
        [reference] = made["metadata"]["files"]
        assert made["metadata"] == {**given, "files": [reference]}
        asset = api.get(f"/v1/assets/{reference.removeprefix('runflow://assets/')}").json()
        assert httpx.get(asset["url"]).content == b"kept"
    [url] = get_run(api, run["id"])["metadata"]["files"]
    assert httpx.get(url).content == b"kept"


def test_types_are_listed(api: httpx.Client) -> None:
    assert "image/png" in {entry["mime_type"] for entry in api.get("/v1/assets/types").json()}


@pytest.mark.parametrize(
    "changes", [{"size_bytes": 0}, {"size_bytes": 52428801}, {"filename": ""}, {"mime_type": None}]
)
def test_limits_of_uploads(api: httpx.Client, changes: dict[str, Any]) -> None:
    body = {"filename": "a", "mime_type": "image/png", "size_bytes": 1, **changes}
    error_of(api.post("/v1/asset-uploads", json=body), 422)


def test_a_request_that_is_too_large_is_refused() -> None:
    with MockRunflow(SteppedClock(), settings=Settings(largest_body=1000)) as mock:
        response = httpx.post(f"{mock.base_url}/v1/asset-uploads", content=b"x" * 2000)
        assert error_of(response, 413)


def test_a_media_type_that_is_not_listed_is_refused(api: httpx.Client) -> None:
    listed = [entry["mime_type"] for entry in api.get("/v1/assets/types").json()]
    body = {"filename": "a", "size_bytes": 1}
    for media_type in listed:
        begin(api, mime_type=media_type)
    for media_type in ("image/svg+xml", "application/octet-stream"):
        assert media_type not in listed
        answer = api.post("/v1/asset-uploads", json={**body, "mime_type": media_type})
        assert error_of(answer, 422)["errors"][0]["loc"] == ["body", "mime_type"]


@pytest.mark.parametrize("accepted", [None, ("image/svg+xml",), ["IMAGE/SVG+XML"]])
def test_the_media_types_of_assets_can_be_set(accepted: tuple[str, ...] | None) -> None:
    settings = Settings(asset_media_types=accepted)
    with MockRunflow(SteppedClock(), settings=settings) as mock:
        headers = {"Authorization": f"Bearer {mock.api_key}"}
        with httpx.Client(base_url=mock.base_url, headers=headers, trust_env=False) as api:
            begin(api, mime_type="image/svg+xml")


def test_the_list_of_types_says_of_what_type_an_asset_is(tmp_path: Path) -> None:
    types = {
        "image/png": "image",
        "IMAGE/WEBP": "image",
        "video/mp4": "video",
        "Application/Vnd.A+Json; of=b/c": "application",
        "model/a/b": "model",
        "text": "text",
    }
    world, made = World(tmp_path, seed=0, asset_media_types=tuple(types)), dict[str, str]()
    for kind in types:
        upload = {"filename": "a", "mime_type": kind, "size_bytes": 1}
        asset = world.call("POST", "/v1/asset-uploads", upload)[1]["asset_id"]
        world.state.files.put(asset, b"a")
        shown = world.call("POST", f"/v1/asset-uploads/{asset}/confirmations", {})[1]
        made[shown["mime_type"]] = shown["asset_type"]
        assert (shown["thumbnail_url"] is not None) == (shown["asset_type"] == "image")
    listed = {row["mime_type"]: row["asset_type"] for row in world.get("/v1/assets/types")}
    assert listed == made == types
    world.end()


def test_a_reference_to_no_asset_can_be_refused_at_once() -> None:
    settings = Settings(unknown_assets="refuse")
    with MockRunflow(SteppedClock(), settings=settings) as mock:
        headers = {"Authorization": f"Bearer {mock.api_key}"}
        with httpx.Client(base_url=mock.base_url, headers=headers, trust_env=False) as api:
            gone = "runflow://assets/0190aaaa-0000-7000-8000-000000000001"
            answer = api.post(
                "/v1/models/runflow/skin-fix/runs", json={"input": {"image_url": gone}}
            )
            [entry] = error_of(answer, 422)["errors"]
            assert entry["msg"] == f"asset not found or expired: {gone}"
            answer = api.post(
                "/v1/models/runflow/skin-fix/batches", json={"input": [{"image_url": gone}]}
            )
            [entry] = error_of(answer, 422)["errors"]
            assert entry["loc"] == ["body", "input", 0]
            # What else is wrong with the input is told, too.
            wrong = {"input": {"prompt": 7, "image_urls": [gone]}}
            answer = api.post("/v1/models/google/nano-banana-pro/edit/runs", json=wrong)
            errors = error_of(answer, 422)["errors"]
            assert [one["type"] for one in errors] == ["string_type", "asset_not_found"]
            given = {"image_url": f"runflow://assets/{upload(api)['id']}"}
            create_run(api, "runflow/skin-fix", input=given)


def test_a_confirmation_that_is_repeated_after_a_change_leaves_the_change(
    api: httpx.Client,
) -> None:
    asset = upload(api)
    confirmation, path = (
        f"/v1/asset-uploads/{asset['id']}/confirmations",
        f"/v1/assets/{asset['id']}",
    )
    changed = api.patch(path, json={"name": "renamed.png"}).json()
    again = api.post(confirmation)
    assert (again.status_code, again.json()["name"]) == (201, "renamed.png")
    assert again.json()["created_at"] == asset["created_at"]
    assert api.get(path).json()["updated_at"] == changed["updated_at"]
    assert api.delete(path).status_code == 204
    error_of(api.post(confirmation), 404)
    assert api.get("/v1/assets").json()["items"] == []


@pytest.mark.parametrize(
    ("media_type", "shown"), [("image/webp", True), ("video/mp4", False), ("audio/mpeg", False)]
)
def test_pictures_alone_have_a_thumbnail(api: httpx.Client, media_type: str, shown: bool) -> None:
    session = begin(api, mime_type=media_type)
    headers = {"Content-Type": media_type}
    httpx.put(session["upload_url"], content=CONTENT, headers=headers).raise_for_status()
    asset = api.post(f"/v1/asset-uploads/{session['asset_id']}/confirmations").json()
    assert (asset["thumbnail_url"] is not None) == shown
