"""Make the synchronous client from the asynchronous one: `python -m regenerate.unasync …/_async`.

Each module of `_async/` becomes a module of `_sync/` beside it. The script works on tokens: it
drops `async` and `await`, renames what `_NAMES` lists, takes `Async` off the front of every other
name, and does the same in comments and strings, so that docstrings and quoted annotations follow.

Two markers stand in the source for what exists in one colour only:

    import asyncio  # async only               the statement is dropped
    async def each(self):  # async only        the same, with its decorators, its body, its else
        ...
    lock: AsyncLock | None = None,  # async only    inside brackets: this line alone is dropped
    # sync only: import threading              the line is code in the synchronous module
"""

import argparse
import re
import subprocess
import sys
import token as kinds
from collections.abc import Iterator, Sequence
from io import StringIO
from itertools import pairwise
from keyword import iskeyword
from pathlib import Path
from tokenize import TokenError, TokenInfo, generate_tokens
from typing import Final

from attrs import frozen

_NAMES: Final = {
    "AbstractAsyncContextManager": "AbstractContextManager",
    "StopAsyncIteration": "StopIteration",
    "__aenter__": "__enter__",
    "__aexit__": "__exit__",
    "__aiter__": "__iter__",
    "__anext__": "__next__",
    "_async": "_sync",
    "aclose": "close",
    "anext": "next",
    "make_async_driver": "make_driver",
    "asynccontextmanager": "contextmanager",
}
_HEADER: Final = "# Generated from _async/{name} by `make generate`. Edit that file.\n"
_PREFIX: Final = re.compile(r"^(_*)Async(?=[A-Z])")
_LEFT_OVER: Final = re.compile(r"async|awaitable|coroutine", re.IGNORECASE)
_ASYNC_ONLY: Final = re.compile(r"# async only\s*(#|$)")
_SYNC_ONLY: Final = "# sync only: "
_LIKE_A_MARKER: Final = re.compile(r"#\s*a?sync[ _-]+only", re.IGNORECASE)
_TEXT: Final = (
    (re.compile(r"\basync (?=(with|for|def)\b)"), ""),
    (re.compile(r"\bawait (?=client\b|[A-Za-z_]\w*[.(\[])"), ""),
    (re.compile(r"\b([Aa])n (?=asynchronous|`*Async[BCDFGHJ-NP-TV-Z])"), r"\1 "),
    (re.compile(r"\basynchronous"), "synchronous"),
    (re.compile(r"\bAsynchronous"), "Synchronous"),
)
_CLAUSES: Final = ("elif", "else", "except", "finally")
_LAYOUT: Final = (
    kinds.NL,
    kinds.NEWLINE,
    kinds.INDENT,
    kinds.DEDENT,
    kinds.COMMENT,
    kinds.ENDMARKER,
)


class UnasyncError(Exception):
    """A module cannot be made synchronous; the message says which one and why."""


@frozen
class _Statement:
    """A statement, or the header of one with a block: its rows, its depth and its first word."""

    first: int
    last: int
    depth: int
    word: str


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the synchronous modules of each folder; with `--check` compare them with those there.

    Returns:
        0 when they are written or equal, 1 when a module differs or cannot be made.
    """
    parser = argparse.ArgumentParser(prog="python -m regenerate.unasync", description=main.__doc__)
    parser.add_argument("folders", nargs="+", type=Path, metavar="FOLDER", help="a folder `_async`")
    parser.add_argument("--check", action="store_true", help="write nothing; name what differs")
    options = parser.parse_args(arguments)
    try:
        made = {
            path: text
            for folder in options.folders
            for path, text in synchronous_modules(folder).items()
        }
    except UnasyncError as error:
        print(f"unasync: {error}", file=sys.stderr)
        return 1
    present = {
        path for folder in options.folders for path in folder.with_name("_sync").rglob("*.py")
    }
    stale = sorted(present - made.keys())
    differing = sorted(
        path
        for path, text in made.items()
        if path not in present or path.read_text("utf-8") != text
    )
    if options.check:
        for path in (*stale, *differing):
            print(f"unasync: {path} is not what _async/ gives: run make generate", file=sys.stderr)
        return 1 if stale or differing else 0
    for path in stale:
        path.unlink()
    for path in differing:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(made[path], encoding="utf-8")
    return 0


def synchronous_modules(folder: Path) -> dict[Path, str]:
    """Return the formatted synchronous modules that a folder `_async` gives, by their paths.

    Raises:
        UnasyncError: the folder holds no module, or one of them cannot be made synchronous.
    """
    sources = sorted(folder.rglob("*.py"))
    if folder.name != "_async" or not sources:
        raise UnasyncError(f"{folder} is not a folder _async with Python modules")
    made: dict[Path, str] = {}
    for source in sources:
        name = source.relative_to(folder)
        path = folder.with_name("_sync") / name
        try:
            asynchronous = source.read_text(encoding="utf-8")
        except UnicodeDecodeError as error:
            raise UnasyncError(f"_async/{name.as_posix()} is not UTF-8: {error.reason}") from None
        text = make_synchronous(asynchronous, name.as_posix())
        made[path] = _ruff(
            _ruff(text, path, "check", "--fix", "--quiet", "--select=I"), path, "format"
        )
    return made


def make_synchronous(source: str, name: str) -> str:
    """Return the synchronous twin of an asynchronous module, not yet formatted.

    Raises:
        UnasyncError: a marker is misspelt or out of place, the result does not compile, or a name
            in it is still an asynchronous one.
    """
    try:
        result = _HEADER.format(name=name) + _rewritten(source)
        compile(result, name, "exec", dont_inherit=True)
        for token in generate_tokens(StringIO(result).readline):
            if token.type == kinds.NAME and _LEFT_OVER.search(token.string):
                raise UnasyncError(
                    f"{token.string!r} is left in {token.line.strip()!r}: rename or mark it"
                )
    except (TokenError, UnasyncError, SyntaxError, ValueError) as error:
        raise UnasyncError(f"_async/{name} gives no synchronous module: {error}") from error
    return result


def synchronous_name(name: str) -> str:
    """Return the synchronous name for an asynchronous one, and every other name as it is."""
    return _NAMES.get(name) or _PREFIX.sub(r"\1", name)


def synchronous_text(text: str) -> str:
    """Return a comment or a string with its words and its code made synchronous."""
    for pattern, replacement in _TEXT:
        text = pattern.sub(replacement, text)
    return re.sub(r"\b[A-Za-z_]\w*", lambda word: synchronous_name(word[0]), text)


def _ruff(text: str, path: Path, *command: str) -> str:
    """Run ruff on a text as if it stood in the path, so that the settings for that path count."""
    run = [sys.executable, "-m", "ruff", *command, "--stdin-filename", str(path), "-"]
    done = subprocess.run(
        run, input=text, capture_output=True, text=True, encoding="utf-8", check=False
    )
    if done.returncode != 0:
        raise UnasyncError(f"ruff refuses {path}: {done.stderr.strip() or done.stdout.strip()}")
    return done.stdout


def _rewritten(source: str) -> str:
    """Return the source with the marked rows dropped and everything else replaced in its place."""
    tokens = _tokens(source)
    starts = [0]
    for line in source.split("\n"):
        starts.append(starts[-1] + len(line) + 1)
    dropped = _async_only_rows(tokens)
    edits = [(starts[row - 1], starts[row], "") for row in dropped]
    unwrapped = _needless_parentheses(tokens)
    for token, following in pairwise(tokens):
        begin, end = (starts[row - 1] + column for row, column in (token.start, token.end))
        if token.start[0] in dropped:
            continue
        if token.type == kinds.NAME and token.string in ("async", "await"):
            gap = following.start[1] - token.end[1] if following.start[0] == token.end[0] else 0
            edits.append((begin, end + gap, ""))
        elif token.type == kinds.NAME:
            edits.append((begin, end, synchronous_name(token.string)))
        elif token.type == kinds.COMMENT and token.string.startswith(_SYNC_ONLY):
            edits.append((begin, begin + len(_SYNC_ONLY), ""))
        elif token.type in (kinds.STRING, kinds.COMMENT):
            edits.append((begin, end, synchronous_text(source[begin:end])))
        elif token in unwrapped:
            edits.append((begin, end, ""))
    for begin, end, text in sorted(edits, reverse=True):
        source = source[:begin] + text + source[end:]
    return source


def _tokens(source: str) -> list[TokenInfo]:
    """Return the tokens, each f-string as one string, as Python 3.11 gives it."""
    tokens: list[TokenInfo] = []
    opened: list[TokenInfo] = []
    for token in generate_tokens(StringIO(source).readline):
        name = kinds.tok_name[token.type]
        if name.endswith("STRING_START"):
            opened.append(token)
        elif name.endswith("STRING_END"):
            first = opened.pop()
            token = TokenInfo(kinds.STRING, "", first.start, token.end, first.line)
        if not opened:
            tokens.append(token)
    return tokens


def _async_only_rows(tokens: Sequence[TokenInfo]) -> set[int]:
    """Return the rows that the markers `# async only` drop.

    Raises:
        UnasyncError: a marker is misspelt or out of place.
    """
    statements = list(_statements(tokens))
    rows: set[int] = set()
    for token in tokens:
        if token.type != kinds.COMMENT or not _LIKE_A_MARKER.search(token.string):
            continue
        row = token.start[0]
        alone = not token.line[: token.start[1]].strip()
        asynchronous = _ASYNC_ONLY.search(token.string) is not None
        if alone == asynchronous or not (asynchronous or token.string.startswith(_SYNC_ONLY)):
            raise UnasyncError(
                f"line {row}: {token.string!r} is neither marker, or not in its place"
            )
        if asynchronous:
            marked = [at for at, found in enumerate(statements) if row in (found.first, found.last)]
            rows |= _extent(statements, marked[0]) if marked else {row}
    return rows


def _statements(tokens: Sequence[TokenInfo]) -> Iterator[_Statement]:
    depth, first = 0, None
    for token in tokens:
        if token.type in (kinds.INDENT, kinds.DEDENT):
            depth += 1 if token.type == kinds.INDENT else -1
        elif token.type == kinds.NEWLINE and first is not None:
            yield _Statement(first.start[0], token.start[0], depth, first.string)
            first = None
        elif first is None and token.type not in _LAYOUT:
            first = token


def _extent(statements: Sequence[_Statement], marked: int) -> set[int]:
    """Return the rows of a statement: its decorators, its block and its clauses among them."""
    begin, end, own = marked, marked + 1, statements[marked]
    if own.word in ("async", "class", "def"):
        while (
            begin and statements[begin - 1].word == "@" and statements[begin - 1].depth == own.depth
        ):
            begin -= 1
    while end < len(statements) and (
        statements[end].depth > own.depth
        or (
            statements[end].depth == own.depth
            and statements[end].word in _CLAUSES
            and own.word not in _CLAUSES
        )
    ):
        end += 1
    return set(range(statements[begin].first, statements[end - 1].last + 1))


def _needless_parentheses(tokens: Sequence[TokenInfo]) -> list[TokenInfo]:
    """Return the parentheses of each `(await name.call(...))`: without await they are needless."""
    found: list[TokenInfo] = []
    for at, (before, token, following) in enumerate(
        zip(tokens, tokens[1:], tokens[2:], strict=False)
    ):
        called = before.string in (")", "]") or (
            before.type == kinds.NAME and not iskeyword(before.string)
        )
        if token.string != "(" or following.string != "await" or called:
            continue
        depth, plain = 0, True
        for inner in tokens[at + 3 :]:
            if inner.string == ")" and not depth:
                found += (token, inner) if plain else ()
                break
            depth += (inner.string in ("(", "[", "{")) - (inner.string in (")", "]", "}"))
            name = inner.type == kinds.NAME and not iskeyword(inner.string)
            plain = plain and (depth > 0 or name or inner.string in (".", ")", "]"))
    return found


if __name__ == "__main__":
    sys.exit(main())
