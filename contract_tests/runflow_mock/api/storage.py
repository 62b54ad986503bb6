"""The object storage: outputs of runs, assets and uploads behind presigned URLs.

It answers as Amazon S3 does, with errors in XML.
"""

import asyncio
import hashlib
import re
from datetime import datetime
from email.utils import format_datetime, parsedate_to_datetime

from attrs import evolve

from ..contract.answers import Reply, storage_error
from ..contract.requests import IncomingRequest
from ..simulation.assets import ASSET_PREFIX, UPLOAD_PREFIX
from ..simulation.outputs import OUTPUT_PREFIX, Media, make_media
from ..simulation.simulation import Simulation
from ..state.clock import parse_instant
from ..state.signed_urls import EXPIRED

MEDIA_PREFIXES = (OUTPUT_PREFIX, ASSET_PREFIX, UPLOAD_PREFIX)


async def serve_media(simulation: Simulation, request: IncomingRequest) -> Reply:
    """Return the file or a part of it, or store the upload.

    A bad or expired URL is a 403. A request that is signed by its URL and has an Authorization
    header, too, is a 400: API keys must not go to the storage.
    """
    allowed = ("PUT",) if request.raw_path.startswith(UPLOAD_PREFIX) else ("GET", "HEAD")
    if request.method not in allowed:
        return storage_error(
            405, "MethodNotAllowed", "The specified method is not allowed against this resource."
        )
    if "authorization" in request.headers:
        return storage_error(
            400,
            "InvalidArgument",
            "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature "
            "query string parameter or the Authorization header should be specified",
        )
    problem = simulation.state.urls.problem(
        request.method, request.raw_path, dict(request.query), simulation.state.now()
    )
    if problem == EXPIRED:
        return storage_error(403, "AccessDenied", "Request has expired")
    if problem is not None:
        return storage_error(
            403,
            problem,
            "The request signature we calculated does not match the signature you sent",
        )
    if request.method == "PUT":
        return _take_upload(simulation, request)
    if request.raw_path.startswith(ASSET_PREFIX):
        identifier = request.raw_path.removeprefix(ASSET_PREFIX).partition("/")[0]
        return _asset(simulation, request, identifier)
    run_id, _, name = request.raw_path.removeprefix(OUTPUT_PREFIX).partition("/")
    return await output_reply(simulation, request, run_id, name)


def _take_upload(simulation: Simulation, request: IncomingRequest) -> Reply:
    upload = simulation.state.uploads.get(request.raw_path.removeprefix(UPLOAD_PREFIX))
    if upload is None:
        return storage_error(404, "NoSuchUpload", "The specified upload does not exist.")
    media_type = request.headers.get("content-type")
    if media_type is not None and media_type != upload["mime_type"]:
        return storage_error(
            403, "SignatureDoesNotMatch", f"the URL was signed for {upload['mime_type']}"
        )
    size, announced = len(request.body), upload["size_bytes"]
    if size != announced:
        return storage_error(
            400,
            "EntityTooLarge" if size > announced else "IncompleteBody",
            f"{announced} bytes were announced, {size} were sent",
        )
    simulation.state.files.put(upload["id"], request.body)
    return Reply(b"", 200, {"ETag": entity_tag(request.body)})


def _asset(simulation: Simulation, request: IncomingRequest, identifier: str) -> Reply:
    row, content = simulation.state.assets.get(identifier), simulation.state.files.get(identifier)
    if row is None or content is None:
        return storage_error(404, "NoSuchKey", "The specified key does not exist.")
    return file_reply(request, content, row["mime_type"], parse_instant(row["created_at"]))


async def output_reply(
    simulation: Simulation, request: IncomingRequest, run_id: str, name: str
) -> Reply:
    """Return the output file of that name (`0.png`) of a run, or a part of it."""
    row = simulation.state.runs.get(run_id)
    model = None if row is None else simulation.catalog.get(row["_model"])
    index = name.partition(".")[0]
    if row is None or model is None or not re.fullmatch(r"\d{1,9}", index):
        return storage_error(404, "NoSuchKey", "The specified key does not exist.")
    media: Media = await asyncio.to_thread(make_media, model, row["input"], int(index))
    changed = parse_instant(row["completed_at"] or row["created_at"])
    return file_reply(request, media.content, media.media_type, changed)


def file_reply(
    request: IncomingRequest, content: bytes, media_type: str, changed: datetime
) -> Reply:
    """Return the file, or the part of it that `Range` asks for (206, 416 if it lies outside).

    `If-Match` (412) and `If-Range` (else the whole file) hold the part to one version of the file.
    """
    tag = entity_tag(content)
    headers = {
        "Accept-Ranges": "bytes",
        "ETag": tag,
        "Last-Modified": format_datetime(changed, usegmt=True),
    }
    wanted = request.headers.get("if-match")
    if wanted is not None and wanted != "*" and tag not in map(str.strip, wanted.split(",")):
        return storage_error(
            412,
            "PreconditionFailed",
            "At least one of the preconditions you specified did not hold",
        )
    if request.headers.get("if-none-match") in (tag, "*"):
        return Reply(None, 304, headers)
    # Python reads no number of more than 4300 digits; no file is larger than one of 19.
    span = request.headers.get("range", "").strip()
    asked = re.fullmatch(r"bytes=(\d{0,19})-(\d{0,19})", span, re.ASCII)
    if asked is None or asked[0] == "bytes=-" or not _same_version(request, tag, changed):
        return Reply(content, 200, headers, media_type)
    size = len(content)
    if asked[1]:
        start, end = int(asked[1]), min(int(asked[2]) + 1, size) if asked[2] else size
    else:
        start, end = max(size - int(asked[2]), 0), size
    if asked[2] and asked[1] and int(asked[2]) < int(asked[1]):
        return Reply(content, 200, headers, media_type)
    if start >= size:
        refused = storage_error(416, "InvalidRange", "The requested range is not satisfiable")
        return evolve(refused, headers={"Content-Range": f"bytes */{size}"})
    headers["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    return Reply(content[start:end], 206, headers, media_type)


def _same_version(request: IncomingRequest, tag: str, changed: datetime) -> bool:
    """Return whether `If-Range`, an entity tag or a date, holds for the file."""
    condition = request.headers.get("if-range")
    if condition is None or condition == tag:
        return True
    try:
        return parsedate_to_datetime(condition) == changed.replace(microsecond=0)
    except (ValueError, OverflowError):
        return False


def entity_tag(content: bytes) -> str:
    """Return the ETag of a file, as S3 gives it to a file that was put in one piece."""
    return f'"{hashlib.md5(content, usedforsecurity=False).hexdigest()}"'
