"""Compares everything that a server shows with what a story expects of it."""

from __future__ import annotations

import json
from collections import Counter
from decimal import Decimal
from typing import Any, Final

from runflow_mock.state.clock import parse_instant
from runflow_mock.state.keys import DEFAULT_ORGANIZATION

from .expected import Batch, Delivery, Evaluation, Run, Webhook, seconds_of
from .story import Story
from .world import Post

INSTANTS: Final = (
    *("created_at", "updated_at", "started_at", "completed_at"),
    *("next_attempt_at", "next_retry_at"),
)


def plain(row: dict[str, Any], names: Any) -> dict[str, Any]:
    """Return those fields of a row, instants as seconds and money as numbers."""
    shown = {name: row[name] for name in names}
    for name in shown:
        if name in INSTANTS:
            shown[name] = seconds_of(shown[name])
        if name == "cost" and shown[name] is not None:
            shown[name] = Decimal(shown[name])
    return shown


def check(story: Story) -> None:
    """Compare everything that the server shows with what is expected."""
    now, get = story.now, story.world.get
    every: dict[str, list[Any]] = {
        "runs": story.runs,
        "batches": story.batches,
        "evaluations": story.evaluations,
    }
    for name, facts in every.items():
        rows = get(f"/v1/{name}?limit=200&sort_by=created_at:asc")["items"]
        expected = {one.id: one.shown(now) for one in facts}
        assert {row["id"]: plain(row, expected[row["id"]]) for row in rows} == expected
    check_outputs(story)
    check_items(story)
    account = get("/v1/billing/balance")
    assert Decimal(account["balance"]) == story.balance
    assert story.world.state.ledger.account(DEFAULT_ORGANIZATION).held == story.held
    assert story.balance >= 0
    entries = story.world.state.ledger.entries
    assert {one.run_id: (one.model_id, one.amount, seconds_of(one.at)) for one in entries} == {
        one.id: (one.model, one.cost(now), one.ends) for one in story.runs if one.is_billed(now)
    }
    moments = [parse_instant(one.at) for one in entries]
    assert moments == sorted(moments)
    check_secrets(story)
    check_callbacks(story)
    check_webhooks(story)
    check_summaries(story)


def check_outputs(story: Story) -> None:
    """Compare what batches say of their runs once all have ended."""
    rows = {row["id"]: row for row in story.world.get("/v1/batches?limit=200")["items"]}
    for batch in story.batches:
        row, runs = rows[batch.id], batch.runs
        ends = [(one.id, one.status(story.now), one.client_ref) for one in runs]
        items = row["items"]
        if batch.ends > story.now:
            assert row["output"] is None
        else:
            output = row["output"]
            items += output["items"]
            counted = {name: output[name] for name in ("succeeded", "failed", "cancelled")}
            assert counted == {
                "succeeded": row["items_succeeded"],
                "failed": row["items_failed"],
                "cancelled": row["items_cancelled"],
            }
            assert output["total"] == len(runs)
            made = [one["output"] and len(one["output"]["outputs"]) for one in output["items"]]
            assert made == [one.made(story.now) or None for one in runs]
        shown = [(one["run_id"], one["status_code"], one["client_ref"]) for one in items]
        assert shown in (ends, ends * 2)


def check_items(story: Story) -> None:
    """Compare what the items of a batch say with what their runs do."""
    names = ("status_code", "client_ref", "created_at", "started_at", "completed_at", "cost")
    for batch in story.look.sample(story.batches, min(1, len(story.batches))):
        rows = story.world.get(f"/v1/batches/{batch.id}/items?limit=9")["items"]
        rows.sort(key=lambda row: int(row["sequence_index"]))
        for row, run in zip(rows, batch.runs, strict=True):
            expected = {name: run.shown(story.now)[name] for name in names}
            assert plain(row, names) == expected
            assert (row["batch_id"], row["run_id"]) == (batch.id, run.id)
            assert row["input"] == run.values
            assert (row["output"] is not None) == (run.made(story.now) > 0)
            code = run.shown(story.now)["failure_code"]
            assert (None if row["error"] is None else row["error"]["code"]) == code


def check_secrets(story: Story) -> None:
    """Compare the secrets, and that none is shown."""
    rows = story.world.get("/v1/callback-secrets")["items"]
    shown = {row["id"]: (row["is_current"], row["label"]) for row in rows}
    assert shown == {one.id: (one.current, one.label) for one in story.secrets}
    assert not any(one.plain in str(rows) for one in story.secrets)


def check_summaries(story: Story) -> None:
    """Compare what a run shows of its history and of its evaluation."""
    for run in story.look.sample(story.runs, min(2, len(story.runs))):
        logs = story.world.get(f"/v1/runs/{run.id}/logs?limit=50")["items"]
        logs.sort(key=lambda one: one["meta"]["sequence"])
        told = [(seconds_of(one["timestamp"]), one["message"]) for one in logs]
        assert told == run.history(story.now)
        of_run = [one for one in story.evaluations if one.run is run]
        rows = story.world.get(f"/v1/runs/{run.id}/evaluations")["items"]
        assert {row["id"] for row in rows} == {one.id for one in of_run}
        summary = story.world.get(f"/v1/runs/{run.id}")["current_evaluation_summary"]
        done = [row for row in rows if row["status_code"] == "completed"]
        assert (summary is not None) == bool(done)
        for row in done[:1]:
            assert summary["score"] == row["weighted_pass_rate"]
            assert summary["passed"] == row["overall_passed"]


def check_callbacks(story: Story) -> None:
    """Compare the histories of callbacks of a few, and what came of them."""
    every: list[Run | Batch] = [*story.runs, *story.batches]
    called_back = [one for one in every if one.told]
    others = [one for one in every if not one.told]
    for one in (
        *story.look.sample(called_back, min(3, len(called_back))),
        *story.look.sample(others, min(2, len(others))),
    ):
        kind = "runs" if isinstance(one, Run) else "batches"
        rows = story.world.get(f"/v1/{kind}/{one.id}/callback")
        for row, sent in zip(rows, one.told, strict=True):
            check_delivery(story, row, sent)
            payload = row["payload"]
            assert payload[f"{kind[:3] if kind == 'runs' else 'batch'}_id"] == one.id
            assert payload["metadata"] == one.metadata
            assert seconds_of(payload["completed_at"]) == one.ends
            assert payload["duration_ms"] == round((one.ends - one.created) * 1000)


def check_delivery(story: Story, row: dict[str, Any], sent: Delivery) -> None:
    """Compare a delivery with what is expected of it."""
    made, over = sent.attempts(story.now), sent.is_over(story.now)
    good = over and made[-1][1] // 100 == 2
    reason = "network_error" if made[-1][1] == 0 else "http_status"
    expected = {
        "callback_url": sent.url,
        "is_automatic": sent.automatic,
        "status_code": "pending" if not over else "succeeded" if good else "failed",
        "failure_reason_code": reason if over and not good else None,
        "attempt_count": len(made),
        "max_attempts": 3,
        "signing_secret_id": sent.secret_id,
        "created_at": sent.began,
        "updated_at": made[-1][0],
        "completed_at": made[-1][0] if over else None,
        "next_attempt_at": sent.next_attempt(story.now),
    }
    assert plain(row, expected) == expected
    tries = [(seconds_of(one["created_at"]), one["status_code"] or 0) for one in row["attempts"]]
    assert tries == made
    assert [one["attempt_number"] for one in row["attempts"]] == list(range(1, len(made) + 1))
    check_posts(story, row, sent, row["payload_bytes"].encode())


def check_posts(story: Story, row: dict[str, Any], sent: Delivery, body: bytes | None) -> None:
    """Compare what came of a delivery."""
    posts: list[Post] = story.world.receiver.posts[f"req_{row['id'].replace('-', '')}"]
    assert [one.answer for one in posts] == [answer for _, answer in sent.attempts(story.now)]
    for one in posts:
        assert one.url == sent.url
        assert one.body == (posts[0].body if body is None else body)
        assert one.is_signed_by(sent.secret)


def check_webhooks(story: Story) -> None:
    """Compare the deliveries of a webhook, and the number of all that came."""
    for webhook in story.look.sample(story.webhooks, min(1, len(story.webhooks))):
        place = f"/v1/webhooks/{webhook.id}/deliveries?limit=200&embed=attempts"
        rows = story.world.get(f"{place}&sort_by=created_at:asc")["items"]
        events = [(seconds_of(row["created_at"]), row["event_type_code"]) for row in rows]
        assert sorted(events) == sorted((one.began, one.event) for one in webhook.told)
        assert webhook.secret not in json.dumps(rows)
    shown = json.dumps(story.world.get("/v1/webhooks"))
    assert not any(one.secret in shown for one in story.webhooks)
    every: list[Run | Batch | Evaluation | Webhook] = [*story.runs, *story.batches]
    every += [*story.evaluations, *story.webhooks, *story.deleted_webhooks]
    sent = [one for source in every for one in source.told]
    expected = Counter((one.url, one.secret, a) for one in sent for _, a in one.attempts(story.now))
    plains = {one.secret for one in sent}
    came: Counter[tuple[str, str | None, int]] = Counter()
    for posts in story.world.receiver.posts.values():
        for post in posts:
            assert post.headers["Content-Type"] == "application/json"
            signers = [plain for plain in plains if post.is_signed_by(plain)]
            came[post.url, signers[0], post.answer] += 1
    assert came == expected
