"""Store the API key where Runflow's own tools, and the client, find it."""

import json
import os
from pathlib import Path

from .._config import credentials_file
from .refusals import Refused


def store_key(api_key: str, name: str) -> Path:
    """Write the file, readable by its owner alone from the first moment."""
    path = credentials_file()
    if path is None:
        raise Refused("there is no home folder to store the key in", "Set HOME.")
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
