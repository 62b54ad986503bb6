"""What is refused before anything is sent, what passes with a warning, and what the errors say."""

import io
import math
from datetime import datetime
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any, ClassVar, Literal

import pytest
from runflow_client import InvalidArgument, ModelInput, UnknownInput
from runflow_client._estimate import input_class
from runflow_client._typed_inputs.base import input_field, model_input
from runflow_client._typed_inputs.fields import InputField
from runflow_client.inputs import (
    GoogleNanoBananaPro,
    GoogleNanoBananaProEdit,
    GoogleVeo31Fast,
    RunflowSkinFix,
)

from suites.inputs.shipped import MODELS

PICTURE = "https://example.com/a.png"

# The model, the input, and what the error says after the model's name.
TRAPS: list[tuple[str, dict[str, Any], list[str]]] = [
    ("google/nano-banana-pro", {}, ["prompt is missing"]),
    ("google/nano-banana-pro", {"prompt": None}, ["prompt is missing"]),
    (
        "google/nano-banana-pro",
        {"prompt": 7},
        ["prompt is 7 (a Python int), expected text (did you mean '7'?)"],
    ),
    (
        "google/nano-banana-pro",
        {"prompt": "A", "num_images": True},
        ["num_images is True", "expected a whole number"],
    ),
    (
        "google/nano-banana-pro",
        {"prompt": "A", "num_images": 1.0},
        ["num_images is 1.0", "expected a whole number"],
    ),
    (
        "google/nano-banana-pro",
        {"prompt": "A", "num_images": "2"},
        ["num_images is '2'", "did you mean 2?"],
    ),
    (
        "google/nano-banana-pro",
        {"prompt": "A", "sync_mode": 1},
        ["sync_mode is 1", "expected True or False"],
    ),
    (
        "google/nano-banana-pro",
        {"prompt": "A", "safety_tolerance": 4},
        ["safety_tolerance is 4", "did you mean '4'?"],
    ),
    (
        "google/nano-banana-pro",
        {"prompt": "A", "safety_tolerance": "7"},
        ["'7', expected one of '1', '2', '3', '4'"],
    ),
    (
        "google/nano-banana-pro",
        {"prompt": "A", "resolution": "2k"},
        ["resolution is '2k', expected one of '1K', '2K'"],
    ),
    (
        "black-forest-labs/flux-pro/kontext",
        {"prompt": "A", "image_url": PICTURE, "safety_tolerance": 2},
        ["'2'?"],
    ),
    (
        "google/nano-banana-pro/edit",
        {"prompt": "A", "image_urls": [PICTURE], "num_images": 5},
        ["at most 4"],
    ),
    (
        "google/nano-banana-pro/edit",
        {"prompt": "A", "image_urls": PICTURE},
        ["image_urls is ", "a list of URLs"],
    ),
    (
        "google/nano-banana-pro/edit",
        {"prompt": "A", "image_urls": ["a.png"]},
        ["number 0", "pathlib.Path"],
    ),
    ("google/nano-banana-2", {"prompt": "A"}, ["prompt has 1 characters, expected at least 3"]),
    ("google/veo3.1", {"prompt": "A", "duration": 8}, ["duration is 8", "did you mean '8s'?"]),
    ("google/veo3.1", {"prompt": "A", "duration": "8"}, ["duration is '8'", "did you mean '8s'?"]),
    ("google/veo3.1/fast", {"prompt": "A", "duration": 8}, ["duration is 8", "did you mean '8s'?"]),
    (
        "google/veo3.1/lite",
        {"prompt": "A", "duration": "5s"},
        ["'5s', expected one of '4s', '6s', '8s'"],
    ),
    (
        "kuaishou/kling-video/v3/pro/text-to-video",
        {"prompt": "A", "duration": 5},
        ["did you mean '5'?"],
    ),
    (
        "kuaishou/kling-video/v3/pro/text-to-video",
        {"prompt": "A", "duration": "5s"},
        ["did you mean '5'?"],
    ),
    (
        "kuaishou/kling-video/v3/pro/text-to-video",
        {"prompt": "A", "multi_prompt": [{"prompt": "B"}]},
        ["prompt cannot be given together with multi_prompt"],
    ),
    ("bytedance/seedance/2.0/text-to-video", {"prompt": "A", "duration": 4}, ["did you mean '4'?"]),
    (
        "bytedance/seedance/2.0/text-to-video",
        {"prompt": "A", "duration": "3"},
        ["expected one of 'auto', '4'"],
    ),
    (
        "alibaba/wan/v2.7/text-to-video",
        {"prompt": "A", "duration": "5"},
        ["duration is '5'", "did you mean 5?"],
    ),
    ("alibaba/wan/v2.7/text-to-video", {"prompt": "A", "duration": "5s"}, ["did you mean 5?"]),
    (
        "alibaba/wan/v2.7/pro/edit",
        {"prompt": "A", "image_urls": []},
        ["image_urls has 0 members", "at least 1"],
    ),
    (
        "google/nano-banana-pro/edit",
        {"prompt": "A", "image_urls": []},
        ["image_urls is empty"],
    ),
    ("google/nano-banana-pro", {"prompt": " \n"}, ["prompt is empty"]),
    (
        "ideogram/v3",
        {"prompt": "A", "style": "x", "style_codes": "y"},
        ["style_codes cannot be given together with st"],
    ),
    (
        "openai/gpt-image-2",
        {"prompt": "A", "image_size": 4},
        ["image_size is 4", "expected text or an object"],
    ),
    (
        "elevenlabs/tts/eleven-v3",
        {"text": "A", "stability": 1.5},
        ["stability is 1.5, expected at most 1"],
    ),
    (
        "runflow/smart-resize",
        {"image_url": PICTURE},
        ["aspect_ratio is missing", "resolution is missing"],
    ),
    (
        "runflow/outpaint",
        {
            "image_url": PICTURE,
            "expand_top": 81,
            "expand_bottom": -1,
            "expand_left": 0,
            "expand_right": 0,
        },
        ["expand_top is 81, expected at most 80", "expand_bottom is -1, expected at least 0"],
    ),
    (
        "runflow/skin-fix",
        {"image_url": "s3://bucket/a.png"},
        ["expected a URL that begins with https:"],
    ),
    (
        "runflow/skin-fix",
        {"image_url": "photo.webp"},
        ["which is not a URL", "wrap it in pathlib.Path"],
    ),
    ("runflow/skin-fix", {"image_url": 5}, ["image_url is 5, expected a URL, a pathlib.Path"]),
    (
        "runflow/tag-removal",
        {"image_url": PICTURE, "config": "1:1"},
        ["config is '1:1'", "an object"],
    ),
]


@pytest.mark.parametrize(
    ("model_id", "values", "said"), TRAPS, ids=lambda value: value if isinstance(value, str) else ""
)
def test_a_trap_is_refused_with_what_was_given_and_what_is_expected(
    model_id: str, values: dict[str, Any], said: list[str]
) -> None:
    known = input_class(model_id)
    assert known is not None
    with pytest.raises(InvalidArgument) as caught:
        known.from_input(values)
    text = str(caught.value)
    assert text.startswith(f"{model_id} cannot take this input: ")
    for part in said:
        assert part in text
    assert known.from_input(values, strict=False).to_input() == values


FITTING: list[tuple[str, dict[str, Any]]] = [
    ("google/veo3.1", {"duration": "10s"}),
    ("alibaba/wan/v2.7/text-to-video", {"duration": 5}),
    (
        "kuaishou/kling-video/v3/pro/text-to-video",
        {"multi_prompt": [{"prompt": "A", "duration": "3"}]},
    ),
    (
        "topaz/upscale/image",
        {"model": "A newer one", "upscale_factor": 2, "face_enhancement_strength": 0.5},
    ),
    ("openai/gpt-image-1.5", {"prompt": "AB", "image_size": "auto"}),
    (
        "black-forest-labs/flux-pro/kontext",
        {"prompt": "A", "image_url": PICTURE, "aspect_ratio": "match_input"},
    ),
    (
        "runflow/reference-inpaint",
        {"zip_url": PICTURE, "file_input": "a.png", "file_mask": "m.png"},
    ),
    ("openai/gpt-image-2", {"prompt": "A", "image_size": {"width": 1024, "height": 1024}}),
    (
        "runflow/reference-inpaint",
        {"image_url": PICTURE, "mask_url": PICTURE, "reference_url": PICTURE},
    ),
    ("runflow/smart-resize", {"image_url": PICTURE, "aspect_ratio": "32:9", "resolution": "1K"}),
    ("runflow/outpaint/aspect-ratio", {}),
    (
        "runflow/outpaint",
        {
            "image_url": PICTURE,
            "expand_top": 80,
            "expand_bottom": 0,
            "expand_left": 1,
            "expand_right": 79,
        },
    ),
    (
        "alibaba/wan/v2.7/pro/edit",
        {"prompt": "A", "image_urls": [PICTURE] * 4, "negative_prompt": "x" * 500},
    ),
    ("elevenlabs/tts/eleven-v3", {"text": "A", "stability": 1}),
]


@pytest.mark.parametrize(
    ("model_id", "values"), FITTING, ids=lambda value: value if isinstance(value, str) else ""
)
def test_what_the_catalog_leaves_open_passes(model_id: str, values: dict[str, Any]) -> None:
    known = input_class(model_id)
    assert known is not None
    assert known.from_input(values).to_input() == values


@pytest.mark.parametrize("model", MODELS.values(), ids=lambda model: model["id"])
def test_allowed_values_pass_and_all_others_are_refused(model: dict[str, Any]) -> None:
    known = input_class(model["id"])
    assert known is not None
    needed = {
        row["name"]: (model["example"] or {}).get(row["name"], PICTURE)
        for row in model["inputs"]
        if row["required"]
    }
    for row in model["inputs"]:
        for value in [*row.get("allowed", ()), *row.get("suggested", ())]:
            assert known.from_input({**needed, row["name"]: value}).to_input()[row["name"]] == value
        if row.get("allowed"):
            with pytest.raises(
                InvalidArgument, match=f"{row['name']} is 'none of these', expected "
            ):
                known.from_input({**needed, row["name"]: "none of these"})


def test_every_problem_is_reported_at_once_with_a_remedy() -> None:
    with pytest.raises(InvalidArgument) as caught:
        GoogleVeo31Fast.from_input({"duration": 8, "seed": "x"})
    text = str(caught.value)
    assert "prompt is missing; duration is 8" in text
    assert "; seed is 'x'" in text
    assert "Nothing was sent." in text
    assert "strict=False" in text


def test_an_unknown_field_passes_with_a_warning_that_names_the_callers_line() -> None:
    with pytest.warns(
        UnknownInput, match="no input 'resolutoin' in the catalog .did you mean 'resolution'"
    ) as caught:
        made = GoogleNanoBananaPro(prompt="A", extra={"resolutoin": "2K"})
    assert made.to_input() == {"prompt": "A", "resolutoin": "2K"}
    assert caught[0].filename == __file__
    with pytest.warns(UnknownInput, match="'newer'") as caught:
        assert GoogleNanoBananaPro.from_input({"prompt": "A", "newer": [1]}).extra == {"newer": [1]}
    assert caught[0].filename == __file__


def test_a_name_that_resembles_no_other_is_reported_without_a_guess() -> None:
    with pytest.warns(UnknownInput) as caught:
        GoogleNanoBananaPro(prompt="A", extra={"resolutoin": "2K", "zzz": 1})
    assert [str(warning.message) for warning in caught] == [
        "google/nano-banana-pro has no input 'resolutoin' in the catalog (did you mean "
        "'resolution'?); it is sent as it is",
        "google/nano-banana-pro has no input 'zzz' in the catalog; it is sent as it is",
    ]


def test_a_class_of_ones_own_is_checked_as_the_shipped_ones_are() -> None:
    @model_input
    class Own(ModelInput):
        MODEL_ID: ClassVar[str] = "acme/own"

        prompt: str = input_field("string", required=True, min_length=2, max_length=4)
        size: Literal["1K", "2K"] | None = input_field(
            "string", default=None, name="Image Size", api_default="1K"
        )
        style: Literal["a", "b"] | str | None = input_field("string", default=None, pattern="[a-z]")
        kind: Literal["x", "y"] = input_field("string", default=None)
        mood: Literal["calm"] | None = input_field("string", default=None, allowed=["calm", "wild"])
        steps: int | None = input_field("integer", default=None, minimum=1, maximum=3)
        seed: int | None = input_field("integer", default=None, excludes=["steps", "mood"])

    facts = Own.known_fields()
    assert list(facts) == ["prompt", "size", "style", "kind", "mood", "steps", "seed"]
    assert [field.name for field in facts.values()] == [
        "prompt",
        "Image Size",
        "style",
        "kind",
        "mood",
        "steps",
        "seed",
    ]
    assert [field.type for field in facts.values()] == ["string"] * 5 + ["integer"] * 2
    assert [field.required for field in facts.values()] == [True] + [False] * 6
    assert [field.allowed for field in facts.values()] == [
        (),
        ("1K", "2K"),
        (),
        ("x", "y"),
        ("calm", "wild"),
        (),
        (),
    ]
    assert [field.api_default for field in facts.values()] == [
        None,
        "1K",
        None,
        None,
        None,
        None,
        None,
    ]
    assert facts["prompt"].pattern is None
    made = Own(prompt="AB", size="2K", steps=3)
    assert made.to_input() == {"prompt": "AB", "Image Size": "2K", "steps": 3}
    assert repr(made) == "Own(prompt='AB', size='2K', steps=3)"
    assert repr(Own(prompt="A", strict=False)) == "Own(prompt='A', strict=False)"
    for wrong, told in (
        ({}, "prompt is missing"),
        ({"prompt": "A"}, "prompt "),
        ({"prompt": "ABCDE"}, "prompt "),
        ({"Image Size": "3K"}, "Image Size is '3K', expected one of '1K', '2K'"),
        ({"style": "A"}, "style "),
        ({"kind": "z"}, "kind is 'z'"),
        ({"mood": "odd"}, "mood is 'odd'"),
        ({"steps": 0}, "steps "),
        ({"steps": 4}, "steps "),
        ({"steps": 2, "seed": 1}, "seed cannot be given together with steps"),
        (
            {"steps": 2, "mood": "calm", "seed": 1},
            "seed cannot be given together with steps or mood",
        ),
    ):
        with pytest.raises(InvalidArgument, match=f"acme/own cannot take this input: {told}"):
            Own.from_input({"prompt": "AB", **wrong} if wrong else {})


def test_extra_stands_in_for_a_known_field_unchecked_and_without_a_warning() -> None:
    made = GoogleNanoBananaPro(prompt="A", extra={"resolution": "8K", "seed": None})
    assert made.to_input() == {"prompt": "A", "resolution": "8K", "seed": None}
    assert GoogleNanoBananaPro.from_input({"prompt": "A", "seed": None}).to_input() == {
        "prompt": "A",
        "seed": None,
    }
    with pytest.raises(InvalidArgument, match="seed is given twice"):
        GoogleNanoBananaPro(prompt="A", seed=1, extra={"seed": 2})


def test_without_strict_anything_that_can_be_sent_passes_in_silence() -> None:
    made = GoogleNanoBananaPro.from_input(
        {"num_images": "many", "unheard": {"of": [1, None]}}, strict=False
    )
    assert made.to_input() == {"num_images": "many", "unheard": {"of": [1, None]}}


LOOP: list[object] = []
LOOP.append(LOOP)


@pytest.mark.parametrize("strict", [True, False])
@pytest.mark.parametrize(
    ("value", "said"),
    [
        (math.nan, "input.odd.deep[1] is nan"),
        (-math.inf, "input.odd.deep[1] is -inf"),
        ({1}, "input.odd.deep[1] is a set"),
        (datetime(2026, 1, 1), "input.odd.deep[1] is a datetime"),
        ({1: 2}, "input.odd.deep[1] has the key 1"),
        ("\ud800", "input.odd.deep[1] holds half a character"),
        (LOOP, "nested deeper"),
    ],
    ids=count(),
)
def test_what_json_cannot_hold_is_refused_with_its_place(
    value: object, said: str, strict: bool
) -> None:
    with pytest.raises(InvalidArgument) as caught:
        GoogleNanoBananaPro.from_input({"prompt": "A", "odd": {"deep": [0, value]}}, strict=strict)
    assert said in str(caught.value)
    assert str(caught.value).startswith("google/nano-banana-pro: ")


def test_files_stay_as_they_are_for_the_upload() -> None:
    path, content, stream = Path("a.png"), b"PNG", io.BytesIO(b"PNG")
    made = GoogleNanoBananaProEdit(
        prompt="A", image_urls=(path, content, stream, PICTURE, "runflow://assets/1")
    )
    sent = made.to_input()["image_urls"]
    assert sent == [path, content, stream, PICTURE, "runflow://assets/1"]
    assert sent[0] is path
    assert sent[2] is stream
    assert RunflowSkinFix(image_url=path).to_input() == {"image_url": path}
    untyped = GoogleNanoBananaPro(prompt="A", strict=False, extra={"guide": {"images": [path]}})
    assert untyped.to_input()["guide"] == {"images": [path]}
    for wrong in (path, LOOP):
        with pytest.raises(InvalidArgument, match=r"prompt is .*expected text"):
            GoogleNanoBananaPro.from_input({"prompt": wrong})


def test_a_file_opened_as_text_is_refused_with_the_mode_to_open_it_in() -> None:
    with pytest.raises(
        InvalidArgument, match="image_url is a file opened as text: open it with mode 'rb'"
    ):
        RunflowSkinFix.from_input({"image_url": io.StringIO("A")})


def test_the_input_is_a_copy_that_later_changes_do_not_reach() -> None:
    pictures = [PICTURE]
    made = GoogleNanoBananaProEdit(prompt="A", image_urls=pictures)
    made.to_input()["image_urls"].append("mine")
    assert made.to_input() == {"prompt": "A", "image_urls": [PICTURE]}


def test_neither_signatures_nor_contents_show() -> None:
    signed = "https://user:hunter2@example.com/a.png?X-Amz-Signature=abcdef"
    made = GoogleNanoBananaProEdit(
        prompt="A" * 500, image_urls=[signed, b"x" * 1000], extra={"seed": "rf_secret"}
    )
    assert repr(made) == (
        f"GoogleNanoBananaProEdit(prompt='{'A' * 80}...', "
        "image_urls=['https://example.com/a.png?[hidden]', <1000 bytes>], extra={'seed': "
        "'[hidden]'})"
    )
    with pytest.raises(InvalidArgument) as caught:
        GoogleNanoBananaProEdit.from_input({"prompt": "A", "image_urls": signed})
    assert "hunter2" not in str(caught.value)
    assert "abcdef" not in str(caught.value)
    with pytest.raises(InvalidArgument) as caught:
        RunflowSkinFix.from_input({"image_url": f"data{signed}"})
    assert "abcdef" not in str(caught.value)


@pytest.mark.parametrize(
    ("field", "value", "problem"),
    [
        (InputField("f", "string"), 5, "is 5 (a Python int), expected text (did you mean '5'?)"),
        (InputField("f", "integer"), True, "is True (a Python bool), expected a whole number"),
        (
            InputField("f", "integer"),
            "5",
            "is '5' (a Python str), expected a whole number (did you mean 5?)",
        ),
        (
            InputField("f", "integer"),
            "5s",
            "is '5s' (a Python str), expected a whole number (did you mean 5?)",
        ),
        (InputField("f", "integer"), 1.5, "is 1.5 (a Python float), expected a whole number"),
        (InputField("f", "number"), True, "is True (a Python bool), expected a number"),
        (InputField("f", "number"), 1, None),
        (
            InputField("f", "integer"),
            Decimal(5),
            "is Decimal('5') (a Python Decimal), expected a whole number (did you mean 5?)",
        ),
        (InputField("f", "boolean"), True, None),
        (InputField("f", "boolean"), 1, "is 1 (a Python int), expected True or False"),
        (InputField("f", "object"), {}, None),
        (InputField("f", "object"), [], "is [] (a Python list), expected an object (a mapping)"),
        (InputField("f", "array"), (), None),
        (InputField("f", "array"), {}, "is {} (a Python dict), expected a list"),
        (InputField("f", "json"), object, None),
        (
            InputField("f", "string|integer"),
            [],
            "is [] (a Python list), expected text or a whole number",
        ),
        (
            InputField("f", "integer|image_list"),
            1.5,
            "is 1.5 (a Python float), expected a whole number or image_list",
        ),
        (InputField("f", "string|integer"), 5, None),
        (InputField("f", "string|newer"), 5, None),
        (
            InputField("f", "image_list"),
            "x",
            "is 'x' (a Python str), expected a list of URLs or files",
        ),
        (InputField("f", "image_list"), [PICTURE, PICTURE], None),
        (
            InputField("f", "string", allowed=("4s", "8s")),
            "8",
            "is '8', expected one of '4s', '8s' (did you mean '8s'?)",
        ),
        (InputField("f", "string", allowed=("4s",)), "x", "is 'x', expected '4s'"),
        (
            InputField("f", "string", allowed=("4s",)),
            4,
            "is 4 (a Python int), expected text (did you mean '4s'?)",
        ),
        (InputField("f", "string", allowed=("4s",)), 5, "is 5 (a Python int), expected text"),
        (
            InputField("f", "integer", allowed=(4, 8)),
            " 8S ",
            "is ' 8S ' (a Python str), expected a whole number (did you mean 8?)",
        ),
        (
            InputField("f", "string", pattern=r"\d+s"),
            "8",
            r"is '8', expected text of the form \d+s (did you mean '8s'?)",
        ),
        (InputField("f", "string", pattern=r"\d+s"), "8s", None),
        (
            InputField("f", "string", pattern=r"\d+s"),
            "a8s",
            r"is 'a8s', expected text of the form \d+s",
        ),
        (InputField("f", "integer", minimum=2, maximum=4), 1, "is 1, expected at least 2"),
        (InputField("f", "integer", minimum=2, maximum=4), 2, None),
        (InputField("f", "integer", minimum=2, maximum=4), 4, None),
        (InputField("f", "number", minimum=2, maximum=4), 4.5, "is 4.5, expected at most 4"),
        (
            InputField("f", "string", min_length=2, max_length=3),
            "a",
            "has 1 characters, expected at least 2",
        ),
        (InputField("f", "string", min_length=2, max_length=3), "ab", None),
        (InputField("f", "string", min_length=2, max_length=3), "abc", None),
        (
            InputField("f", "string", min_length=2, max_length=3),
            "abcd",
            "has 4 characters, expected at most 3",
        ),
        (
            InputField("f", "array", min_length=2, max_length=3),
            [1],
            "has 1 members, expected at least 2",
        ),
        (
            InputField("f", "array", min_length=2, max_length=3),
            (1, 2, 3, 4),
            "has 4 members, expected at most 3",
        ),
        (InputField("f", "boolean", minimum=2), True, None),
    ],
    ids=count(),
)
def test_every_problem_of_a_value_is_reported(
    field: InputField, value: object, problem: str | None
) -> None:
    assert field.problem(value) == problem
