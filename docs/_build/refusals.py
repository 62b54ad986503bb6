"""The page of the lint: an example of each rule, what the refusal says, and how to cure it."""

import inspect
import io
import json
import tempfile
from collections.abc import Iterator
from pathlib import Path

import yaml
from attrs import evolve

from regenerate.document.json_tree import DocumentError, JSONObject, at_pointer
from regenerate.generate.build import LintRefused, corrected_document
from regenerate.lint.linter import RULES, lint
from regenerate.project.paths import paths_in
from regenerate.project.progress import Progress
from regenerate.tests.lint_cases import CASES

MAX_LINES = 30
"""Of an example; a larger part of a document is shown by its place only."""

TOOLS = {
    "validity": "The validator `openapi-spec-validator` found it",
    "generator": "The generator warned of it",
}
"""The rules that ask a tool: what they find has the tool's own words."""


def rule_names() -> set[str]:
    """Return the names of the rules."""
    return set(RULES)


def lint_page() -> str:
    """Return a page with a section for each rule of the lint."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield "# What the lint refuses"
    yield ""
    yield "The lint refuses what the generator would drop, break or misread without a word. Each"
    yield "rule has an example here, the refusal as it is printed, and the cure. Where a correction"
    yield "can take the finding away, the refusal prints its lines: put them into a file such as"
    yield "`regenerate/corrections/new-document.overlay.yaml`, and change them to what the server"
    yield "really takes."
    yield ""
    for name, rule in RULES.items():
        yield f"## {name}"
        yield ""
        yield inspect.getdoc(rule) or ""
        yield ""
        yield from _example(name)


def _example(name: str) -> Iterator[str]:
    if name in TOOLS:
        yield f"{TOOLS[name]}, in its own words, and no other rule names a cause. Correct"
        yield "the document at the place of the finding, or add a rule to `regenerate/lint/`."
        yield ""
        return
    examples = [(case, place) for rule, case, place in CASES if rule == name]
    told = [(case, place, *refusal_of(case)) for case, place in examples]
    fitting = [one for one in told if f"({name})" in one[2]]
    if fitting:
        document, place, refusal, cure = fitting[0]
    else:  # our own names stand in the way before the rule sees these: it guards the naming table
        document, place = examples[0]
        refusal, cure = "\n".join(str(one) for one in lint(document) if one.rule == name), ""
    found = _fragment(document, place)
    if found:
        yield f"The document says at `{place}`:"
        yield ""
        yield f"```yaml\n{found}```"
        yield ""
    yield "The refusal:" if fitting else "What the lint says of it:"
    yield ""
    yield f"```text\n{refusal}\n```"
    yield ""
    if cure:
        yield "A correction that takes it away:"
        yield ""
        yield f"```yaml\n{cure}```"
    elif not fitting:
        yield "The steps before the lint take care of it, so a document alone does not cause it."
        yield "If it comes up, mend the naming table at the line that the refusal names, or those"
        yield "steps."
    else:
        yield "No correction is printed for it: do what the last sentence of the refusal says."
    yield ""


def refusal_of(document: JSONObject) -> tuple[str, str]:
    """Return the findings that a document is refused for, and the lines that take them away.

    Both are empty for a document that is taken.
    """
    with tempfile.TemporaryDirectory() as folder:
        corrections = Path(folder) / "corrections"
        corrections.mkdir()
        paths = evolve(paths_in(Path(folder), "example_api"), corrections=corrections)
        progress = Progress("lint", out=io.StringIO(), terminal=None)
        try:
            corrected_document(paths, json.dumps(document).encode(), progress)
        except LintRefused as refused:
            findings, _, cure = str(refused).partition("A beginning,")
            lines = [line.strip() for line in findings.splitlines()[1:]]
            return "\n".join(lines), "".join(f"{line[2:]}\n" for line in cure.splitlines()[1:])
        except DocumentError:  # refused before the lint: another case shows its rule
            pass
    return "", ""


def _fragment(document: JSONObject, place: str) -> str:
    """Return the part of the document at the place or around it, as YAML; empty if it is long."""
    while place:
        try:
            found = at_pointer(document, place)
        except KeyError:
            place = place.rpartition("/")[0]
            continue
        if not isinstance(found, (dict, list)):
            place, _, key = place.rpartition("/")
            found = {key: found}
        text = yaml.safe_dump(found, sort_keys=False, allow_unicode=True)
        return text if text.count("\n") <= MAX_LINES else ""
    return ""
