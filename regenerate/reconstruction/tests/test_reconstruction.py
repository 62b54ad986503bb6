"""The reconstruction.

The same bytes each time, the bytes in the repository, and no text about what is not there.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from ..__main__ import DOCUMENT, document_text
from ..callbacks import CALLBACKS
from ..examples import EXAMPLES
from ..facts import read_operations, read_schemas
from ..field_texts import EVERYWHERE, HERE
from ..links import LINKS
from ..operation_texts import OPERATION_TEXTS
from ..schema_texts import ENUM_TEXTS, SCHEMA_TEXTS

ROOT: Final = Path(__file__).resolve().parents[3]


def test_the_document_in_the_repository_is_the_one_that_the_facts_give() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    if json.loads(text)["info"].get("x-reconstructed") is not True:
        pytest.skip("a published document stands in the place of the reconstruction")
    assert text == document_text(), "run python -m regenerate.reconstruction"


@pytest.mark.parametrize("hash_seed", ["1", "2"])
def test_the_same_facts_give_the_same_text(hash_seed: str) -> None:
    code = (
        "import sys; from regenerate.reconstruction.__main__ import document_text; "
        "sys.stdout.write(document_text())"
    )
    written = subprocess.run(
        [sys.executable, "-X", "utf8", "-c", code],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": hash_seed},
        capture_output=True,
        check=True,
        encoding="utf-8",
        timeout=60,
    )
    assert written.stdout == document_text()


def test_every_text_is_about_something_that_exists() -> None:
    operations = {facts["operation"]: facts for facts in read_operations()["operations"]}
    schemas = read_schemas()
    fields = {
        (name, field) for name, facts in schemas["schemas"].items() for field in facts["fields"]
    }
    bodies = {
        facts["request"]["schema"] for facts in operations.values() if facts["request"] is not None
    }
    assert OPERATION_TEXTS.keys() == operations.keys()
    assert SCHEMA_TEXTS.keys() == schemas["schemas"].keys()
    assert ENUM_TEXTS.keys() == schemas["enums"].keys()
    assert EXAMPLES.keys() == bodies
    assert set(HERE) <= fields
    assert set(EVERYWHERE) <= {field for _, field in fields}
    assert (LINKS.keys() | CALLBACKS.keys()) <= operations.keys()
