"""Values of generated models.

Open enums, UNSET, times, unions, null, unknown fields, free-form objects, repr.
"""

import copy
import datetime
import json
import pickle
from typing import Any
from uuid import UUID

import pytest

from ..traps import Traps

ID = "0189f7ea-ae2c-7809-8aeb-b819cf5e9e7f"


def thing(traps: Traps, **fields: Any) -> Any:
    """Read a Thing with some fields more than those it must have."""
    return traps.models.Thing.from_dict({"id": ID, "name": "n", **fields})


def test_known_enum_values_are_members(traps: Traps) -> None:
    status = thing(traps, status="running").status
    assert status is traps.models.Status.RUNNING
    assert status.is_known
    assert thing(traps, level=2).level is traps.models.Level.VALUE_2


@pytest.mark.parametrize("field", ["status", "status_or_null"])
def test_an_unknown_enum_value_is_kept_with_its_type(traps: Traps, field: str) -> None:
    status = getattr(thing(traps, **{field: "paused"}), field)
    kind = traps.models.Status
    assert isinstance(status, kind)
    assert (status, str(status), status.value, status.is_known) == (
        "paused",
        "paused",
        "paused",
        False,
    )
    assert hash(status) == hash("paused")
    assert status == kind("paused") != kind("other")
    for again in (pickle.loads(pickle.dumps(status)), copy.copy(status), copy.deepcopy(status)):
        assert (type(again), again) == (kind, "paused")
    assert {status: 1}[kind("paused")] == 1
    assert [member.value for member in kind] == ["queued", "running", "done"]
    assert list(kind.__members__) == ["QUEUED", "RUNNING", "DONE"]
    assert not kind("paused").is_known


def test_models_with_unknown_enum_values_go_round(traps: Traps) -> None:
    source = {
        "id": ID,
        "name": "n",
        "status": "paused",
        "status_or_null": None,
        "level": 9,
        "status_or_color": "blue",
    }
    model = traps.models.Thing.from_dict(source)
    assert model.to_dict() == source
    assert copy.deepcopy(model) == model == pickle.loads(pickle.dumps(model))


def test_an_unknown_integer_of_an_enum_is_kept(traps: Traps) -> None:
    level = thing(traps, level=9).level
    assert (type(level), level, level.is_known) == (traps.models.Level, 9, False)
    assert pickle.loads(pickle.dumps(level)) == 9


def test_in_a_union_of_enums_each_value_finds_its_own(traps: Traps) -> None:
    assert thing(traps, status_or_color="green").status_or_color is traps.models.Color.GREEN
    assert thing(traps, status_or_color="done").status_or_color is traps.models.Status.DONE
    assert not thing(traps, status_or_color="blue").status_or_color.is_known


def test_unset_is_one_object_for_ever(traps: Traps) -> None:
    unset = traps.types.UNSET
    pickled = [
        pickle.loads(pickle.dumps(unset, protocol))
        for protocol in range(pickle.HIGHEST_PROTOCOL + 1)
    ]
    for again in (copy.copy(unset), copy.deepcopy(unset), traps.types.Unset(), *pickled):
        assert again is unset
    assert not unset
    model = thing(traps)
    assert json.dumps(copy.deepcopy(model).to_dict()) == json.dumps({"id": ID, "name": "n"})
    assert json.dumps(pickle.loads(pickle.dumps(model)).to_dict()) == json.dumps(
        {"id": ID, "name": "n"}
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-01-02T03:04:05Z", "2026-01-02T03:04:05+00:00"),
        ("2026-01-02t03:04:05z", "2026-01-02T03:04:05+00:00"),
        ("2026-01-02 03:04:05+02:30", "2026-01-02T03:04:05+02:30"),
        ("2026-01-02T03:04:05.5-00:00", "2026-01-02T03:04:05.500000+00:00"),
        ("2026-01-02T03:04:05.123456789Z", "2026-01-02T03:04:05.123456+00:00"),
        ("2016-12-31T23:59:60Z", "2016-12-31T23:59:59+00:00"),
        ("2026-01-02T03:04:05", "2026-01-02T03:04:05+00:00"),
    ],
)
@pytest.mark.parametrize("field", ["created_at", "created_or_null"])
def test_times_are_read_as_rfc_3339_says(
    traps: Traps, field: str, text: str, expected: str
) -> None:
    value = getattr(thing(traps, **{field: text}), field)
    assert value.isoformat() == expected
    assert value.tzinfo is not None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "2026-01-02",
        "20260102T030405Z",
        "2026-W01-1T00:00:00Z",
        "2026-02-30T00:00:00Z",
        "2026-01-02T24:00:00Z",
        "2026-01-02T03:04Z",
        "2026-01-02T03:04:05+25:00",
        "2026-01-02T03:04:61Z",
        "Fri, 02 Jan 2026 03:04:05 GMT",
        "٢٠٢٦-01-02T03:04:05Z",
        "0000-01-01T00:00:00Z",
        "2026-01-02T03:04:05Z\n",
        1767323045,
        True,
        [],
        {},
    ],
)
@pytest.mark.parametrize("field", ["created_at", "created_or_null"])
def test_what_is_no_time_is_refused(traps: Traps, field: str, text: object) -> None:
    with pytest.raises(traps.errors.DecodingError, match=f"^{field}: expected a date-time, got "):
        thing(traps, **{field: text})


def test_dates(traps: Traps) -> None:
    assert thing(traps, day="2026-01-02").day == datetime.date(2026, 1, 2)
    for text in ("2026-02-30", "20260102", "2026-01-02T00:00:00Z", 5):
        with pytest.raises(traps.errors.DecodingError, match=r"^day: expected a date, got "):
            thing(traps, day=text)


def test_null_for_an_optional_field_means_unset(traps: Traps) -> None:
    optional = (
        "count",
        "ratio",
        "active",
        "status",
        "level",
        "created_at",
        "day",
        "tags",
        "part",
        "parts",
        "other",
    )
    model = thing(traps, **dict.fromkeys(optional))
    for field in optional:
        assert getattr(model, field) is traps.types.UNSET, field
    assert model.to_dict() == {"id": ID, "name": "n"}
    assert model.additional_properties == {}


def test_null_stays_null_where_it_is_documented(traps: Traps) -> None:
    fields = {"created_or_null": None, "metadata": None, "status_or_null": None, "anything": None}
    model = thing(traps, **fields)
    assert model.created_or_null is model.metadata is model.status_or_null is model.anything is None
    assert model.to_dict() == {"id": ID, "name": "n", **fields}


def test_values_have_the_types_that_the_models_declare(traps: Traps) -> None:
    model = thing(
        traps,
        count=3.0,
        ratio=2,
        active=False,
        parts=[{"name": "p"}],
        metadata={"a": [1]},
        other={"id": ID, "name": "inner"},
    )
    assert model.id == UUID(ID)
    assert (model.count, type(model.count)) == (3, int)
    assert (model.ratio, model.active) == (2, False)
    assert model.parts == [traps.models.Part(name="p")]
    assert type(model.other) is traps.models.Thing
    assert type(model.metadata) is traps.models.JsonObject


def test_unknown_fields_are_kept_and_declared_ones_are_not_among_them(traps: Traps) -> None:
    fields = {"new": {"a": None}, "in": "x", "strange name\n\"'{{": "y", "kind": "thing"}
    model = thing(traps, **fields)
    assert model.additional_properties == {"new": {"a": None}}
    assert (model.in_, model.strange_name, model.kind) == ("x", "y", "thing")
    assert model.to_dict() == {"id": ID, "name": "n", **fields}
    closed = traps.models.Closed.from_dict({"a": "x", "new": 1})
    assert closed.additional_properties == {"new": 1}
    assert traps.models.Counts.from_dict({"a": 1}).additional_properties == {"a": 1}
    with pytest.raises(traps.errors.DecodingError, match=r"^a: expected an integer, got a string"):
        traps.models.Counts.from_dict({"a": "1"})


def test_a_constant_that_changes_is_kept(traps: Traps) -> None:
    assert thing(traps, kind="thing.v2").kind == "thing.v2"


def pets(traps: Traps, source: object) -> Any:
    """Read the list of pets."""
    response = traps.http_library.httpx.Response(200, json=source)
    return traps.operation("list_pets").parse_response(response)


def test_a_union_takes_the_variant_that_its_constant_names(traps: Traps) -> None:
    cat, dog = pets(traps, [{"pet": "cat", "lives": 9}, {"pet": "dog", "lives": 1}])
    assert (type(cat), type(dog)) == (traps.models.Cat, traps.models.Dog)


def test_an_unknown_variant_is_kept_as_it_came(traps: Traps) -> None:
    source = {"pet": "fish", "fins": [1, {"a": None}]}
    (fish,) = pets(traps, [source])
    assert type(fish) is traps.free_form.UnknownVariant
    assert fish == source
    assert fish.to_dict() == source
    assert pickle.loads(pickle.dumps(fish)) == fish


def test_a_broken_known_variant_is_an_error_and_no_unknown_one(traps: Traps) -> None:
    with pytest.raises(traps.errors.InvalidResponse) as caught:
        pets(traps, [{"pet": "dog"}, {"pet": "cat"}])
    assert (caught.value.path, caught.value.reason) == ("[1].lives", "is missing")


def test_a_free_form_object_is_like_a_dict(traps: Traps) -> None:
    source = {"a": 1, "b": {"c": None}}
    value = traps.models.JsonObject(source)
    assert value == source == value.to_dict() == dict(value) == value.additional_properties
    assert value == traps.models.JsonObject.from_dict(source)
    assert (value["a"], value.get("x"), "b" in value, len(value), list(value)) == (
        1,
        None,
        True,
        2,
        ["a", "b"],
    )
    value["d"] = 4
    del value["a"]
    assert source == {"a": 1, "b": {"c": None}}
    assert type(value.to_dict()) is dict
    assert copy.deepcopy(value) == value == pickle.loads(pickle.dumps(value))
    with pytest.raises(traps.errors.DecodingError, match="expected an object, got a list"):
        traps.models.JsonObject.from_dict([])


def test_a_repr_shows_no_secret_no_signature_and_nothing_unset(traps: Traps) -> None:
    signed = "https://cdn.example/a.png?X-Signature=abc"
    model = thing(
        traps, plain_secret="whsec_1", tags=[signed], metadata={"url": signed}, new=signed
    )
    text = repr(model)
    assert "whsec_1" not in text
    assert "X-Signature" not in text
    assert "https://cdn.example/a.png" in text
    assert "UNSET" not in text
    response = traps.types.Response(
        status_code=200, content=b"whsec_1", headers={"a": "whsec_1"}, parsed=model
    )
    assert repr(response) == f"Response(status_code=200, parsed={text})"
    assert repr(thing(traps)) == f"Thing(id=UUID('{ID}'), name='n')"


def test_fields_are_given_by_name(traps: Traps) -> None:
    # The order of the fields is the document's: a new one must not move the others.
    with pytest.raises(TypeError):
        traps.models.Part("name")


def test_a_declared_field_wins_over_an_additional_property_of_its_name(traps: Traps) -> None:
    model = thing(traps, more=1)
    model.additional_properties["name"] = "other"
    assert model.to_dict() == {"id": ID, "name": "n", "more": 1}
