"""The table of a mutation run: what each module's mutants came to, and why some survive."""

import re
from collections import Counter
from typing import Any, Final

COLUMNS: Final = ("killed", "timeout", "survived", "untested")


class Unfinished(Exception):
    """There is no table: a mutant survives without an explanation, or was never made."""


def explain(result: dict[str, Any], classes: list[dict[str, Any]]) -> list[list[str]]:
    """The survivors by the class that explains them. Raises Unfinished for one that none explains,
    and for idle words.
    """
    left = {str(survivor["change"]): bool(survivor["sentence"]) for survivor in result["survivors"]}
    explained: list[list[str]] = []
    for reason in classes:
        pattern = re.compile(reason.get("pattern", "(?!)"))
        listed = set(reason.get("changes", ()))
        fits = [
            text
            for text, garbled in left.items()
            if text in listed
            or pattern.search(text)
            or (garbled and reason.get("sentences", False))
        ]
        if not fits or not listed <= set(fits):
            raise Unfinished(
                f"{reason['name']} explains what does not survive: "
                f"{sorted(listed - set(fits)) or 'all'}"
            )
        explained.append(fits)
        left = {text: garbled for text, garbled in left.items() if text not in fits}
    if left:
        raise Unfinished("no explanation fits these survivors:\n" + "\n".join(left))
    return explained


def table(result: dict[str, Any], classes: list[dict[str, Any]]) -> str:
    """The result as Markdown. Raises Unfinished where nothing explains why mutants survive."""
    modules: dict[str, dict[str, int]] = result["modules"]
    total = {
        name: sum(counts[name] for counts in modules.values()) for name in (*COLUMNS, "unchecked")
    }
    explained = explain(result, classes)
    texts = Counter(str(survivor["change"]) for survivor in result["survivors"])
    sizes = [sum(texts[text] for text in fits) for fits in explained]
    unkillable = sum(
        size for size, reason in zip(sizes, classes, strict=True) if reason["kind"] == "equivalent"
    )
    size, caught = _tried(total), total["killed"] + total["timeout"]
    lines = [
        "# The automatic mutation run",
        "",
        "Written by `contract_tests/faults/mutation.py` from a run of `make mutation`; not by "
        "hand.",
        "",
        f"mutmut {result['mutmut']}, pytest {result['pytest']}, Python {result['python']}. Each "
        "mutant is one small change",
        "of one function (an operator, a number, a string, an argument, a "
        "branch); the tests that reach the",
        "function run against it, in a process of their own. It is killed when a test fails, or "
        "when the tests do not end",
        "within three times their time and 15 seconds. Not mutated: constants and class bodies, "
        "properties and other",
        "decorated functions. `typing.cast` is taken out of the copy first, for it does nothing.",
        "",
        f"**{caught} of {size} mutants that were tried are caught: {_percent(caught, size)}.** "
        f"{total['unchecked']} were not tried: the functions are drawn at random. {unkillable} of "
        "the others change nothing",
        f"that a caller could notice; of those that do, {_percent(caught, size - unkillable)} are "
        "caught.",
        "",
        "| module | mutants | tried | killed | timeout | survived | not reached | score |",
        "|---|--:|--:|--:|--:|--:|--:|--:|",
        *(_row(module, counts) for module, counts in modules.items()),
        _row("**all**", total),
        "",
        "## Why the others survive",
    ]
    for reason, fits, count in zip(classes, explained, sizes, strict=True):
        lines += [
            "",
            f"### {reason['name']} ({count}, {reason['kind']})",
            "",
            str(reason["why"]).strip(),
            "",
        ]
        lines += [
            "<details><summary>the changes</summary>",
            "",
            *(f"- {text}" for text in sorted(fits)),
            "",
            "</details>",
        ]
    return "\n".join(lines) + "\n"


def _tried(counts: dict[str, int]) -> int:
    return sum(counts[name] for name in COLUMNS)


def _row(module: str, counts: dict[str, int]) -> str:
    size = _tried(counts)
    numbers = [
        str(size + counts["unchecked"]),
        str(size),
        *(str(counts[name]) for name in COLUMNS),
        _percent(counts["killed"] + counts["timeout"], size),
    ]
    return f"| {module} | " + " | ".join(numbers) + " |"


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %" if whole else "-"
