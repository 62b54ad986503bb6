"""The pipeline on larger and larger documents: CPU, seconds and peak memory of each step.

As a command, `python -m benchmarks.pipeline --operations 300` makes the client of one document in a
process of its own. The document is this project's, whose paths are copied under new names, with the
schemas that only stand for it copied along, until there are so many operations.
"""

import argparse
import io
import json
import os
import re
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from attrs import evolve

from benchmarks.measuring import peak_megabytes
from regenerate.document.json_tree import (
    JSONObject,
    canonical_bytes,
    copy_document,
    object_at,
    parse_document,
)
from regenerate.document.module_operations import module_operations
from regenerate.document.schemas import all_operations
from regenerate.generate.build import build
from regenerate.generate.checks import TYPE_CHECKERS, check_types
from regenerate.project.paths import own_paths
from regenerate.project.progress import Progress

SIZES: Final = (60, 300, 1_000)
_FIRST_SEGMENT: Final = re.compile(r"^/v1/")


def document_of(operations: int) -> JSONObject:
    """Return our document, with copies of its paths until there are so many operations."""
    document = parse_document(own_paths().document.read_bytes())
    ours, paths = copy_document(document), object_at(document, "paths")
    count, copies = _operations(document), 0
    while count < operations:
        copies += 1
        copied = _renamed(ours, f"copy{copies}")
        _schemas(document).update(_schemas(copied))
        for path, item in object_at(copied, "paths").items():
            if count < operations:
                paths[path] = item
                count += _operations({"paths": {path: item}})
    return document


def _operations(document: JSONObject) -> int:
    return sum(1 for _ in module_operations(document))


def _schemas(document: JSONObject) -> JSONObject:
    return object_at(object_at(document, "components"), "schemas")


def _renamed(document: JSONObject, word: str) -> JSONObject:
    """Return a copy whose paths, operations and schemas have this word in their names."""
    text = json.dumps(document)
    text = text.replace('"#/components/schemas/', f'"#/components/schemas/{word.capitalize()}')
    copied: JSONObject = json.loads(text)
    schemas = _schemas(copied)
    for name in list(schemas):
        schemas[f"{word.capitalize()}{name}"] = schemas.pop(name)
    paths = object_at(copied, "paths")
    for path in list(paths):
        paths[_FIRST_SEGMENT.sub(f"/v1/{word}/", path)] = paths.pop(path)
    for _, operation in all_operations(copied):
        if "operationId" in operation:
            operation["operationId"] = f"{word}_{operation['operationId']}"
        _without_links(operation)
    return copied


def _without_links(operation: JSONObject) -> None:
    for answer in object_at(operation, "responses").values():
        if isinstance(answer, dict):
            answer.pop("links", None)


def _cpu() -> float:
    """Seconds of CPU of this process and of its children that have ended."""
    used = os.times()
    return used.user + used.system + used.children_user + used.children_system


@contextmanager
def _measuring(found: dict[str, dict[str, float]], name: str) -> Generator[None]:
    began, cpu = time.monotonic(), _cpu()
    yield
    found[name] = {"seconds": time.monotonic() - began, "cpu": _cpu() - cpu}


def make(operations: int) -> dict[str, Any]:
    """Make the client of the document with so many operations, and check it."""
    document = document_of(operations)
    raw = canonical_bytes(document)
    steps: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory(prefix="regenerate-") as folder:
        paths = evolve(own_paths(), output=Path(folder) / "runflow_api")
        progress = Progress("benchmark", out=io.StringIO(), terminal=None)
        with _measuring(steps, "generation"):
            product = build(paths, raw, Path(folder) / "staging", progress, type_checkers=())
        child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        peak = max(peak_megabytes(), child)
        for checker in TYPE_CHECKERS:
            with _measuring(steps, checker):
                check_types(product.package, checker)
    return {
        "operations": product.made.operations,
        "models": product.made.models,
        "bytes": len(raw),
        "steps": steps,
        "peak of generation, MB": peak,
        "peak of the gates, MB": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024,
    }


def measure(make_one: Callable[[int], Mapping[str, Any]]) -> dict[str, Any]:
    """Make the client of each size; `make_one` does it in a process of its own."""
    return {str(size): make_one(size) for size in SIZES}


def main() -> None:
    """Make one client and print what it took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--operations", type=int, default=SIZES[0])
    json.dump(make(parser.parse_args().operations), sys.stdout)


if __name__ == "__main__":
    main()
