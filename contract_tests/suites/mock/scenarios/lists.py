"""Lists: orders, pages in both directions, filters and chosen fields."""

from __future__ import annotations

from .recorder import Recorder

_ALIKE = ("like", "ilike", "contains")
_PATTERNS = ("%aile%", "%iled", "fail%", "FAIL%", "%AILE%", "fai%led", "%", "%%x")


def lists(recorder: Recorder) -> None:
    """Play every order read in both directions, and every operator on every kind of value."""
    for number in range(7):
        if number in (2, 5):
            recorder.mock.next_outcome("failed")
        recorder.run(
            input={"prompt": "x", "num_images": number % 3 + 1},
            client_ref=None if number == 3 else f"Ref-{number % 4}",
        )
        recorder.advance(1.5)
    for order in (
        None,
        "created_at:asc",
        "client_ref",
        "client_ref:desc",
        "cost:desc,created_at:asc",
        "completed_at:asc",
        "completed_at:desc,client_ref:asc",
        "has_node_runs:desc",
        "input:asc",
    ):
        for limit in (1, 2, 3, 7, 8):
            recorder.title(f"by {order}, {limit} a page")
            query = {"fields": "id", "limit": str(limit), **({"sort_by": order} if order else {})}
            pages = [recorder.get("/v1/runs", **query)]
            while pages[-1].get("next") and len(pages) < 10:
                pages.append(recorder.get("/v1/runs", **query, pq=pages[-1]["next"]))
            for page in reversed(pages):
                if page["previous"]:
                    recorder.get("/v1/runs", **query, pq=page["previous"], from_prev="true")
                    if limit == 2:
                        wider = {**query, "limit": "5", "pq": page["previous"]}
                        recorder.get("/v1/runs", **wider, from_prev="true")
    recorder.title("cursors")
    for cursor in (pages[0]["first"], "x", "e30", pages[0]["first"] + "x"):
        recorder.get("/v1/runs", limit="2", pq=cursor, fields="id")
    recorder.get("/v1/runs", limit="2", pq=pages[0]["first"], sort_by="cost", fields="id")
    for size in ("0", "-1", "501", "x", "500"):
        recorder.get("/v1/runs", limit=size, fields="id")
    for keys in ("id:up", "_price", "", "a b", "cost:ASC"):
        recorder.get("/v1/runs", sort_by=keys, fields="id", limit="3")
    recorder.title("filters")
    values = {
        "client_ref": ("Ref-1", "ref-1", "null"),
        "status_code": ("failed", "succeeded", "running,failed", "fail", "null"),
        "cost": ("0.15", "0.150", "0.2", "null"),
        "duration_ms": ("6000", "6000.0", "5999", "x", "null"),
        "has_logs": ("true", "TRUE", "false", "1"),
        "created_at": ("2026-01-01T00:00:03Z", "2026-01-01T01:00:03+01:00", "2026-01-01", "2026"),
        "completed_at": ("2026-01-01T00:00:07.5Z", "null"),
        "input.num_images": ("2", "1,3"),
        "output.outputs": ("x",),
        "_price": ("1",),
    }
    operators = ("eq", "ne", "neq", "gt", "gte", "ge", "lt", "lte", "le", "in", "like", "ilike")
    for name, texts in values.items():
        for text in texts:
            for operator in (*operators, "contains"):
                if name == "client_ref" and operator not in ("eq", "ne"):
                    continue
                _count(recorder, f"{name}.{operator}:'{text}'")
            for sign in (":", "=", "!=", ">", ">=", "<", "<="):
                _count(recorder, f'{name}{sign}"{text}"')
        for text in ("true", "false", "FALSE", "x"):
            _count(recorder, f"{name}.ISNULL:{text}")
    for text in (
        "NOT status_code:failed AND client_ref:Ref-2",
        "NOT status_code:failed OR client_ref:Ref-1",
        "NOT (status_code:failed OR client_ref:Ref-0)",
        "status_code:failed OR client_ref:Ref-1 AND client_ref:Ref-2",
        "(status_code:failed OR client_ref:Ref-1) AND NOT client_ref:Ref-2",
        "NOT NOT status_code:failed AND NOT NOT client_ref:Ref-2",
        "status_code.in:'running, failed'",
        *(f"status_code.{name}:'{text}'" for name in _ALIKE for text in _PATTERNS),
        "client_ref.EQ:'Ref\\-2'",
        "client_ref.EQ:''",
        "status_code.near:x",
        "status_code:failed AND",
        "(status_code:failed",
        "status_code:failed)",
        "status_code:failed has_logs:true",
        "AND",
        "not status_code:failed",
        "(" * 51 + "has_logs:true" + ")" * 51,
        "(" * 50 + "has_logs:true" + ")" * 50,
        "nothing:1",
        "metadata.a:1",
    ):
        _count(recorder, text)
    for fields in ("id,cost", " id , cost ", "id,nothing", "id,,cost", "id, ,cost", "_price", ""):
        recorder.get("/v1/runs", fields=fields, limit="1")


def _count(recorder: Recorder, text: str) -> None:
    """Write down which runs the filter lets through."""
    answer = recorder.quiet("/v1/runs", q=text, fields="id", sort_by="created_at:asc")
    items = answer.get("items")
    shown = answer["errors"] or answer["message"] if items is None else [one["id"] for one in items]
    recorder.write(f"{text}: {shown}")
