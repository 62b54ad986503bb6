"""The models of the catalog on disk, by what the typed inputs say. Nothing is sent."""

import re
from decimal import Decimal
from typing import Any, Final

from attrs import frozen

from ... import ModelInput, inputs
from ..._estimate import did_you_mean
from .terminal import dollars

_FIELD: Final = re.compile(r"^ {4}(?P<name>\w+): (?P<text>.*(?:\n {8}.*)*)", re.MULTILINE)
_TERMS: Final = re.compile(r" (\$[\d.]+ an? .*|Its price is not known.*)$")
_AMOUNT: Final = re.compile(r"\$(\d+(?:\.\d+)?)")


@frozen
class ModelPage:
    """What is known of one model: its summary, remarks, fields and price."""

    id: str
    input_class: type[ModelInput]

    @property
    def summary(self) -> str:
        """What it makes, in a sentence."""
        return self._opening[0]

    @property
    def terms(self) -> str:
        """The price in words, with what it depends on."""
        return self._opening[1]

    @property
    def _opening(self) -> tuple[str, str]:
        paragraph = " ".join(_documentation(self.input_class).partition("\n\n")[0].split())
        summary, terms, _ = _TERMS.split(paragraph)  # it always ends with the price
        return summary, _AMOUNT.sub(lambda amount: dollars(Decimal(amount[1])), terms)

    @property
    def remarks(self) -> str:
        """Provider, license, and what is not known about its fields."""
        told = _documentation(self.input_class).partition("Attributes:")[0].partition("\n\n")[2]
        return " ".join(told.split())

    @property
    def fields(self) -> dict[str, Any]:
        """The catalog's facts by the API's name."""
        return {facts.name: facts for facts in self.input_class.known_fields().values()}

    @property
    def options(self) -> dict[str, str]:
        """The option of each field, by the API's name."""
        return {
            facts.name: "--" + attribute.strip("_").replace("_", "-")
            for attribute, facts in self.input_class.known_fields().items()
        }

    @property
    def helps(self) -> dict[str, str]:
        """What each field is for, by the API's name."""
        told = {
            found["name"]: " ".join(found["text"].split())
            for found in _FIELD.finditer(_documentation(self.input_class))
        }
        known = self.input_class.known_fields().items()
        return {facts.name: told.get(attribute, "") for attribute, facts in known}

    @property
    def price(self) -> str:
        """The price in words."""
        return price_of(self.input_class.PRICE, self.input_class.PRICE_UNIT)


def price_of(amount: Decimal | None, unit: str | None) -> str:
    """Return a price in words."""
    return "not known" if amount is None else f"{dollars(amount)} / {unit}"


def _documentation(input_class: type[ModelInput]) -> str:
    import inspect

    return inspect.cleandoc(input_class.__doc__ or "")


def model_ids() -> list[str]:
    """Return the ids of the catalog, sorted."""
    return list(inputs.CLASSES)


def find(model: str) -> ModelPage | None:
    """Return what the catalog on disk knows of this model, None if it does not have it."""
    name = inputs.CLASSES.get(model)
    return None if name is None else ModelPage(model, getattr(inputs, name))


def meant(model: str) -> str:
    """` Did you mean ...?` where the catalog has a model of nearly this name, else nothing."""
    return did_you_mean(model).removeprefix(".")
