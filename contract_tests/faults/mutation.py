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
from .mutation_copy import HOUSE, MUTANTS, WORKSHOP, mirror, source_of
from .mutation_table import COLUMNS, Unfinished, explain, table
from .mutation_trials import KILLED, OUTCOMES, PLAN, SURVIVED, TIMEOUT, planned

SOURCES: Final = MUTANTS / "src"
RESULT: Final = HOUSE / "reports" / "mutation.json"
TABLE: Final = Path(__file__).with_name("MUTATION.md")
EXPLANATIONS: Final = Path(__file__).with_name("survivors.yaml")

SAMPLED: Final = "3"
"""The last digits of the mutants that `sample` tests. A digit is a tenth of the mutants."""

UNTESTED: Final = 33
"""What mutmut writes for a mutant that no test reaches."""

STATUS: Final = {SURVIVED: "survived", KILLED: "killed", UNTESTED: "untested", TIMEOUT: "timeout"}
"""What the codes mean that the runs end with; None is unchecked."""

LIMIT: Final = 15
"""Seconds that the tests of a mutant may take beyond three times their time."""

_PREPARE: Final = """
import os
from pathlib import Path
from mutmut import __main__ as mutmut
mutmut.set_mutant_under_test("mutant_generation")
Path("mutants").mkdir(exist_ok=True)
mutmut.copy_src_dir()
mutmut.copy_also_copy_files()
mutmut.setup_source_paths()
mutmut.store_lines_covered_by_tests()
mutmut.create_mutants(os.cpu_count() or 1)
mutmut.collect_or_load_stats(mutmut.get_mutant_runner(1), apply_config_invalidation=True)
"""
"""Makes the mutants of what has changed, and finds out which test reaches which function."""


def mutated_modules() -> list[str]:
    """The modules that are mutated, as paths in the working copy."""
    settings = tomllib.loads((HOUSE / "pyproject.toml").read_text(encoding="utf-8"))
    return list(settings["tool"]["mutmut"]["only_mutate"])


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
    """Try the mutants: all that are new or changed, or those of these names."""
    mirror()
    paths = [MUTANTS / "src", MUTANTS / "generated", MUTANTS / "contract_tests"]
    for path in paths:  # before Python starts, which remembers what is not there
        path.mkdir(parents=True, exist_ok=True)
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(map(str, paths)),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    subprocess.run([sys.executable, "-c", _PREPARE], cwd=WORKSHOP, env=environment, check=True)
    stats = json.loads((MUTANTS / "mutmut-stats.json").read_text(encoding="utf-8"))
    tests = planned(chosen_mutants(names), stats)
    reached = {mutant: names for mutant, names in tests.items() if names}
    _keep(dict.fromkeys(set(tests) - set(reached), UNTESTED))
    if not reached:
        return
    try:
        _try(reached, stats["duration_by_test"], environment)
    finally:
        outcomes = WORKSHOP / OUTCOMES
        lines = outcomes.read_text(encoding="utf-8").splitlines() if outcomes.exists() else []
        _keep({found["mutant"]: found["code"] for found in map(json.loads, lines)})


def _try(
    tests: dict[str, list[str]], seconds: dict[str, float], environment: dict[str, str]
) -> None:
    """Run the plugin that tries the mutants. Raises Unfinished where it fails."""
    workers = int(os.environ.get("RUNFLOW_MUTATION_WORKERS") or os.cpu_count() or 1)
    plan, listed, log = (WORKSHOP / name for name in ("plan.json", "tests.txt", "trials.log"))
    (WORKSHOP / OUTCOMES).unlink(missing_ok=True)
    what = {"tests": tests, "seconds": seconds, "workers": workers, "limit": LIMIT}
    plan.write_text(json.dumps(what), encoding="utf-8")
    names = sorted({name for some in tests.values() for name in some})
    listed.write_text("".join(f"{name}\n" for name in names), encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "--rootdir=.", f"@{listed}"]
    command += ["-p", "faults.mutation_trials", "-p", "no:cacheprovider", "-p", "no:xdist"]
    with log.open("wb") as output:
        ended = subprocess.run(
            command,
            cwd=MUTANTS,
            env={**environment, PLAN: str(plan)},
            check=False,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    if ended.returncode:
        raise Unfinished(log.read_text(encoding="utf-8", errors="replace")[-4000:])


def chosen_mutants(patterns: Sequence[str]) -> list[str]:
    """The mutants of the patterns; without a pattern, those that were not tried yet."""
    return [
        name
        for module in mutated_modules()
        for name, code in _exit_codes(module).items()
        if (any(fnmatchcase(name, pattern) for pattern in patterns) if patterns else code is None)
    ]


def _keep(codes: dict[str, int]) -> None:
    """Write into mutmut's files how these mutants ended."""
    for module in mutated_modules():
        path = MUTANTS / f"{module}.meta"
        meta = json.loads(path.read_text(encoding="utf-8"))
        known = meta["exit_code_by_key"]
        known |= {name: codes[name] for name in known if name in codes}
        path.write_text(json.dumps(meta, indent=4), encoding="utf-8")


def _exit_codes(module: str) -> dict[str, int | None]:
    """How pytest ended with each mutant of the module; None for one that was not tried."""
    meta = MUTANTS / f"{module}.meta"
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
        counted = Counter("unchecked" if code is None else STATUS[code] for code in codes.values())
        untried = {name for name, code in codes.items() if code is None}
        modules[module] = {name: counted[name] for name in (*COLUMNS, "unchecked")}
        partly = {function_name(name) for name in untried}
        whole += sorted(f"{module} {name}" for name in {*map(function_name, codes)} - partly)
        for name, code in codes.items():
            if code is not None and STATUS[code] in ("survived", "untested"):
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
        (MUTANTS / "mutmut-stats.json").unlink()
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
