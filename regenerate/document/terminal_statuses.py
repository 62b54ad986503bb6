"""The values of an enum that its description calls terminal, as in "Terminal: succeeded"."""

import re
from typing import Final

from .json_tree import JSONObject, object_at, strings_at, text_at

_SENTENCE: Final = re.compile(r"(?<=[.;])\s+|\n+")
_TERMINAL: Final = re.compile(r"\bterminal\b|\bfinal (?:state|status)", re.IGNORECASE)
_NOT_TERMINAL: Final = re.compile(
    r"\b(?:not|isn't|aren't|never|non)\b[- ]*(?:yet )?(?:a )?(?:terminal|final)", re.IGNORECASE
)
_EVERY: Final = re.compile(
    r"^\W*(?:the )?(?:terminal|final) (?:state|status) of\b(?!.*(?::|\b(?:is|are)\b))",
    re.IGNORECASE,
)
"""Tells of every value, as "Terminal status of the run, in either spelling of canceled" does."""


def terminal_values(schema: JSONObject) -> tuple[str, ...]:
    """Return the values that a sentence or a line of the description calls terminal.

    These are all values where it says that of the enum itself.
    """
    values = strings_at(schema, "enum")
    called: set[str] = set()
    for sentence in _SENTENCE.split(text_at(schema, "description")):
        if _EVERY.search(sentence):
            return tuple(values)
        if _TERMINAL.search(sentence) and not _NOT_TERMINAL.search(sentence):
            called.update(re.findall(r"[\w-]+", sentence))
    return tuple(value for value in values if value in called)


def terminal_values_by_name(document: JSONObject) -> dict[str, tuple[str, ...]]:
    """Return the terminal values of the named enums of a document, of those that have any."""
    named = object_at(object_at(document, "components"), "schemas")
    found = {name: terminal_values(object_at(named, name)) for name in named}
    return {name: values for name, values in found.items() if values}
