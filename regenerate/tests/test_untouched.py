"""What reads a document leaves it as it is: the next that reads it would read another one."""

import json
from collections.abc import Callable
from typing import Final

import pytest

from ..changes.overlay_needs import find_missing, read_needs
from ..changes.wire import wire_changes
from ..correct.bodies import settle_bodies
from ..correct.corrected import correct
from ..correct.published_places import published_place
from ..document.json_tree import JSONObject, copy_document
from ..generate._template_data import facts_template, limits_module
from ..lint.findings import Finding
from ..lint.linter import lint
from ..lint.remedies import remedy_lines
from ..naming.operation_names import NamingTable, name_operations
from .every_word import every_word
from .small_documents import corrected

SCHEMA: Final = "/components/schemas/GetThingResponse"
READERS: Final[dict[str, Callable[[JSONObject], object]]] = {
    "correct": lambda one: correct(one, None, NamingTable()),
    "lint": lint,
    "settle_bodies": settle_bodies,
    "wire_changes": lambda one: wire_changes(one, one),
    "find_missing": lambda one: find_missing(one, read_needs(), one),
    "facts_template": lambda one: facts_template(one, {}, ()),
    "limits_module": limits_module,
    "name_operations": lambda one: name_operations(one, NamingTable()),
    "published_place": lambda one: published_place(one, one, {}, f"{SCHEMA}/properties/shape"),
    "remedy_lines": lambda one: remedy_lines(one, [(Finding(SCHEMA, "all-of", "", ""), SCHEMA)]),
}


@pytest.mark.parametrize("name", READERS)
def test_a_document_is_afterwards_what_it_was(name: str) -> None:
    for document in (corrected(every_word()), every_word())[: 2 if name == "correct" else 1]:
        given, before = copy_document(document), json.dumps(document)
        READERS[name](given)
        assert json.dumps(given) == before
