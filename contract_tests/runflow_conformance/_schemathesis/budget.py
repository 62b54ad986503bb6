"""What the cases of schemathesis may spend: runs beyond the budget are not created."""

from decimal import Decimal
from typing import Any, cast

from runflow_mock.contract.json_types import JsonObject, as_object
from runflow_mock.simulation.catalog import Catalog
from runflow_mock.simulation.pricing import output_count, price_of
from schemathesis import Case

CREATE_RUN = "POST /v1/models/{owner}/{slug}/runs"
CREATE_BATCH = "POST /v1/models/{owner}/{slug}/batches"
NO_MODEL = ("over-budget", "no-such-model")


class Budget:
    """Adds up what cases can cost by the catalog's prices, and holds it to a limit.

    `committed` is in US dollars; `refused` counts the cases that did not fit.
    """

    def __init__(self, limit: Decimal, catalog: Catalog) -> None:
        self._limit = limit
        self._catalog = catalog
        self.committed = Decimal(0)
        self.refused = 0

    def hold(self, case: Case[Any]) -> None:
        """Count what the case can cost. Let it name no model if that is beyond the limit.

        Then the server answers 404 as documented, and nothing is spent.
        """
        price = self._price(case)
        if not price:
            return
        if self.committed + price > self._limit:
            case.path_parameters["owner"], case.path_parameters["slug"] = NO_MODEL
            self.refused += 1
        else:
            self.committed += price

    def _price(self, case: Case[Any]) -> Decimal:
        if case.operation.label not in (CREATE_RUN, CREATE_BATCH):
            return Decimal(0)
        parameters = case.path_parameters
        model = self._catalog.get(f"{parameters.get('owner')}/{parameters.get('slug')}")
        if model is None:
            return Decimal(0)
        given: object = as_object(case.body).get("input")
        items = cast("list[object]", given) if isinstance(given, list) else [given]
        inputs: list[JsonObject] = [as_object(item) for item in items]
        prices = (price_of(model, values, output_count(values)) for values in inputs)
        return sum(prices, Decimal(0))
