"""The pictures in the docs show what the command says today."""

import html
import re

import pytest
from runflow_mock import MockRunflow

from .screenshots import FOLDER, MOMENTS, take

IDS = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")
TIMES = re.compile(r"\d+\.\d s")


def lines_of(picture: str) -> list[str]:
    """Return the lines of text in an SVG, without what differs from run to run."""
    rows: dict[str, str] = {}
    for y, text in re.findall(r'<text [^>]*y="([\d.]+)"[^>]*>([^<]*)</text>', picture):
        rows[y] = rows.get(y, "") + html.unescape(text).replace("\xa0", " ")
    return [TIMES.sub("0.0 s", IDS.sub("ID", row)).rstrip() for row in rows.values()]


@pytest.mark.parametrize("name", ["a-model", "refused", "the-result"])
def test_a_picture_shows_what_the_command_says(
    mock: MockRunflow, environment: dict[str, str], name: str
) -> None:
    shown = lines_of((FOLDER / f"{name}.svg").read_text(encoding="utf-8"))
    assert len(shown) > 2
    assert lines_of(take(name, environment)) == shown, "make screenshots"


def test_the_picture_of_progress_has_status_nodes_and_time() -> None:
    shown = " ".join(lines_of((FOLDER / "progress.svg").read_text(encoding="utf-8")))
    assert MOMENTS["progress"][1] in shown  # type: ignore[operator]
    assert re.search(r"running .* 2/3", shown)
