"""Lists, batches, evaluations, the catalog and the balance: one shape for all, in both colours,
against the mock server.
"""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from runflow_client import (
    BatchCanceled,
    BatchFailed,
    EvaluationFailed,
    InvalidArgument,
    MaxCostExceeded,
    NotFound,
    Runflow,
    ValidationFailed,
    WaitTimeout,
    inputs,
)
from runflow_mock import MockRunflow

MODEL = "google/nano-banana-pro"
UNKNOWN_ID = "0198c0de-0000-7000-8000-000000000000"


def submit(client: Any, count: int, **options: Any) -> list[str]:
    return [
        client.submit(MODEL, {"prompt": f"number {number}"}, **options).id
        for number in range(count)
    ]


def test_a_list_is_walked_page_by_page(client: Any, mock: MockRunflow) -> None:
    ids = submit(client, 7, client_ref="mine")
    submit(client, 2)
    before = len(mock.requests)
    listed = list(client.runs.list(q="client_ref.EQ:'mine'", sort_by="created_at:asc", page_size=3))
    assert [run.id for run in listed] == ids
    assert [request.raw_path for request in mock.requests[before:]] == ["/v1/runs"] * 3


def test_pages_are_turned_both_ways(client: Any) -> None:
    ids = submit(client, 6)
    order = {"sort_by": "created_at:asc", "page_size": 2}
    first = client.runs.page(**order)
    third = client.runs.page(**order, cursor=client.runs.page(**order, cursor=first.next).next)
    assert [run.id for run in third.items] == ids[4:]
    before = client.runs.page(**order, cursor=third.previous, backward=True)
    assert [run.id for run in before.items] == ids[2:4]
    assert {
        run.id for run in client.runs.list(**order, cursor=third.previous, backward=True)
    } == set(ids[:4])
    with pytest.raises(InvalidArgument, match="cursor"):
        list(client.runs.list(backward=True))


def test_assets_are_listed_and_deleted(client: Any) -> None:
    first, second = (client.assets.upload(content) for content in (b"GIF89a1", b"GIF89a2"))
    listed = list(client.assets.list(sort_by="created_at:asc", page_size=1))
    assert [asset.id for asset in listed] == [first.id, second.id]
    assert listed[0].ref == first.ref
    client.assets.delete(first.id)
    assert [asset.id for asset in client.assets.list()] == [second.id]
    with pytest.raises(NotFound):
        client.assets.delete(first.id)
    with pytest.raises(InvalidArgument, match="asset_id"):
        client.assets.delete("photo.png")


def test_a_file_whose_asset_was_deleted_is_uploaded_anew(client: Any) -> None:
    deleted = client.assets.upload(b"GIF89a" + bytes(99))
    client.assets.delete(deleted.id)
    run = client.run(f"{MODEL}/edit", {"prompt": "x", "image_urls": [b"GIF89a" + bytes(99)]})
    assert run.input["image_urls"] != [deleted.ref]


def test_the_user_of_the_key(client: Any) -> None:
    assert "@" in client.account.user().email


def test_nothing_is_emitted_twice_while_the_list_grows(mock: MockRunflow) -> None:
    client = Runflow(mock.api_key, base_url=mock.base_url)
    submit(client, 6)
    seen: list[str] = []
    for number, run in enumerate(client.runs.list(sort_by="created_at:desc", page_size=2)):
        seen.append(run.id)
        if number < 4:
            submit(client, 1)
    assert len(seen) == len(set(seen))
    assert len(seen) >= 6
    client.close()


@pytest.mark.parametrize("page_size", [0, 501, -1])
def test_a_page_size_out_of_bounds_is_refused(
    client: Any, mock: MockRunflow, page_size: int
) -> None:
    with pytest.raises(InvalidArgument, match="page_size"):
        list(client.runs.list(page_size=page_size))
    assert mock.requests == []


def test_logs_of_a_run(client: Any) -> None:
    run = client.run(MODEL, {"prompt": "x"})
    assert all(line.run_id is not None for line in client.runs.logs(run.id))


def test_the_catalog_knows_the_model(client: Any) -> None:
    model = client.models.get(MODEL)
    assert model.slug is not None
    assert len(list(client.models.list(page_size=500))) >= 48
    assert "prompt" in {declared.name for declared in client.models.inputs(MODEL)}
    with pytest.raises(NotFound):
        client.models.get("acme/nothing")


def test_the_balance_is_a_decimal(client: Any, mock: MockRunflow) -> None:
    assert client.account.balance() == mock.balance
    assert isinstance(client.account.balance(), Decimal)


def batch_model(client: Any, mock: MockRunflow) -> str:
    """A model that takes batches: template-backed ones only do."""
    return "runflow/background-removal"


def test_a_batch_is_created_once_and_waited_for(client: Any, mock: MockRunflow) -> None:
    mock.fail_next("create_batch", fault="reset_after")
    handle = client.batches.create(
        batch_model(client, mock),
        [{"image_url": f"https://a.test/{n}.png", "client_ref": f"n-{n}"} for n in range(3)],
    )
    first, second = (request for request in mock.requests if request.method == "POST")
    assert first.header("Idempotency-Key") == second.header("Idempotency-Key")
    assert first.body == second.body
    batch = handle.wait()
    assert batch.status == "succeeded"
    assert (batch.items_total, batch.items_succeeded) == (3, 3)
    assert len(mock.ledger) == 3
    assert [
        item.client_ref for item in client.batches.items(batch.id, sort_by="sequence_index:asc")
    ] == [
        "n-0",
        "n-1",
        "n-2",
    ]
    assert client.batches.get(batch.id).id == batch.id
    assert [listed.id for listed in client.batches.list()] == [batch.id]


def test_a_batch_takes_what_was_asked_with_it(client: Any, mock: MockRunflow) -> None:
    client.batches.create(
        batch_model(client, mock),
        [{"image_url": "https://a.test/1.png"}],
        callback_url="https://a.test/called",
        metadata={"order": [7, None]},
        idempotency_key="order-7",
    )
    (sent,) = mock.requests
    body = json.loads(sent.body)
    assert (body["callback_url"], body["metadata"]) == (
        "https://a.test/called",
        {"order": [7, None]},
    )
    assert sent.header("Idempotency-Key") == "order-7"


def test_a_batch_counts_how_each_item_ended(client: Any, mock: MockRunflow) -> None:
    mock.next_outcome("failed", count=1)
    mock.next_outcome("cancelled", count=2)
    batch = client.batches.create(
        batch_model(client, mock), [{"image_url": f"https://a.test/{n}.png"} for n in range(6)]
    ).wait(raise_on_failure=False)
    assert (batch.items_total, batch.items_succeeded, batch.items_failed, batch.items_canceled) == (
        6,
        3,
        1,
        2,
    )
    assert batch.is_partial


@pytest.mark.parametrize(
    ("outcome", "error"), [("failed", BatchFailed), ("cancelled", BatchCanceled)]
)
def test_a_batch_that_ended_badly_is_raised_or_given(
    client: Any, mock: MockRunflow, outcome: str, error: type[BatchFailed | BatchCanceled]
) -> None:
    mock.next_outcome(outcome, count=2)
    handle = client.batches.create(
        batch_model(client, mock), [{"image_url": f"https://a.test/{n}.png"} for n in range(2)]
    )
    with pytest.raises(error, match=handle.id):
        handle.wait()
    assert handle.wait(raise_on_failure=False).items_succeeded == 0


def test_an_evaluation_that_failed_is_raised_or_given(client: Any, mock: MockRunflow) -> None:
    handle = client.evaluations.submit("https://a.test/1.png", "edit")
    mock.fail_next("get_evaluation", fault="unknown_status", value="failed", count=None)
    with pytest.raises(EvaluationFailed, match=handle.id):
        handle.wait()
    assert handle.wait(raise_on_failure=False).status == "failed"


@pytest.mark.parametrize("count", [0, 101])
def test_a_batch_out_of_bounds_is_refused(client: Any, mock: MockRunflow, count: int) -> None:
    with pytest.raises(InvalidArgument, match="1 to 100"):
        client.batches.create("a/b", [{}] * count)
    assert mock.requests == []


def test_files_in_a_batch_are_uploaded_once_and_named_by_their_assets(
    client: Any, mock: MockRunflow, tmp_path: Path
) -> None:
    path = tmp_path / "shoe.png"
    path.write_bytes(b"\x89PNG\r\n\x1a\nshoe")
    client.batches.create(
        "runflow/background-removal",
        [
            inputs.RunflowBackgroundRemoval(image_url=path),
            {"image_url": path.read_bytes(), "client_ref": "bytes"},
            {"image_url": b"\x89PNG\r\n\x1a\nlamp"},
        ],
    ).wait()
    first, second, third = [run["input"]["image_url"] for run in mock.runs]
    assert first == second != third
    assert first.startswith("runflow://assets/")
    assert [request.method for request in mock.requests].count("PUT") == 2


@pytest.mark.parametrize(
    ("model", "item", "said"),
    [
        (
            "runflow/background-removal",
            {"image_url": Path("missing.png")},
            r"inputs\[1\]\.image_url.*cannot be read",
        ),
        ("runflow/background-removal", {"image_url": {1}}, r"inputs\[1\]\.image_url is a set"),
        (
            "runflow/background-removal",
            inputs.GoogleNanoBananaPro(prompt="x"),
            r"inputs\[1\] is for google/nano",
        ),
        ("background-removal", {}, "^model is "),
    ],
)
def test_an_invalid_batch_is_refused_before_a_file_is_uploaded(
    client: Any, mock: MockRunflow, model: str, item: Any, said: str
) -> None:
    with pytest.raises(InvalidArgument, match=said):
        client.batches.create(model, [{"image_url": b"\x89PNG\r\n\x1a\nlamp"}, item])
    assert mock.requests == []


def test_an_evaluation_is_submitted_once_and_waited_for(client: Any, mock: MockRunflow) -> None:
    mock.fail_next("create_evaluation", fault="reset_after")
    handle = client.evaluations.submit("https://a.test/a.png", "product_photo")
    evaluation = handle.wait()
    assert evaluation.status == "completed"
    assert evaluation.overall_passed in {True, False}
    assert [listed.id for listed in client.evaluations.list()] == [evaluation.id]


def test_a_wait_for_a_batch_that_times_out_says_how_to_resume(
    client: Any, mock: MockRunflow
) -> None:
    handle = client.batches.create(
        batch_model(client, mock), [{"image_url": "https://a.test/1.png"}]
    )
    with pytest.raises(WaitTimeout, match=r"client\.batches\.attach\('"):
        handle.wait(timeout=0.1)


def test_what_does_not_exist_is_not_found(client: Any) -> None:
    with pytest.raises(NotFound):
        client.batches.get(UNKNOWN_ID)
    with pytest.raises(NotFound):
        client.evaluations.get(UNKNOWN_ID)
    with pytest.raises(InvalidArgument, match="batch_id"):
        client.batches.attach("x")


@pytest.mark.parametrize("model", ["google/nano-banana-pro", "topaz/upscale/image"])
def test_a_model_that_takes_no_batches_is_refused_before_anything_is_sent(
    client: Any, mock: MockRunflow, model: str
) -> None:
    item = {"prompt": "x", "image_url": "https://a.test/1.png"}
    with pytest.raises(InvalidArgument, match=f"{model} takes no batches"):
        client.batches.create(model, [item])
    assert mock.requests == []
    with pytest.raises(ValidationFailed):
        client.batches.create(model, [item], strict=False)


def test_a_batch_that_costs_more_in_all_than_allowed_is_refused(
    client: Any, mock: MockRunflow
) -> None:
    items = [{"image_url": f"https://a.test/{n}.png"} for n in range(3)]
    with pytest.raises(MaxCostExceeded, match=r"\$0\.42 \(3 runs in a batch\)") as refused:
        client.batches.create("runflow/tag-removal", items, max_cost="0.41")
    assert refused.value.estimate.amount == Decimal("0.42")
    with pytest.raises(MaxCostExceeded, match="not known"):
        client.batches.create("acme/unknown", items, max_cost="100")
    with pytest.raises(InvalidArgument, match="max_cost"):
        client.batches.create("runflow/tag-removal", items, max_cost="a lot")
    assert mock.requests == []
    assert client.batches.create("runflow/tag-removal", items, max_cost="0.42").wait().cost


def test_an_evaluation_sends_what_it_was_given_and_nothing_else(
    client: Any, mock: MockRunflow
) -> None:
    client.evaluations.submit(
        "https://a.test/1.png",
        "edit",
        generation_prompt="a cathedral",
        input_attributes={"a": [1]},
        reference_images=[{"url": "https://a.test/2.png", "kind": "before"}],
        client_ref="order-7",
    )
    assert json.loads(mock.requests[-1].body) == {
        "generated_image_url": "https://a.test/1.png",
        "task_type": "edit",
        "generation_prompt": "a cathedral",
        "input_attributes": {"a": [1]},
        "reference_images": [{"url": "https://a.test/2.png", "kind": "before"}],
        "client_ref": "order-7",
    }


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"task_type": ""}, "task_type is missing"),
        ({"generated_image_url": ""}, "generated_image_url is missing"),
        ({"run_id": "7"}, "run_id"),
        ({"reference_images": [{"url": "u"}] * 5}, "at most 4"),
        ({"reference_images": [{"url": "u"}, {"urll": "u"}]}, r"\[1\] has no url.*'urll'"),
        ({"reference_images": [{"url": 7}]}, r"\[0\] has no url"),
        ({"reference_images": {"url": "u"}}, "reference_images is of type dict"),
        ({"input_attributes": {"a": {1, 2}}}, "JSON does not have"),
        ({"task_description": 7}, "task_description is "),
    ],
)
def test_an_evaluation_that_cannot_be_right_is_refused(
    client: Any, mock: MockRunflow, wrong: dict[str, Any], said: str
) -> None:
    with pytest.raises(InvalidArgument, match=said):
        client.evaluations.submit(**{"generated_image_url": "u", "task_type": "t", **wrong})
    assert mock.requests == []
