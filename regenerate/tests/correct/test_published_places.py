"""A place of the corrected document is told where it stands in the published one."""

from ...correct.published_places import published_place
from ...document.json_tree import JSONObject


def document(*names: str) -> JSONObject:
    """Return an operation that takes these parameters, in this order."""
    parameters: list[JSONObject] = [
        {"in": "query", "name": name, "schema": {"type": "string"}} for name in names
    ]
    return {"paths": {"/a": {"get": {"parameters": [*parameters]}}}}


def test_a_parameter_is_found_by_its_name_wherever_it_was_sorted_to() -> None:
    published, corrected = document("b", "c", "a"), document("a", "b", "c")
    assert [
        published_place(published, corrected, {}, f"/paths/~1a/get/parameters/{index}/schema")
        for index in range(3)
    ] == [f"/paths/~1a/get/parameters/{index}/schema" for index in (2, 0, 1)]
