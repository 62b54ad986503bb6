"""Find and replace a piece of source by its tokens: layout, comments and docstrings do not matter.

This reads Python, and the generator's templates of Python, which no parser reads.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from functools import cached_property, lru_cache
from itertools import pairwise
from typing import Final

from attrs import evolve, frozen

_TOKEN: Final = re.compile(
    r"""
    (?P<skipped> \s+ | \\\n | \{\#.*?\#\} | \#[^\n]* )
    | [rbufRBUF]{0,2} (?: \"{3}(?:\\.|[^\\])*?\"{3} | '{3}(?:\\.|[^\\])*?'{3}
                        | "(?:\\.|[^"\\\n])*" | '(?:\\.|[^'\\\n])*' )
    | \d[\w.]* | \w+
    | \*\*= | //= | >>= | <<= | \.\.\. | [-+*/%@&|^=<>!:]= | -> | \*\* | // | << | >>
    | .
    """,
    re.VERBOSE | re.DOTALL,
)
_STRING: Final = re.compile(r"""[rbufRBUF]{0,2}["']""")
_BEFORE_ANY: Final = frozenset(["return", "yield", "in", "=", "+=", "-="])
"""What stands before parentheses around several expressions or one."""
_BEFORE_ONE: Final = _BEFORE_ANY | {
    "raise",
    "assert",
    "if",
    "elif",
    "else",
    "while",
    "with",
    "except",
    ":",
    "->",
    ",",
}
_AFTER_EXPRESSION: Final = frozenset([":", "as", ",", ")", "]", "}"])
_CALLED: Final = re.compile(r"\w+|[])}]")
_OPENING: Final = frozenset("([{")
_CLOSING: Final = frozenset(")]}")


class NotFoundOnce(Exception):
    """A piece of source is not there, or more than once. The text says where its like is."""


@frozen
class Token:
    """One token and where it stands."""

    text: str
    start: int
    end: int
    column: int | None
    """Its column if it begins a statement, else None."""
    layout: bool = False
    """Whether a formatter may take it out: a trailing comma, parentheses around an expression."""


_END: Final = Token("", 0, 0, 0)


@frozen
class Definition:
    """A function or class with its decorators, as a range of tokens."""

    name: str
    """As `Class.method`."""
    first: int
    last: int
    """The number of the token after it."""


@frozen
class Source:
    """A text as tokens. Comments and docstrings are left out."""

    text: str

    @cached_property
    def tokens(self) -> tuple[Token, ...]:
        """The tokens in order."""
        return tuple(_with_layout(list(_without_docstrings(list(_tokens(self.text))))))

    @cached_property
    def words(self) -> tuple[str, ...]:
        """The texts of the tokens."""
        return tuple(token.text for token in self.tokens)

    @cached_property
    def definitions(self) -> tuple[Definition, ...]:
        """The functions and classes, an outer one before those in it."""
        found: list[Definition] = []
        open_ones: list[tuple[int, str, int]] = []  # column, name, number of the first token
        decorated: int | None = None

        def close(column: int, end: int) -> None:
            while open_ones and open_ones[-1][0] >= column:
                name = ".".join(name for _, name, _ in open_ones)
                found.append(Definition(name, open_ones.pop()[2], end))

        for number, token in enumerate(self.tokens):
            if token.column is None:
                continue
            close(token.column, number)
            if token.text == "@":
                decorated = number if decorated is None else decorated
                continue
            keyword = number + 1 if token.text == "async" else number
            if self.words[keyword : keyword + 1] in (("def",), ("class",)):
                first = number if decorated is None else decorated
                open_ones.append((token.column, self.words[keyword + 1], first))
            decorated = None
        close(0, len(self.tokens))
        return tuple(sorted(found, key=lambda one: (one.first, -one.last)))

    def definition_of(self, number: int) -> Definition | None:
        """The innermost definition that this token is part of."""
        around = [one for one in self.definitions if one.first <= number < one.last]
        return around[-1] if around else None

    def find(self, piece: str, inside: str | None = None) -> Match:
        """Find the only place of this piece. Raises NotFoundOnce."""
        ranges = [(0, len(self.tokens))]
        if inside is not None:
            ranges = [(one.first, one.last) for one in self.definitions if one.name == inside]
            if not ranges:
                names = ", ".join(
                    one.name
                    for one in self.definitions
                    if one.name.split(".")[-1] in inside.split(".")
                )
                raise NotFoundOnce(
                    f"there is no definition {inside}{names and f'; there is {names}'}"
                )
        wanted = source_of(piece).tokens
        if not wanted:
            raise NotFoundOnce("there is nothing to look for in comments and docstrings")
        found = sorted(
            {place for first, last in ranges for place in self._places(wanted, first, last)}
        )
        if len(found) == 1:
            return Match(self, *found[0])
        where = "" if inside is None else f" in {inside}"
        if found:
            lines = ", ".join(str(self.line(self.tokens[first].start)) for first, _ in found)
            raise NotFoundOnce(
                f"this is there {len(found)} times{where}, in lines {lines}:\n{_indented(piece)}"
            )
        raise NotFoundOnce(
            "this is not "
            f"there{where}:\n{_indented(piece)}\n{self._nearest(source_of(piece).words, ranges)}"
        )

    def line(self, position: int) -> int:
        """The number of the line of a position, from 1."""
        return self.text.count("\n", 0, position) + 1

    def _places(self, wanted: Sequence[Token], first: int, last: int) -> Iterator[tuple[int, int]]:
        for at in range(first, last):
            if self.words[at] == wanted[0].text and (end := self._end(wanted, at, last)):
                yield at, end

    def _end(self, wanted: Sequence[Token], at: int, last: int) -> int | None:
        """Compare with the tokens from this one on; give the number of the token after them."""
        skipped: list[str] = []
        left = list(reversed(wanted))
        while left and at < last:
            if self.words[at] == left[-1].text:
                left.pop()
                at += 1
            elif self.tokens[at].layout:
                skipped.append(self.words[at])
                at += 1
            elif left[-1].layout:
                left.pop()
            else:
                break
        while (
            not left
            and at < last
            and self.tokens[at].layout
            and skipped.count("(") > skipped.count(")")
        ):
            skipped.append(self.words[at])
            at += 1
        comma = [token.text for token in left] == [","] and at < last and self.words[at] in _CLOSING
        whole = (not left or comma) and skipped.count("(") == skipped.count(")")
        return at if whole else None

    def _nearest(self, wanted: Sequence[str], ranges: Sequence[tuple[int, int]]) -> str:
        best = max(
            (
                (match.size, first + match.b)
                for first, last in ranges
                for match in [
                    SequenceMatcher(
                        None, wanted, self.words[first:last], autojunk=False
                    ).find_longest_match()
                ]
            ),
            default=(0, 0),
        )
        if not best[0]:
            return "nothing is like it"
        position = self.tokens[best[1]].start
        line = self.text[self.text.rfind("\n", 0, position) + 1 :].partition("\n")[0]
        return f"the nearest is line {self.line(position)}:\n{_indented(line)}"


@frozen
class Match:
    """A place that was found."""

    source: Source
    first: int
    last: int
    """The number of the token after it."""

    def replaced(self, new: str) -> str:
        """Give the whole text with this in its place, indented as the line in which it begins."""
        text = self.source.text
        start, end = self.source.tokens[self.first].start, self.source.tokens[self.last - 1].end
        begin = text.rfind("\n", 0, start) + 1
        indentation = text[begin : begin + len(text[begin:]) - len(text[begin:].lstrip(" "))]
        lines = textwrap.dedent(new).strip("\n").splitlines()
        indented = "\n".join([*lines[:1], *(line and indentation + line for line in lines[1:])])
        return text[:start] + indented + text[end:]


@lru_cache(maxsize=512)
def source_of(text: str) -> Source:
    """Read a text, or give what was read before of the same text."""
    return Source(text)


def _tokens(text: str) -> Iterator[Token]:
    depth = 0
    begins = True  # whether only white space and comments were seen in this line
    line = 0
    for match in _TOKEN.finditer(text):
        word = match[0]
        if match["skipped"]:
            if "\n" in word:
                begins, line = True, match.start() + word.rindex("\n") + 1
            continue
        depth -= word in _CLOSING
        begins = begins and not depth and word not in _CLOSING
        yield Token(word, match.start(), match.end(), match.start() - line if begins else None)
        depth += word in _OPENING
        begins = False
        if "\n" in word:
            line = match.start() + word.rindex("\n") + 1


def _without_docstrings(tokens: Sequence[Token]) -> Iterator[Token]:
    for token, following in pairwise([*tokens, _END]):
        alone = token.column is not None and following.column is not None
        if not (alone and _STRING.match(token.text)):
            yield token


def _with_layout(tokens: Sequence[Token]) -> list[Token]:
    """Mark the tokens that a formatter may take out."""
    marked = list(tokens)
    opened: list[tuple[int, list[int]]] = []  # each bracket that is open, with the commas in it
    for number, (token, following) in enumerate(pairwise([*tokens, _END])):
        if token.text in _OPENING:
            opened.append((number, []))
        elif token.text == "," and opened:
            opened[-1][1].append(number)
        elif token.text in _CLOSING and opened:
            first, commas = opened.pop()
            before = tokens[first - 1].text if first else ""
            called = _CALLED.fullmatch(before) and before not in _BEFORE_ONE
            if commas == [number - 1] and token.text == ")" and not called:
                continue  # a tuple of one
            taken_out = [number - 1] if commas[-1:] == [number - 1] else []
            ends = following.column is not None or following.text in _AFTER_EXPRESSION
            if ends and first < number - 1 and before in (_BEFORE_ANY if commas else _BEFORE_ONE):
                taken_out += [first, number]
            for at in taken_out:
                marked[at] = evolve(tokens[at], layout=True)
    return marked


def _indented(text: str) -> str:
    return textwrap.indent(textwrap.dedent(text).strip("\n"), "    ")
