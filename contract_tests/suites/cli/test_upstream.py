"""What `runflow models list --upstream` shows of a comparison with Runflow's public catalog."""

import json
from decimal import Decimal
from types import SimpleNamespace
from typing import Any, Final

import pytest
import runflow_client
from runflow_client import CatalogComparison, UpstreamModel

from .in_process import run_here

LISTED: Final = "google/nano-banana-pro"
COMPARED: Final = CatalogComparison(
    models=(
        UpstreamModel(
            id=LISTED,
            state="listed",
            name="Pro",
            price=Decimal("0.2"),
            price_unit="picture",
            known_price=Decimal("0.15"),
            known_unit="image",
        ),
        UpstreamModel(
            id="google/veo3.1", state="retired", known_price=Decimal("0.4"), known_unit="second"
        ),
        UpstreamModel(
            id="elevenlabs/tts/eleven-v3",
            state="listed",
            price=Decimal("0.0001"),
            price_unit="token",
            known_price=Decimal("0.0001"),
            known_unit="token",
        ),
        UpstreamModel(id="acme/newer", state="newer", price=Decimal(0), price_unit="run"),
        UpstreamModel(id="acme/free", state="newer"),
    ),
    sources=("GET /v1/public/models",),
    unread=("the website's file: it is gone",),
)
ROWS: Final = {
    LISTED: f"{LISTED}\tlisted\t$0.20 / picture (here $0.15 / image)",
    "google/veo3.1": "google/veo3.1\tretired",
    "elevenlabs/tts/eleven-v3": "elevenlabs/tts/eleven-v3\tlisted\t$0.0001 / token",
    "acme/newer": "acme/newer\tnewer\t$0.00 / run",
    "acme/free": "acme/free\tnewer",
}
KINDS: Final = {
    "": [*ROWS],
    "image": [LISTED, "acme/newer", "acme/free"],
    "audio": ["elevenlabs/tts/eleven-v3", "acme/newer", "acme/free"],
}
"""What is shown of each kind. Of which kind a newer model is, nobody says."""


class Catalog:
    """Runflow's public catalog, for a `with` block."""

    def __enter__(self) -> Any:
        return SimpleNamespace(compare=lambda: COMPARED)

    def __exit__(self, *_: object) -> None: ...


@pytest.mark.parametrize("kind", KINDS)
def test_each_model_is_shown_with_both_prices(monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    monkeypatch.setattr(runflow_client, "PublicCatalog", Catalog)
    given = ("models", "list", "--upstream", *(("--kind", kind) if kind else ()))
    done = run_here(*given)
    assert done.code == 0
    assert done.out.splitlines() == [ROWS[name] for name in KINDS[kind]]
    assert done.err == "Not read: the website's file: it is gone\n"
    heading, *rows = run_here(*given, terminal=True).out.splitlines()
    assert heading.split() == ["MODEL", "UPSTREAM", "PRICE"]
    assert [row.split()[:2] for row in rows] == [ROWS[name].split()[:2] for name in KINDS[kind]]
    document = run_here(*given, "--json").document
    assert (document["sources"], document["unread"]) == (
        ["GET /v1/public/models"],
        ["the website's file: it is gone"],
    )
    names = ("id", "state", "price", "price_unit", "known_price", "known_unit")
    assert document["models"] == [
        json.loads(json.dumps({name: getattr(one, name) for name in names}, default=str))
        | {"price_changed": one.id == LISTED}
        for one in COMPARED.models
        if one.id in KINDS[kind]
    ]
