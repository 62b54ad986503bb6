"""What a mutant of mutmut's changes, as text: the function, the statement before and after."""

import ast
import difflib
from functools import cache
from pathlib import Path
from typing import Final

CONTEXT: Final = 32
"""Characters around a change that are shown at the least."""


def function_name(mutant: str) -> str:
    """What the table calls the function of a mutant: `redact_url`, `Deadline.after`."""
    mangled = mutant.rpartition(".")[2].partition("__mutmut_")[0]
    return mangled.removeprefix("x_").removeprefix("xǁ").replace("ǁ", ".")


def change(mutant: str, sources: Path) -> str:
    """What the mutant changes, without line numbers: the function, the statement before and
    after.
    """
    original, mutated = _pair(mutant, sources)
    texts = [
        ast.unparse(function).partition("(")[2].splitlines() for function in (original, mutated)
    ]
    compared = list(difflib.ndiff(texts[0], texts[1]))
    was, became = (
        " ".join(line[2:].strip() for line in compared if line.startswith(sign)) for sign in "-+"
    )
    return "{}: `{}` -> `{}`".format(function_name(mutant), *_excerpts(was, became))


def sentence(mutant: str, sources: Path) -> str:
    """The text that the mutant garbles, if that is all it does and the text has several words; else
    nothing.
    """
    originals, mutated = (
        [node.value for node in ast.walk(function) if isinstance(node, ast.Constant)]
        for function in _pair(mutant, sources)
    )
    if len(originals) != len(mutated):
        return ""
    changed = [
        (was, became) for was, became in zip(originals, mutated, strict=True) if was != became
    ]
    if len(changed) != 1 or not all(isinstance(text, str) for text in changed[0]):
        return ""
    return str(changed[0][0]) if " " in str(changed[0][0]).strip() else ""


def _pair(mutant: str, sources: Path) -> tuple[ast.AST, ast.AST]:
    """The function before and after."""
    module, _, mangled = mutant.rpartition(".")
    source = sources / (module.replace(".", "/") + ".py")
    functions = _functions(source if source.exists() else source.with_suffix("") / "__init__.py")
    return functions[mangled.partition("__mutmut_")[0] + "__mutmut_orig"], functions[mangled]


def _excerpts(before: str, after: str) -> tuple[str, str]:
    """Where the two differ, each with some of what stands around."""
    same = _common(before, after)
    tail = _common(before[same:][::-1], after[same:][::-1])
    start = before.rfind(" ", 0, max(0, same - CONTEXT)) + 1

    def excerpt(text: str) -> str:
        end = text.find(" ", len(text) - tail + CONTEXT)
        return ("... " if start else "") + (text[start:] if end < 0 else text[start:end] + " ...")

    return excerpt(before), excerpt(after)


def _common(one: str, other: str) -> int:
    """How many characters both begin with."""
    return next(
        (at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b),
        min(len(one), len(other)),
    )


@cache
def _functions(source: Path) -> dict[str, ast.AST]:
    nodes = ast.walk(ast.parse(source.read_text(encoding="utf-8")))
    return {
        node.name: node
        for node in nodes
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
