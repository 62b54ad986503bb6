"""What a run will cost, by the catalog's prices and the input, and the check of untyped inputs.

An estimate only: the run itself says what it cost.
"""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from importlib import import_module
from typing import Any, cast

from attrs import frozen

from ._errors import InvalidArgument, NotFound
from ._json import as_object
from ._redaction import show_value
from ._typed_inputs.base import ModelInput, check_alone, check_values
from ._typed_inputs.fields import InputField
from ._typed_inputs.files import show
from ._typed_inputs.prices import PriceCondition, PriceUnit
from ._validation import (
    WORKFLOWS,
    check_arguments,
    nearest,
    plain_text,
    split_run_id,
    wrong_kind,
)
from .inputs import CLASSES

_IN_A_BATCH = " runs in a batch"
_SECONDS = re.compile(r"(\d{1,6}(?:\.\d{1,6})?)s?", re.ASCII)


@frozen(kw_only=True)
class Estimate:
    """What a run will cost in US dollars: `amount` = `count` times `unit_price`, the price of one
    `unit`.

    `amount` is None where the catalog and the input do not decide it; `reason` then says why, and
    what to set. Even so `at_least` may be set. `basis` describes the sum.
    """

    model: str
    amount: Decimal | None = None
    at_least: Decimal | None = None
    unit: PriceUnit | None = None
    unit_price: Decimal | None = None
    count: Decimal | None = None
    basis: str = ""
    reason: str = ""


class MaxCostExceeded(InvalidArgument):
    """The run would cost more than allowed, or its cost is not known beforehand. Nothing was
    sent.

    `estimate` is the estimate and `max_cost` the limit in US dollars.
    """

    def __init__(self, estimate: Estimate, max_cost: Decimal) -> None:
        self.estimate = estimate
        self.max_cost = max_cost
        limit = f"max_cost is ${max_cost:f}"
        what = "a batch" if estimate.basis.endswith(_IN_A_BATCH) else "a run"
        if estimate.amount is not None:
            reason = (
                f"{what} of {estimate.model} costs ${estimate.amount:f} ({estimate.basis}), "
                f"and {limit}"
            )
        elif estimate.at_least is not None and estimate.at_least > max_cost:
            reason = (
                f"{what} of {estimate.model} costs at least ${estimate.at_least:f} "
                f"({estimate.basis}), and {limit}"
            )
        else:
            reason = (
                f"{limit}, and what {what} of {estimate.model} costs is not known "
                f"beforehand: {estimate.reason}"
            )
        super().__init__(f"{reason}. Nothing was sent.")


def estimate(model: ModelInput | str, values: Mapping[str, Any] | None = None) -> Estimate:
    """Estimate what a run of this input costs. For an untyped input pass the model id and the
    mapping.

    Never raises for an unknown model or an odd value: the amount is None then, with the reason.
    Raises InvalidArgument for a typed input and a mapping together.
    """
    check_arguments(model=model, values=values)
    if isinstance(model, ModelInput):
        check_alone(model, values)
        return _estimate(type(model), model.to_input())
    known = input_class(model)
    if known is None:
        return Estimate(
            model=model, reason=f"the catalog does not have this model{did_you_mean(model)}"
        )
    return _estimate(known, values or {})


def check_cost(
    model: ModelInput | str,
    max_cost: Decimal | float | str,
    values: Mapping[str, Any] | None = None,
) -> Estimate:
    """Return the estimate if the run is certain to cost at most `max_cost` US dollars, else raise
    MaxCostExceeded.

    Raises InvalidArgument for a `max_cost` that is not an amount of money.
    """
    limit = read_money("max_cost", max_cost)
    found = estimate(model, values)
    if found.amount is None or found.amount > limit:
        raise MaxCostExceeded(found, limit)
    return found


def check_batch_cost(
    model: str, max_cost: Decimal | float | str, inputs: Sequence[Mapping[str, Any]]
) -> None:
    """Raise MaxCostExceeded unless all runs of the batch together are certain to cost at most
    `max_cost` US dollars. Raises InvalidArgument for what is not an amount of money.
    """
    limit = read_money("max_cost", max_cost)
    found = [estimate(model, values) for values in inputs]
    known = [one.amount for one in found if one.amount is not None]
    least = sum((one.at_least or Decimal() for one in found), Decimal())
    unknown = next((one.reason for one in found if one.amount is None), "")
    total = Estimate(
        model=model,
        amount=None if unknown else sum(known, Decimal()),
        at_least=least or None,
        count=Decimal(len(found)),
        basis=f"{len(found)}{_IN_A_BATCH}",
        reason=unknown,
    )
    if total.amount is None or total.amount > limit:
        raise MaxCostExceeded(total, limit)


def check_takes_batches(model_id: str) -> None:
    """Raise InvalidArgument for a model of the catalog that takes no batches."""
    known = input_class(model_id)
    if known is not None and not known.takes_batches():
        raise InvalidArgument(
            f"{model_id} takes no batches: only template-backed models do, those of the owner "
            "runflow in this catalog (which ones is not documented by Runflow). Use client.run for "
            "each input, or strict=False to ask the API all the same"
        )


def read_money(name: str, value: Decimal | float | str) -> Decimal:
    """Return the amount of US dollars. Raises InvalidArgument for what is none."""
    try:
        amount = Decimal(plain_text(value))
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite() or amount < 0:
        raise InvalidArgument(
            f"{name} is {show_value(value)}, expected an amount of US dollars such as "
            "Decimal('0.50')"
        )
    return amount


def _estimate(model: type[ModelInput], values: Mapping[str, Any]) -> Estimate:
    unit, price = model.PRICE_UNIT, model.PRICE
    if unit is None or price is None:
        return Estimate(model=model.MODEL_ID, reason="the catalog has no price for it")
    given = _Given(model, values)
    for surcharge in model.PRICE_TERMS.surcharges:
        if _is_one_of(given.value(surcharge.field), surcharge.values):
            price += surcharge.amount
    counted = _count(unit, given)
    if isinstance(counted, str):
        return Estimate(model=model.MODEL_ID, unit=unit, unit_price=price, reason=counted)
    amount = _plain(counted * price)
    plural = "" if counted == 1 else "s"
    basis = f"{counted:f} {unit}{plural} at ${price:f}"
    reasons, certain_floor = _unmet(model, given)
    return Estimate(
        model=model.MODEL_ID,
        amount=None if reasons else amount,
        at_least=amount if certain_floor else None,
        unit=unit,
        unit_price=price,
        count=counted,
        basis=basis,
        reason="; ".join(reasons),
    )


@frozen
class _Given:
    """The values of an input, and what the API takes where one is left out."""

    model: type[ModelInput]
    values: Mapping[str, Any]

    def field(self, name: str) -> InputField | None:
        return next(
            (facts for facts in self.model.known_fields().values() if facts.name == name), None
        )

    def value(self, name: str) -> Any:
        """Return the value given, else the API's default, else None."""
        value = self.values.get(name)
        facts = self.field(name)
        return facts.api_default if value is None and facts is not None else value


def _unmet(model: type[ModelInput], given: _Given) -> tuple[list[str], bool]:
    """Why the catalog's price may not hold for this input, and whether it is the least that the run
    can cost.
    """
    reasons: list[str] = []
    floor = True
    for condition in model.PRICE_TERMS.conditions:
        value = given.value(condition.field)
        if _is_one_of(value, condition.values):
            continue
        reasons.append(_unmet_condition(condition, value))
        floor = floor and (
            not condition.cheaper if value is None else not _is_one_of(value, condition.cheaper)
        )
    for surcharge in model.PRICE_TERMS.surcharges:
        facts, value = given.field(surcharge.field), given.value(surcharge.field)
        if (
            facts is not None
            and value is not None
            and (problem := facts.problem(value)) is not None
        ):
            reasons.append(f"{surcharge.field} {problem}, and it may cost more")
    if model.PRICE_TERMS.proviso is not None:
        reasons.append(f"the price {model.PRICE_TERMS.proviso}")
    return reasons, floor


def _is_one_of(value: object, choices: tuple[object, ...]) -> bool:
    """Whether the value is one of these texts and numbers; not everything can be compared."""
    return isinstance(value, str | int | float) and value in choices


def _unmet_condition(condition: PriceCondition, value: object) -> str:
    holds = " or ".join(f"{condition.field}={choice!r}" for choice in condition.values)
    given = (
        f"with {condition.field}={show(value)}"
        if value is not None
        else f"without {condition.field}"
    )
    return f"the catalog knows the price for {holds}, but not {given}"


def _count(unit: PriceUnit, given: _Given) -> Decimal | str:
    """How many units the input asks for (parts of a megapixel count as parts); the reason, if it
    does not say.
    """
    if unit == "request":
        return Decimal(1)
    if unit == "image":
        return _images(given)
    if unit == "second":
        return _seconds(given)
    if unit == "megapixel":
        return _megapixels(given)
    return f"it is priced by the {unit}, and how many there will be is not known before"


def _images(given: _Given) -> Decimal | str:
    count = given.value("num_images")
    if count is None:
        return Decimal(1)
    if not isinstance(count, int) or isinstance(count, bool) or count < 1:
        return f"num_images is {show(count)}, expected a whole number"
    return Decimal(count)


def _seconds(given: _Given) -> Decimal | str:
    duration = given.value("duration")
    if duration is None:
        return (
            "it is priced by the second, duration is not given and the catalog does not know "
            "the default: set duration"
        )
    found = _SECONDS.fullmatch(plain_text(duration))
    if found is None or not Decimal(found[1]):
        return (
            f"it is priced by the second, and duration is {show(duration)}: set a number of seconds"
        )
    return Decimal(found[1])


def _megapixels(given: _Given) -> Decimal | str:
    size = as_object(given.value("image_size")) or {}
    sides = [
        side for name in ("width", "height") if isinstance(side := size.get(name), int) and side > 0
    ]
    images = _images(given)
    if len(sides) < 2:
        return "it is priced by the megapixel, and the size in pixels is not known before"
    return images if isinstance(images, str) else _plain(images * sides[0] * sides[1] / 1_000_000)


def _plain(amount: Decimal) -> Decimal:
    """Without trailing zeros and without an exponent."""
    return Decimal(f"{amount.normalize():f}")


def did_you_mean(model: str) -> str:
    """Return `. Did you mean '...'?` where the catalog has a model of nearly this id, else nothing.

    A name without its owner finds the model, too, and so does a part of its id, but no single
    letter: that is in nearly all of them.
    """
    name = model.removeprefix(WORKFLOWS).strip().strip("/").lower()
    if not name or model.removeprefix(WORKFLOWS) in CLASSES:
        return ""
    close = [name] if name in CLASSES else []
    close += [one for one in CLASSES if one.partition("/")[2] == name]
    alike = nearest(name, CLASSES, cutoff=0.75)
    close += [alike] if alike else []
    close += [one for one in CLASSES if len(name) > 1 and name in one]
    return f". Did you mean {close[0]!r}?" if close else ""


def check_model_id(model: str) -> None:
    """Raise InvalidArgument, with the id that may be meant, for what is no model id."""
    if not isinstance(model, str):  # pyright: ignore[reportUnnecessaryIsInstance] # callers err
        raise wrong_kind("model", model, "a model id such as 'google/nano-banana-pro'")
    try:
        split_run_id(model)
    except InvalidArgument as error:
        raise InvalidArgument(f"{str(error).rstrip('.')}{did_you_mean(model)}") from None


def note_meant(error: NotFound, model: str) -> None:
    """Note on the error the model that may be meant, if the catalog has one."""
    if meant := did_you_mean(model):
        error.add_note(f"The API has no model {model!r}{meant}")


def input_class(model_id: str) -> type[ModelInput] | None:
    """Load the input class of the model; None for a model that the catalog does not have."""
    name = CLASSES.get(model_id.removeprefix(WORKFLOWS))
    if name is None:
        return None
    found: type[ModelInput] = getattr(import_module(".inputs", __package__), name)
    return found if is_workflow(found) or not model_id.startswith(WORKFLOWS) else None


def is_workflow(model: ModelInput | type[ModelInput] | str) -> bool:
    """Whether a typed input, or an id, means a ComfyUI workflow and not a model."""
    if isinstance(model, str):
        known = input_class(model)
        return model.startswith(WORKFLOWS) or (known is not None and is_workflow(known))
    return model.ENDPOINT.startswith(f"/v1/{WORKFLOWS}")


def check_input(model_id: str, values: object, place: str = "input") -> None:
    """Check an untyped input of a model of the catalog as its input class would.

    An input of any other model passes. Raises InvalidArgument for a field that is missing or
    wrong, and for an input that is no mapping. Warns with UnknownInput about a field that the
    catalog does not list.
    """
    if not isinstance(values, Mapping):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise InvalidArgument(f"{place} is {show(values)}, expected a dict of {model_id}'s fields")
    known = input_class(model_id)
    if known is None:
        return
    try:
        check_values(known, cast("Mapping[str, object]", values))
    except InvalidArgument as error:
        raise error if place == "input" else InvalidArgument(f"{place}: {error}") from None


def media_kinds(model_id: str) -> dict[str, frozenset[str]]:
    """Return the kinds of file (`image`, `video`, `audio`) that the fields of the model take."""
    known = input_class(model_id)
    fields = () if known is None else known.known_fields().values()
    return {facts.name: facts.media_kinds for facts in fields if facts.media_kinds}
