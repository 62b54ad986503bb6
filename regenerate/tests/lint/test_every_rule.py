"""What each rule finds on both sides of each of its bounds, with place, words and remedy."""

from collections.abc import Iterable, Iterator

from suites.snapshot import check_snapshot

from ...document.json_tree import JSONObject
from ...lint.linter import RULES
from ..every_word import SNAPSHOTS
from ..lint_cases import GET, SCHEMA
from ..rule_edges import operation_edges
from ..schema_edges import schema_edges


def complaints(edges: Iterable[tuple[str, str, JSONObject]]) -> Iterator[str]:
    """Yield what each rule finds: each answer once, below all documents that have it.

    A number stands for the remedy.
    """
    found: dict[str, dict[str, list[str]]] = {}
    remedies: dict[str, list[str]] = {}
    for rule, name, document in edges:
        known, lines = remedies.setdefault(rule, []), list[str]()
        for place, what, remedy in RULES[rule](document):
            if remedy not in known:
                known.append(remedy)
            lines.append(f"{place}: {what} ({known.index(remedy)})")
        text = "\n        ".join(lines).replace(SCHEMA, "SCHEMA").replace(GET, "GET")
        found.setdefault(rule, {}).setdefault(printable(text) or "nothing", []).append(name)
    for rule, answers in found.items():
        yield f"* {rule}"
        yield from (f"    ({number}) {remedy}" for number, remedy in enumerate(remedies[rule]))
        for text, names in answers.items():
            yield f"    {printable(', '.join(names))}"
            yield f"        {text}"


def printable(text: str) -> str:
    """Return a text with everything escaped that does not show in a file."""
    shown = (one if one.isprintable() or one == "\n" else f"\\u{ord(one):04x}" for one in text)
    return "".join(shown)


def test_each_rule_about_operations_finds_what_it_found_before() -> None:
    told = "\n".join(complaints(operation_edges()))
    check_snapshot(SNAPSHOTS / "rules_of_operations.txt", f"{told}\n")


def test_each_rule_about_schemas_finds_what_it_found_before() -> None:
    told = "\n".join(complaints(schema_edges()))
    check_snapshot(SNAPSHOTS / "rules_of_schemas.txt", f"{told}\n")
