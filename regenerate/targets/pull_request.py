"""What a regenerate did, as the text of a pull request."""

from ..document.json_tree import JSONObject, object_at, objects_at, strings_at, text_at

MAX_LINES = 120


def pull_request_text(report: JSONObject) -> str:
    """Return the report of `make regenerate` in Markdown.

    It holds every step, what the overlay misses, what changed, and what could not be compared.
    """
    lines = [f"`make regenerate`: **{text_at(report, 'outcome')}**", ""]
    refusal = text_at(report, "refusal")
    if refusal:
        lines += ["```text", refusal.replace("```", "'''"), "```", ""]
    lines += ["| step | |", "| --- | --- |"]
    lines += [
        f"| {text_at(step, 'step')} | {_cell(_message(step))} |"
        for step in objects_at(report, "steps")
    ]
    changes = object_at(report, "changes")
    if changes:
        version = text_at(report, "proposed_version")
        lines += ["", f"Proposed version: **{version}**." if version else "", ""]
        missing = objects_at(changes, "overlay")
        lines += [
            f"- **{text_at(one, 'feature')}** of the overlay is hit: "
            f"{_cell(text_at(one, 'missing'))}"
            for one in missing
        ]
        for level in ("wire", "python"):
            lines += _listed(level, objects_at(changes, level))
        second = object_at(changes, "redocly")
        lines += _listed("redocly", objects_at(second, "changes"))
        for said in (*strings_at(changes, "remarks"), text_at(second, "message")):
            lines += ["", f"{_cell(said)}."]
    return "\n".join(lines).rstrip() + "\n"


def _message(step: JSONObject) -> str:
    return text_at(step, "message") if step.get("done") is True else "refused"


def _listed(level: str, changes: list[JSONObject]) -> list[str]:
    if not changes:
        return []
    lines = [
        f"- {text_at(one, 'weight')}: `{_cell(text_at(one, 'where'))}` "
        f"{_cell(text_at(one, 'what'))}"
        for one in changes
    ]
    more = [f"- … and {len(lines) - MAX_LINES} more"] if len(lines) > MAX_LINES else []
    return ["", f"### {level}", "", *lines[:MAX_LINES], *more]


def _cell(text: str) -> str:
    """Return text on one line, without what Markdown reads as a table, code or a mention."""
    return " ".join(text.split()).replace("|", "\\|").replace("`", "'").replace("@", "@\u200b")
