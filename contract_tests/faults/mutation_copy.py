"""The working copy of a mutation run: the tree without casts, in `build/mutation`."""

import ast
import itertools
from pathlib import Path
from typing import Final

HOUSE: Final = Path(__file__).resolve().parents[2]
WORKSHOP: Final = HOUSE / "build" / "mutation"
MUTANTS: Final = WORKSHOP / "mutants"
"""Where mutmut keeps the code with all mutants, and where their tests run."""

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
    mutants = MUTANTS / folder.relative_to(WORKSHOP)
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


def source_of(path: str) -> Path:
    """Where the tree has what lies there in the working copy."""
    return next(
        HOUSE / source / Path(path).relative_to(target)
        for target, source in COPIED.items()
        if Path(path).is_relative_to(target)
    )
