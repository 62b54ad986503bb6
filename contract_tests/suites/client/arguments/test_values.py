"""What can be sent: plain JSON, model ids, data URIs; each refusal names the place and what is
wrong with it.
"""

from collections import OrderedDict
from pathlib import Path
from typing import Any

import pytest
from runflow_client import InvalidArgument
from runflow_client._files.media_types import is_data_uri, read_data_uri, type_in, write_data_uri
from runflow_client._validation import check_json, read_id, refuse_value, split_model_id


def nested(depth: int) -> Any:
    """A value inside so many lists."""
    value: Any = 1
    for _ in range(depth):
        value = [value]
    return value


def nested_mappings(depth: int) -> Any:
    """A value inside so many objects."""
    value: Any = 1
    for _ in range(depth):
        value = {"x": value}
    return value


def test_what_json_has_passes_as_plain_json() -> None:
    given = OrderedDict(a=(1, 2.5, None, True), b={"c": ["\N{SNOWMAN}", "x"]}, d=2**70)
    found = check_json(given)
    assert found == {"a": [1, 2.5, None, True], "b": {"c": ["\N{SNOWMAN}", "x"]}, "d": 2**70}
    assert type(found) is dict
    assert type(found["a"]) is list
    assert check_json(nested(99)) == nested(99)
    assert check_json(nested_mappings(99)) == nested_mappings(99)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ({"a": {1}}, "input.a is a set, which JSON does not have"),
        ({"a": [0, {"b": b"x"}]}, "input.a[1].b is a bytes, which JSON does not have"),
        ({"a": float("nan")}, "input.a is nan, which JSON does not have"),
        ({"a": [float("-inf")]}, "input.a[0] is -inf, which JSON does not have"),
        ({"a": {3: 1}}, "input.a has the key 3: JSON has only text for keys"),
        ({"a": "\ud800"}, "input.a holds half a character (a lone surrogate) and cannot be sent"),
        (
            {"a": {"\ud800": 1}},
            "a key of input.a holds half a character (a lone surrogate) and cannot be sent",
        ),
        (nested_mappings(100), "input is nested deeper than 100 levels, or holds itself"),
        ({"a": nested(99)}, "input is nested deeper than 100 levels, or holds itself"),
    ],
)
def test_what_json_does_not_have_is_refused_with_its_place(value: object, said: str) -> None:
    with pytest.raises(InvalidArgument) as caught:
        check_json(value)
    assert str(caught.value) == said
    with pytest.raises(InvalidArgument) as caught:
        check_json(value, "metadata")
    assert str(caught.value) == said.replace("input", "metadata", 1)


def test_what_json_does_not_have_can_be_replaced_wherever_it_is() -> None:
    places: list[str] = []

    def number(value: object, place: str) -> object:
        if not isinstance(value, set):
            return refuse_value(value, place)
        places.append(place)
        return len(places)

    found = check_json({"a": [{1}, {"b": {2}}, "c"]}, replace=number)
    assert found == {"a": [1, {"b": 2}, "c"]}
    assert places == ["input.a[0]", "input.a[1].b"]
    with pytest.raises(InvalidArgument, match=r"input\.c is a bytes"):
        check_json({"a": {1}, "c": b""}, replace=number)


@pytest.mark.parametrize(
    ("model", "parts"),
    [
        ("a/b", ("a", "b")),
        ("google/veo3.1/fast", ("google", "veo3.1/fast")),
        ("A.b_c~d-1/x/y/z/9", ("A.b_c~d-1", "x/y/z/9")),
        ("a/..b", ("a", "..b")),
    ],
)
def test_a_model_id_has_an_owner_and_a_slug(model: str, parts: tuple[str, str]) -> None:
    assert split_model_id(model) == parts


@pytest.mark.parametrize(
    "model", ["", "a", "/a/b", "a/", "a//b", "a/.", "../b", "a/b?c", "https://x/y", "a/ü", "a b/c"]
)
def test_what_is_no_model_id_is_refused_and_shown(model: str) -> None:
    with pytest.raises(InvalidArgument) as caught:
        split_model_id(model)
    assert str(caught.value) == (
        f"model is {model!r}: expected owner/name such as 'google/nano-banana-pro', "
        "with no empty, '.' or '..' segment and without a host"
    )


@pytest.mark.parametrize(
    ("uri", "content", "kind"),
    [
        ("data:image/png;base64,iVBORw==", b"\x89PNG", "image/png"),
        ("DATA:IMAGE/PNG;BASE64,iVBORw==", b"\x89PNG", "image/png"),
        ("data:text/plain;charset=utf-8;base64,YQ==", b"a", "text/plain"),
        ("data:,a%20b%2C,c", b"a b,,c", None),
        ("data: text/plain ,a", b"a", "text/plain"),
        ("data:;base64,", b"", None),
        ("data:;base64,YWI", b"ab", None),
        ("data:;base64,YW%20Jj\r\n ZGU", b"abcde", None),
    ],
)
def test_a_data_uri_holds_bytes_and_says_their_type(
    uri: str, content: bytes, kind: str | None
) -> None:
    assert is_data_uri(uri)
    assert read_data_uri(uri) == content
    assert type_in(uri) == kind


def test_a_written_data_uri_is_read_again() -> None:
    assert write_data_uri(b"\x89PNG\xff", "image/png") == "data:image/png;base64,iVBOR/8="
    assert read_data_uri(write_data_uri(bytes(range(256)), "x/y")) == bytes(range(256))
    assert not is_data_uri("https://x/data:")
    assert not is_data_uri("data")


@pytest.mark.parametrize(
    ("uri", "told"),
    [
        ("data:image/png;base64", "^a data URI without data"),
        (
            "data:;base64,Y",
            "^a data URI that cannot be read: .*1 more than a multiple of 4",
        ),
        ("data:;base64,Y!Q=", "^a data URI that cannot be read: "),
    ],
)
def test_a_data_uri_that_cannot_be_read_says_why(uri: str, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        read_data_uri(uri)


@pytest.mark.parametrize(
    "value", [None, 3, True, b"x" * 36, "", "x" * 36, Path, Path("x"), object()]
)
def test_an_id_of_another_kind_is_refused_by_its_kind(value: Any) -> None:
    with pytest.raises(InvalidArgument, match=r"^run_id is "):
        read_id("run_id", value)
