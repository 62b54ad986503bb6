"""The file in which Runflow's website lists the models. It is no part of the API: no key is asked.

The website has it at https://www.runflow.io/models-catalog.json, this server at the same path.
"""

from collections.abc import Iterable
from typing import Final

from ..contract.answers import Reply, not_allowed
from ..contract.json_types import JsonObject
from ..simulation.catalog import TEMPLATE_OWNER, CatalogModel
from ..state.money import decimal_text

CATALOG_FILE: Final = "/models-catalog.json"
MODEL_PAGES: Final = "https://www.runflow.io/models/"


def catalog_file(models: Iterable[CatalogModel], method: str) -> Reply:
    """Return the file. Its rows name retired models, too, with `active: false`."""
    if method not in ("GET", "HEAD"):
        return not_allowed(method, ("GET", "HEAD")).reply()
    return Reply([_row(model) for model in models], 200)


def _row(model: CatalogModel) -> JsonObject:
    row: JsonObject = {
        "slug": model.model_id,
        "model_name": model.name,
        "category": model.output_kind,
        "page_url": MODEL_PAGES + model.model_id,
        "active": model.is_active,
        "isWorkflow": model.owner == TEMPLATE_OWNER,
    }
    if model.price:
        row["price_label"] = f"${decimal_text(model.price)}/{model.unit}"
    return row
