"""What the commands make of their arguments, and of those that they refuse."""

import argparse
import io
from contextlib import redirect_stderr
from pathlib import Path

import pytest
from runflow_conformance import __main__ as conformance
from runflow_conformance.live import __main__ as live

from ..snapshot import check_snapshot

URL = ("--base-url", "http://127.0.0.1:8000")
ARGUMENTS = {
    "conformance": (
        conformance._parser,
        (
            URL,
            (*URL, "--document", "a.json", "--profile", "thorough", "--seed", "7"),
            (*URL, "--budget", "0", "--time-budget", "0.5", "--laws", "--settle", "2"),
            (*URL, "--baseline", "b.json", "--write-baseline", "w.json", "--report-dir", "r"),
            (*URL, "--insecure-host", "one", "--insecure-host", "two", "--budget", "1.25"),
            (),
            *((*URL, "--profile", wrong) for wrong in ("slow", "")),
            *((*URL, "--budget", wrong) for wrong in ("-0.01", "much", "NaN", "Infinity")),
            *((*URL, "--settle", wrong) for wrong in ("0", "-1", "soon", "nan")),
            *((*URL, "--time-budget", wrong) for wrong in ("0", "nan")),
            (*URL, "--seed", "1.5"),
        ),
    ),
    "live": (
        live._parser,
        (
            (),
            ("--live", *URL, "--document", "a.json", "--requests", "1", "--per-second", "1000"),
            ("--seed", "7", "--allow-spend", "5", "--baseline", "b.json", "--report-dir", "r"),
            *(("--requests", wrong) for wrong in ("0", "-1", "1.5", "many")),
            *(("--per-second", wrong) for wrong in ("0", "1000.1", "nan", "fast")),
            *(("--allow-spend", wrong) for wrong in ("-0.01", "5.01", "NaN", "much")),
        ),
    ),
}


def made_of(parser: argparse.ArgumentParser, arguments: tuple[str, ...]) -> str:
    """Return what the arguments become, or the last line of the refusal."""
    errors = io.StringIO()
    with redirect_stderr(errors):
        try:
            values = vars(parser.parse_args(list(arguments)))
        except SystemExit as ended:
            last = errors.getvalue().splitlines()[-1].partition(" (choose")[0]
            return f"ends with {ended.code}: {last}"
    return ", ".join(f"{name}={value!r}" for name, value in sorted(values.items()))


@pytest.mark.parametrize("command", ARGUMENTS)
def test_arguments_become_what_they_became_before(command: str) -> None:
    parser, lists = ARGUMENTS[command]
    lines = [f"{' '.join(one) or '(none)'}\n    {made_of(parser(), one)}" for one in lists]
    text = "\n".join(lines).replace(type(Path()).__name__, "Path") + "\n"
    check_snapshot(Path(__file__).with_name("snapshots") / f"options-{command}.txt", text)
