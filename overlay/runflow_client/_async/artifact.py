"""One output of a run, with the asynchronous client that fetches it."""

import os
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

from attrs import field, frozen

from .._flows.commands import DEFAULT_MAX_BYTES, READ_MAX_BYTES, Progress
from .._models import pillow
from .._models.artifact import BaseArtifact
from .._transport.blocking import at_once  # async only
from .._transport.driver import AsyncDriver
from .._validation import check_arguments, check_blocking


@frozen(kw_only=True, eq=False, repr=False)
class AsyncArtifact(BaseArtifact):
    """One file that a run made, and the asynchronous client that fetches it."""

    _driver: AsyncDriver = field(repr=False, eq=False, alias="driver")

    async def save(
        self,
        path: str | os.PathLike[str],
        *,
        overwrite: bool = False,
        max_bytes: int = DEFAULT_MAX_BYTES,
        progress: Progress | None = None,
    ) -> Path:
        """Stream the file to `path`, or into the folder `path` under its own name.

        The file appears under its final name only when it is whole. A connection that breaks is
        resumed where it broke; an expired URL is renewed once.

        Args:
            path: the file to write, or a folder that exists.
            overwrite: replace a file that exists already.
            max_bytes: bytes of the file at most.
            progress: called with the bytes received, and the bytes in all (None if not known).

        Returns:
            The path of the file.

        Raises:
            FileExistsError: the file exists and `overwrite` is False.
            OSError: the disk is full, the folder is missing, or the like.
            StorageRefused: the storage answered with an error status.
            WrongContent: the storage sent something else, such as an error page.
            DownloadTooLarge: the file has more than `max_bytes`.
            AddressRefused: the URL is not one that this client contacts.
            ConnectionLost: the connection kept breaking.
            InvalidArgument: the output is a `data:` URI that cannot be read.
        """
        from .._flows.save import save

        check_arguments(path=path, overwrite=overwrite, max_bytes=max_bytes, progress=progress)
        check_blocking(progress=progress)
        return await self._driver.drive(
            save(self, self._driver.context, path, overwrite, max_bytes, progress)
        )

    async def read(
        self, *, max_bytes: int = READ_MAX_BYTES, progress: Progress | None = None
    ) -> bytes:
        """Return the bytes of the file, all in memory.

        Raises what `save` raises, but for FileExistsError and OSError.
        """
        from .._flows.save import read

        check_arguments(max_bytes=max_bytes, progress=progress)
        check_blocking(progress=progress)
        return await self._driver.drive(read(self, self._driver.context, max_bytes, progress))

    def stream(
        self, *, max_bytes: int = DEFAULT_MAX_BYTES, progress: Progress | None = None
    ) -> AsyncIterator[bytes]:
        """Give the bytes of the file piece by piece as they come.

        Raises what `read` raises, in the middle too.
        """
        from .._flows.save import stream

        check_arguments(max_bytes=max_bytes, progress=progress)
        check_blocking(progress=progress)
        return self._driver.each(stream(self, self._driver.context, max_bytes, progress))

    async def image(
        self, *, max_bytes: int = READ_MAX_BYTES, progress: Progress | None = None
    ) -> "pillow.Image":
        """Return the picture as an image of Pillow, decoded and in memory.

        It needs Pillow: `pip install "runflow-client[pictures]"`.

        Raises what `read` raises, InvalidArgument for a video or a sound and where Pillow is
        missing (before anything is fetched), and WrongContent for what Pillow cannot decode.
        """
        pillow.require_pillow(self)
        return pillow.open_image(self, await self.read(max_bytes=max_bytes, progress=progress))

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        """Return what a notebook shows: the file, up to 10 MiB, fetched now; else its facts."""
        from .._flows.save import read  # async only
        from .._models.notebook import show_artifact

        # sync only: return show_artifact(self, lambda most: self.read(max_bytes=most))
        return show_artifact(  # async only
            self,
            lambda most: at_once(self._driver, lambda context: read(self, context, most, None)),
        )


def check_saving(directory: object, overwrite: object, max_bytes: object, progress: object) -> None:
    """Check the arguments of every `save_all`. Raises InvalidArgument."""
    check_arguments(
        directory=directory, overwrite=overwrite, max_bytes=max_bytes, progress=progress
    )
    check_blocking(progress=progress)


async def save_artifacts(
    artifacts: Sequence[AsyncArtifact],
    directory: str | os.PathLike[str],
    *,
    overwrite: bool,
    max_bytes: int,
    progress: Progress | None,
) -> list[Path]:
    """Save these files into a folder, which is made if need be; return their paths.

    One that fails keeps no other from being saved; then the first failure is raised, with notes on
    the others.
    """
    import anyio  # async only

    from .._flows.save import all_saved, make_folder, shared_targets

    check_saving(directory, overwrite, max_bytes, progress)
    folder = make_folder(directory)
    absolute = folder.absolute()  # the program may change its folder meanwhile
    shared = shared_targets(folder, (artifact.name for artifact in artifacts))
    results: dict[int, Path | Exception] = {**shared}

    async def save_one(index: int, artifact: AsyncArtifact) -> None:
        if index in shared:
            return
        try:
            saved = await artifact.save(
                absolute, overwrite=overwrite, max_bytes=max_bytes, progress=progress
            )
            results[index] = folder / saved.name
        except Exception as error:  # raised below, when the others are saved
            results[index] = error

    async with anyio.create_task_group() as tasks:  # async only
        for index, artifact in enumerate(artifacts):
            tasks.start_soon(save_one, index, artifact)
    # sync only: for index, artifact in enumerate(artifacts):
    # sync only:     save_one(index, artifact)
    return all_saved([results[index] for index in range(len(artifacts))])
