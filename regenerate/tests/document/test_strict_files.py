"""JSON and YAML are read strictly: what two readers could understand differently is refused."""

from itertools import product
from pathlib import Path

import pytest

from ...document.json_tree import (
    MAX_NESTING,
    DocumentError,
    JSONValue,
    at_pointer,
    canonical_bytes,
    copy_document,
    object_at,
    parse_document,
    parse_json,
    pointer,
    pointer_parts,
    sha256,
    walk,
)
from ...document.yaml_files import read_yaml


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b'{"a": 1, "a": 1}', "'a' stands twice"),
        (b'{"b": {"a": null, "a": 2}}', "'a' stands twice"),
        (b'{"%b": 1, "%b": 2}' % (b"k" * 81, b"k" * 81), f"the key '{'k' * 80}' stands twice"),
        (b"[NaN]", "NaN is not a JSON number"),
        (b"[-Infinity]", "-Infinity is not a JSON number"),
        (b"[1e999]", "too large"),
        (b'{"a": "\xff"}', "not UTF-8"),
        ('{"a": 1}'.encode("utf-16"), "not UTF-8, but UTF-16"),
        ('{"a": 1}'.encode("utf-16-le"), "not UTF-8, but UTF-16-LE"),
        ('{"a": 1}'.encode("utf-32-be"), "not UTF-8, but UTF-32-BE"),
        (b'["\\ud800"]', "surrogates"),
        (b'{"a": ', "line 1, column 7"),
        (b"", "line 1, column 1"),
        (b"<!doctype html>", "not JSON"),
        (b"[" * 100_000, "nested deeper"),
        (b"[" * (MAX_NESTING + 2) + b"]" * (MAX_NESTING + 2), "nested deeper"),
    ],
)
def test_json_that_is_not_strict_is_refused(raw: bytes, reason: str) -> None:
    with pytest.raises(DocumentError, match=reason):
        parse_json(raw)


def test_json_is_read() -> None:
    assert parse_json(b'{"a": [1, 2.5, null, true, "\xc3\xa9"]}') == {
        "a": [1, 2.5, None, True, "é"]
    }


def test_a_document_is_an_object() -> None:
    with pytest.raises(DocumentError, match="an array, not an object"):
        parse_document(b"[]")


def test_equal_documents_have_equal_bytes() -> None:
    one, other = parse_json(b'{"b": 1, "a": [2, 3]}'), parse_json(b'{"a":[2,3],\n"b":1}')
    assert canonical_bytes(one) == canonical_bytes(other) == b'{"a":[2,3],"b":1}'
    assert canonical_bytes({"é": "😀\u2028"}) == '{"é":"😀\u2028"}'.encode()
    assert sha256(b"") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_pointers_lead_back_to_the_value() -> None:
    value: JSONValue = {"a/b": {"c~d": [1, {"": 2}]}}
    places = dict(walk(value))
    assert places[pointer("a/b", "c~d", 1, "")] == 2
    assert all(at_pointer(value, place) == found for place, found in places.items())
    for parts in (*product(("", "a", "~", "/", "~1", "~0", "~01", "//~"), repeat=2), ()):
        assert pointer_parts(pointer(*parts)) == [*parts]
    for wrong in ("/x", "/a~1b/c~0d/2", "/a~1b/c~0d/-1", "/a~1b/c~0d/0/0"):
        with pytest.raises(KeyError):
            at_pointer(value, wrong)


@pytest.mark.parametrize("value", [{"a": {1: 2}}, {"a": {1, 2}}, {"a": float("nan")}, {"a": b"x"}])
def test_what_is_not_json_is_not_copied(value: dict[str, object]) -> None:
    with pytest.raises(DocumentError):
        copy_document(value)


def test_yaml_holds_what_json_can_hold(tmp_path: Path) -> None:
    file = tmp_path / "file.yaml"
    file.write_text(
        "when: 2026-01-02\nyes: no\nversion: 1.10\ncount: 3\noctal: 0o17\nnothing: "
        "null\nempty:\nflag: true\n200: ok\n"
    )
    assert read_yaml(file) == {
        "when": "2026-01-02",
        "yes": "no",
        "version": 1.1,
        "count": 3,
        "octal": "0o17",
        "nothing": None,
        "empty": None,
        "flag": True,
        "200": "ok",
    }


def test_a_file_is_read_anew_for_each_that_reads_it(tmp_path: Path) -> None:
    file = tmp_path / "file.yaml"
    file.write_text("a: {b: [1]}\n")
    first, held = read_yaml(file), object_at(read_yaml(file), "a")
    first["a"] = 2
    held["b"] = 3
    assert read_yaml(file) == {"a": {"b": [1]}}
    file.write_text("a: 3\n")
    assert read_yaml(file) == {"a": 3}


def test_a_file_that_is_not_there_is_named_without_its_folder(tmp_path: Path) -> None:
    for name, why in (("none.yaml", "No such file or directory"), (".", "Is a directory")):
        with pytest.raises(DocumentError) as refusal:
            read_yaml(tmp_path / name)
        assert str(refusal.value) == f"{(tmp_path / name).name}: {why}"


def test_yaml_of_too_many_levels_is_refused(tmp_path: Path) -> None:
    (tmp_path / "deep.yaml").write_text("{a: " * 5000)
    with pytest.raises(DocumentError, match=r"^deep\.yaml: nested too deeply$"):
        read_yaml(tmp_path / "deep.yaml")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("a: 1\na: 2\n", "line 2: the key 'a' stands twice"),
        ("a:\na: 2\n", "line 2: the key 'a' stands twice"),
        ("- a\n", "an array, not an object"),
        ("a: [\n", "not YAML"),
        ("a: !!python/object/apply:os.getcwd []\n", "not YAML"),
        ("[a, b]: c\n", "a key must be plain text"),
    ],
)
def test_yaml_that_is_not_strict_is_refused(tmp_path: Path, text: str, reason: str) -> None:
    file = tmp_path / "file.yaml"
    file.write_text(text)
    with pytest.raises(DocumentError, match=reason) as refusal:
        read_yaml(file)
    assert str(refusal.value).startswith("file.yaml: ")
