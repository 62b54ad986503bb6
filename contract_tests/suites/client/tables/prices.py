"""What a run of each input costs, and what is said of model ids."""

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from functools import partial
from typing import Any, Final, Literal

from runflow_client import NotFound, _estimate as estimating
from runflow_client._typed_inputs.base import ModelInput, input_field, model_input
from runflow_client._typed_inputs.fields import InputField
from runflow_client._typed_inputs.prices import PriceCondition, PriceTerms, Surcharge
from runflow_client._validation import check_json
from runflow_client.inputs import GoogleNanoBananaPro

from .inputs import Lamp, warned
from .rows import Plain, result, table

LIMITS: Final = (
    "0",
    0,
    0.1,
    "0.10",
    Decimal("0.15"),
    Decimal("0.149"),
    1,
    -1,
    "x",
    True,
    "NaN",
    "1e3",
    None,
    " 1 ",
)


@model_input
class DearLamp(ModelInput):
    """A model of which each unit costs more by default."""

    MODEL_ID = "acme/dear-lamp"
    PRICE = Decimal("0.10")
    PRICE_UNIT = "image"
    PRICE_TERMS = PriceTerms(
        surcharges=(
            Surcharge("fast", (True,), Decimal("0.05")),
            Surcharge("size", ("4K",), Decimal("0.20")),
        )
    )

    fast: bool | None = input_field("boolean", default=None)
    size: Literal["1K", "4K"] | None = input_field("string", api_default="4K", default=None)
    num_images: int | None = input_field("integer", default=None)


@model_input
class LoudLamp(ModelInput):
    """A model of which the sound costs more, and is on where it is not turned off."""

    MODEL_ID = "acme/loud-lamp"
    PRICE = Decimal("0.10")
    PRICE_UNIT = "request"
    PRICE_TERMS = PriceTerms(surcharges=(Surcharge("sound", (True,), Decimal("0.05")),))

    sound: bool | None = input_field("boolean", api_default=True, default=None)


class Unlike:
    """What cannot be compared, as an array of numpy."""

    __hash__ = None  # type: ignore[assignment]

    def __eq__(self, other: object) -> bool:
        raise ValueError("it is ambiguous")

    def __repr__(self) -> str:
        return "an array"


def lines() -> Iterator[str]:
    """Give the tables of costs, line by line."""
    yield from table("read_money", lambda one: estimating.read_money("max_cost", one), LIMITS)
    inputs: tuple[dict[str, Any], ...] = (
        *({}, {"num_images": 1}, {"num_images": 3}, {"num_images": 0}, {"num_images": True}),
        *(
            {"num_images": "2"},
            {"num_images": 1.0},
            {"size": "2K"},
            {"size": "512"},
            {"size": "4K"},
        ),
        *(
            {"fast": True},
            {"fast": False},
            {"fast": "yes"},
            {"fast": 1, "num_images": 2},
            {"fast": None},
            {"fast": True, "num_images": 0},
            {"fast": Unlike(), "size": "1K"},
            {"size": Unlike(), "num_images": Unlike()},
            {"size": ["1K"]},
        ),
    )
    yield from table("cost of a lamp", partial(_cost, Lamp), inputs)
    for unit in ("second", "megapixel", "request", "token", None):
        more = (
            SECONDS
            if unit == "second"
            else SIZES
            if unit == "megapixel"
            else ({}, {"num_images": 2})
        )
        yield from table(f"cost by the {unit}", partial(_cost, _priced(unit, "0.25")), more)
    two = {
        "both hold": {"size": "1K", "speed": "slow"},
        "the first may cost more": {"size": "4K", "speed": "slow"},
        "the first costs less, the second may cost more": {"size": "512", "speed": "fast"},
        "both may cost more": {"size": "4K", "speed": "fast"},
        "the second is not given": {"size": "1K"},
        "the first is not given": {"speed": "slow"},
    }
    yield from table("cost under two conditions", partial(_cost, _conditional()), two)
    dear: tuple[dict[str, Any], ...] = (
        *({}, {"size": None}, {"size": "1K"}, {"size": "4K"}, {"size": "9K"}, {"fast": True}),
        *({"fast": True, "size": "1K"}, {"fast": True, "size": "4K", "num_images": 2}),
    )
    yield from table("cost with surcharges, one by default", partial(_cost, DearLamp), dear)
    sounds: tuple[dict[str, Any], ...] = (*({}, {"sound": None}, {"sound": True}), {"sound": False})
    yield from table("cost of what is on by default", partial(_cost, LoudLamp), sounds)
    yield from table("cost without a price", partial(_cost, _priced("image", None)), [{}])
    yield from _limits()
    yield from _ids()
    yield from _large()


_DURATIONS: Final[tuple[Any, ...]] = (
    *(None, 0, 1, 5, 2.5, "5", "5s", "0s", "5 s", "-1", -1, True, "5.1234567", "1234567", [], "٣"),
)
SECONDS: Final[tuple[dict[str, Any], ...]] = tuple({"duration": one} for one in _DURATIONS)
SIZES: Final[tuple[dict[str, Any], ...]] = (
    *({}, {"image_size": "1K"}, {"image_size": {"width": 1000, "height": 2000}}),
    *({"image_size": {"width": 1000}}, {"image_size": {"width": 0, "height": 1000}}),
    *({"image_size": {"width": 1000, "height": 500}, "num_images": 4}, {"image_size": []}),
    *({"image_size": {"width": 1, "height": 1}}, {"image_size": {"width": "1", "height": 1}}),
    {"image_size": {"width": 1000, "height": 500}, "num_images": 0},
    {"image_size": {"width": 1000.0, "height": 1000}},
)


def _priced(unit: Any, price: str | None) -> type[ModelInput]:
    facts = {
        "MODEL_ID": "acme/priced",
        "PRICE_UNIT": unit,
        "PRICE": None if price is None else Decimal(price),
        "__module__": __name__,
    }
    return model_input(type("Priced", (ModelInput,), facts))


def _conditional() -> type[ModelInput]:
    """Return a model whose price holds under two conditions."""
    made = _priced("request", "1")
    terms = PriceTerms(
        conditions=(
            PriceCondition("size", ("1K",), cheaper=("512",)),
            PriceCondition("speed", ("slow",)),
        )
    )
    made.PRICE_TERMS = terms
    return made


def _cost(model: type[ModelInput], values: Mapping[str, Any]) -> Plain:
    found = estimating._estimate(model, values)
    facts = (found.amount, found.at_least, found.unit, found.unit_price, found.count, found.basis)
    told = ", ".join("-" if one is None else f"{one}" for one in facts)
    return Plain(f"{told}; {found.reason}")


MODEL: Final = "google/nano-banana-pro"
BATCHED: Final = "runflow/background-removal"


def _limits() -> Iterator[str]:
    price = estimating.estimate(MODEL, {"prompt": "x"})
    yield from table(
        "estimate",
        lambda one: _facts(one[0], one[1]),
        {
            "a model": (MODEL, {"prompt": "x"}),
            "a model without values": (MODEL, None),
            "a typed input": (GoogleNanoBananaPro(prompt="x", num_images=2), None),
            "a typed input and values": (GoogleNanoBananaPro(prompt="x"), {}),
            "an unknown model": ("acme/none", {}),
            "a model that is misspelt": ("google/nano-banana-prp", {}),
            "no model": ("", {}),
            "a number": (7, {}),
            "a text for the values": (MODEL, "prompt"),
        },
    )
    assert price.amount is not None
    amounts = {
        "just below": price.amount - Decimal("0.001"),
        "the same": price.amount,
        "above": price.amount * 2,
    }
    for number in (1, 2):
        yield from table(
            f"check_cost of {number}",
            lambda one, number=number: _checked(
                lambda: (
                    estimating.check_cost(MODEL, one, {"prompt": "x", "num_images": number}).amount
                )
            ),
            amounts,
        )
    sums = {name: amount * 2 for name, amount in amounts.items()}
    twice = [{"prompt": "x"}] * 2
    yield from table(
        "check_batch_cost",
        lambda one: _checked(lambda: estimating.check_batch_cost(MODEL, one, twice)),
        sums,
    )
    unknown = {
        "a known one": [{}],
        "one unknown": [{}, {"num_images": "x"}],
        "two unknown": [{"num_images": 0}, {}, {"num_images": "x"}],
        "all unknown": [{"num_images": "x"}],
        "none": [],
    }
    yield from table(
        "check_batch_cost, some unknown",
        lambda one: _checked(lambda: estimating.check_batch_cost(MODEL, Decimal("0.2"), one)),
        unknown,
    )
    floors = {"below": Decimal("0.09"), "the same": Decimal("0.1"), "above": Decimal("9")}
    known = estimating.Estimate(model="a/b", at_least=Decimal("0.1"), basis="b", reason="r")
    yield from table(
        "a floor and a limit", lambda one: Plain(estimating.MaxCostExceeded(known, one)), floors
    )


def _facts(model: Any, values: Any) -> Plain:
    return Plain(result(lambda one: estimating.estimate(one, values), model))


def _checked(call: Callable[[], object]) -> object:
    try:
        return call()
    except estimating.MaxCostExceeded as error:
        found = error.estimate
        return Plain(
            f"{error} {found.amount} {found.at_least} {found.count} {found.basis} {error.max_cost} "
            f"{found.reason!r}"
        )


IDS: Final = (
    *(
        MODEL,
        "google/nano-banana-prp",
        "nano-banana-pro",
        "Google/Nano-Banana-Pro",
        "nano-banana",
        "zz9",
    ),
    *(
        f" {MODEL} ",
        f"/{MODEL}/",
        "nano-banana-pro/",
        "edit/",
        "",
        "/",
        BATCHED,
        "background-removal",
        "acme/lamp",
        "google",
        "a b",
        *(
            "runflow-access/brand-locked-variant-nux",
            "x",
            "-",
            "v3",
            "pro",
            "gogle/veo",
            "gogle/nanobanana",
            "runflow/upscale",
            "veo-31",
        ),
    ),
    *(
        f"comfyui-workflows/{MODEL}",
        "comfyui-workflows/acme/x",
        "comfyui-workflows/",
        "comfyui-workflows/zz9",
    ),
)


def _ids() -> Iterator[str]:
    asks: dict[str, Callable[[Any], object]] = {
        "did_you_mean": estimating.did_you_mean,
        "check_model_id": estimating.check_model_id,
        "input_class": lambda one: getattr(estimating.input_class(one), "__name__", None),
        "is_workflow": estimating.is_workflow,
        "media_kinds of": lambda one: {
            name: sorted(kinds) for name, kinds in estimating.media_kinds(one).items()
        },
        "check_takes_batches": estimating.check_takes_batches,
        "note_meant": _noted,
    }
    for name, ask in asks.items():
        yield from table(name, ask, IDS)
    yield from table("check_model_id, no text", estimating.check_model_id, [None, 7])
    values: tuple[Any, ...] = ({"prompt": "x"}, {}, None, [], {"prompt": 7})
    for place in ("input", "inputs[3]"):
        for model in (MODEL, "acme/none"):
            check = partial(estimating.check_input, model, place=place)
            yield from table(
                f"check_input {model} at {place}",
                lambda one, check=check: warned(check, one),
                values,
            )


LARGE: Final[Mapping[str, Any]] = {
    "2**31": 2**31,
    "3e9": 3e9,
    "4200 digits": 10**4199,
    "5000 digits": 10**4999,
    "5000 digits below zero": -(10**4999),
    "5000 digits in a text": "7" * 5000,
    "a half in Decimal": Decimal("0.5"),
}


def _large() -> Iterator[str]:
    """Give what is said of numbers that no float, or no text, can hold."""
    asks: dict[str, Callable[[Any], object]] = {
        "check_json": lambda one: check_json({"a": [one]}) == {"a": [one]},
        "read_money": lambda one: estimating.read_money("it", one) == Decimal(one),
        "an integer to 2147483647": InputField("it", "integer", maximum=2**31 - 1).problem,
        "an integer from 1000000.5": InputField("it", "integer", minimum=1000000.5).problem,
        "a number to 0.1": InputField("it", "number", maximum=0.1).problem,
        "one of two": InputField("it", "integer", allowed=(1, 2)).problem,
        "a text": InputField("it", "string", max_length=4000).problem,
        "seconds of a film": lambda one: _cost(_priced("second", "1"), {"duration": one}),
        "images": lambda one: estimating._images(
            estimating._Given(_priced("image", "1"), {"num_images": one})
        ),
    }
    for name, ask in asks.items():
        yield from table(f"{name} of a large number", ask, LARGE)


def _noted(model: str) -> list[str]:
    error = NotFound(status=404, method="GET", path="/x")
    estimating.note_meant(error, model)
    return getattr(error, "__notes__", [])
