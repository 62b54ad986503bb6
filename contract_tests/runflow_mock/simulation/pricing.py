"""What a run costs, from the catalog's price and the run's input."""

import re
from decimal import Decimal

from ..contract.json_types import JsonObject
from .catalog import CatalogModel
from .sizes import picture_size

DEFAULT_SECONDS = 5
MAX_COUNT = 8


def output_count(values: JsonObject) -> int:
    """Return how many outputs the input asks for (`num_images`), 1 to 8."""
    count = values.get("num_images")
    return (
        min(max(count, 1), MAX_COUNT)
        if isinstance(count, int) and not isinstance(count, bool)
        else 1
    )


def duration_seconds(values: JsonObject) -> int:
    """Return how many seconds of video or audio the input asks for, 1 to 60.

    `duration` may be 5, "5" or "5s".
    """
    match = re.match(r"\d{1,4}", str(values.get("duration", "")))
    return min(max(int(match[0]), 1), 60) if match else DEFAULT_SECONDS


def first_given(values: JsonObject, *names: str) -> object:
    """Return the first of these inputs that is given; one that is null is not."""
    return next((values[name] for name in names if values.get(name) is not None), None)


def output_units(model: CatalogModel, values: JsonObject) -> Decimal:
    """Return how many of the model's price units one output has."""
    if model.unit == "second":
        return Decimal(duration_seconds(values))
    if model.unit == "megapixel":
        width, height = picture_size(values)
        return Decimal(width * height) / Decimal(1_000_000)
    if model.unit == "token":  # a character is taken for a token
        text = first_given(values, "text", "prompt")
        return Decimal(0 if text is None else len(str(text)))
    return Decimal(1)


def price_of(model: CatalogModel, values: JsonObject, outputs: int) -> Decimal:
    """Return the price in US dollars of that many outputs, to six places.

    A model with a price per request costs one unit.
    """
    count = Decimal(1) if model.unit in ("request", "token") else Decimal(outputs)
    amount = model.price * output_units(model, values) * (count if outputs else Decimal(0))
    return amount.quantize(Decimal("0.000001")).normalize() + Decimal(0)
