"""Edits of a document that spell its paths otherwise."""

from collections.abc import Callable, Iterator
from typing import Any

Edit = Callable[[dict[str, Any]], None]


def operations(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield every operation."""
    for item in document["paths"].values():
        yield from (item[method] for method in item if method != "parameters")


def other_paths(spelled: Callable[[str], str]) -> Edit:
    """Return what spells every path otherwise."""

    def edit(document: dict[str, Any]) -> None:
        document["paths"] = {spelled(path): item for path, item in document["paths"].items()}

    return edit


def run_id_called(name: str) -> Edit:
    """Return what gives `{run_id}` in every path another name."""

    def edit(document: dict[str, Any]) -> None:
        for operation in operations(document):
            for parameter in operation.get("parameters", []):
                if parameter.get("in") == "path" and parameter["name"] == "run_id":
                    parameter["name"] = name
        other_paths(lambda path: path.replace("{run_id}", f"{{{name}}}"))(document)

    return edit
