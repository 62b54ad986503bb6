"""A document with other names and spellings gives the same corrected document, byte for byte."""

from attrs import evolve

from ...correct.corrected import correct
from ...document.json_tree import JSONObject, object_at, parse_document, readable_text, text_at
from ...document.schemas import every_schema
from ...project.paths import DOCUMENT
from ..twins import fastapi_twin


def published() -> JSONObject:
    return parse_document(DOCUMENT.read_bytes())


def test_the_twin_is_another_document_that_says_the_same() -> None:
    document, twin = published(), fastapi_twin(published())
    names, other = (object_at(object_at(one, "components"), "schemas") for one in (document, twin))
    assert not set(names) & set(other)
    assert {text_at(object_at(other, name), "title") for name in other} == {"FullValidator"}
    assert any(isinstance(schema.get("type"), list) for schema in every_schema(twin))
    assert list(twin) != list(document)


def test_the_twin_gives_the_same_corrected_document() -> None:
    document, twin = correct(published()), correct(fastapi_twin(published()))
    assert readable_text(twin.document) == readable_text(document.document)
    assert evolve(twin.names, published=document.names.published) == document.names
    assert twin.names.published["Run"] == "/components/schemas/models__nur__Run__FullValidator"
    assert twin.unmatched_names == document.unmatched_names


def test_correcting_twice_changes_nothing() -> None:
    once = correct(published())
    assert readable_text(correct(once.document, corrections=None).document) == readable_text(
        once.document
    )
