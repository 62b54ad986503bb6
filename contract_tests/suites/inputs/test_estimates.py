"""What a run will cost, told before: only what the catalog and the input decide, with the reason
where they do not.
"""

import pickle
from decimal import Decimal
from typing import Any, ClassVar

import pytest
from runflow_client import InvalidArgument, MaxCostExceeded, ModelInput, estimate
from runflow_client._estimate import check_cost, input_class
from runflow_client._typed_inputs.base import input_field, model_input
from runflow_client._typed_inputs.prices import PriceCondition, PriceTerms, PriceUnit
from runflow_client.inputs import GoogleNanoBananaPro, GoogleVeo31Fast

from suites.inputs.shipped import MODELS

CERTAIN: list[tuple[str, dict[str, Any], str, str]] = [
    ("google/nano-banana-pro", {}, "0.15", "1 image at $0.15"),
    ("google/nano-banana-pro", {"num_images": 3}, "0.45", "3 images at $0.15"),
    ("google/nano-banana-2", {}, "0.08", "1 image at $0.08"),
    (
        "google/nano-banana-2",
        {"enable_web_search": True, "num_images": 2},
        "0.19",
        "2 images at $0.095",
    ),
    (
        "google/nano-banana-2",
        {"enable_web_search": True, "thinking_level": "high"},
        "0.097",
        "1 image at $0.097",
    ),
    ("google/nano-banana-2", {"thinking_level": "minimal"}, "0.08", "1 image at $0.08"),
    ("google/veo3.1/fast", {"duration": "6s", "generate_audio": False}, "0.6", "6 seconds at $0.1"),
    ("google/veo3.1/fast", {"generate_audio": False}, "0.8", "8 seconds at $0.1"),
    (
        "google/veo3.1/lite",
        {"generate_audio": False, "duration": "4s"},
        "0.12",
        "4 seconds at $0.03",
    ),
    (
        "kuaishou/kling-video/v3/pro/image-to-video",
        {"generate_audio": False},
        "0.56",
        "5 seconds at $0.112",
    ),
    (
        "bytedance/seedance/2.0/text-to-video",
        {"duration": "5", "resolution": "720p"},
        "1.517",
        "5 seconds at $0.3034",
    ),
    ("alibaba/wan/v2.7/text-to-video", {"duration": 5}, "0.5", "5 seconds at $0.1"),
    ("openai/gpt-image-2/edit", {"num_images": 2}, "0.266", "2 images at $0.133"),
    ("openai/gpt-image-2", {"quality": "high"}, "0.133", "1 image at $0.133"),
    ("runflow/smart-resize", {"num_images": 4}, "0.55", "1 request at $0.55"),
    (
        "alibaba/qwen-image-edit-2511",
        {"image_size": {"width": 2000, "height": 1500}},
        "0.09",
        "3 megapixels at $0.03",
    ),
    (
        "black-forest-labs/flux-1-schnell",
        {"image_size": {"width": 1000, "height": 500}, "num_images": 3},
        "0.0045",
        "1.5 megapixels at $0.003",
    ),
]


@pytest.mark.parametrize(("model_id", "values", "amount", "basis"), CERTAIN, ids=str)
def test_the_price_is_count_times_unit_price(
    model_id: str, values: dict[str, Any], amount: str, basis: str
) -> None:
    found = estimate(model_id, values)
    assert found.amount == found.at_least == Decimal(amount)
    assert found.basis == basis
    assert found.reason == ""
    assert found.unit is not None
    assert found.count is not None
    assert found.unit_price is not None
    assert found.amount == found.count * found.unit_price
    assert "E" not in str(found.amount)


OPEN: list[tuple[str, dict[str, Any], str | None, str]] = [
    ("google/nano-banana-pro", {"num_images": "3"}, None, "num_images is '3'"),
    ("google/nano-banana-2", {"resolution": "4K"}, "0.08", "not with resolution='4K'"),
    ("google/nano-banana-2", {"resolution": "0.5K"}, None, "not with resolution='0.5K'"),
    ("google/veo3.1/fast", {}, "0.8", "not with generate_audio=True"),
    ("google/veo3.1", {"generate_audio": False}, None, "set duration"),
    ("google/veo3.1", {"duration": "8s"}, "1.6", "not without generate_audio"),
    (
        "google/veo3.1/lite",
        {"resolution": "1080p", "generate_audio": False},
        "0.24",
        "not with resolution='1080p'",
    ),
    ("bytedance/seedance/2.0/text-to-video", {"duration": "auto"}, None, "duration is 'auto'"),
    ("bytedance/seedance/2.0/text-to-video", {"duration": "4"}, None, "not without resolution"),
    ("alibaba/wan/v2.7/text-to-video", {"duration": 0}, None, "duration is 0"),
    ("google/veo3.1", {"duration": "0s", "generate_audio": False}, None, "duration is '0s'"),
    ("google/nano-banana-2", {"enable_web_search": "true"}, "0.08", "enable_web_search is 'true'"),
    ("google/nano-banana-2", {"thinking_level": "High"}, "0.08", "thinking_level is 'High'"),
    ("ideogram/v3", {"rendering_speed": "TURBO"}, None, "not with rendering_speed='TURBO'"),
    ("ideogram/v3", {"rendering_speed": "QUALITY"}, "0.06", "not with rendering_speed='QUALITY'"),
    ("openai/gpt-image-1.5", {"quality": "low"}, None, "not with quality='low'"),
    (
        "black-forest-labs/flux-2-klein-4b",
        {"image_size": "square_hd"},
        None,
        "the size in pixels is not known",
    ),
    ("topaz/upscale/image", {}, "0.08", "up to 24 megapixels"),
    ("elevenlabs/tts/eleven-v3", {"text": "A"}, None, "priced by the token"),
    ("runflow/background-removal", {}, None, "no price"),
    ("nobody/nothing", {}, None, "does not have this model"),
]


@pytest.mark.parametrize(("model_id", "values", "at_least", "reason"), OPEN, ids=str)
def test_what_is_not_decided_has_no_amount_and_a_reason(
    model_id: str, values: dict[str, Any], at_least: str | None, reason: str
) -> None:
    found = estimate(model_id, values)
    assert found.amount is None
    assert found.at_least == (None if at_least is None else Decimal(at_least))
    assert reason in found.reason
    with pytest.raises(MaxCostExceeded, match="Nothing was sent"):
        check_cost(model_id, 1000, values)


def test_an_input_is_estimated_as_its_mapping_is() -> None:
    made = GoogleNanoBananaPro(prompt="A", num_images=2)
    assert estimate(made) == estimate("google/nano-banana-pro", made.to_input())
    assert estimate(GoogleNanoBananaPro(prompt="A", extra={"num_images": 4})).amount == Decimal(
        "0.6"
    )


@pytest.mark.parametrize("limit", [Decimal("0.30"), "0.3", 0.3, 1])
def test_a_run_within_the_limit_gives_its_estimate(limit: Any) -> None:
    assert check_cost(GoogleNanoBananaPro(prompt="A", num_images=2), limit).amount == Decimal("0.3")


def test_a_run_over_the_limit_is_refused_with_both_sums() -> None:
    with pytest.raises(MaxCostExceeded) as caught:
        check_cost(GoogleNanoBananaPro(prompt="A", num_images=2), "0.29")
    error = caught.value
    assert isinstance(error, InvalidArgument)
    assert str(error) == (
        "a run of google/nano-banana-pro costs $0.3 (2 images at $0.15), and max_cost is $0.29. "
        "Nothing was sent."
    )
    assert error.max_cost == Decimal("0.29")
    again = pickle.loads(pickle.dumps(error))
    assert (str(again), again.estimate) == (str(error), error.estimate)


def test_a_known_floor_over_the_limit_is_told_and_a_doubt_is_refused_too() -> None:
    made = GoogleVeo31Fast(prompt="A")
    with pytest.raises(MaxCostExceeded, match=r"costs at least \$0.8 .*max_cost is \$0.5"):
        check_cost(made, "0.5")
    with pytest.raises(
        MaxCostExceeded, match=r"max_cost is \$5.*is not known beforehand: .*generate_audio=False"
    ):
        check_cost(made, 5)


@pytest.mark.parametrize("limit", [True, "much", "NaN", "inf", -1, float("nan")])
def test_a_limit_that_is_no_money_is_refused(limit: Any) -> None:
    with pytest.raises(InvalidArgument, match="expected an amount of US dollars"):
        check_cost("google/nano-banana-pro", limit)


@pytest.mark.parametrize("model_id", MODELS)
@pytest.mark.parametrize(
    "values", [{}, {"num_images": [], "duration": {}, "image_size": "x", "resolution": [1]}]
)
def test_no_input_breaks_an_estimate(model_id: str, values: dict[str, Any]) -> None:
    found = estimate(model_id, values)
    assert (found.amount is None) == bool(found.reason)
    known = input_class(model_id)
    assert known is not None
    assert found.unit == known.PRICE_UNIT


@pytest.mark.parametrize(
    ("model_id", "values", "unit", "unit_price", "reason"),
    [
        ("nobody/nothing", {}, None, None, "the catalog does not have this model"),
        ("runflow/background-removal", {}, None, None, "the catalog has no price for it"),
        (
            "google/nano-banana-pro",
            {"num_images": True},
            "image",
            "0.15",
            "num_images is True, expected a whole number",
        ),
        (
            "google/nano-banana-pro",
            {"num_images": 0},
            "image",
            "0.15",
            "num_images is 0, expected a whole number",
        ),
        (
            "google/veo3.1",
            {"generate_audio": False},
            "second",
            "0.2",
            "it is priced by the second, duration is not given and the catalog does not know the "
            "default: set duration",
        ),
        (
            "google/veo3.1",
            {"generate_audio": False, "duration": True},
            "second",
            "0.2",
            "it is priced by the second, and duration is True: set a number of seconds",
        ),
        (
            "black-forest-labs/flux-1-schnell",
            {"image_size": {"width": 0, "height": 500}},
            "megapixel",
            "0.003",
            "it is priced by the megapixel, and the size in pixels is not known before",
        ),
        (
            "black-forest-labs/flux-1-schnell",
            {"image_size": {"width": 1000, "height": 500}, "num_images": "3"},
            "megapixel",
            "0.003",
            "num_images is '3', expected a whole number",
        ),
    ],
    ids=str,
)
def test_without_a_count_there_is_a_price_and_a_reason_but_no_sum(
    model_id: str, values: dict[str, Any], unit: str | None, unit_price: str | None, reason: str
) -> None:
    price = None if unit_price is None else Decimal(unit_price)
    found = estimate(model_id, values)
    assert (found.model, found.unit, found.unit_price, found.reason) == (
        model_id,
        unit,
        price,
        reason,
    )
    assert (found.amount, found.at_least, found.count) == (None, None, None)


def test_one_row_of_pixels_has_its_price_too() -> None:
    found = estimate(
        "black-forest-labs/flux-1-schnell", {"image_size": {"width": 1_000_000, "height": 1}}
    )
    assert found.amount == Decimal("0.003")


def test_every_reason_is_told() -> None:
    found = estimate("bytedance/seedance/2.0/text-to-video", {"duration": "5", "resolution": "odd"})
    assert (
        found.reason
        == "the catalog knows the price for resolution='720p', but not with resolution='odd'"
    )
    two = estimate("openai/gpt-image-1.5", {"quality": "odd", "image_size": "odd"})
    assert all(
        part.startswith("the catalog knows the price for ") for part in two.reason.split("; ")
    )


def test_a_free_limit_is_a_limit_and_a_floor_as_high_as_it_is_a_doubt() -> None:
    with pytest.raises(MaxCostExceeded, match=r"max_cost is \$0\. Nothing was sent") as caught:
        check_cost("google/nano-banana-pro", 0)
    assert caught.value.estimate == estimate("google/nano-banana-pro")
    with pytest.raises(
        MaxCostExceeded, match=r"max_cost is \$0\.8, and what a run of .* is not known beforehand"
    ):
        check_cost("google/veo3.1/fast", "0.8")


def test_a_typed_input_and_a_mapping_together_are_refused() -> None:
    with pytest.raises(
        InvalidArgument, match="GoogleNanoBananaPro is an input already: give it alone"
    ):
        estimate(GoogleNanoBananaPro(prompt="A"), {})


def test_a_class_of_ones_own_is_estimated_by_its_own_prices() -> None:
    @model_input
    class Own(ModelInput):
        MODEL_ID: ClassVar[str] = "acme/own"
        PRICE: ClassVar[Decimal | None] = Decimal("0.1")
        PRICE_UNIT: ClassVar[PriceUnit | None] = "image"
        PRICE_TERMS: ClassVar[PriceTerms] = PriceTerms(
            conditions=(
                PriceCondition(field="size", values=("1K", "2K")),
                PriceCondition(field="speed", values=("slow",), cheaper=("idle",)),
            )
        )
        size: str | None = input_field("string", default=None)
        speed: str | None = input_field("string", default=None)

    assert estimate(Own(size="2K", speed="slow")).amount == Decimal("0.1")
    found = estimate(Own(size="4K", speed="idle"))
    assert found.reason == (
        "the catalog knows the price for size='1K' or size='2K', but not with size='4K'; "
        "the catalog knows the price for speed='slow', but not with speed='idle'"
    )
    assert (found.amount, found.at_least) == (None, None)
    assert estimate(Own(size="4K", speed="fast")).at_least == Decimal("0.1")


@pytest.mark.parametrize(("price", "unit"), [(None, "image"), (Decimal(1), None)])
def test_a_price_without_its_unit_is_none(price: Decimal | None, unit: PriceUnit | None) -> None:
    @model_input
    class Own(ModelInput):
        MODEL_ID: ClassVar[str] = "acme/own"
        PRICE: ClassVar[Decimal | None] = price
        PRICE_UNIT: ClassVar[PriceUnit | None] = unit

    assert estimate(Own()).reason == "the catalog has no price for it"
