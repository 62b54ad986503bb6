"""What travels one way only is marked, however the document says so."""

import pytest

from ...correct._directions import mark_directions, settle_directions
from ...document.json_tree import JSONObject, JSONValue, object_at
from ...document.schemas import NOT_READ, NOT_SENT

ONE: JSONObject = {"$ref": "#/components/schemas/One"}
WAYS: dict[str, tuple[JSONObject, JSONObject]] = {
    "beside the type": ({"type": "string", "X": True}, {}),
    "beside a reference": ({**ONE, "X": True}, {"type": "string"}),
    "in the class": (ONE, {"type": "string", "X": True}),
    "in a class that refers": (ONE, {"$ref": "#/components/schemas/Two"}),
    "in the only part": ({"allOf": [{"type": "string", "X": True}]}, {}),
    "beside the only part": ({"allOf": [ONE], "X": True}, {"type": "string"}),
    "in the class of the only part": ({"allOf": [ONE]}, {"type": "string", "X": True}),
    "in the only part of the class": (ONE, {"allOf": [{"$ref": "#/components/schemas/Two"}]}),
}


def written(value: JSONValue, word: str) -> JSONValue:
    """Write the word for each X."""
    if isinstance(value, dict):
        return {word if key == "X" else key: written(one, word) for key, one in value.items()}
    return [written(one, word) for one in value] if isinstance(value, list) else value


@pytest.mark.parametrize(("word", "mark"), [("readOnly", NOT_SENT), ("writeOnly", NOT_READ)])
@pytest.mark.parametrize("way", WAYS)
def test_each_way_to_say_it_counts(way: str, word: str, mark: str) -> None:
    field, one = (written(part, word) for part in WAYS[way])
    holder: JSONObject = {"type": "object", "properties": {"id": field, "name": {"type": "string"}}}
    two: JSONObject = {"type": "string", word: True}
    document: JSONObject = {
        "openapi": "3.1.0",
        "paths": {},
        "components": {"schemas": {"Holder": holder, "One": one, "Two": two}},
    }
    mark_directions(document)
    assert holder[mark] == ["id"]
    assert (NOT_SENT if mark == NOT_READ else NOT_READ) not in holder


def marked(word: str) -> JSONObject:
    """Return an object with a required field that travels one way, and one that travels both."""
    text: JSONObject = {"type": "string"}
    return {
        "type": "object",
        "required": ["id", "name"],
        "properties": {"id": {**text, word: True}, "name": text},
    }


def used(name: str) -> JSONObject:
    """Return what holds a body of this class."""
    return {"content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{name}"}}}}


@pytest.mark.parametrize("incoming", ["", "callbacks", "webhooks"])
@pytest.mark.parametrize(("word", "way"), [("readOnly", "Sent"), ("writeOnly", "Read")])
def test_a_field_is_optional_where_it_does_not_travel(word: str, way: str, incoming: str) -> None:
    """What the server sends of its own accord is read as an answer is."""
    operation: JSONObject = {"requestBody": used("Sent"), "responses": {"200": used("Read")}}
    received: JSONObject = {"requestBody": used("Read"), "responses": {"200": used("Sent")}}
    if incoming:
        operation = {"responses": {}}
    if incoming == "callbacks":
        operation["callbacks"] = {"done": {"{$url}": {"post": received}}}
    schemas: JSONObject = {"Sent": marked(word), "Read": marked(word)}
    document: JSONObject = {
        "openapi": "3.1.0",
        "paths": {"/a": {"post": operation}},
        "components": {"schemas": schemas},
    }
    if incoming == "webhooks":
        document["webhooks"] = {"done": {"post": received}}
    mark_directions(document)
    settle_directions(document)
    required = {name: object_at(schemas, name)["required"] for name in schemas}
    other = "Read" if way == "Sent" else "Sent"
    assert required == {way: ["name"], other: ["id", "name"]}
