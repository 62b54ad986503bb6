"""Import every module of a generated package in a fresh interpreter, and check what it holds.

That is its operations, and the type hints of its classes and functions. Arguments: the folder of
the package, and an empty one for compiled modules. Standard input: what the document says of each
operation, as JSON. Standard output: a JSON list of problems. Nothing of regenerate is imported
here.
"""

import contextlib
import importlib
import json
import sys
import types
import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any

NEVER_DOCUMENTED = 599


def main() -> None:
    """Look at the package and print the problems."""
    package = Path(sys.argv[1])
    expected: dict[str, Any] = json.load(sys.stdin)
    sys.path.insert(0, str(package.parent))
    problems: list[str] = []
    with contextlib.suppress(Exception):  # what is wrong is found again below
        importlib.import_module(f"{package.name}.client")
    # With the libraries there, what is imported from now on is the package, again and again:
    # compile it once.
    sys.pycache_prefix, sys.dont_write_bytecode = sys.argv[2], False
    for name in _modules(package):
        # Each module by itself: one that works only after another was imported is broken. The
        # modules that are the same
        # for every document have been imported by themselves when those of the document come.
        forgotten = (
            (f"{package.name}.api", f"{package.name}.models")
            if name.count(".") > 1
            else (package.name,)
        )
        for loaded in [
            known
            for known in sys.modules
            if f"{known}.".startswith(tuple(f"{one}." for one in forgotten))
        ]:
            del sys.modules[loaded]
        try:
            module = importlib.import_module(name)
            for attribute in getattr(module, "__all__", ()):
                getattr(module, attribute)
            if (key := name.removeprefix(f"{package.name}.api.").replace(".", "/")) in expected:
                problems += [
                    f"{name}: {problem}"
                    for problem in _operation(package.name, module, expected[key])
                ]
        except Exception as error:  # whatever a generated module raises is what this looks for
            problems.append(f"{name}: {type(error).__name__}: {error}")
    if not problems:
        problems += _hints_of(package)
    json.dump(problems, sys.stdout)


def _hints_of(package: Path) -> Iterator[str]:
    """Yield what hinders a program that reads the types of a public class or function."""
    for name in _modules(package):
        for attribute, found in vars(importlib.import_module(name)).items():
            if attribute.startswith("_") or getattr(found, "__module__", None) != name:
                continue
            members = vars(found).values() if isinstance(found, type) else ()
            for one in (found, *(getattr(member, "__func__", member) for member in members)):
                if isinstance(one, type | types.FunctionType):
                    try:
                        typing.get_type_hints(one)
                    except (AttributeError, NameError, SyntaxError, TypeError) as error:
                        yield f"{name}: the type hints of {one.__qualname__}: {error}"


def _modules(package: Path) -> Iterator[str]:
    for file in sorted(package.rglob("*.py"), key=lambda file: (len(file.parts), file)):
        parts = (package.name, *file.relative_to(package).with_suffix("").parts)
        yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _operation(package: str, module: types.ModuleType, expected: dict[str, Any]) -> Iterator[str]:
    for function in (
        "build_request",
        "parse_response",
        "sync",
        "sync_detailed",
        "asyncio",
        "asyncio_detailed",
    ):
        if not callable(getattr(module, function, None)):
            yield f"has no {function}"
            return
    read = typing.get_type_hints(module.parse_response)["return"]
    for status, names in expected["statuses"].items():
        if not _is_read(package, module, status):
            yield f"does not read the documented status {status}"
        yield from (f"status {status}: {problem}" for problem in _lost(names, read))
    if expected["body"] is not None:
        hints = typing.get_type_hints(module.build_request)
        if "body" not in hints:
            yield "takes no body"
        else:
            yield from (f"body: {problem}" for problem in _lost(expected["body"], hints["body"]))


def _lost(names: list[str] | None, hint: object) -> Iterator[str]:
    found = list(_classes(hint))
    for name in names or ():
        if name == "*":
            if not any(kind is not type(None) and kind is not Any for kind in found):
                yield "has no type"
        elif name not in {getattr(kind, "__name__", "") for kind in found}:
            yield f"the type does not name {name}"


def _classes(hint: object) -> Iterator[object]:
    """Yield what a type is made of; a union is nothing but its members."""
    if typing.get_origin(hint) not in (typing.Union, types.UnionType):
        yield hint
    for inner in typing.get_args(hint):
        yield from _classes(inner)


def _is_read(package: str, module: types.ModuleType, status: str) -> bool:
    """Return whether a documented status is read as one, whatever its body."""
    errors = importlib.import_module(f"{package}.errors")
    library = importlib.import_module(f"{package}.http_library").httpx
    code = NEVER_DOCUMENTED if status == "default" else int(status.upper().replace("XX", "51"))
    try:
        module.parse_response(library.Response(code, content=b""))
    except errors.UnexpectedStatus:
        return False
    except errors.InvalidResponse:
        return True
    return True


if __name__ == "__main__":
    main()
