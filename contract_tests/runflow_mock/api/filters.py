"""The filter language of lists (`q`), in both forms that are in use.

`client_ref.EQ:'x'` names the operator and quotes the value. `status_code:succeeded AND
created_at>2026-04-01` uses a sign. Terms are joined with AND, OR, NOT and parentheses. Text is
compared with its case, an instant as an instant, a number as a number. NOT binds more tightly than
AND, and AND more tightly than OR.
"""

import math
import re
from collections.abc import Callable
from datetime import datetime
from typing import TypeAlias

from ..contract.answers import Refusal, invalid
from ..contract.json_types import JsonObject, as_object
from ..state.clock import parse_instant

Filter: TypeAlias = Callable[[JsonObject], bool]

_TOKEN = re.compile(
    r"""\s*(?:
    (?P<open>\() | (?P<close>\))
    | (?P<term>(?P<field>[A-Za-z_][\w.]*?)(?:\.(?P<name>[A-Za-z]+):|(?P<sign>>=|<=|!=|[:=<>]))
        (?:'(?P<quoted>(?:[^'\\]|\\.)*)'|"(?P<double>(?:[^"\\]|\\.)*)"|(?P<bare>[^\s()'"]+)))
    | (?P<word>AND|OR|NOT)\b
    )""",
    re.VERBOSE,
)
_SIGNS = {":": "eq", "=": "eq", "!=": "ne", ">": "gt", ">=": "gte", "<": "lt", "<=": "lte"}
_NAMES = {
    "eq",
    "ne",
    "neq",
    "gt",
    "gte",
    "ge",
    "lt",
    "lte",
    "le",
    "in",
    "like",
    "ilike",
    "contains",
    "isnull",
}
MAX_DEPTH = 50


def parse_filter(text: str) -> Filter:
    """Return the filter that `q` describes.

    Raise the 422 with the position at which it cannot be read.
    """
    parser = _Parser(text)
    found = parser.either(0)
    parser.expect_end()
    return found


def filter_terms(text: str) -> frozenset[tuple[str, str]]:
    """Return what the filter compares: the first part of each path, and the operator.

    Raise the 422 as `parse_filter` does.
    """
    parser = _Parser(text)
    parser.either(0)
    parser.expect_end()
    return frozenset(parser.terms)


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text.rstrip()
        self._position = 0
        self.terms: set[tuple[str, str]] = set()

    def either(self, depth: int) -> Filter:
        branches = [self._both(depth)]
        while self._take_word("OR"):
            branches.append(self._both(depth))
        return (
            branches[0]
            if len(branches) == 1
            else lambda row: any(branch(row) for branch in branches)
        )

    def _both(self, depth: int) -> Filter:
        branches = [self._one(depth)]
        while self._take_word("AND"):
            branches.append(self._one(depth))
        return (
            branches[0]
            if len(branches) == 1
            else lambda row: all(branch(row) for branch in branches)
        )

    def _one(self, depth: int) -> Filter:
        if depth > MAX_DEPTH:
            raise self._unreadable()
        token = _TOKEN.match(self._text, self._position)
        if token is None or token["close"] is not None or token["word"] in ("AND", "OR"):
            raise self._unreadable()
        self._position = token.end()
        if token["word"] == "NOT":
            negated = self._one(depth + 1)
            return lambda row: not negated(row)
        if token["open"] is not None:
            inner = self.either(depth + 1)
            closing = _TOKEN.match(self._text, self._position)
            if closing is None or closing["close"] is None:
                raise self._unreadable()
            self._position = closing.end()
            return inner
        return self._comparison(token)

    def _comparison(self, token: re.Match[str]) -> Filter:
        name = (token["name"] or _SIGNS[token["sign"]]).lower()
        if name not in _NAMES:
            raise invalid(["query", "q"], f"unknown operator {token['name']}", "filter_operator")
        quoted = token["quoted"] if token["quoted"] is not None else token["double"]
        value = token["bare"] if quoted is None else re.sub(r"\\(.)", r"\1", quoted)
        path = token["field"].split(".")
        self.terms.add((path[0], name))
        return lambda row: _compare(name, _value_at(row, path), value)

    def _take_word(self, word: str) -> bool:
        token = _TOKEN.match(self._text, self._position)
        if token is None or token["word"] != word:
            return False
        self._position = token.end()
        return True

    def expect_end(self) -> None:
        if self._position < len(self._text):
            raise self._unreadable()

    def _unreadable(self) -> Refusal:
        return invalid(
            ["query", "q"],
            f"the filter cannot be read at character {self._position}",
            "filter_syntax",
        )


def _value_at(row: JsonObject, path: list[str]) -> object:
    value: object = row
    for name in path:
        value = None if name.startswith("_") else as_object(value).get(name)
    return value


def _compare(name: str, value: object, text: str) -> bool:
    if name == "isnull":
        return (value is None) == (text.lower() != "false")
    if value is None:
        return (text == "null") == (name == "eq") if name in ("eq", "ne", "neq") else False
    if name in ("contains", "like", "ilike"):
        needle, hay = text.strip("%"), str(value)
        return needle.lower() in hay.lower() if name == "ilike" else needle in hay
    if name == "in":
        return any(_order(value, part.strip()) == 0 for part in text.split(","))
    order = _order(value, text)
    if name in ("ne", "neq"):
        return order != 0
    if order is None:
        return False
    wanted = {
        "eq": (0,),
        "gt": (1,),
        "gte": (0, 1),
        "ge": (0, 1),
        "lt": (-1,),
        "lte": (-1, 0),
        "le": (-1, 0),
    }
    return order in wanted[name]


def _order(value: object, text: str) -> int | None:
    """Return -1, 0 or 1: the value is smaller than the text, equal, or larger.

    None if they cannot be compared.
    """
    if isinstance(value, bool):
        return 0 if text.lower() == str(value).lower() else None
    try:
        if isinstance(value, int | float):
            number = float(text)
            return None if math.isnan(number) else _sign(float(value), number)
        return _sign(_instant(str(value)), _instant(text))
    except ValueError:
        return None if isinstance(value, int | float) else _sign(str(value), text)


def _instant(text: str) -> datetime:
    if not re.match(r"\d{4}-\d\d", text):
        raise ValueError(f"{text!r} is not an instant")
    return parse_instant(text)


def _sign(left: float | str | datetime, right: float | str | datetime) -> int:
    return (left > right) - (left < right)  # type: ignore[operator]  # both are always of one type
