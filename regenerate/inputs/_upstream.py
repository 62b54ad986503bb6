"""Where Runflow's public catalog differs, read without a key by the client of this project."""

from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from runflow_client import CatalogComparison

_TIMEOUT: Final = 10.0


def upstream_lines(base_url: str) -> list[str]:
    """Return a line for each model that is retired, newer or differently priced there.

    Where the catalog cannot be read, the one line says why.
    """
    try:
        # It is made of what stands here, and may be broken just now.
        from runflow_client import PublicCatalog, RetryPolicy, RunflowError
    except ImportError as error:
        return [f"Not compared with the public catalog: the client is not importable: {error}"]
    retries = RetryPolicy(attempts=1)
    try:
        with PublicCatalog(base_url=base_url, timeout=_TIMEOUT, retries=retries) as catalog:
            return list(comparison_lines(catalog.compare()))
    except RunflowError as error:
        return [f"Not compared with the public catalog: {error}"]


def comparison_lines(comparison: "CatalogComparison") -> Iterator[str]:
    """Yield the lines of a comparison: how many models differ, what was not read, and each one."""
    models = comparison.models
    differing = [model for model in models if model.state != "listed" or model.is_price_changed]
    yield f"Compared with {' and '.join(comparison.sources)}: {len(differing)} differences."
    for problem in comparison.unread:
        yield f"  not read: {problem}"
    for model in differing:
        if model.state == "retired":
            yield f"  retired: {model.id}"
        elif model.state == "newer":
            yield f"  new: {model.id}{_at(model.price, model.price_unit)}"
        else:
            known = _at(model.known_price, model.known_unit) or " at an unknown price"
            yield f"  price: {model.id}{_at(model.price, model.price_unit)}, here{known}"
    if any(model.state == "newer" or model.is_price_changed for model in differing):
        yield "  RUNFLOW_API_KEY=... make models takes over what is new."


def _at(price: Decimal | None, unit: str | None) -> str:
    return "" if price is None else f" at ${price}/{unit}"
