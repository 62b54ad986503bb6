"""Write down what becomes of a file that is fetched or sent, whatever the storage does.

A line has the requests and the pauses in their order; others have what progress was told, the
result, and what is on the disk then.
"""

import io
import math
import os
import random
import re
import stat
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any, Final

import pytest
from attrs import define, field, frozen
from runflow_client import AsyncRunflow, Runflow
from runflow_client._time import DEFAULT_TIMEOUT
from runflow_client._transport import downloads

from ..client.calls import body_of, settled, unified
from ..client.stepped_time import AsyncSteppedTime, SteppedTime
from ..http_library import httpx

_NUMBERS: Final = count()
"""Of servers: creates of one client_ref at one server belong together."""
FILES: Final = "https://storage.test"
CONTENT: Final = b"\x89PNG\r\n\x1a\n" + bytes(range(249)) * 12
SIZE: Final = len(CONTENT)
PIECE: Final = 1000
"""Bytes that come at once."""
MODEL: Final = "google/nano-banana-pro/edit"
ID: Final = "00000000-0000-7000-8000-000000000001"
FILM: Final = b"\0\0\0\x18ftypmp42" + bytes(48)
SMALL: Final = b"GIF89a\1\0\1\0\0\0\0;"

_INLINE: Final = re.compile(r"(base64,.{24})[\w+/=]{24,}", re.ASCII)

Answer = Callable[[httpx.Request], httpx.Response]


@define
class Pieces(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body that comes in pieces, and may break."""

    content: bytes
    breaks: bool = False

    def __iter__(self) -> Iterator[bytes]:
        for start in range(0, len(self.content), PIECE):
            yield self.content[start : start + PIECE]
        if self.breaks:
            raise httpx.ReadError("it broke")

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self:
            yield piece


def told(
    content: bytes = CONTENT, *, breaks: bool = False, status: int = 200, **headers: str | None
) -> Answer:
    """Answer so; a header that is None is left out."""
    given: dict[str, str | None] = {
        "Content-Type": "image/png",
        "Content-Length": str(SIZE),
        "ETag": '"one"',
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    kept = {name: value for name, value in given.items() if value is not None}
    return lambda request: httpx.Response(
        status, headers=kept, stream=Pieces(content, breaks), request=request
    )


def rest(
    first: int, last: int = SIZE - 1, *, breaks: int | None = None, **headers: str | None
) -> Answer:
    """Answer with the rest of the file from there on. It may break before the byte `breaks`."""
    length, place = str(last + 1 - first), f"bytes {first}-{last}/{SIZE}"
    facts: dict[str, Any] = {"Content_Length": length, "Content_Range": place, **headers}
    content = CONTENT[first : last + 1 if breaks is None else breaks]
    return told(content, breaks=breaks is not None, status=206, **facts)


def refused(status: int, **headers: str) -> Answer:
    """Refuse, as a storage does."""
    body = b"<Error><Code>ItIsSo</Code></Error>"
    facts: dict[str, Any] = {
        "Content_Type": "application/xml",
        "Content_Length": str(len(body)),
        **headers,
    }
    return told(body, status=status, ETag=None, **facts)


def _fail(kind: type[httpx.TransportError]) -> Answer:
    def fail(request: httpx.Request) -> httpx.Response:
        raise kind("trouble", request=request)

    return fail


BROKEN: Final = told(CONTENT[:PIECE], breaks=True)

MOMENTS: Final[dict[str, Any]] = {
    "Last_Modified": "Wed, 06 May 2026 07:08:09 GMT",
    "Date": "Wed, 06 May 2026 07:18:09 GMT",
}

STORAGES: Final[dict[str, tuple[Answer, ...]]] = {
    "well": (told(),),
    "without a length": (told(Content_Length=None),),
    "broken, then the rest": (BROKEN, rest(PIECE)),
    "broken twice": (BROKEN, rest(PIECE, breaks=2 * PIECE), rest(2 * PIECE)),
    "broken, then all of it": (BROKEN, told()),
    "broken, then the rest of another": (BROKEN, rest(PIECE, ETag='"two"'), told()),
    "broken, then from elsewhere": (BROKEN, rest(PIECE - 1), told()),
    "broken, then less": (BROKEN, rest(PIECE, SIZE - 2), told()),
    "broken, then refused": (BROKEN, refused(416), told()),
    "broken without a mark": (told(CONTENT[:PIECE], breaks=True, ETag=None), told()),
    "broken, with a weak mark": (told(CONTENT[:PIECE], breaks=True, ETag='W/"one"'), told()),
    "broken, marked by its time": (
        told(CONTENT[:PIECE], breaks=True, ETag=None, **MOMENTS),
        rest(PIECE, ETag=None),
    ),
    "broken always": (BROKEN,),
    "shorter than it says": (told(CONTENT[:-1]), told()),
    "longer than it says": (told(CONTENT + b"more"), told()),
    "empty": (told(b"", Content_Length="0"),),
    "expired, then well": (refused(403), told()),
    "expired always": (refused(403),),
    "not there": (refused(404),),
    "unable once": (refused(500), told()),
    "unable, with a pause": (refused(503, Retry_After="7"), told()),
    "unable always": (refused(500),),
    "no connection once": (_fail(httpx.ConnectError), told()),
    "no answer once": (_fail(httpx.ReadTimeout), told()),
    "a page": (told(b"<!DOCTYPE html><html>no", Content_Type="text/html", Content_Length="23"),),
    "a film": (told(FILM, Content_Type="video/mp4", Content_Length=str(len(FILM))),),
    "elsewhere": (
        lambda request: httpx.Response(302, headers={"Location": f"{FILES}/2.png"}),
        told(),
    ),
    "at an address that is refused": (
        lambda request: httpx.Response(302, headers={"Location": "http://storage.test/2.png"}),
    ),
}  # fmt: skip
"""What the storage answers, one after another; the last again and again."""


def _note(progress: list[str]) -> Callable[[int, int | None], None]:
    return lambda done, total: progress.append(f"{done}/{total}")


Call = Callable[[Any, Path, Callable[[int, int | None], None]], Any]


async def _artifact(client: Any) -> Any:
    return (await settled(client.runs.get(ID))).outputs[0]


async def _save(
    client: Any, folder: Path, note: Any, *, name: str = "made.png", **more: Any
) -> Any:
    artifact = await _artifact(client)
    return await settled(artifact.save(f"{folder}/{name}", progress=note, **more))


async def _over(client: Any, folder: Path, note: Any, *, overwrite: bool) -> Any:
    (folder / "made.png").write_bytes(b"old")
    (folder / "made.png").chmod(0o640)
    return await _save(client, folder, note, overwrite=overwrite)


async def _read(client: Any, folder: Path, note: Any, **more: Any) -> Any:
    return await settled((await _artifact(client)).read(progress=note, **more))


async def _stream(client: Any, folder: Path, note: Any) -> Any:
    return await settled((await _artifact(client)).stream(progress=note))


async def _all(client: Any, folder: Path, note: Any) -> Any:
    run = await settled(client.runs.get(ID))
    return await settled(run.save_all(folder / "all" / "of it", progress=note))


WITH_EACH: Final[dict[str, Call]] = {"save": _save, "read": _read, "stream": _stream}
"""What is tried with each storage."""

ONCE: Final[dict[str, Call]] = {
    "save into a folder": lambda *given: _save(*given, name=""),
    "save over a file": lambda *given: _over(*given, overwrite=True),
    "save where a file is": lambda *given: _over(*given, overwrite=False),
    "save in no folder": lambda *given: _save(*given, name="none/made.png"),
    "save as a folder": lambda *given: _save(*given, name="made/"),
    "save at most as much": lambda *given: _save(*given, max_bytes=SIZE),
    "save at most less": lambda *given: _save(*given, max_bytes=SIZE - 1),
    "read at most as much": lambda *given: _read(*given, max_bytes=SIZE),
    "read at most less": lambda *given: _read(*given, max_bytes=SIZE - 1),
    "save all": _all,
}
"""What is tried with a storage that is well."""


def _file(folder: Path, name: str, content: bytes) -> Path:
    (folder / name).write_bytes(content)
    return folder / name


def _opened(folder: Path) -> io.BytesIO:
    file = io.BytesIO(b"skipped" + CONTENT)
    file.seek(len(b"skipped"))
    return file


SOURCES: Final[dict[str, Callable[[Path], Any]]] = {
    "bytes": lambda folder: CONTENT,
    "a view of bytes": lambda folder: memoryview(CONTENT)[:],
    "a path": lambda folder: _file(folder, "lamp.png", CONTENT),
    "a path of another suffix": lambda folder: _file(folder, "lamp.jpg", CONTENT),
    "a path without a suffix": lambda folder: _file(folder, "lamp", CONTENT),
    "a file that was read in part": _opened,
    "nothing": lambda folder: b"",
    "what is no picture": lambda folder: b"MZ" + bytes(90),
    "a path that is not there": lambda folder: folder / "none.png",
    "a folder": lambda folder: folder,
    "a text": lambda folder: "lamp.png",
}


def _upload(source: Callable[[Path], Any], **more: Any) -> Call:
    async def upload(client: Any, folder: Path, note: Any) -> Any:
        asset = await settled(client.assets.upload(source(folder), progress=note, **more))
        return f"asset {asset.id} {asset.ref}"

    return upload


async def _twice(client: Any, folder: Path, note: Any) -> Any:
    for _ in range(2):
        await _upload(SOURCES["bytes"])(client, folder, note)
    return await _upload(SOURCES["a path"], folder_id=ID)(client, folder, note)


def _submit(below: int) -> Call:
    async def submit(client: Any, folder: Path, note: Any) -> Any:
        pictures = [CONTENT, SMALL, _file(folder, "lamp.png", CONTENT + b"more"), CONTENT]
        given = {"prompt": "a lamp", "image_urls": pictures}
        more = {"inline_below": below, "upload_progress": note, "client_ref": "order-7"}
        return (await settled(client.submit(MODEL, given, **more))).id

    return submit


SENT: Final[dict[str, Call]] = {
    **{f"upload {name}": _upload(source) for name, source in SOURCES.items()},
    "upload with a name and a type": _upload(
        SOURCES["bytes"], name="../a lamp.bin", mime_type="image/webp", folder_id=ID
    ),
    "upload the same again": _twice,
    **{
        f"submit, inline below {below}": _submit(below) for below in (0, len(SMALL), SIZE, SIZE + 1)
    },
}
"""Uploads to a storage that is well."""

PUTS: Final[dict[str, tuple[Answer, ...]]] = {
    name: answers
    for name, answers in STORAGES.items()
    if name.startswith(("expired", "not there", "unable", "no ", "elsewhere", "at an address"))
}
"""What the storage answers to an upload."""


def _shown(result: Any) -> str:
    if isinstance(result, list) and result and all(isinstance(one, bytes) for one in result):
        return f"{_shown(b''.join(result))}, in {len(result)} pieces"
    if isinstance(result, bytes):
        return f"{len(result)} bytes, {'as they are' if result == CONTENT else 'others'}"
    return str(result)


@define(eq=False)
class Network:
    """Answers for the API and the storage."""

    storage: tuple[Answer, ...]
    clock: SteppedTime
    asked: int = 0
    created: int = 0
    log: list[str] = field(factory=list)

    def answer(self, request: httpx.Request) -> httpx.Response:
        """Answer a request."""
        self.log += [f"{seconds:.3g} s" for seconds in self.clock.slept]
        self.clock.slept.clear()
        shown = ("Range", "If-Range", "Content-Type", "Content-Length", "Authorization")
        facts = [f"{name}: {request.headers[name]}" for name in shown if name in request.headers]
        if request.url.host != "storage.test":
            facts = [request.content.decode()] if request.method == "POST" else []
        facts = [f"({', '.join(facts)})"] if facts else []
        self.log.append(" ".join([request.method, request.url.path, *facts]))
        if request.url.host != "storage.test":
            body = body_of(request, FILES, self.created)
            self.created += request.url.path.endswith("/asset-uploads")
            if request.method == "GET" and "/runs/" in request.url.path:
                body["output"]["outputs"] *= 3
            return httpx.Response(201 if request.method == "POST" else 200, json=body)
        content = request.content if request.method == "PUT" else b""
        assert content in {b"", CONTENT, SMALL, CONTENT + b"more", b"MZ" + bytes(90)}
        answer = self.storage[min(self.asked, len(self.storage) - 1)]
        self.asked += 1
        return answer(request)


@frozen
class Transfer:
    """One call, and the storage that it meets."""

    call: Call
    storage: tuple[Answer, ...] = STORAGES["well"]

    async def told(self, colour: str) -> list[str]:
        """Return its lines."""
        random.seed(7)
        clock = SteppedTime() if colour == "sync" else AsyncSteppedTime()
        network = Network(self.storage, clock)
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            before = len(os.listdir("/proc/self/fd")) if Path("/proc/self/fd").is_dir() else 0
            progress: list[str] = []
            result = await self._carried_out(network, clock, folder, progress)
            files = [
                f"{path.relative_to(folder)} of {path.stat().st_size} bytes, "
                f"mode {stat.S_IMODE(path.stat().st_mode):o}"
                for path in sorted(folder.rglob("*"))
                if path.is_file()
            ]
            after = len(os.listdir("/proc/self/fd")) if before else 0
        assert after <= before, "no file stays open"
        waits = [f"{seconds:.3g} s" for seconds in clock.slept]
        lines = [", ".join([*network.log, *waits]) or "nothing is sent"]
        lines += [f"progress {' '.join(progress)}"] if progress else []
        lines += [*result, *files]
        told = [_INLINE.sub(r"\1...", unified(line).replace(name, "FOLDER")) for line in lines]
        return [f"    {line}" for line in told]

    async def _carried_out(
        self, network: Network, clock: SteppedTime, folder: Path, progress: list[str]
    ) -> list[str]:
        transport = httpx.MockTransport(network.answer)
        base = f"https://{next(_NUMBERS)}.test"
        if isinstance(clock, AsyncSteppedTime):
            async with (
                httpx.AsyncClient(transport=transport, timeout=DEFAULT_TIMEOUT) as suspending,
                AsyncRunflow(
                    "rf_live_x", base_url=base, http_client=suspending, clock=clock
                ) as awaited,
            ):
                return await self._result(awaited, folder, progress)
        with (
            httpx.Client(transport=transport, timeout=DEFAULT_TIMEOUT) as blocking,
            Runflow("rf_live_x", base_url=base, http_client=blocking, clock=clock) as client,
        ):
            return await self._result(client, folder, progress)

    async def _result(self, client: Any, folder: Path, progress: list[str]) -> list[str]:
        try:
            result = await self.call(client, folder, _note(progress))
        except Exception as error:
            notes = [f"note: {note}" for note in getattr(error, "__notes__", ())]
            cause = [] if error.__cause__ is None else [f"cause: {type(error.__cause__).__name__}"]
            return [f"{type(error).__name__}: {error}", *notes, *cause]
        return [f"= {_shown(result)}"]


TRANSFERS: Final[dict[str, Transfer]] = {
    **{
        f"{name}, {storage}": Transfer(call, answers)
        for name, call in WITH_EACH.items()
        for storage, answers in STORAGES.items()
    },
    **{name: Transfer(call) for name, call in (ONCE | SENT).items()},
    **{
        f"upload, {storage}": Transfer(_upload(SOURCES["bytes"]), answers)
        for storage, answers in PUTS.items()
    },
}


async def lines(colour: str) -> list[str]:
    """Return the list as one of the clients makes it, `sync` or `async`."""
    mask = os.umask(0o022)
    try:
        with pytest.MonkeyPatch.context() as patch:
            # What comes in a quarter of a second is more or less with each run.
            patch.setattr(downloads, "MAX_GATHERING", math.inf)
            return [
                line
                for name, transfer in TRANSFERS.items()
                for line in (f"{name}:", *await transfer.told(colour))
            ]
    finally:
        os.umask(mask)
