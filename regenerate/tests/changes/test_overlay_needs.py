"""The list of what the overlay relies on, held against what the overlay imports, gives and reads.

It is not imported.
"""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

import pytest

from ...changes.overlay_needs import Need, find_missing, read_needs
from ...correct.corrected import correct
from ...document.json_tree import DocumentError, parse_document
from ...naming.operation_names import pascal_case, read_table, snake_case
from ...project.paths import CORRECTIONS, own_paths

OVERLAY: Final = Path(__file__).parents[3] / "overlay" / "runflow_client"
NEEDS: Final = read_needs()
# What every generated model has, whatever the document says.
OF_EVERY_MODEL: Final = {"additional_properties", "from_dict", "to_dict"}


@cache
def modules() -> dict[Path, ast.Module]:
    """Read the overlay."""
    return {
        path: ast.parse(path.read_text(encoding="utf-8"))
        for path in sorted(OVERLAY.rglob("*.py"))
        if path.parent != OVERLAY / "cli"  # it calls whatever operation the document has, by name
    }


@cache
def nodes(tree: ast.AST) -> tuple[ast.AST, ...]:
    """Return every node of a tree, the tree itself first."""
    return tuple(ast.walk(tree))


@cache
def plain(name: str) -> str:
    """Return a name of the document or of Python in one spelling.

    `input_` is `input`, `Idempotency-Key` idempotency_key.
    """
    return snake_case(name)


def listed(needs: tuple[Need, ...], kind: str) -> dict[str, set[str]]:
    """Return everything that is listed, over all features.

    Operations with parameters, or schemas with fields.
    """
    found: dict[str, set[str]] = {}
    for need in needs:
        for name, parts in (need.operations if kind == "operations" else need.schemas).items():
            found.setdefault(name, set()).update(plain(part) for part in parts)
    return found


OPERATIONS: Final = listed(NEEDS, "operations")
SCHEMAS: Final = listed(NEEDS, "schemas")


def imports(tree: ast.Module) -> Iterator[tuple[str, str, str]]:
    """Yield what a module imports from the generated client.

    The module it is in, its name there, its name here.
    """
    for node in nodes(tree):
        if (
            isinstance(node, ast.ImportFrom)
            and node.module
            and node.module.startswith("runflow_api")
        ):
            for name in node.names:
                yield node.module, name.name, name.asname or name.name
        assert not (
            isinstance(node, ast.Import)
            and any(name.name.startswith("runflow_api") for name in node.names)
        )


@cache
def operations(tree: ast.Module) -> dict[str, str]:
    """Return the operations that a module imports: their listed names by their names here."""
    prefix = "runflow_api.api."
    return {
        here: f"{module.removeprefix(prefix)}.{name}"
        for module, name, here in imports(tree)
        if module.startswith(prefix)
    }


@cache
def schemas(tree: ast.Module) -> dict[str, str]:
    """Return the schemas that a module imports: their listed names by their names here."""
    return {
        here: pascal_case(name)
        for module, name, here in imports(tree)
        if module.startswith("runflow_api.models")
    }


def given(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Yield every argument given by name to `build_request` or to the class of a schema."""
    known = {f"{here}.build_request": name for here, name in operations(tree).items()} | schemas(
        tree
    )
    for node in nodes(tree):
        if known and isinstance(node, ast.Call) and (name := known.get(ast.unparse(node.func))):
            yield from (
                (name, plain(one.arg)) for one in node.keywords if one.arg not in (None, "body")
            )


def read(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Yield every attribute that is read of an argument which is said to be of a schema's class."""
    known = schemas(tree)
    for function in nodes(tree):
        if not known or not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        typed = [
            (one.arg, known[kind])
            for one in (*function.args.args, *function.args.kwonlyargs)
            if one.annotation is not None
            for kind in ast.unparse(one.annotation).split(" | ")
            if kind in known
        ]
        for node in ast.walk(function) if typed else ():
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                yield from (
                    (kind, plain(node.attr)) for name, kind in typed if name == node.value.id
                )


def test_what_the_overlay_imports_is_what_is_listed() -> None:
    imported = {name for tree in modules().values() for name in operations(tree).values()}
    assert imported == OPERATIONS.keys(), (
        "adapt regenerate/changes/overlay_needs.yaml: operations that the overlay imports"
    )
    classes = {name for tree in modules().values() for name in schemas(tree).values()}
    assert classes <= SCHEMAS.keys(), (
        "add to regenerate/changes/overlay_needs.yaml: schemas that the overlay imports"
    )


def test_what_the_overlay_gives_and_reads_is_listed() -> None:
    wanting = {
        (path.name, name, part)
        for path, tree in modules().items()
        for name, part in (*given(tree), *read(tree))
        if part not in OPERATIONS.get(name, set()) | SCHEMAS.get(name, set()) | OF_EVERY_MODEL
    }
    assert not wanting, "add to regenerate/changes/overlay_needs.yaml"


@cache
def words_of_the_overlay() -> set[str]:
    """Return its attributes, arguments and texts."""
    words: set[str] = set()
    for tree in modules().values():
        for node in nodes(tree):
            if isinstance(node, ast.Attribute):
                words.add(plain(node.attr))
            elif isinstance(node, ast.keyword | ast.arg) and node.arg:
                words.add(plain(node.arg))
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                words.add(plain(node.value))
    return words


@pytest.mark.parametrize("need", NEEDS, ids=lambda need: need.feature)
def test_nothing_is_listed_that_the_overlay_does_not_name(need: Need) -> None:
    named = {
        plain(part)
        for parts in (*need.operations.values(), *need.schemas.values())
        for part in parts
    }
    assert named <= words_of_the_overlay(), "remove from regenerate/changes/overlay_needs.yaml"


def test_the_document_has_what_is_listed() -> None:
    paths = own_paths()
    corrected = correct(
        parse_document(paths.document.read_bytes()), CORRECTIONS, read_table(paths.naming)
    )
    assert find_missing(corrected.document, NEEDS) == ()


def test_a_model_id_that_would_lose_its_slashes_is_missed() -> None:
    paths = own_paths()
    raw = parse_document(paths.document.read_bytes())
    uncorrected = correct(raw, None, read_table(paths.naming))
    # a correction adds those of ComfyUI
    needs = tuple(need for need in NEEDS if "ComfyUI" not in need.feature)
    assert [one.what.partition(":")[0] for one in find_missing(uncorrected.document, needs)] == [
        f"no path parameter of models.{name} keeps slashes"
        for name in ("create_batch", "create_run", "get_model")
    ]


def test_a_file_that_lists_nothing_is_refused(tmp_path: Path) -> None:
    (tmp_path / "list.yaml").write_text("operations: {}\n")
    with pytest.raises(DocumentError, match=r"list\.yaml: holds no list"):
        read_needs(tmp_path / "list.yaml")
