"""Compare two catalogs for people: one line a change, those that break a caller marked."""

from collections.abc import Iterator, Mapping, Sequence

from attrs import frozen

from .catalog import Catalog, Input, Model, Price


@frozen
class Change:
    """One change. It is breaking where code that was right may now be refused, or costs more."""

    model: str
    text: str
    breaking: bool = False

    def __str__(self) -> str:
        return f"{'BREAKING ' if self.breaking else ''}{self.model}: {self.text}"


def catalog_changes(old: Catalog, new: Catalog) -> list[Change]:
    """Return the changes from one catalog to the other, by model id."""
    before, after = {model.id: model for model in old}, {model.id: model for model in new}
    changes: list[Change] = []
    for model_id in sorted(before.keys() | after.keys()):
        if model_id not in before:
            changes.append(Change(model_id, "new model"))
        elif model_id not in after:
            changes.append(Change(model_id, "no longer in the catalog", breaking=True))
        else:
            changes += _model_changes(before[model_id], after[model_id])
    return changes


def _model_changes(old: Model, new: Model) -> Iterator[Change]:
    if old.price != new.price:
        dearer = old.price is not None and new.price is not None and _dearer(old.price, new.price)
        yield Change(
            new.id, f"the price was {_price(old.price)} and is {_price(new.price)}", dearer
        )
    for what, was, now in (
        ("name", old.name, new.name),
        ("license", old.license, new.license),
        ("endpoint", old.endpoint, new.endpoint),
        ("output", old.output.kind, new.output.kind),
    ):
        if was != now:
            yield Change(new.id, f"the {what} was {was} and is {now}", breaking=what == "endpoint")
    if old.inputs_complete != new.inputs_complete:
        yield Change(
            new.id,
            "every input is known now" if new.inputs_complete else "inputs may be missing now",
        )
    before, after = (
        {described.name: described for described in model.inputs} for model in (old, new)
    )
    for name in [*before, *(name for name in after if name not in before)]:
        if name not in before:
            yield Change(
                new.id,
                f"new input {_signature(after[name])}",
                breaking=after[name].required is True,
            )
        elif name not in after:
            yield Change(new.id, f"input {name} is gone", breaking=True)
        else:
            yield from (
                Change(new.id, *change) for change in _input_changes(before[name], after[name])
            )


def _input_changes(old: Input, new: Input) -> Iterator[tuple[str, bool]]:
    name = new.name
    if old.type != new.type:
        yield f"input {name} was of type {old.type} and is of type {new.type}", True
    if old.required != new.required:
        yield (
            f"input {name} is {_required(new.required)} now, it was {_required(old.required)}",
            new.required is True,
        )
    if list(old.allowed) != list(new.allowed):
        yield from _allowed_changes(name, old.allowed, new.allowed)
    if old.default != new.default:
        yield f"the default of input {name}: was {old.default}, is {new.default}", False
    if old.limits != new.limits:
        is_tighter = _is_tighter(old.limits, new.limits)
        yield f"the limits of input {name}: was {old.limits}, is {new.limits}", is_tighter


def _is_tighter(old: Mapping[str, float], new: Mapping[str, float]) -> bool:
    """Return whether a value within the old limits may be beyond the new ones."""
    return any(
        limit not in old or (value > old[limit] if limit.startswith("min") else value < old[limit])
        for limit, value in new.items()
    )


def _allowed_changes(
    name: str, old: Sequence[object], new: Sequence[object]
) -> Iterator[tuple[str, bool]]:
    if not new:
        yield f"input {name} takes any value now", False
    elif not old:
        yield f"input {name} takes only {_listed(new)} now", True
    else:
        if added := [value for value in new if value not in old]:
            yield f"input {name} also takes {_listed(added)}", False
        if gone := [value for value in old if value not in new]:
            yield f"input {name} no longer takes {_listed(gone)}", True


def _dearer(old: Price, new: Price) -> bool:
    return old.unit == new.unit and float(new.amount) > float(old.amount)


def _price(price: Price | None) -> str:
    return "not known" if price is None else f"${price.amount} a {price.unit}"


def _required(required: bool | None) -> str:
    return (
        "not known to be required" if required is None else "required" if required else "optional"
    )


def _signature(described: Input) -> str:
    return f"{described.name} ({described.type}{', required' if described.required else ''})"


def _listed(values: Sequence[object]) -> str:
    return ", ".join(str(value) for value in values)
