"""The project's own lock: document, corrections, templates and client are those that it names."""

from typing import Final

import pytest

from ...correct.corrected import correct
from ...document.json_tree import canonical_bytes, parse_document, sha256
from ...generate.tools import PINNED
from ...naming.operation_names import read_table
from ...project.directory import tree_hash
from ...project.lock import Built, Lock, origin_of, read_lock
from ...project.paths import own_paths

OWN: Final = own_paths()


@pytest.fixture(scope="module")
def lock() -> Lock:
    """Return the lock."""
    found = read_lock(OWN.lock)
    assert found is not None
    return found


@pytest.fixture
def built(lock: Lock) -> Built:
    """Return what the client was built from."""
    assert lock.built is not None
    return lock.built


def test_the_document_is_the_one_that_was_taken(lock: Lock, built: Built) -> None:
    raw = OWN.document.read_bytes()
    assert sha256(raw) == lock.origin.sha256 == built.document
    assert origin_of(parse_document(raw), raw, lock) == lock.origin


def test_what_decides_about_the_client_is_what_it_was_made_with(built: Built) -> None:
    made_with = {name: getattr(built, name) for name in OWN.ingredients()}
    assert made_with == OWN.ingredients(), "make generate"
    assert built.tools == PINNED
    assert built.tree == tree_hash(OWN.output), "make generate"


def test_the_corrected_document_is_the_one_that_the_client_was_made_of(built: Built) -> None:
    document = parse_document(OWN.document.read_bytes())
    corrected = correct(document, OWN.corrections, read_table(OWN.naming)).document
    assert sha256(canonical_bytes(corrected)) == built.corrected, "make generate"
