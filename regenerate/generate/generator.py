"""Make the typed client of a corrected document in a staging folder, check it, and swap."""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import yaml
from attrs import frozen

from ..correct.bodies import settle_bodies
from ..correct.headers import settle_headers
from ..document.json_tree import JSONObject, copy_document
from ..document.module_operations import module_operations, unreadable_operations
from ..project.directory import replace_directory, tree_hash
from ..project.paths import SETTINGS, TEMPLATES
from ._template_data import facts_template, limits_module
from .checks import TYPE_CHECKERS, check_imports, check_operations, check_types_with
from .tools import PINNED, check_upstream_templates, check_versions

# Modules that the generator does not make: they hold nothing of the document.
OWN_MODULES: Final = (
    "decoding",
    "encoding",
    "free_form",
    "http_library",
    "instants",
    "kinds",
    "lazy",
    "open_enums",
    "representation",
    "responses",
)
GENERATOR_TIMEOUT: Final = 600.0
# The folders of a run are gone when its message is read.
_STAGING: Final = re.compile(r"[^\s'\"]*/\.?regenerate-[^/\s'\"]+/")


MakeClient = Callable[..., "GenerateReport"]
"""What makes a client as `generate` does, with its arguments."""


class GenerationError(Exception):
    """No client was made. The text says why; the client that was there is as it was."""


@frozen
class GenerateReport:
    """What a generation made.

    It has the hash of the tree, whether that differs from the one before, counts, and tools.
    """

    tree_hash: str
    changed: bool
    operations: int
    models: int
    files: int
    tools: Mapping[str, str]


def generate(
    corrected: Mapping[str, object],
    output: Path,
    package_name: str = "runflow_api",
    templates: Path | None = None,
    *,
    type_checkers: Collection[str] = TYPE_CHECKERS,
    data_files: Mapping[str, str] = MappingProxyType({}),
) -> GenerateReport:
    """Make the client of a corrected document and put it in the place of `output`.

    It is made in a temporary folder beside `output`, which is renamed when every gate is passed.
    `type_checkers` says which of the slow gates run ("mypy", "pyright"). `data_files` are texts
    that the package holds besides its modules, by file name.

    Raises:
        ToolError: a tool or an upstream template is not the pinned one.
        GenerationError: the generator or the formatter failed, or warned.
        GateError: the client is not what the document says. All problems are listed.
    """
    own_templates = (templates or TEMPLATES).resolve()
    output = output.resolve()
    document = copy_document(corrected)
    check_versions()
    check_upstream_templates(own_templates)
    output.parent.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix=".regenerate-", dir=output.parent) as stage,
        tempfile.TemporaryDirectory(prefix="regenerate-") as work,
    ):
        package = Path(stage) / package_name
        _build(document, package, own_templates, Path(work))
        for name, text in data_files.items():
            (package / name).write_text(text, encoding="utf-8")
        _check(document, package, type_checkers)
        new_hash = tree_hash(package)
        changed = not output.is_dir() or tree_hash(output) != new_hash
        report = GenerateReport(
            tree_hash=new_hash,
            changed=changed,
            operations=sum(1 for _ in module_operations(document)),
            models=sum(
                1 for module in (package / "models").glob("*.py") if module.name != "__init__.py"
            ),
            files=sum(1 for file in package.rglob("*") if file.is_file()),
            tools=dict(PINNED),
        )
        if changed:
            replace_directory(package, output)
    return report


def _build(document: JSONObject, package: Path, own_templates: Path, work: Path) -> None:
    if unreadable := list(unreadable_operations(document)):
        raise GenerationError("\n".join(unreadable))
    settled = settle_bodies(document)
    settle_headers(settled.document)
    templates = work / "templates"
    shutil.copytree(own_templates, templates)
    settings: dict[str, Any] = yaml.safe_load(SETTINGS.read_text(encoding="utf-8"))
    facts = facts_template(settled.document, settled.several, settings.pop("secret_fields"))
    (templates / "facts.jinja").write_text(facts, encoding="utf-8")
    source = work / "document.json"
    source.write_text(json.dumps(settled.document), encoding="utf-8")
    settings["content_type_overrides"] = settled.content_type_overrides
    settings["package_name_override"] = package.name
    config = work / "generator.json"
    config.write_text(json.dumps(settings), encoding="utf-8")
    generator = [
        "-m",
        "openapi_python_client",
        "generate",
        "--path",
        str(source),
        "--output-path",
        str(package),
    ]
    generator += ["--meta", "none", "--fail-on-warning", "--file-encoding", "utf-8"]
    generator += ["--config", str(config), "--custom-template-path", str(templates)]
    _run("openapi-python-client", generator, work)
    for module in OWN_MODULES:
        shutil.copyfile(own_templates / f"{module}.py.jinja", package / f"{module}.py")
    (package / "limits.py").write_text(limits_module(document), encoding="utf-8")
    (package / "py.typed").write_bytes(b"")
    isolated = ["--isolated", "--no-cache", "--target-version", "py311", "--line-length", "120"]
    check = [
        "-m",
        "ruff",
        "check",
        ".",
        "--fix",
        "--select",
        "F401,I,UP037",
        "--output-format",
        "concise",
        *isolated,
    ]
    _run("ruff check", check, package)
    _run("ruff format", ["-m", "ruff", "format", ".", *isolated], package)


def _check(document: JSONObject, package: Path, type_checkers: Collection[str]) -> None:
    check_operations(document, package)
    check_imports(document, package)
    check_types_with(package, type_checkers)


def _run(name: str, arguments: list[str], folder: Path) -> None:
    """Run a Python tool of this environment, with nothing of the user's own settings."""
    environment = {
        "HOME": str(folder),
        "NO_COLOR": "1",
        "PATH": os.pathsep.join((str(Path(sys.executable).parent), os.defpath)),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONNOUSERSITE": "1",
        "PYTHONSAFEPATH": "1",
        "PYTHONUTF8": "1",
    }
    for variable in ("PYTHONHASHSEED", "LC_ALL", "SYSTEMROOT"):
        if variable in os.environ:
            environment[variable] = os.environ[variable]
    try:
        finished = subprocess.run(
            [sys.executable, *arguments],
            cwd=folder,
            env=environment,
            capture_output=True,
            timeout=GENERATOR_TIMEOUT,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise GenerationError(
            f"{name} did not end within {GENERATOR_TIMEOUT:.0f} seconds"
        ) from None
    if finished.returncode != 0:
        output = (finished.stderr + finished.stdout).decode(errors="replace").strip()
        output = _STAGING.sub("", output)
        raise GenerationError(f"{name} failed:\n{output}")
