"""The layers of `runflow_conformance` and `vectors`, and the public surface of what is shipped."""

import ast
import graphlib
import inspect
from pathlib import Path
from typing import Any

import pytest
import runflow_conformance
from runflow_conformance import laws

CONTRACT_TESTS = Path(__file__).parents[2]

LAYERS: dict[str, list[set[str]]] = {
    "runflow_conformance": [
        {"_findings", "_proxies"},
        {"_validation", "laws"},
        {"_report", "_tap", "_schemathesis"},
        {"_server", "live"},
        {"__init__"},
        {"__main__"},
    ],
    "runflow_conformance/laws": [
        {"callback_receiver"},
        {"invariants", "target"},
        {"checks", "deployment"},
        {"runner"},
        {"__init__"},
    ],
    "runflow_conformance/live": [
        {"_guard", "_recording"},
        {"_spending"},
        {"_gateway"},
        {"_session"},
        {"__init__"},
        {"__main__"},
    ],
    "vectors": [
        {"document", "files"},
        {"samples", "comparison"},
        {"client"},
        {"collection", "replay"},
        {"__init__"},
        {"__main__"},
    ],
}
"""The modules and packages of each folder, from the bottom up. Imports point to lower layers."""

SURFACE = {
    "runflow_conformance": {
        "AsyncTap": "(transport, document=, *, strict=, base_url=, check_requests=, "
        "on_interaction=)",
        "ConformanceError": "AssertionError",
        "CouldNotRun": "Exception",
        "Deployment": "(*, base_url, document, api_key, insecure_hosts=)",
        "Difference": "(*, finding, count, in_baseline, observed=)",
        "Finding": "(*, operation, rule, where, pointer, what, observed=, replay=)",
        "Interaction": "(*, method, path, query, request_headers, request_body, status, "
        "response_headers, response_body)",
        "Report": "(*, base_url, document_sha256, seed, profile, operations, calls, seconds, "
        "differences, notes=, laws=)",
        "Tap": "(transport, document=, *, strict=, base_url=, check_requests=, on_interaction=)",
        "Validator": "(document=)",
        "check_server": "(deployment, *, seed=, profile=, time_budget=, baseline=, settle=, "
        "budget=, progress=)",
    },
    "runflow_conformance.laws": {
        "CALLBACK_CHECKS": "tuple",
        "CHECKS": "tuple",
        "CallbackReceiver": "()",
        "LawResults": "(laws=, findings=, notes=)",
        "LawViolation": "AssertionError",
        "ReceivedCallback": "(headers, body)",
        "SecretDetector": "(transport)",
        "Target": "(*, client, http, model=, input=, batch_model=, batch_input=, pass_time, "
        "secret_detector, billed_runs=, callback_url=, received=, refuse_next=, end_next=, "
        "other_org=, no_credit=, read_only=, open_storage=)",
        "TargetClock": "(pass_time)",
        "deployed_target": "(base_url, api_key, *, settle, insecure_hosts=, sleep=)",
        "law_name": "(check)",
        "raw_client": "(transport, base_url, api_key, timeout=)",
        "run_laws": "(target, seconds=, progress=, can_spend=)",
    },
}
"""The public names with their parameters; `=` marks those with a default."""

METHODS = {
    "AsyncTap.aclose": "(self)",
    "AsyncTap.handle_async_request": "(self, request)",
    "AsyncTap.report": "(self)",
    "Tap.close": "(self)",
    "Tap.handle_request": "(self, request)",
    "Tap.report": "(self)",
    "Validator.covers": "(self, path)",
    "Validator.findings": "(self, interaction, *, check_request=)",
    "Validator.match": "(self, method, path)",
    "Validator.operation_pointer": "(self, operation)",
}


def modules(package: str) -> dict[str, Path]:
    """Return the modules below a folder by dotted name; a package has the name of its folder."""
    root = CONTRACT_TESTS / package
    found = {
        ".".join(path.relative_to(CONTRACT_TESTS).with_suffix("").parts): path
        for path in root.rglob("*.py")
    }
    return {name.removesuffix(".__init__"): path for name, path in found.items()}


def imports(name: str, path: Path, known: dict[str, Path]) -> set[str]:
    """Return the modules of the same tree that a module imports, under TYPE_CHECKING too."""
    parts = name.split(".") if path.name == "__init__.py" else name.split(".")[:-1]
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level:
            base = ".".join([*parts[: len(parts) - node.level + 1], *filter(None, [node.module])])
            for alias in node.names:
                below = f"{base}.{alias.name}"
                found.add(below if below in known else base)
    return found


def room(name: str, folder: str) -> str:
    """Return the module or package directly in the folder that a module belongs to."""
    inside = name.removeprefix(folder.replace("/", ".")).lstrip(".")
    return inside.partition(".")[0] or "__init__"


@pytest.mark.parametrize("folder", LAYERS)
def test_imports_point_to_lower_layers(folder: str) -> None:
    known = modules(folder.partition("/")[0])
    here = {
        name: path
        for name, path in known.items()
        if f"{name}.".startswith(f"{folder.replace('/', '.')}.")
    }
    level = {name: number for number, names in enumerate(LAYERS[folder]) for name in names}
    assert {room(name, folder) for name in here} <= set(level)
    wrong = {
        f"{name} imports {target}"
        for name, path in here.items()
        for target in imports(name, path, known)
        if target in here
        and room(target, folder) != room(name, folder)
        and level[room(target, folder)] >= level[room(name, folder)]
    }
    assert not wrong


@pytest.mark.parametrize("package", ["runflow_conformance", "vectors"])
def test_no_module_imports_itself_through_others(package: str) -> None:
    known = modules(package)
    arrows = {name: imports(name, path, known) - {name} for name, path in known.items()}
    graphlib.TopologicalSorter(arrows).prepare()


@pytest.mark.parametrize("package", ["runflow_conformance", "vectors"])
def test_imports_inside_a_package_are_relative(package: str) -> None:
    absolute = {
        f"{name}: line {node.lineno}"
        for name, path in modules(package).items()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if (
            isinstance(node, ast.ImportFrom)
            and not node.level
            and f"{node.module}.".startswith(f"{package}.")
        )
        or (
            isinstance(node, ast.Import)
            and any(f"{one.name}.".startswith(f"{package}.") for one in node.names)
        )
    }
    assert not absolute


def signature(value: Any) -> str:
    """Return the parameters of a class or function without annotations; other values: the type."""
    if inspect.isclass(value) and issubclass(value, BaseException):
        return value.__mro__[1].__name__
    if not (inspect.isclass(value) or inspect.isfunction(value)):
        return type(value).__name__
    parameters = [
        one.replace(annotation=one.empty, default=one.default if one.default is one.empty else ...)
        for one in inspect.signature(value).parameters.values()
    ]
    return str(inspect.Signature(parameters)).replace("=Ellipsis", "=")


@pytest.mark.parametrize(
    "package", [runflow_conformance, laws], ids=lambda package: package.__name__
)
def test_the_public_names_and_their_signatures_are_these(package: Any) -> None:
    assert dir(package) == sorted(package.__all__)
    assert {name: signature(getattr(package, name)) for name in dir(package)} == SURFACE[
        package.__name__
    ]


def test_the_public_classes_have_these_methods() -> None:
    found = {
        f"{name}.{method}": signature(function)
        for name in dir(runflow_conformance)
        for method, function in inspect.getmembers(
            getattr(runflow_conformance, name), inspect.isfunction
        )
        if not method.startswith("_") and inspect.isclass(getattr(runflow_conformance, name))
    }
    assert found == METHODS


@pytest.mark.parametrize("profile", ["quik", "Quick", "", None])
def test_a_profile_that_is_misspelt_is_refused_before_anything_is_sent(profile: Any) -> None:
    deployment: Any = None  # which is not looked at
    with pytest.raises(ValueError, match="expected one of quick, thorough"):
        runflow_conformance.check_server(deployment, profile=profile)
