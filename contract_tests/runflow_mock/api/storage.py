"""The object storage: outputs of runs, assets and uploads behind presigned URLs."""

import asyncio
import hashlib

from ..contract.answers import Reply
from ..contract.requests import IncomingRequest
from ..simulation.assets import ASSET_PREFIX, UPLOAD_PREFIX
from ..simulation.outputs import OUTPUT_PREFIX, make_media
from ..simulation.simulation import Simulation

MEDIA_PREFIXES = (OUTPUT_PREFIX, ASSET_PREFIX, UPLOAD_PREFIX)


async def serve_media(simulation: Simulation, request: IncomingRequest) -> Reply:
    """Return the file, or store the upload.

    Errors are in the XML of an object storage; a bad or expired URL is a 403.
    """
    method = "GET" if request.method == "HEAD" else request.method
    if method != ("PUT" if request.raw_path.startswith(UPLOAD_PREFIX) else "GET"):
        return storage_error(405, "MethodNotAllowed")
    problem = simulation.state.urls.problem(
        method, request.raw_path, dict(request.query), simulation.state.now()
    )
    if problem is not None:
        return storage_error(403, problem)
    if method == "PUT":
        return _take_upload(simulation, request)
    if request.raw_path.startswith(ASSET_PREFIX):
        return _asset(simulation, request.raw_path.removeprefix(ASSET_PREFIX).partition("/")[0])
    return await _output(
        simulation, *request.raw_path.removeprefix(OUTPUT_PREFIX).partition("/")[::2]
    )


def _take_upload(simulation: Simulation, request: IncomingRequest) -> Reply:
    upload = simulation.state.uploads.get(request.raw_path.removeprefix(UPLOAD_PREFIX))
    if upload is None:
        return storage_error(404, "NoSuchUpload")
    media_type = request.headers.get("content-type")
    if media_type is not None and media_type != upload["mime_type"]:
        return storage_error(403, "SignatureDoesNotMatch")
    if len(request.body) != upload["size_bytes"]:
        return storage_error(
            400, "EntityTooLarge" if len(request.body) > upload["size_bytes"] else "IncompleteBody"
        )
    simulation.state.files.put(upload["id"], request.body)
    return Reply(
        b"", 200, {"ETag": f'"{hashlib.md5(request.body, usedforsecurity=False).hexdigest()}"'}
    )


def _asset(simulation: Simulation, identifier: str) -> Reply:
    row, content = simulation.state.assets.get(identifier), simulation.state.files.get(identifier)
    if row is None or content is None:
        return storage_error(404, "NoSuchKey")
    return Reply(content, 200, media_type=row["mime_type"])


async def _output(simulation: Simulation, run_id: str, name: str) -> Reply:
    row = simulation.state.runs.get(run_id)
    model = None if row is None else simulation.catalog.get(row["_model"])
    index = name.partition(".")[0]
    if row is None or model is None or not index.isdecimal():
        return storage_error(404, "NoSuchKey")
    media = await asyncio.to_thread(make_media, model, row["input"], int(index))
    return Reply(media.content, 200, media_type=media.media_type)


def storage_error(status: int, code: str) -> Reply:
    """Return an error in the XML of an object storage."""
    body = f'<?xml version="1.0" encoding="UTF-8"?><Error><Code>{code}</Code></Error>'
    return Reply(body.encode(), status, media_type="application/xml")
