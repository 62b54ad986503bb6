"""The file in which receivers find the callback secrets: one a line, the current one first."""

import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from ... import CallbackSecret, NewCallbackSecret, RunflowError
from ...callbacks._signature import secrets_problem, without_mask
from .refusals import Refused
from .whole_file import check_room, whole_file


def read_secret_file(file: str | os.PathLike[str]) -> list[str]:
    """Return the secrets in the file. Raises Refused if it cannot be read or holds other things."""
    try:
        text = Path(file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Refused(f"{file} cannot be read: {getattr(error, 'strerror', error)}") from None
    found = [line.strip() for line in text.splitlines() if line.strip()]
    check_secrets(found, str(file))
    return found


def check_secrets(secrets: list[str], place: str) -> None:
    """Raise Refused, naming the place, for what is no secret alone: with quotes, for instance."""
    problem = secrets_problem(secrets) if secrets else None
    if problem is not None:
        raise Refused(f"{place}: {problem}")


def write_new(path: Path) -> int:
    """Make the file, readable by its owner alone, and return its descriptor. Raises Refused."""
    try:
        return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise Refused(f"{path} exists already") from None
    except OSError as error:
        raise Refused(f"{path} cannot be written: {error.strerror}") from None


class SecretFile:
    """The file as a rotation keeps it. Several rotations at once keep the secrets of each other."""

    def __init__(self, file: str) -> None:
        """Look at the file before a secret is made.

        Raises Refused if it cannot be read or replaced, or holds other things than secrets.
        """
        self._path = Path(os.path.realpath(file))  # what a link leads to is replaced, not the link
        self._added: list[str] = []
        if self._path.is_symlink():
            raise Refused(f"{file} is a link that leads in a circle")
        if self._path.exists():
            if not self._path.is_file():
                raise Refused(f"{file} is no file")
            read_secret_file(self._path)
        if not self._path.parent.is_dir():
            raise Refused(f"there is no folder {self._path.parent}")
        try:
            check_room(self._path.parent)
        except OSError as error:
            raise Refused(f"{self._path} cannot be written: {error.strerror}") from None

    def add(self, secret: NewCallbackSecret) -> None:
        """Put the new secret first."""
        self._added.append(secret.plain_secret)
        with self._alone():
            self._write([secret.plain_secret, *self._read()])

    def remove(self, secret: CallbackSecret) -> None:
        """Take the old secret out: the line that begins as it does.

        Raises RunflowError where several lines may be it, which are all kept.
        """
        begins = without_mask(secret.key_prefix or "")
        with self._alone():
            lines = self._read()
            others = {line for line in lines[1:] if line not in self._added}
            meant = {line for line in others if line.startswith(begins)}
            if len(meant) > 1 or (meant and not begins):
                raise RunflowError(
                    f"{self._path} keeps {len(meant)} secrets of which one may be the old one, "
                    f"{secret.id}, whose prefix is {begins!r}: take it out"
                )
            self._write([line for line in lines if line not in meant])

    def _read(self) -> list[str]:
        return read_secret_file(self._path) if self._path.exists() else []

    def _write(self, lines: list[str]) -> None:
        """Replace the file at once, and let those read it who could before."""
        with whole_file(self._path, private=not self._path.exists()) as file:
            file.writelines(f"{line}\n".encode() for line in lines)

    @contextmanager
    def _alone(self) -> Generator[None, None, None]:
        """Keep other rotations from changing the file meanwhile, where the system can."""
        try:
            from fcntl import LOCK_EX, flock
        except ImportError:  # Windows
            yield
            return
        folder = os.open(self._path.parent, os.O_RDONLY)
        try:
            flock(folder, LOCK_EX)
            yield
        finally:
            os.close(folder)
