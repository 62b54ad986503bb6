"""The blocks of code on the pages."""

import ast
import re
import subprocess
import sys
from pathlib import Path
from typing import Final

from attrs import frozen
from sybil.document import Document
from sybil.parsers.markdown.lexers import RawFencedCodeBlockLexer

ROOT: Final = Path(__file__).parents[3]
DOCS: Final = ROOT / "docs"
README: Final = ROOT / "README.md"
PAGES: Final = [README, *sorted(DOCS.rglob("*.md"))]

_LEXER = RawFencedCodeBlockLexer(re.compile(r"(?P<language>[\w-]*)[^\n]*\n"))
_SHOWN: Final = re.compile(r"<!-- shown: (?P<why>.+?) -->\s*\Z")


@frozen
class Block:
    """One block: where it stands, what is in it, and the output that follows it."""

    page: Path
    line: int
    language: str
    source: str
    shown: str | None
    """Why it is not run."""
    output: str | None

    @property
    def id(self) -> str:
        """The name of its test."""
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def blocks_of(page: Path) -> list[Block]:
    """Return the blocks of a page in their order."""
    text = page.read_text(encoding="utf-8")
    document = Document(text, str(page))
    regions = sorted(_LEXER(document), key=lambda region: region.start)
    found: list[Block] = []
    for number, region in enumerate(regions):
        following = regions[number + 1] if number + 1 < len(regions) else None
        output = None
        if (
            following is not None
            and following.lexemes["language"] == "text"
            and not text[region.end : following.start].strip()
        ):
            output = str(following.lexemes["source"])
        shown = _SHOWN.search(text[: region.start])
        found.append(
            Block(
                page=page,
                line=text.count("\n", 0, region.start) + 1,
                language=region.lexemes["language"],
                source=str(region.lexemes["source"]),
                shown=None if shown is None else shown["why"],
                output=output,
            )
        )
    return found


def run_module(*command: str) -> None:
    """Run a module of Python's in the root of the repository, and expect that it ends well."""
    done = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


BLOCKS: Final = [block for page in PAGES for block in blocks_of(page)]


def matches(output: str, shown: str) -> bool:
    """Say whether an output is the one that a page shows; `…` on the page stands for anything."""
    pattern = ".*".join(re.escape(part) for part in shown.strip().split("…"))
    return re.fullmatch(pattern, output.strip(), re.DOTALL) is not None


@frozen
class Creates:
    """The runs that a program creates: how many at least, and whether there are more."""

    once: int
    often: bool
    """A create stands in a loop, in a function that the program calls itself, or is of a batch."""


def creates_of(source: str) -> Creates:
    """Count the calls of a program that create a run."""
    module = ast.parse(source)
    repeated: set[ast.AST] = set()
    for part in ast.walk(module):
        if isinstance(part, (ast.For, ast.AsyncFor, ast.While, *_FUNCTIONS, *_COMPREHENSIONS)):
            repeated |= {node for node in ast.walk(part) if _is_create(node)}
    repeated |= {node for node in ast.walk(module) if _is_create(node, _BATCH)}
    alone = [node for node in ast.walk(module) if _is_create(node) and node not in repeated]
    called = set(_names_called(module))
    for part in ast.walk(module):
        if isinstance(part, _FUNCTIONS) and part.name not in called:
            repeated -= set(ast.walk(part))
    return Creates(len(alone), bool(repeated))


_FUNCTIONS: Final = (ast.FunctionDef, ast.AsyncFunctionDef)
_COMPREHENSIONS: Final = (ast.ListComp, ast.GeneratorExp, ast.SetComp, ast.DictComp)
_CREATE: Final = re.compile(r"\b(client(\.runs)?\.(run|submit|get_or_create)|bulk\.run)$")
_BATCH: Final = re.compile(r"\bclient\.batches\.create$")


def _is_create(node: ast.AST, pattern: re.Pattern[str] = _CREATE) -> bool:
    return isinstance(node, ast.Call) and pattern.search(ast.unparse(node.func)) is not None


def _names_called(module: ast.Module) -> list[str]:
    """Return the names that the program calls outside of its functions."""
    outside = [part for part in module.body if not isinstance(part, _FUNCTIONS)]
    calls = [node for part in outside for node in ast.walk(part) if isinstance(node, ast.Call)]
    return [call.func.id for call in calls if isinstance(call.func, ast.Name)]
