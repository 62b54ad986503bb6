"""Name the members of an enum where the generator would give two values one name, or a number.

Of `asc` and `ASC` it would keep one, and `16:9` would be `VALUE_0`, whatever comes before it.
"""

import unicodedata
from typing import Final

from ..document.json_tree import JSONObject, strings_at
from ..document.schemas import every_schema
from ..naming.operation_names import snake_case

_NAMES: Final = "x-enum-varnames"
"""What the generator takes the names of the members from, one for each value."""
_MAX_SIGNS: Final = 3


def name_enum_members(document: JSONObject) -> None:
    """Write the names of members into each enum of strings that needs them, in place.

    They depend on the values only, so that a new value in front renames no other.
    """
    for schema in every_schema(document):
        values, listed = strings_at(schema, "enum"), schema.get("enum")
        if not values or not isinstance(listed, list) or len(values) < len(listed):
            continue
        bare = {value: _bare_name(value) for value in values}
        if all(value[:1].isalpha() for value in values) and len({*bare.values()}) == len(bare):
            continue
        names: dict[str, str] = {}
        for value in sorted(bare):
            name, number = bare[value], 1
            while name in names.values():
                number += 1
                name = f"{bare[value]}_{number}"
            names[value] = name
        schema[_NAMES] = [names[value] for value in values]


def _bare_name(value: str) -> str:
    """Return a value as a name in capitals: `16:9` is `VALUE_16_9`, `+` is `PLUS_SIGN`."""
    name = snake_case(value.upper()).upper()
    if not name:
        signs = (unicodedata.name(sign, "SIGN") for sign in value[:_MAX_SIGNS])
        return snake_case(" ".join(signs)).upper() or "EMPTY"
    return name if name[0].isalpha() else f"VALUE_{name}"
