"""A small document with its lock in a folder, and what a fetch did to them."""

import json
from pathlib import Path
from typing import Any

from attrs import frozen

from ..document.json_tree import sha256
from ..project.lock import Built, Lock, Origin, Validators
from ..project.transaction import FOLDER


def openapi(*paths: str, **changed: object) -> dict[str, Any]:
    """Return a document with a GET at each path."""
    operation = {"responses": {"200": {"description": "Found."}}}
    document: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {"title": "Small", "version": "1.0.0"},
        "paths": {path: {"get": operation} for path in paths or ("/a", "/b", "/c", "/d")},
    }
    return {**document, **changed}


def raw(document: object) -> bytes:
    """Return the document as a server writes it."""
    return json.dumps(document, indent=1).encode()


BUILT = Built("1" * 64, "2" * 64, "3" * 64, "4" * 64, "5" * 64, "6" * 64, "7" * 64, {"ruff": "0"})


@frozen
class Place:
    """A folder with a document and its lock."""

    folder: Path

    @property
    def document(self) -> Path:
        """The document."""
        return self.folder / "openapi.json"

    @property
    def lock(self) -> Path:
        """Its lock."""
        return self.folder / "openapi.lock.json"

    def files(self) -> dict[str, bytes]:
        """Return every file with its bytes, but for the folder in which changes are prepared."""
        return {
            path.relative_to(self.folder).as_posix(): path.read_bytes()
            for path in sorted(self.folder.rglob("*"))
            if path.is_file() and FOLDER not in path.parts
        }


def place(
    folder: Path, document: bytes, source: str, validators: Validators | None = None
) -> Place:
    """Return a folder with this document, fetched from this source in another year."""
    found = Place(folder)
    found.document.write_bytes(document)
    origin = Origin(source, "2020-01-01", sha256(document), validators or Validators())
    found.lock.write_text(Lock(origin, BUILT).text(), encoding="utf-8")
    return found
