"""Gates: is the generated client what the document says?

Each gate is a function that lists all problems it finds.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

from openapi_python_client.strings import ClassName

from ..document.content_types import is_json
from ..document.json_tree import JSONObject, object_at, objects_at, text_at
from ..document.module_operations import FIELD_PREFIX, ModuleOperation, module_operations
from ..document.schemas import ANNOTATIONS

TYPE_CHECKERS: Final = ("mypy", "pyright")
CHECKER_TIMEOUT: Final = 900.0
_MAX_REFERENCES: Final = 100
_KEYWORDS_WITHOUT_TYPE: Final = {"title", "default", "example", "examples", *ANNOTATIONS}
_UNIONS: Final = ("anyOf", "oneOf")
_FILES_CHECKED: Final = {
    "mypy": re.compile(r"no issues found in (\d+) source files"),
    "pyright": re.compile(r"Found (\d+) source files"),
}


class GateError(Exception):
    """The generated client is not what the document says."""

    def __init__(self, gate: str, problems: Iterable[str]) -> None:
        self.gate = gate
        self.problems = tuple(problems)
        lines = "\n".join(f"  {problem}" for problem in self.problems)
        super().__init__(f"gate {gate}: {len(self.problems)} problem(s)\n{lines}")

    def __reduce__(self) -> tuple[type["GateError"], tuple[str, tuple[str, ...]]]:
        return type(self), (self.gate, self.problems)


def check_operations(document: JSONObject, package: Path) -> None:
    """Check that each operation of the document has its module, and each module its operation.

    Raises:
        GateError: modules are missing, there are others, or two operations share one.
    """
    expected: dict[str, str] = {}
    problems: list[str] = []
    for operation in module_operations(document):
        if operation.module in expected:
            problems.append(
                f"{operation.title} and {expected[operation.module]} are both {operation.module}"
            )
        expected[operation.module] = operation.title
    made = {
        f"{module.parent.name}/{module.stem}"
        for module in (package / "api").glob("*/*.py")
        if module.name != "__init__.py"
    }
    problems += [
        f"{expected[name]} has no module {name}" for name in sorted(expected.keys() - made)
    ]
    problems += [f"{name} belongs to no operation" for name in sorted(made - expected.keys())]
    _raise_if("operations", problems)


def check_imports(document: JSONObject, package: Path) -> None:
    """Check the modules in a fresh interpreter, with warnings as errors.

    Each module can be imported by itself, each documented status is read, and each documented body
    has a type.

    Raises:
        GateError: a module cannot be imported, or a documented response or body is lost.
    """
    expected = {
        operation.module: _expected(document, operation)
        for operation in module_operations(document)
    }
    probe = Path(__file__).with_name("_import_check.py")
    with tempfile.TemporaryDirectory(prefix="regenerate-") as compiled:
        finished = _run(
            "imports",
            ["-I", "-B", "-W", "error", str(probe), str(package.resolve()), compiled],
            given=json.dumps(expected).encode(),
        )
    if finished.returncode != 0:
        raise GateError("imports", [_last_words(finished)])
    _raise_if("imports", json.loads(finished.stdout))


def check_types(package: Path, checker: str) -> None:
    """Check the types of the package with "mypy" (--strict) or "pyright" (strict).

    Raises:
        GateError: the checker finds something.
        ValueError: there is no such checker.
    """
    commands = {"mypy": _mypy, "pyright": _pyright}
    if checker not in commands:
        raise ValueError(f"{checker!r} is not a type checker: take one of {', '.join(commands)}")
    with tempfile.TemporaryDirectory(prefix="regenerate-") as work:
        finished = _run(
            checker,
            ["-m", *commands[checker](package.resolve(), Path(work))],
            cwd=work,
            env={
                **mypy_environment([str(package.resolve().parent)], Path(work), "client"),
                # It would ask the package index whether there is a newer one.
                "PYRIGHT_PYTHON_IGNORE_WARNINGS": "1",
            },
        )
    output = (finished.stdout + finished.stderr).decode(errors="replace").strip()
    if finished.returncode != 0:
        raise GateError(
            checker, output.replace(f"{package.resolve().parent}{os.sep}", "").splitlines()
        )
    # A checker that looked at nothing finds nothing.
    files = sum(1 for _ in package.rglob("*.py"))
    checked = _FILES_CHECKED[checker].search(output)
    if checked is None or int(checked[1]) < files:
        raise GateError(
            checker,
            [f"looked at {checked[1] if checked else 'an unknown number'} of {files} files"],
        )


def check_types_with(package: Path, checkers: Collection[str]) -> None:
    """Check the types of the package with each of these checkers, side by side.

    Raises:
        GateError: one finds something. Of several that do, it is the first one's.
    """
    with ThreadPoolExecutor(max_workers=max(1, len(checkers))) as pool:
        for done in [pool.submit(check_types, package, checker) for checker in checkers]:
            done.result()


def check_slashes(package: Path, modules: Iterable[str]) -> None:
    """Check that model ids arrive with their slashes: requests with one are built.

    `modules` are operations (models.create_run) whose path ends with an id. Those that are not
    there are left out.

    Raises:
        GateError: a slash of an id is escaped.
    """
    script = str(Path(__file__).with_name("_slash_check.py"))
    finished = _run(
        "model ids",
        ["-I", "-B", script, str(package.resolve())],
        given=json.dumps([*modules]).encode(),
    )
    if finished.returncode != 0:
        raise GateError("model ids", _last_words(finished).splitlines()[-1:])
    _raise_if("model ids", json.loads(finished.stdout))


def overlay_type_errors(package: Path, sources: Sequence[Path]) -> list[str]:
    """Return what mypy says of code that uses the client, when it uses this one.

    Each line begins with the file, relative to the folder of the first source's parent. Only what
    breaks counts: a check that became unnecessary is no error.
    """
    roots = [str(package.resolve().parent), *dict.fromkeys(str(one.parent) for one in sources)]
    with tempfile.TemporaryDirectory(prefix="regenerate-") as work:
        config = Path(work) / "mypy.ini"
        config.write_text(
            "[mypy]\npython_version = 3.11\ncheck_untyped_defs = true\n"
            "explicit_package_bases = true\nno_implicit_optional = true\n",
            encoding="utf-8",
        )
        finished = _run(
            "overlay",
            ["-m", "mypy", "--config-file", str(config), *map(str, sources)],
            cwd=work,
            env=mypy_environment(roots, Path(work), "overlay"),
        )
        output = finished.stdout.decode(errors="replace")
        errors = [
            _without_folders(line, Path(work), roots)
            for line in output.splitlines()
            if ": error:" in line
        ]
        if finished.returncode not in (0, 1):
            # A file that is no Python stops mypy: what it says of the others is not known.
            raise GateError("overlay", errors or _last_words(finished).splitlines())
        return errors


def _without_folders(line: str, work: Path, roots: Sequence[str]) -> str:
    """Return a line of a checker without the folders of this machine."""
    name, _, rest = line.partition(":")
    path = Path(os.path.normpath(work.resolve() / name))
    for root in reversed(roots):
        if path.is_relative_to(root):
            return f"{path.relative_to(root).as_posix()}:{rest}"
    return f"{path.name}:{rest}"


def _run(
    gate: str,
    command: list[str],
    *,
    given: bytes | None = None,
    cwd: str | None = None,
    env: Mapping[str, str] | None = None,
) -> "subprocess.CompletedProcess[bytes]":
    """Run a Python program of a gate to its end.

    Raises:
        GateError: it does not end in time.
    """
    try:
        return subprocess.run(
            [sys.executable, *command],
            capture_output=True,
            timeout=CHECKER_TIMEOUT,
            check=False,
            input=given,
            cwd=cwd,
            env=env,
        )
    except subprocess.TimeoutExpired:
        raise GateError(gate, [f"it did not end within {CHECKER_TIMEOUT:.0f} seconds"]) from None


def _last_words(finished: "subprocess.CompletedProcess[bytes]") -> str:
    """Return what a script said before it failed: at least its exit code."""
    said = finished.stderr.decode(errors="replace").strip()
    return said or f"it ended with exit code {finished.returncode}"


def mypy_environment(roots: Sequence[str], work: Path, checked: str) -> dict[str, str]:
    """Return the variables of a run of mypy.

    MYPY_CACHE_DIR may name a folder that keeps what mypy knows of the libraries. What it knows
    holds for one set of options, so each has a folder there.
    """
    cache = Path(os.environ.get("MYPY_CACHE_DIR") or work / "cache") / checked
    variables = {"MYPYPATH": os.pathsep.join(roots), "MYPY_CACHE_DIR": str(cache), "NO_COLOR": "1"}
    return {**os.environ, **variables}


def _mypy(package: Path, work: Path) -> list[str]:
    config = work / "mypy.ini"
    settings = "[mypy]\nstrict = true\npython_version = 3.11\nwarn_unreachable = true\n"
    config.write_text(settings, encoding="utf-8")
    return ["mypy", "--config-file", str(config), str(package)]


def _pyright(package: Path, work: Path) -> list[str]:
    settings = {
        "typeCheckingMode": "strict",
        "pythonVersion": "3.11",
        # Relative to this file: pyright leaves absolute paths out, and hidden folders unless
        # "exclude" is given.
        "include": [os.path.relpath(package, work.resolve())],
        "exclude": ["**/__pycache__"],
        "extraPaths": [str(package.parent)],
    }
    config = work / "pyrightconfig.json"
    config.write_text(json.dumps(settings), encoding="utf-8")
    return ["pyright", "--stats", "--project", str(config), "--pythonpath", sys.executable]


def _expected(document: JSONObject, operation: ModuleOperation) -> dict[str, Any]:
    """Return what must be found in the module of an operation."""
    responses = object_at(operation.data, "responses")
    statuses = {status: _type_names(document, object_at(responses, status)) for status in responses}
    return {
        "statuses": statuses,
        "body": _type_names(document, object_at(operation.data, "requestBody")),
    }


def _type_names(document: JSONObject, body: JSONObject) -> list[str] | None:
    """Return the classes that the type of a body must name; None without a body.

    "*" stands for any type but Any.
    """
    content = object_at(body, "content")
    names: list[str] = []
    for content_type in content:
        name, schema = _final(document, object_at(object_at(content, content_type), "schema"))
        variants = [
            _final(document, one)[1] for word in _UNIONS for one in objects_at(schema, word)
        ]
        if is_json(content_type) and all(map(_says_no_type, variants or [schema])):
            continue  # "any value" and "null": Any and None are the right types
        has_class = (
            bool(schema.get("properties") or schema.get("enum")) or schema.get("type") == "object"
        )
        if is_json(content_type) and name and (has_class or "allOf" in schema):
            names.append(str(ClassName(name, FIELD_PREFIX)))
        else:
            names.append("*")
    return names if content else None


def _says_no_type(schema: JSONObject) -> bool:
    return not schema.keys() - _KEYWORDS_WITHOUT_TYPE or schema.get("type") == "null"


def _final(document: JSONObject, schema: JSONObject) -> tuple[str, JSONObject]:
    """Return the schema behind references and the name of its component.

    References that stand alone in an allOf are followed too.
    """
    name = ""
    for _ in range(_MAX_REFERENCES):
        alone = [only for word in ("allOf", *_UNIONS) for only in objects_at(schema, word)]
        reference = text_at(schema, "$ref") or (
            text_at(alone[0], "$ref") if len(alone) == 1 else ""
        )
        if not reference:
            break
        name = reference.rsplit("/", 1)[-1]
        schema = object_at(object_at(object_at(document, "components"), "schemas"), name)
    return name, schema


def _raise_if(gate: str, problems: list[str]) -> None:
    if problems:
        raise GateError(gate, problems)
