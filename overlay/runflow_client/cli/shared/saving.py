"""Outputs on disk, with the checks that come before anything is paid."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from .refusals import Refused
from .terminal import Terminal
from .waiting import transfer

if TYPE_CHECKING:
    from ... import Artifact, Run


def check_output(output: str | None, *, overwrite: bool, json: bool) -> None:
    """Refuse an output that could not be written, before anything is sent."""
    if output is None:
        return
    if output == "-":
        if json:
            raise Refused("-o - and --json both want standard output")
        if sys.stdout.isatty():
            raise Refused("-o - writes the file to standard output, which is a terminal")
        return
    path = Path(output)
    if _is_folder(output):
        folder = next((one for one in (path, *path.parents) if os.path.lexists(one)), Path())
        if not folder.is_dir():
            raise Refused(f"{folder} is a file, expected a folder")
        _check_room(output, folder)
        return
    if not path.parent.is_dir():
        raise Refused(f"-o {output}: there is no folder {path.parent}")
    if path.exists() and not overwrite:
        raise Refused(f"{output} exists already", "Give --overwrite, or another name")
    from ..._flows.save import check_target  # which `runflow run --help` does not need

    try:
        check_target(path, overwrite=True)
    except OSError as error:
        raise Refused(f"-o {output}: {error.strerror or error}") from None
    _check_room(output, Path(os.path.realpath(path)).parent)


def _check_room(output: str, folder: Path) -> None:
    from .whole_file import check_room  # as above

    try:
        check_room(folder)
    except OSError as error:
        raise Refused(f"-o {output}: no file can be made in {folder}: {error.strerror}") from None


def save(terminal: Terminal, run: "Run", output: str, *, overwrite: bool) -> list[str]:
    """Save what the run made: into a folder, into one file, or numbered files beside it."""
    with transfer(terminal, "download") as progress:
        if output == "-":
            for artifact in run.outputs:
                for chunk in artifact.stream(progress=progress):
                    sys.stdout.buffer.write(chunk)
            sys.stdout.buffer.flush()
            return []
        if _is_folder(output):
            return [
                str(path) for path in run.save_all(output, overwrite=overwrite, progress=progress)
            ]
        return [
            str(artifact.save(path, overwrite=overwrite, progress=progress))
            for artifact, path in _named(run.outputs, Path(output))
        ]


def _named(artifacts: Sequence["Artifact"], path: Path) -> list[tuple["Artifact", Path]]:
    if len(artifacts) == 1:
        return [(artifacts[0], path)]
    return [
        (artifact, path.with_name(f"{path.stem}-{number}{path.suffix}"))
        for number, artifact in enumerate(artifacts, start=1)
    ]


def _is_folder(output: str) -> bool:
    return output.endswith("/") or Path(output).is_dir()
