"""Writes openapi.public.json: `python -m regenerate.reconstruction`."""

import json
from pathlib import Path
from typing import Final

from .document import build_document
from .facts import read_operations, read_schemas

DOCUMENT: Final = Path(__file__).resolve().parents[2] / "openapi.public.json"


def document_text() -> str:
    """Return the reconstructed document as the bytes of the file say it.

    The same facts give the same text.
    """
    document = build_document(read_operations(), read_schemas())
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    DOCUMENT.write_text(document_text(), encoding="utf-8")
