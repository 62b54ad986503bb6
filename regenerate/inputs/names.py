"""Python names for what the catalog names: classes, modules, attributes."""

import keyword
import re
from typing import Final

# What the body of a generated class uses, or inherits: a field of that name would hide it. What
# begins with a capital letter cannot be hidden.
RESERVED: Final = frozenset(
    {"bool", "float", "int", "object", "str"}
    | {"self", "input_field", "extra", "strict", "known_fields", "evolve", "from_input", "to_input"}
    | {"takes_batches"}
)


def class_name(model_id: str) -> str:
    """Return the name of a class: `google/veo3.1/fast` is `GoogleVeo31Fast`."""
    name = "".join(part[:1].upper() + part[1:] for part in re.split(r"[^A-Za-z0-9]+", model_id))
    return name if name[:1].isalpha() else f"Model{name}"


def module_path(model_id: str) -> tuple[str, str]:
    """Return a package for the owner and a module for the rest of a model id.

    `google/veo3.1/fast` is `("google", "veo3_1_fast")`.
    """
    owner, _, slug = model_id.partition("/")
    return _identifier(owner), _identifier(slug)


def attribute_name(field_name: str) -> str:
    """Return the name of an attribute: `Aux Reference 1` is `aux_reference_1`.

    Words that are taken get a trailing underscore.
    """
    name = _identifier(field_name)
    return f"{name}_" if name in RESERVED else name


def _identifier(text: str) -> str:
    name = re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")
    if not name or name[0].isdigit():
        name = f"number_{name}" if name else "unnamed"
    return f"{name}_" if keyword.iskeyword(name) else name
