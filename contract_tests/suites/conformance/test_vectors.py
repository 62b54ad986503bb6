"""The frozen vectors are complete, of this document, and the same when collected again."""

import itertools
import json
from pathlib import Path

import pytest
from runflow_conformance import Interaction, Validator
from vectors.collection.bodies import body_vectors
from vectors.document import ConformanceDocument
from vectors.files import (
    KINDS,
    StaleVectors,
    Vector,
    encode,
    header,
    read_vectors,
    vectors_folder,
)


def test_a_set_of_another_document_is_refused() -> None:
    with pytest.raises(StaleVectors, match="run make vectors"):
        read_vectors("requests", "0" * 64)


def test_a_set_that_lost_a_line_is_refused(tmp_path: Path, document: ConformanceDocument) -> None:
    lines = (vectors_folder() / "callbacks.jsonl").read_text(encoding="ascii").splitlines()
    (tmp_path / "callbacks.jsonl").write_text("\n".join(lines[:-1]) + "\n", encoding="ascii")
    with pytest.raises(StaleVectors, match="its header says"):
        read_vectors("callbacks", document.sha256, tmp_path)


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_is_what_its_vectors_and_the_tools_make(
    kind: str, document: ConformanceDocument
) -> None:
    content = (vectors_folder() / f"{kind}.jsonl").read_bytes()
    vectors = read_vectors(kind, document.sha256)
    assert json.loads(content.splitlines()[0]) == header(kind, document.sha256, len(vectors))
    assert content == encode(kind, document.sha256, vectors)
    assert len({vector["id"] for vector in vectors}) == len(vectors)


def test_every_operation_and_every_documented_answer_has_vectors(
    document: ConformanceDocument,
) -> None:
    asked = {vector["operation"] for vector in read_vectors("requests", document.sha256)}
    assert asked == set(document.operations)
    answered = {
        (vector["operation"], str(vector["status"]))
        for vector in read_vectors("responses", document.sha256)
        if vector["expect"] == "parsed"
    }
    assert answered == {
        (label, status) for label, one in document.operations.items() for status in one.responses
    }
    called = {vector["operation"] for vector in read_vectors("callbacks", document.sha256)}
    assert called == {
        label for label in document.operations if document.callback_schema(label) is not None
    }


def test_drawn_answers_are_what_the_document_says(document: ConformanceDocument) -> None:
    """The drawn responses are valid by our own validator: no client fails for a wrong vector."""
    validator = Validator(document.content)
    drawn = [
        vector
        for vector in read_vectors("responses", document.sha256)
        if vector["phase"] in ("examples", "coverage", "fuzzing")
    ]
    assert len(drawn) > 10 * len(document.operations)
    for vector in drawn:
        assert not validator.findings(_exchange(vector), check_request=False), vector["id"]


def test_collecting_again_gives_the_same_callbacks_and_responses_made_by_hand(
    document: ConformanceDocument,
) -> None:
    first, again = (body_vectors(document, drawn={}) for _ in range(2))
    assert json.dumps(first) == json.dumps(again)
    frozen = {json.dumps(_content(vector)) for vector in read_vectors("responses", document.sha256)}
    unreadable = [vector for vector in first[0] if "text" in vector]
    assert unreadable
    assert all(
        json.dumps(_content(vector)) in frozen for vector in itertools.islice(unreadable, 500)
    )


def _content(vector: Vector) -> Vector:
    return {name: value for name, value in vector.items() if name not in ("id", "note")}


def _exchange(vector: Vector) -> Interaction:
    method, _, path = vector["operation"].partition(" ")
    return Interaction(
        method=method,
        path=path.replace("{", "").replace("}", ""),
        query="",
        request_headers={},
        request_body=b"",
        status=vector["status"],
        response_headers={"content-type": "application/json"},
        response_body=json.dumps(vector["body"]).encode(),
    )
