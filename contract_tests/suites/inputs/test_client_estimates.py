"""The estimate of a client, in both colours: nothing is sent for it, and the run that follows costs
just that.
"""

from decimal import Decimal
from typing import Any

import pytest
from runflow_client import InvalidArgument, estimate, inputs
from runflow_mock import MockRunflow

from ..client.conftest import _no_threads_left, client, connect, mock

__all__ = ["_no_threads_left", "client", "connect", "mock"]

PAID: list[tuple[str, dict[str, Any], str]] = [
    ("google/nano-banana-pro", {"prompt": "a cathedral"}, "0.15"),
    ("google/nano-banana-pro", {"prompt": "a cathedral", "num_images": 3}, "0.45"),
    ("alibaba/wan/v2.7/text-to-video", {"prompt": "waves", "duration": 2}, "0.2"),
    ("runflow/skin-fix", {"image_url": "https://example.com/a.png"}, "0.12"),
    (
        "black-forest-labs/flux-1-schnell",
        {"prompt": "a hat", "image_size": {"width": 1000, "height": 500}},
        "0.0015",
    ),
]


@pytest.mark.parametrize(("model", "values", "amount"), PAID)
def test_a_run_costs_what_was_estimated(
    client: Any, mock: MockRunflow, model: str, values: dict[str, Any], amount: str
) -> None:
    found = client.estimate(model, values)
    assert found.amount == found.at_least == Decimal(amount)
    assert mock.requests == []
    run = client.run(model, values, max_cost=found.amount)
    assert run.cost == found.amount
    assert [entry.amount for entry in mock.ledger] == [found.amount]


def test_a_typed_input_is_estimated_by_the_same_rule(client: Any, mock: MockRunflow) -> None:
    asked = inputs.GoogleNanoBananaPro(prompt="a cathedral", num_images=2)
    found = client.estimate(asked)
    assert (found.amount, found.basis) == (Decimal("0.3"), "2 images at $0.15")
    assert repr(found) == repr(estimate(asked))
    assert client.run(asked).cost == found.amount


@pytest.mark.parametrize(
    ("model", "values", "reason"),
    [
        ("nobody/nothing", {"prompt": "x"}, "the catalog does not have this model"),
        (
            "runflow/background-removal",
            {"image_url": "https://example.com/a.png"},
            "the catalog has no price for it",
        ),
        ("google/veo3.1", {"prompt": "x", "generate_audio": False}, "set duration"),
        ("google/veo3.1", None, "set duration"),
    ],
)
def test_an_unknown_cost_has_no_amount_and_a_reason(
    client: Any, mock: MockRunflow, model: str, values: dict[str, Any] | None, reason: str
) -> None:
    found = client.estimate(model, values)
    assert found.amount is None
    assert reason in found.reason
    assert mock.requests == []


def test_a_typed_input_and_a_dict_together_are_refused(client: Any) -> None:
    with pytest.raises(InvalidArgument, match="already"):
        client.estimate(inputs.GoogleNanoBananaPro(prompt="x"), {"prompt": "y"})
