"""What the docstrings of the generated classes say, from the catalog."""

import textwrap
from collections.abc import Sequence

from .catalog import Input, Model
from .names import attribute_name

_WIDTH = 112
_UNITS = {
    "image": "an image",
    "second": "a second",
    "megapixel": "a megapixel",
    "request": "a request",
}
_PLACES = {
    "docs page": "its docs page",
    "marketing page": "a marketing page",
    "code": "example code",
    "asset path": "the address of an example picture",
    "api": "the API's own catalog",
}


def class_text(model: Model) -> list[str]:
    """Return the lines of a class's docstring.

    It says what the model does and costs, how far the catalog goes, and what each field is.
    """
    lines = [
        *_wrapped(
            f"{model.name}: {model.description[:1].lower()}{model.description[1:]} {_price(model)}"
        ),
        "",
    ]
    provider, license_ = _sentence("Provider", model.provider), _sentence("License", model.license)
    lines += _wrapped(f"Runs at POST {model.endpoint}.{provider}{license_}")
    lines += _wrapped(_coverage(model))
    if model.inputs:
        lines += ["", "Attributes:"]
        for described in model.inputs:
            text = f"{attribute_name(described.name)}: {_field_text(model, described)}"
            lines += _wrapped(text, indent="    ", next_indent="        ")
    return [line.replace("\\", "\\\\").replace('"""', '\\"\\"\\"') for line in lines]


def _wrapped(text: str, indent: str = "", next_indent: str = "") -> list[str]:
    return textwrap.wrap(
        text,
        _WIDTH,
        initial_indent=indent,
        subsequent_indent=next_indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _sentence(what: str, value: str | None) -> str:
    return f" {what}: {value}." if value else ""


def _price(model: Model) -> str:
    price = model.price
    if price is None:
        return "Its price is not known."
    terms = [
        f"where {condition.field} is {' or '.join(_value(value) for value in condition.values)}"
        for condition in price.conditions
    ]
    terms += [price.proviso] if price.proviso else []
    unit = _UNITS.get(price.unit, f"a {price.unit}")
    return f"${price.amount} {unit}{', ' if terms else ''}{' and '.join(terms)}."


def _coverage(model: Model) -> str:
    origin = model.provenance
    date = f" of {origin.page_updated}" if origin.page_updated else ""
    place = f"{_PLACES.get(origin.known_from, origin.known_from)}{date}"
    if model.inputs_complete:
        text = f"Every input is known, from {place}."
    elif model.inputs:
        text = f"Not every input may be known; what is, comes from {place}."
    else:
        text = f"The model is known from {place}, and none of its inputs."
    if model.inputs and all(described.required is None for described in model.inputs):
        text += " Which inputs are required is not known."
    return f"{text} {origin.note}" if origin.note else text


def _field_text(model: Model, described: Input) -> str:
    parts = [described.description.rstrip(". ") + "."]
    if described.required:
        parts.append("Required.")
    if described.allowed:
        parts.append(
            f"One of {_listed(described.allowed)}."
            if len(described.allowed) > 1
            else _only(described.allowed)
        )
    if described.suggested:
        parts.append(f"Such as {_listed(described.suggested)}.")
    parts += _limit_texts(described)
    if described.default is not None:
        parts.append(f"Default: {_value(described.default)}.")
    if described.origin not in {"table", model.provenance.known_from}:
        parts.append(f"(Seen in: {described.origin}.)")
    return " ".join(parts)


def _only(values: Sequence[object]) -> str:
    return f"Only {_value(values[0])}."


def _listed(values: Sequence[object]) -> str:
    return ", ".join(_value(value) for value in values)


def _limit_texts(described: Input) -> list[str]:
    texts: list[str] = []
    for kind, unit in (("", ""), ("_chars", " characters"), ("_items", " members")):
        least, most = described.limits.get(f"min{kind}"), described.limits.get(f"max{kind}")
        if least is not None and most is not None:
            texts.append(f"{_number(least)} to {_number(most)}{unit}.")
        elif least is not None:
            texts.append(f"At least {_number(least)}{unit}.")
        elif most is not None:
            texts.append(f"At most {_number(most)}{unit}.")
    return texts


def _number(value: float) -> str:
    """Return a number with all its digits: a limit that is rounded is another one."""
    return str(int(value)) if value == int(value) else repr(value)


def _value(value: object) -> str:
    return value if isinstance(value, str) else repr(value)
