"""The API key, where it is found, and the user agent."""

import json
import os
import re
import stat
import sys
from pathlib import Path
from typing import Any, Final

from attrs import field, frozen

from ._errors import InvalidArgument
from ._validation import refuse_misspelt

API_KEY_VARIABLE: Final = "RUNFLOW_API_KEY"

_KEY: Final = re.compile(r"[\x21-\x7e]+")
_QUOTES: Final = "\"'`"
_FOR_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


@frozen(eq=False)
class ApiKey:
    """A key, where it was found, and the name under which it was stored."""

    value: str = field(repr=False)
    source: str
    name: str | None = None


def find_api_key(api_key: str | None) -> ApiKey:
    """Return the argument, else RUNFLOW_API_KEY, else the key that `runflow login` stored.

    Raises InvalidArgument, without showing the key, where there is none, for one that no header can
    carry, and for a file that holds no key or that other users of the machine can read.
    """
    found = ApiKey(api_key, "api_key") if api_key is not None else _of_environment()
    if found is None or not found.value:
        raise InvalidArgument(
            f"no API key: pass api_key=..., set {API_KEY_VARIABLE}, or run `runflow login`. Keys "
            "are made at https://app.runflow.io."
        )
    if _KEY.fullmatch(found.value) is None:
        raise InvalidArgument(
            f"the API key ({found.source}) holds white space, a line break or a non-ASCII "
            "character: copy it again"
        )
    if found.value[0] in _QUOTES or found.value[-1] in _QUOTES:
        raise InvalidArgument(f"the API key ({found.source}) is in quotes: take them away")
    return found


def _of_environment() -> ApiKey | None:
    if value := os.environ.get(API_KEY_VARIABLE):
        return ApiKey(value, API_KEY_VARIABLE)
    refuse_misspelt(API_KEY_VARIABLE)
    path = credentials_file()
    return None if path is None else _stored(path)


def credentials_file() -> Path | None:
    """Return the file in which Runflow's own tools keep the key, None without a home folder."""
    try:
        return Path.home() / ".config" / "runflow" / "credentials.json"
    except RuntimeError:
        return None


def _stored(path: Path) -> ApiKey | None:
    try:
        mode, text = path.stat().st_mode, path.read_text(encoding="utf-8")
        document: Any = json.loads(text)
        key, name = document["api_key"], document.get("name")
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise _unusable(f"{path} cannot be read ({error.strerror})") from None
    except (ValueError, LookupError, TypeError, RecursionError):
        key, name, mode = None, None, 0
    if os.name == "posix" and mode & _FOR_OTHERS:
        raise InvalidArgument(
            f"{path} can be read by other users of this machine: make it yours alone with "
            f"`chmod 600 {path}`"
        )
    if not isinstance(key, str) or not key:
        raise _unusable(f"{path} holds no key")
    return ApiKey(key, str(path), name if isinstance(name, str) else None)


def _unusable(problem: str) -> InvalidArgument:
    return InvalidArgument(
        f"{problem}: run `runflow login` to write it anew, or set {API_KEY_VARIABLE}"
    )


def user_agent() -> str:
    """How this client names itself to the server: its version and Python's."""
    # The package is above this floor, and loaded. importlib.metadata takes long to load.
    own = sys.modules[__name__.partition(".")[0]].__version__
    return f"runflow-client/{own} python/{sys.version.split()[0]}"
