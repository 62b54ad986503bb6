"""Assets and the storage behind signed addresses."""

from __future__ import annotations

import base64
from typing import Any

from .recorder import Recorder, objects
from .runs import MISSING

UPLOADS = "/v1/asset-uploads"


def upload(
    recorder: Recorder, name: str = "a.png", kind: str = "image/png", content: bytes = b"0123456789"
) -> Any:
    """Upload a file and return the session."""
    session = recorder.post(
        UPLOADS, {"filename": name, "mime_type": kind, "size_bytes": len(content)}
    )
    recorder.fetch(session["upload_url"], "PUT", content=content, headers={"Content-Type": kind})
    return session


def assets(recorder: Recorder) -> None:
    """Play uploads step by step, assets in every view, and references in inputs."""
    recorder.get("/v1/assets/types")
    recorder.title("each step, and what is refused")
    for body in objects(
        {},
        {"filename": "a", "mime_type": "text/plain", "size_bytes": 1},
        {"filename": "a", "mime_type": "IMAGE/PNG", "size_bytes": 1},
        {"filename": "", "mime_type": "image/png", "size_bytes": 1},
        {"filename": "a", "mime_type": "image/png", "size_bytes": 0},
        {"filename": "a", "mime_type": "image/png", "size_bytes": -1},
    ):
        recorder.post(UPLOADS, body)
    session = recorder.post(
        UPLOADS, {"filename": "ü b.png", "mime_type": "image/png", "size_bytes": 4}
    )
    identifier, url = session["asset_id"], session["upload_url"]
    recorder.post(f"{UPLOADS}/{identifier}/confirmations")
    for content, headers in (
        (b"abc", {"Content-Type": "image/png"}),
        (b"abcde", {"Content-Type": "image/png"}),
        (b"abcd", {"Content-Type": "image/jpeg"}),
        (b"abcd", {"Authorization": "Bearer x"}),
    ):
        recorder.fetch(url, "PUT", content=content, headers=headers)
    recorder.fetch(url, "GET")
    recorder.fetch(url.replace("X-Amz-Expires=3600", "X-Amz-Expires=7200"), "PUT", content=b"abcd")
    recorder.advance(3600)
    recorder.fetch(url, "PUT", content=b"abcd", headers={"Content-Type": "image/png"})
    recorder.restart()
    recorder.advance(1)
    recorder.fetch(url, "PUT", content=b"abcd")
    made = recorder.post(f"{UPLOADS}/{identifier}/confirmations", {"folder_id": MISSING})
    recorder.advance(5)
    recorder.post(f"{UPLOADS}/{identifier}/confirmations", {"folder_id": None})
    recorder.post(f"{UPLOADS}/{MISSING}/confirmations")
    recorder.fetch(made["url"])
    recorder.title("kinds of files")
    for name, kind in (
        ("a.mp4", "video/mp4"),
        ("a.mp3", "audio/mpeg"),
        ("a.zip", "application/zip"),
    ):
        recorder.post(f"{UPLOADS}/{upload(recorder, name, kind)['asset_id']}/confirmations")
    recorder.title("changes")
    for body in objects(
        {"name": "b.png"},
        {"folder_id": MISSING},
        {"folder_id": None, "name": "c.png"},
        {},
        {"name": 3},
        {"folder_id": "x"},
        {"mime_type": "image/gif"},
    ):
        recorder.advance(7)
        recorder.patch(f"/v1/assets/{identifier}", body)
    recorder.get(f"/v1/assets/{identifier}", embed="created_by_user")
    recorder.get(f"/v1/assets/{identifier}", fields="id,url")
    recorder.get("/v1/assets", sort_by="name:asc", limit="3")
    recorder.get("/v1/assets", q="mime_type:image/png")
    recorder.fetch(made["url"])
    recorder.title("references")
    picture = "data:image/png;base64," + base64.b64encode(b"inline").decode()
    values = {
        "prompt": "x",
        "image_urls": [f"runflow://assets/{identifier}", picture, "https://a.test/1.png"],
        "deep": {"list": [{"file": "data:text/plain,a%20b"}, "data:nothing", 3, None, True]},
    }
    run = recorder.run(
        input=values, metadata={"file": picture, "ref": f"runflow://assets/{identifier}"}
    )
    recorder.get(f"/v1/runs/{run}")
    recorder.get("/v1/assets", sort_by="created_at:desc", limit="4")
    recorder.advance(10)
    recorder.get(f"/v1/runs/{run}", fields="id,status_code,failure_code")
    missing = recorder.run(input={"prompt": "x", "image_urls": [f"runflow://assets/{MISSING}"]})
    recorder.advance(10)
    recorder.get(f"/v1/runs/{missing}")
    recorder.mock.keys.add("rf_live_other", balance="1")
    with recorder.key("rf_live_other"):
        recorder.title("another organization")
        for path in ("", f"/{identifier}"):
            recorder.get("/v1/assets" + path)
        recorder.patch(f"/v1/assets/{identifier}", {"name": "mine"})
        recorder.delete(f"/v1/assets/{identifier}")
        recorder.post(f"{UPLOADS}/{identifier}/confirmations")
        stolen = recorder.run(
            input={"prompt": "x", "image_urls": [f"runflow://assets/{identifier}"]}
        )
        recorder.get(f"/v1/runs/{stolen}")
        recorder.advance(10)
        recorder.get(f"/v1/runs/{stolen}")
    recorder.title("deleted")
    session = upload(recorder)
    recorder.post(f"{UPLOADS}/{session['asset_id']}/confirmations")
    recorder.delete(f"/v1/assets/{session['asset_id']}")
    recorder.fetch(session["upload_url"], "PUT", content=b"0123456789")
    recorder.delete(f"/v1/assets/{identifier}")
    recorder.delete(f"/v1/assets/{identifier}")
    recorder.get(f"/v1/assets/{identifier}")
    recorder.fetch(made["url"])
    recorder.post(f"{UPLOADS}/{identifier}/confirmations")
    recorder.get(f"/v1/runs/{run}", fields="id,input")
    recorder.get("/v1/assets", sort_by="created_at:asc", fields="id,name")


def storage(recorder: Recorder) -> None:
    """Play ranges, conditions, methods and the life of signed addresses."""
    recorder.title("an asset")
    session = upload(recorder, content=b"0123456789")
    url = recorder.post(f"{UPLOADS}/{session['asset_id']}/confirmations")["url"]
    recorder.fetch(url, "HEAD")
    whole = recorder.fetch(url).headers
    tag, date = whole["etag"], whole["last-modified"]
    for asked in (
        *("0-0", "0-3", "2-4", "9-9", "9-20", "10-", "10-12", "5-", "0-", "-0", "-1", "-10", "-11"),
        *("3-2", "x-1", "-", "0-1,3-4"),
    ):
        recorder.fetch(url, headers={"Range": f"bytes={asked}"})
    for headers in objects(
        {"If-Match": tag},
        {"If-Match": f'"x", {tag}'},
        {"If-Match": '"x"'},
        {"If-Match": "*"},
        {"If-Match": f"W/{tag}"},
        {"If-None-Match": tag},
        {"If-None-Match": "*"},
        {"If-None-Match": '"x"'},
        {"If-None-Match": f"W/{tag}"},
        {"Range": "bytes=2-4", "If-Range": tag},
        {"Range": "bytes=2-4", "If-Range": '"x"'},
        {"Range": "bytes=2-4", "If-Range": f"W/{tag}"},
        {"Range": "bytes=2-4", "If-Range": date},
        {"Range": "bytes=2-4", "If-Range": "Thu, 01 Jan 2026 00:00:01 GMT"},
        {"Authorization": "Bearer x"},
    ):
        recorder.fetch(url, headers=headers)
    for method in ("PUT", "POST", "DELETE"):
        recorder.fetch(url, method)
    for bent in (
        url.replace("a.png", "b.png"),
        url.replace("20260101", "20260102"),
        url.partition("?")[0],
        url[:-1],
    ):
        recorder.fetch(bent)
    for seconds in (7 * 86400 - 1, 1, 1):
        recorder.advance(seconds)
        recorder.fetch(url)
    recorder.fetch(recorder.get(f"/v1/assets/{session['asset_id']}")["url"])
    recorder.title("outputs")
    for model, values in (
        ("google/nano-banana-pro", {"prompt": "x", "num_images": 2, "seed": 7}),
        ("google/nano-banana-pro", {"prompt": "x", "output_format": "jpeg", "resolution": "2K"}),
        ("google/nano-banana-pro", {"prompt": "x", "sync_mode": True}),
        ("google/veo3.1/fast", {"prompt": "x", "duration": "8s"}),
        ("elevenlabs/tts/eleven-v3", {"text": "x", "seed": 0}),
        (
            "runflow/smart-resize",
            {"image_url": "https://a.test/1.png", "aspect_ratio": "1:1", "resolution": "1K"},
        ),
        ("runflow/background-removal", {"image_url": "https://a.test/1.png"}),
    ):
        run = recorder.post(f"/v1/models/{model}/runs", {"input": values})["id"]
        recorder.advance(10)
        output = recorder.get(f"/v1/runs/{run}")["output"]
        links = output.get("image_urls") or [one["url"] for one in output["outputs"]]
        for link in links:
            if link.startswith("http"):
                recorder.fetch(link)
                recorder.fetch(link, headers={"Range": "bytes=1-4"})
    recorder.title("signed anew")
    for seconds in (86400 - 10, 1, 10):
        recorder.advance(seconds)
        recorder.fetch(links[0])
        for again in ("true", "false"):
            fresh = recorder.get(f"/v1/runs/{run}", add_signature=again)["output"]
            recorder.fetch((fresh.get("image_urls") or [one["url"] for one in fresh["outputs"]])[0])
    recorder.fetch(links[0].replace("/0.", "/x."))
