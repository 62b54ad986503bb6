"""The API key on disk, where Runflow's own tools keep it: ~/.config/runflow/credentials.json."""

import json
import os
import stat
from pathlib import Path
from typing import Final

from attrs import field, frozen

from .refusals import Refused

VARIABLE: Final = "RUNFLOW_API_KEY"
_READABLE_BY_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


@frozen
class Key:
    """A key, where it was found, and the name under which it was made."""

    api_key: str = field(repr=False)
    source: str
    name: str | None = None


def credentials_file() -> Path:
    """Return the file of the key."""
    return Path.home() / ".config" / "runflow" / "credentials.json"


def find_key() -> Key:
    """Return the key of RUNFLOW_API_KEY, else of the file.

    Raises Refused where there is none, and for a file that is broken or that others can read.
    """
    if key := os.environ.get(VARIABLE):
        return Key(key, VARIABLE)
    path = credentials_file()
    try:
        mode, text = path.stat().st_mode, path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise Refused(
            "there is no API key", f"Run: runflow login - or set {VARIABLE}. Nothing was sent."
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise Refused(f"{path} cannot be read: {error}", "Run: runflow login") from None
    if os.name == "posix" and mode & _READABLE_BY_OTHERS:
        raise Refused(f"{path} can be read by others", f"Run: chmod 600 {path}")
    try:
        document = json.loads(text)
        key, name = document["api_key"], document.get("name")
    except (ValueError, LookupError, TypeError, AttributeError):
        raise Refused(f"{path} holds no key", "Run: runflow login") from None
    if not isinstance(key, str) or not key:
        raise Refused(f"{path} holds no key", "Run: runflow login")
    return Key(key, str(path), name if isinstance(name, str) else None)


def store_key(api_key: str, name: str) -> Path:
    """Write the file, readable by its owner alone from the first moment."""
    path = credentials_file()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    temporary = path.with_suffix(f".{os.getpid()}.tmp")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump({"api_key": api_key, "name": name}, file, indent=2)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return path
