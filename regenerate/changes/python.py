"""Two generated packages: what changed for a Python program. Nothing of them is imported or run."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, cast

import griffe

from .change import Change, addition, breaking

# What programs import. The rest of the package is its own machinery.
_PUBLIC: Final = ("api", "models", "client", "errors", "http_library", "types")
# One function of an operation speaks for the five: they take the same arguments.
_TYPED_FUNCTIONS: Final = ("build_request", "sync")
_OPERATION: Final = (
    "asyncio",
    "asyncio_detailed",
    "build_request",
    "parse_response",
    "sync",
    "sync_detailed",
)


def python_changes(old: Path, new: Path) -> list[Change]:
    """Return what changed between two packages of one name, the heaviest first.

    These are griffe's breakages, changed types, and additions.
    """
    was, now = _load(old), _load(new)
    changes: set[Change] = set()
    for breakage in griffe.find_breaking_changes(was, now):
        name = _name(breakage.obj.path, old.name)
        if name is not None:
            changes.add(breaking(*_described(name, breakage)))
    before, after = dict(_members(was)), dict(_members(now))
    for path in after.keys() - before.keys():
        owner = path.rpartition(".")[0]
        name = _name(path, old.name)
        if name is not None and owner in before:
            changes.add(addition(name, "is new"))
    changes.update(_type_changes(before, after, old.name))
    return sorted(changes)


def _load(package: Path) -> griffe.Object:
    loaded = griffe.load(
        package.name, search_paths=[package.parent], allow_inspection=False, resolve_aliases=False
    )
    assert isinstance(loaded, griffe.Object), "a folder is loaded as a module"
    return loaded


def _members(module: griffe.Object) -> Iterator[tuple[str, griffe.Object]]:
    for member in module.members.values():
        if isinstance(member, griffe.Alias) or member.name.startswith("_"):
            continue
        yield member.path, member
        yield from _members(member)


def _name(path: str, package: str) -> str | None:
    """Return a path as a program's author knows it.

    The package is left out, and the functions of an operation have one name.
    """
    parts = path.removeprefix(f"{package}.").split(".")
    if parts[0] not in _PUBLIC:
        return None
    if len(parts) == 4 and parts[0] == "api" and parts[3] in _OPERATION:
        return ".".join(parts[:3])
    return ".".join(parts)


def _described(name: str, breakage: griffe.Breakage) -> tuple[str, str]:
    kind = breakage.kind.value
    old, new = breakage.old_value, breakage.new_value
    if isinstance(old, griffe.Parameter) or isinstance(new, griffe.Parameter):
        parameter = old if isinstance(old, griffe.Parameter) else new
        return f"{name}({parameter.name})", kind[:1].lower() + kind[1:]
    was, now = _value(old), _value(new)
    return name, kind[:1].lower() + kind[1:] + (
        f": was {was}, is {now or 'nothing'}" if was else ""
    )


def _value(value: object) -> str:
    """Return a value in words, several ones with commas: of a list griffe shows their insides."""
    if value is None or isinstance(value, griffe.Object):
        return ""
    found = cast("list[object]", value) if isinstance(value, list) else [value]
    return ", ".join(map(str, found))[:80]


def _type_changes(
    before: Mapping[str, griffe.Object], after: Mapping[str, griffe.Object], package: str
) -> Iterator[Change]:
    """Yield changed types.

    Griffe does not compare types, but a program that reads a number where text was is broken.
    """
    for path in before.keys() & after.keys():
        name, old, new = _name(path, package), before[path], after[path]
        if name is None:
            continue
        if isinstance(old, griffe.Attribute) and isinstance(new, griffe.Attribute):
            yield from _type_change(
                name, _variants(old.annotation), _variants(new.annotation), is_taken=False
            )
        elif (
            isinstance(old, griffe.Function)
            and isinstance(new, griffe.Function)
            and old.name in _TYPED_FUNCTIONS
        ):
            if old.name == "sync":
                yield from _type_change(
                    name, _variants(old.returns), _variants(new.returns), is_taken=False
                )
                continue
            taken = {parameter.name: parameter for parameter in new.parameters}
            for parameter in old.parameters:
                if parameter.name in taken:
                    where, now = f"{name}({parameter.name})", taken[parameter.name].annotation
                    yield from _type_change(
                        where, _variants(parameter.annotation), _variants(now), is_taken=True
                    )


def _variants(annotation: object) -> frozenset[str]:
    """Return the types of a union. By which way a module names another's class says nothing."""
    if annotation is None:
        return frozenset()
    return frozenset(part.strip() for part in str(annotation).replace("_models.", "").split("|"))


def _type_change(
    name: str, old: frozenset[str], new: frozenset[str], *, is_taken: bool
) -> Iterator[Change]:
    if old == new or not old or not new:
        return
    what = f"was {' | '.join(sorted(old))}, is {' | '.join(sorted(new))}"
    lost = old - new if is_taken else new - old
    yield breaking(name, what) if lost else addition(name, what)
