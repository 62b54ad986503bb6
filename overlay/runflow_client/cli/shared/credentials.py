"""Store the API key where Runflow's own tools, and the client, find it."""

import json
from pathlib import Path

from ..._config import credentials_file
from .refusals import Refused
from .whole_file import whole_file


def store_key(api_key: str, name: str) -> Path:
    """Write the file, readable by its owner alone from the first moment."""
    path = credentials_file()
    if path is None:
        raise Refused("there is no home folder to store the key in", "Set HOME.")
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with whole_file(path, private=True) as file:
        file.write(json.dumps({"api_key": api_key, "name": name}, indent=2).encode())
    return path
