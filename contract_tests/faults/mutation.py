"""The automatic mutation run: every small change that mutmut knows, one at a time.

`python -m faults.mutation` with one of these (make does it):

    sample [DIGITS]      test the mutants whose number ends with one of the digits (3), write
                         the table; without a verb, this is done
    run [PATTERN ...]    test all mutants that are new or changed, or those named; write the table
    change [REVISION]    test the functions that differ from a revision (HEAD)
    again                test the survivors of the last run again
    collect [REMARK]     write the table from what lies in build/mutation; the remark says there
                         how the mutants were chosen, and what else is special about the run
    table                write the table from reports/mutation.json

A pattern names mutants: 'runflow_client._flows.retry.*'. mutmut numbers the mutants of each
function from 1, in the order of its lines, so that a digit is a tenth of each long function.
Settings (modules, tests) are in pyproject.toml under [tool.mutmut]. The tree is copied to
build/mutation and changed there only. What an earlier run found is kept there for functions that
did not change. RUNFLOW_MUTATION_WORKERS=1 tests one mutant at a time instead of one a core.
"""

import ast
import itertools
import json
import os
import platform
import re
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import yaml

from .mutation_changes import change, function_name, sentence
from .mutation_table import COLUMNS, Unfinished, explain, table

HOUSE: Final = Path(__file__).resolve().parents[2]
WORKSHOP: Final = HOUSE / "build" / "mutation"
SOURCES: Final = WORKSHOP / "mutants" / "src"
RESULT: Final = HOUSE / "reports" / "mutation.json"
TABLE: Final = Path(__file__).with_name("MUTATION.md")
EXPLANATIONS: Final = Path(__file__).with_name("survivors.yaml")

COPIED: Final = {
    "src/runflow_client": "overlay/runflow_client",  # mutmut finds a package in src/ by itself
    "src/runflow_api": "generated/runflow_api",
    "src/runflow_mock": "contract_tests/runflow_mock",
    "src/regenerate": "regenerate",
    # What regenerate finds beside itself.
    "src/generated": "generated",
    "src/overlay": "overlay",
    "src/openapi.public.json": "openapi.public.json",
    "generated": "generated",
    "overlay": "overlay",
    "contract_tests": "contract_tests",
    "openapi.public.json": "openapi.public.json",
    "catalog": "catalog",
    "pyproject.toml": "pyproject.toml",
}
"""Where in the working copy what of the tree lies."""

SAMPLED: Final = "3"
"""The last digits of the mutants that `sample` tests. A digit is a tenth of the mutants."""

STATUS: Final = {
    0: "survived",
    **dict.fromkeys((1, 2, 3), "killed"),
    **dict.fromkeys((5, 33), "untested"),
}
"""What the exit codes mean that pytest and mutmut end with; None is unchecked, and all others are a
limit of time.
"""


def mirror() -> None:
    """Bring the working copy up to date. Unchanged files keep their times, by which mutmut knows
    what to do again.
    """
    for target, source in COPIED.items():
        before, after = HOUSE / source, WORKSHOP / target
        files = (
            [before] if before.is_file() else [path for path in before.rglob("*") if path.is_file()]
        )
        files = [path for path in files if "__pycache__" not in path.parts]
        wanted = {
            after if path == before else after / path.relative_to(before): path for path in files
        }
        for old in [path for path in after.rglob("*") if path.is_file()] if after.is_dir() else []:
            if old not in wanted:
                old.unlink()
        _clear_mutants(after, set(wanted))
        for copy, path in wanted.items():
            content = path.read_bytes()
            if target.startswith("src/") and path.suffix == ".py":
                content = without_casts(content)
            if copy.exists() and copy.read_bytes() == content:
                continue
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(content)


def _clear_mutants(folder: Path, wanted: set[Path]) -> None:
    """Take out of the folder's copy among the mutants what is not in the folder any more, and data:
    mutmut copies neither a second time.
    """
    mutants = WORKSHOP / "mutants" / folder.relative_to(WORKSHOP)
    for path in [path for path in mutants.rglob("*") if path.is_file()]:
        source = folder / path.relative_to(mutants)
        of_mutmut = path.suffix in {".meta", ".spans"}
        if (source.with_suffix("") if of_mutmut else source) not in wanted or (
            path.suffix != ".py" and not of_mutmut
        ):
            path.unlink()


def without_casts(source: bytes) -> bytes:
    """The module with `cast(T, x)` written as `x`: a cast does nothing, so neither would a change
    of its type.
    """
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    cast = next(
        (call for call in calls if isinstance(call.func, ast.Name) and call.func.id == "cast"), None
    )
    if cast is None:
        return source
    (start, end), (value, end_of_value) = _span(source, cast), _span(source, cast.args[1])
    return without_casts(source[:start] + b"(" + source[value:end_of_value] + b")" + source[end:])


def _span(source: bytes, node: ast.expr) -> tuple[int, int]:
    """Where the expression begins and ends, in bytes."""
    starts = [0, *itertools.accumulate(map(len, source.splitlines(keepends=True)))]
    assert node.end_lineno is not None
    assert node.end_col_offset is not None
    return starts[node.lineno - 1] + node.col_offset, starts[
        node.end_lineno - 1
    ] + node.end_col_offset


def mutated_modules() -> list[str]:
    """The modules that are mutated, as paths in the working copy."""
    settings = tomllib.loads((HOUSE / "pyproject.toml").read_text(encoding="utf-8"))
    return list(settings["tool"]["mutmut"]["only_mutate"])


def source_of(path: str) -> Path:
    """Where the tree has what lies there in the working copy."""
    return next(
        HOUSE / source / Path(path).relative_to(target)
        for target, source in COPIED.items()
        if Path(path).is_relative_to(target)
    )


def functions_of(module: str) -> Iterator[tuple[str, range]]:
    """The functions of a module that mutmut may change: a pattern for the mutants of each, and its
    lines.
    """
    dotted = module.removeprefix("src/").removesuffix(".py").removesuffix("/__init__")
    prefix = dotted.replace("/", ".")
    for node in ast.parse(source_of(module).read_bytes()).body:
        inner = node.body if isinstance(node, ast.ClassDef) else [node]
        mangled = f"xǁ{node.name}ǁ" if isinstance(node, ast.ClassDef) else "x_"
        for function in inner:
            if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
                assert function.end_lineno is not None
                lines = range(function.lineno, function.end_lineno + 1)
                yield f"{prefix}.{mangled}{function.name}__mutmut_*", lines


def changed_functions(revision: str) -> list[str]:
    """Patterns for the mutants of every function that differs from the revision."""
    found: list[str] = []
    for module in mutated_modules():
        command = ["git", "diff", "--unified=0", revision, "--", str(source_of(module))]
        compared = subprocess.run(command, cwd=HOUSE, check=True, capture_output=True, text=True)
        changed: set[int] = set()
        for first, count in re.findall(r"^@@ \S+ \+(\d+)(?:,(\d+))? @@", compared.stdout, re.M):
            # Lines that were only taken out lie between two that are left.
            changed |= set(range(int(first), int(first) + max(1, int(count or 1))))
        found += [name for name, lines in functions_of(module) if changed.intersection(lines)]
    return found


def run(names: Sequence[str]) -> None:
    """Let mutmut test the mutants: all that are new or changed, or those of these names."""
    mirror()
    mutants = WORKSHOP / "mutants"
    paths = [mutants / "src", mutants / "generated", mutants / "contract_tests"]
    for path in paths:  # before Python starts, which remembers what is not there
        path.mkdir(parents=True, exist_ok=True)
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(map(str, paths)),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    command = [str(Path(sys.executable).with_name("mutmut")), "run", *names]
    if "RUNFLOW_MUTATION_WORKERS" in environment:
        command += ["--max-children", environment["RUNFLOW_MUTATION_WORKERS"]]
    subprocess.run(command, cwd=WORKSHOP, env=environment, check=True)
    _check_names(mutants, environment)


def _check_names(mutants: Path, environment: dict[str, str]) -> None:
    """Raise Unfinished for a test that pytest does not find by its name: mutmut would count what it
    reaches as killed.
    """
    stats = json.loads((mutants / "mutmut-stats.json").read_text(encoding="utf-8"))
    listed = WORKSHOP / "tests.txt"
    listed.write_text("".join(f"{name}\n" for name in stats["duration_by_test"]), encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "--rootdir=.", "--collect-only", "-qq", f"@{listed}"]
    found = subprocess.run(
        command, cwd=mutants, env=environment, check=False, capture_output=True, text=True
    )
    if found.returncode:
        raise Unfinished(
            f"tests are not found by their names; give them ids:\n{found.stdout}{found.stderr}"
        )


def _exit_codes(module: str) -> dict[str, int | None]:
    """How pytest ended with each mutant of the module; None for one that was not tried."""
    meta = WORKSHOP / "mutants" / f"{module}.meta"
    if not meta.exists():  # the module was not there when mutmut ran
        raise Unfinished(f"{module} was never mutated: run again")
    codes: dict[str, int | None] = json.loads(meta.read_text(encoding="utf-8"))["exit_code_by_key"]
    return codes


def collect(remark: str = "") -> dict[str, Any]:
    """What mutmut left: by module how its mutants ended, each that survived with the change that it
    is, and the functions that are wholly tried.
    """
    modules: dict[str, dict[str, int]] = {}
    survivors: list[dict[str, str]] = []
    whole: list[str] = []
    for path in mutated_modules():
        codes = _exit_codes(path)
        module = module_name(path)
        counted = Counter(
            "unchecked" if code is None else STATUS.get(code, "timeout") for code in codes.values()
        )
        untried = {name for name, code in codes.items() if code is None}
        modules[module] = {name: counted[name] for name in (*COLUMNS, "unchecked")}
        partly = {function_name(name) for name in untried}
        whole += sorted(f"{module} {name}" for name in {*map(function_name, codes)} - partly)
        for name, code in codes.items():
            if code is not None and STATUS.get(code) in ("survived", "untested"):
                found = {
                    "mutant": name,
                    "change": f"{module} {change(name, SOURCES)}",
                    "sentence": sentence(name, SOURCES),
                }
                survivors.append(found)
    return {
        "python": platform.python_version(),
        "mutmut": version("mutmut"),
        "pytest": version("pytest"),
        "remark": remark,
        "modules": modules,
        "survivors": survivors,
        "whole": whole,
    }


def module_name(path: str) -> str:
    """What the table calls a module: its path without src/, and a module of the client without
    the package.
    """
    return path.removeprefix("src/").removeprefix("runflow_client/").removesuffix(".py")


def chosen(verb: str, arguments: Sequence[str]) -> list[str]:
    """The patterns of the mutants that a verb of the command means; none means all."""
    if verb == "change":
        return changed_functions(*(arguments or ["HEAD"]))
    if verb == "sample":
        return [f"*__mutmut_*[{arguments[0] if arguments else SAMPLED}]"]
    if verb == "again":
        # for tests that changed may reach other functions now
        (WORKSHOP / "mutants" / "mutmut-stats.json").unlink()
        found = json.loads(RESULT.read_text(encoding="utf-8"))
        return [survivor["mutant"] for survivor in found["survivors"]]
    return list(arguments)


def _remark(verb: str, arguments: Sequence[str]) -> str:
    """How the mutants were chosen."""
    if verb == "sample":
        return (
            "Tried are those whose number in their function ends with "
            f"{' or '.join(arguments[0] if arguments else SAMPLED)}, and what earlier runs tried."
        )
    return " ".join(arguments) if verb == "collect" else "Tried are those of some functions."


def say_survivors(patterns: Sequence[str]) -> bool:
    """Print how the mutants of the patterns ended, and what survives; return whether any does."""
    tried = [
        name
        for module in mutated_modules()
        for name, code in _exit_codes(module).items()
        if code is not None and any(fnmatchcase(name, pattern) for pattern in patterns)
    ]
    survivors = [
        survivor["change"] for survivor in collect()["survivors"] if survivor["mutant"] in tried
    ]
    print(f"{len(patterns)} functions: of {len(tried)} mutants {len(survivors)} survive")
    print(*survivors, sep="\n")
    return bool(survivors)


def main() -> int:
    """Run as the arguments say. `change` prints what survives; the others write the table.

    Exit code 1 where something survives and nothing explains it, or the table cannot be written.
    """
    verb, *arguments = sys.argv[1:] or ["sample"]
    patterns = chosen(verb, arguments)
    try:
        if verb == "change" and not patterns:
            print("no function that is mutated has changed")
            return 0
        if verb in {"run", "again", "sample", "change"}:
            run(patterns)
        if verb == "change":
            return 1 if say_survivors(patterns) else 0
        if verb != "table":
            RESULT.parent.mkdir(exist_ok=True)
            found = collect(_remark(verb, arguments))
            RESULT.write_text(
                json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
            )
        result = json.loads(RESULT.read_text("utf-8"))
        classes = yaml.safe_load(EXPLANATIONS.read_text("utf-8"))
        TABLE.write_text(table(result, classes), encoding="utf-8")
    except Unfinished as error:
        print(error, file=sys.stderr)
        return 1
    print(TABLE.read_text("utf-8").split("**")[1])
    unexplained = explain(result, classes)[-1]
    if unexplained:
        print("no explanation fits these survivors:", *unexplained, sep="\n")
    return 1 if unexplained else 0


if __name__ == "__main__":
    sys.exit(main())
