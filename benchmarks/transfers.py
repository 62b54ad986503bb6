"""Large files: downloads and uploads beside bare httpx, one at a time and sixteen at once.

As a command, `python -m benchmarks.transfers --what download --client overlay --server URL` moves
the files of one scene in a process of its own and prints its CPU, its seconds and its peak memory.
One transfer goes through the synchronous clients, sixteen at once through the asynchronous ones.
"""

import argparse
import asyncio
import json
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import httpx
from attrs import evolve, frozen
from runflow_client import AsyncRunflow, Runflow

from benchmarks.measuring import median, median_ratio, peak_megabytes
from benchmarks.storage_server import RUN_OF

MIB: Final = 1024 * 1024
PIECE: Final = 64 * 1024
AT_ONCE: Final = 16
TURNS: Final = 3
KEY: Final = "benchmark"
TIMEOUT: Final = 60.0


@frozen
class Scene:
    """Files of one size that go in one direction."""

    name: str
    size: int
    """Bytes of each file."""
    at_once: int
    overlay: Callable[[str, Path, "Scene"], None]
    httpx: Callable[[str, Path, "Scene"], None]


def _run_id(size: int) -> UUID:
    return UUID(f"{RUN_OF}{size:012x}")


def _download(base_url: str, folder: Path, scene: Scene) -> None:
    with Runflow(KEY, base_url=base_url) as client:
        client.runs.get(_run_id(scene.size)).outputs[0].save(folder / "one.bin")


def _download_bare(base_url: str, folder: Path, scene: Scene) -> None:
    with (
        httpx.Client(timeout=TIMEOUT, trust_env=False) as http,
        http.stream("GET", f"{base_url}/bytes/{scene.size}") as response,
        (folder / "one.bin").open("wb") as file,
    ):
        for piece in response.iter_bytes():
            file.write(piece)


def _download_many(base_url: str, folder: Path, scene: Scene) -> None:
    async def work() -> None:
        async with AsyncRunflow(KEY, base_url=base_url) as client:
            run = await client.runs.get(_run_id(scene.size))
            names = [folder / f"{number}.bin" for number in range(scene.at_once)]
            await asyncio.gather(*(run.outputs[0].save(name) for name in names))

    asyncio.run(work())


def _download_many_bare(base_url: str, folder: Path, scene: Scene) -> None:
    async def one(http: httpx.AsyncClient, name: Path) -> None:
        with name.open("wb") as file:
            async with http.stream("GET", f"{base_url}/bytes/{scene.size}") as response:
                async for piece in response.aiter_bytes():
                    file.write(piece)

    async def work() -> None:
        async with httpx.AsyncClient(timeout=TIMEOUT, trust_env=False) as http:
            names = [folder / f"{number}.bin" for number in range(scene.at_once)]
            await asyncio.gather(*(one(http, name) for name in names))

    asyncio.run(work())


def _files(folder: Path, scene: Scene) -> list[Path]:
    """Make the files to send; no two are alike, or one upload would do for both."""
    paths = [folder / f"{number}.png" for number in range(scene.at_once)]
    for number, path in enumerate(paths):
        with path.open("wb") as file:
            file.write(b"\x89PNG\r\n\x1a\n" + bytes([number]))
            file.truncate(scene.size)
    return paths


def _upload(base_url: str, folder: Path, scene: Scene) -> None:
    (path,) = _files(folder, scene)
    with Runflow(KEY, base_url=base_url) as client:
        client.assets.upload(path)


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            yield piece


async def _pieces_async(path: Path) -> AsyncIterator[bytes]:
    for piece in _pieces(path):
        yield piece


def _upload_bare(base_url: str, folder: Path, scene: Scene) -> None:
    (path,) = _files(folder, scene)
    headers = {"Content-Length": str(scene.size)}
    with httpx.Client(timeout=TIMEOUT, trust_env=False) as http:
        http.put(f"{base_url}/upload", content=_pieces(path), headers=headers).raise_for_status()


def _upload_many(base_url: str, folder: Path, scene: Scene) -> None:
    async def work() -> None:
        paths = _files(folder, scene)
        async with AsyncRunflow(KEY, base_url=base_url) as client:
            await asyncio.gather(*(client.assets.upload(path) for path in paths))

    asyncio.run(work())


def _upload_many_bare(base_url: str, folder: Path, scene: Scene) -> None:
    headers = {"Content-Length": str(scene.size)}

    async def one(http: httpx.AsyncClient, path: Path) -> None:
        content = _pieces_async(path)
        response = await http.put(f"{base_url}/upload", content=content, headers=headers)
        response.raise_for_status()

    async def work() -> None:
        paths = _files(folder, scene)
        async with httpx.AsyncClient(timeout=TIMEOUT, trust_env=False) as http:
            await asyncio.gather(*(one(http, path) for path in paths))

    asyncio.run(work())


SCENES: Final = (
    Scene("download", 200 * MIB, 1, _download, _download_bare),
    Scene("upload", 50 * MIB, 1, _upload, _upload_bare),
    Scene("downloads at once", 25 * MIB, AT_ONCE, _download_many, _download_many_bare),
    Scene("uploads at once", 10 * MIB, AT_ONCE, _upload_many, _upload_many_bare),
)


def move(scene: Scene, client: str, base_url: str) -> dict[str, float]:
    """Move the files of this scene once: seconds of CPU, seconds, and the peak of this process's
    memory in MB.
    """
    act = scene.overlay if client == "overlay" else scene.httpx
    with tempfile.TemporaryDirectory() as folder:  # loads the code
        act(base_url, Path(folder), evolve(scene, size=MIB))
    with tempfile.TemporaryDirectory() as folder:
        began, cpu = time.monotonic(), time.process_time()
        act(base_url, Path(folder), scene)
        cpu, seconds = time.process_time() - cpu, time.monotonic() - began
    return {"cpu": cpu, "seconds": seconds, "peak": peak_megabytes()}


def measure(
    move_once: Callable[[str, str], dict[str, Any]], turns: int = TURNS
) -> dict[str, dict[str, Any]]:
    """Move every scene's files in turns, with this client and with httpx.

    `move_once` is given the scene and the client, and measures them in a process of their own.
    """
    found: dict[str, dict[str, Any]] = {}
    for scene in SCENES:
        rows: Mapping[str, list[dict[str, float]]] = {"overlay": [], "httpx": []}
        for _ in range(turns):
            for client, measured in rows.items():
                measured.append(move_once(scene.name, client))
        ours, bare = rows["overlay"], rows["httpx"]
        found[scene.name] = {
            "size": scene.size,
            "at once": scene.at_once,
            "ratio": median_ratio([one["cpu"] for one in ours], [one["cpu"] for one in bare]),
            "overlay": {name: median([one[name] for one in ours]) for name in ours[0]},
            "httpx": {name: median([one[name] for one in bare]) for name in bare[0]},
        }
    return found


def main() -> None:
    """Move the files of one scene and print what it took."""
    scenes = {scene.name: scene for scene in SCENES}
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--what", choices=sorted(scenes), required=True)
    parser.add_argument("--client", choices=("overlay", "httpx"), default="overlay")
    parser.add_argument("--server", required=True, help="base URL of benchmarks.storage_server")
    chosen = parser.parse_args()
    json.dump(move(scenes[chosen.what], chosen.client, chosen.server), sys.stdout)


if __name__ == "__main__":
    main()
