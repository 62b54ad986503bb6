"""The table of a mutation run: what each module's mutants came to, and why some survive."""

import re
from collections import Counter
from typing import Any, Final

COLUMNS: Final = ("killed", "timeout", "survived", "untested")


OPEN: Final = {
    "name": "survivors without an explanation",
    "kind": "open",
    "why": "A test is missing, or it was not looked at yet.",
}


class Unfinished(Exception):
    """There is no table: a module was never mutated, or an explanation is idle."""


def explain(result: dict[str, Any], classes: list[dict[str, Any]]) -> list[list[str]]:
    """The survivors by the class that explains them, and at the end those that none explains.

    Raises Unfinished for an explanation of a change that was tried and does not survive.
    """
    left = {str(survivor["change"]): bool(survivor["sentence"]) for survivor in result["survivors"]}
    whole = set(result["whole"])
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
        idle = sorted(text for text in listed - set(fits) if text.partition(": ")[0] in whole)
        if idle:
            raise Unfinished(f"{reason['name']} explains what does not survive: {idle}")
        explained.append(fits)
        left = {text: garbled for text, garbled in left.items() if text not in fits}
    return [*explained, list(left)]


def table(result: dict[str, Any], classes: list[dict[str, Any]]) -> str:
    """The result as Markdown: the rooms, the modules, and why mutants survive."""
    modules: dict[str, dict[str, int]] = result["modules"]
    rooms: dict[str, dict[str, int]] = {}
    for module, counts in modules.items():
        sums = rooms.setdefault(_room(module), dict.fromkeys((*COLUMNS, "unchecked"), 0))
        for name in sums:
            sums[name] += counts[name]
    total = {name: sum(sums[name] for sums in rooms.values()) for name in (*COLUMNS, "unchecked")}
    explained = explain(result, classes)
    classes = [*classes, OPEN]
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
        "branch). Five seconds of the tests that reach the",
        "function run against it in a fork: those that reach the fewest other functions, and the "
        "quickest of each module. It",
        "is killed when a test fails, or when the tests do not end within three times their time "
        "and 15 seconds. Not",
        "mutated: constants and class bodies, properties and other decorated functions. "
        "`typing.cast` is taken out of the copy",
        "first, for it does nothing.",
        "",
        f"**{caught} of {size} mutants that were tried are caught: {_percent(caught, size)}.** "
        f"{unkillable} of the others change nothing",
        f"that a caller could notice; of those that do, {_percent(caught, size - unkillable)} are "
        "caught.",
        "",
        *_sampled(total, size, result["remark"]),
        "## By room",
        "",
        "| room | mutants | tried | killed | timeout | survived | not reached | score |",
        "|---|--:|--:|--:|--:|--:|--:|--:|",
        *(_row(room, counts) for room, counts in (*rooms.items(), ("**all**", total))),
        "",
        "## By module",
        "",
        "| module | mutants | tried | killed | timeout | survived | not reached | score |",
        "|---|--:|--:|--:|--:|--:|--:|--:|",
        *(_row(module, counts) for module, counts in modules.items()),
        "",
        "## Why the others survive",
    ]
    for reason, fits, count in zip(classes, explained, sizes, strict=True):
        if fits:
            lines += [
                "",
                f"### {reason['name']} ({count}, {reason['kind']})",
                "",
                str(reason["why"]).strip(),
                "",
                "<details><summary>the changes</summary>",
                "",
                *(f"- {text}" for text in sorted(fits)),
                "",
                "</details>",
            ]
    return "\n".join(lines) + "\n"


def _room(module: str) -> str:
    """The folder that the module is in."""
    return module.rpartition("/")[0] or "runflow_client"


def _sampled(total: dict[str, int], size: int, remark: str) -> list[str]:
    """How the mutants that were tried were chosen, as lines."""
    if not total["unchecked"]:
        return ["Every mutant was tried.", ""]
    whole = size + total["unchecked"]
    return [f"This is a sample: {size} of {whole} mutants. {remark}".rstrip(), ""]


def _tried(counts: dict[str, int]) -> int:
    return sum(counts[name] for name in COLUMNS)


def _row(name: str, counts: dict[str, int]) -> str:
    size = _tried(counts)
    numbers = [
        str(size + counts["unchecked"]),
        str(size),
        *(str(counts[column]) for column in COLUMNS),
        _percent(counts["killed"] + counts["timeout"], size),
    ]
    return f"| {name} | " + " | ".join(numbers) + " |"


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %" if whole else "-"
