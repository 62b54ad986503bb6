"""Turns findings into an OpenAPI Overlay 1.1 that would correct the document."""

from collections.abc import Iterable
from typing import Any, Final, cast

from .._findings import Finding
from .._validation.json_pointers import DocumentTree, json_pointer, parse_pointer
from .._validation.schemas import json_type

Action = dict[str, Any]
BOUNDS: Final = (
    "format",
    "pattern",
    "minLength",
    "maxLength",
    "minimum",
    "maximum",
    "minItems",
    "maxItems",
)


def propose(findings: Iterable[Finding], tree: DocumentTree) -> dict[str, Any] | None:
    """Return an overlay with which the document allows what was seen, None if there is none.

    A person must decide whether the document or the server is wrong.
    """
    actions: list[Action] = []
    by_pointer: dict[str, list[Finding]] = {}
    for finding in findings:
        by_pointer.setdefault(finding.rule + finding.pointer, []).append(finding)
    for _, alike in sorted(by_pointer.items()):
        actions += [action for action in _actions(alike, tree) if action not in actions]
    if not actions:
        return None
    info = {
        "title": "What the live API returns and the document does not allow",
        "version": "1.0.0",
    }
    return {"overlay": "1.1.0", "info": info, "actions": actions}


def path_of(pointer: str, tree: DocumentTree) -> str:
    """Return the JSONPath of a JSON pointer into the document."""
    path, passed = "$", ""
    for name in parse_pointer(pointer):
        if isinstance(tree.get(passed), list):
            path += f"[{name}]"
        else:
            escaped = name.replace("\\", "\\\\").replace("'", "\\'")
            path += f"['{escaped}']"
        passed += json_pointer(name)
    return path


def _actions(alike: list[Finding], tree: DocumentTree) -> list[Action]:
    """Return the actions that correct the document at one pointer."""
    finding = alike[0]
    if finding.rule == "undocumented_status":
        return [action for one in alike for action in _document_status(one, tree)]
    rule, _, keyword = finding.rule.partition(":")
    if rule != "schema" or not finding.where.startswith("response"):
        return []
    schema, reason = finding.pointer.rpartition("/")[0], _reason(finding)
    if keyword == "type":
        return _allow_types(
            finding, sorted({json_type(one.observed) for one in alike}), schema, tree
        )
    if keyword == "required":
        target = path_of(finding.pointer, tree)
        missing = sorted({str(one.observed) for one in alike})
        return [
            {"target": f"{target}[?@=='{name}']", "description": reason, "remove": True}
            for name in missing
        ]
    if keyword == "enum":
        words = sorted({one.observed for one in alike if isinstance(one.observed, str)})
        return (
            [{"target": path_of(schema, tree), "description": reason, "update": {"enum": words}}]
            if words
            else []
        )
    if keyword in BOUNDS:
        return [{"target": path_of(finding.pointer, tree), "description": reason, "remove": True}]
    return []


def _allow_types(
    finding: Finding, seen: list[str], schema: str, tree: DocumentTree
) -> list[Action]:
    """Allow the types that were seen: as further branches of an anyOf, else as further types."""
    reason = _reason(finding)
    holder, _, branch = schema.rpartition("/")
    if branch.isdigit() and holder.endswith(("/anyOf", "/oneOf")):
        above, _, keyword = holder.rpartition("/")
        update = {keyword: [{"type": name} for name in seen]}
        return [{"target": path_of(above, tree), "description": reason, "update": update}]
    stated: object = tree.get(finding.pointer)
    types = [stated] if isinstance(stated, str) else list(cast("list[str]", stated))
    # An update cannot turn a string into a list: the string is removed first.
    return [
        {"target": path_of(finding.pointer, tree), "description": reason, "remove": True},
        {
            "target": path_of(schema, tree),
            "description": reason,
            "update": {"type": [*types, *seen]},
        },
    ]


def _document_status(finding: Finding, tree: DocumentTree) -> list[Action]:
    """Document the status, with the body of a documented answer of its kind if there is one."""
    if not finding.pointer:
        return []
    responses: dict[str, Any] = tree.get(finding.pointer)
    response: dict[str, Any] = {"description": "Seen on the live API."}
    kind = "45" if int(finding.observed) >= 400 else "2"
    alike = next((name for name in sorted(responses) if name[0] in kind), None)
    content = (
        None if alike is None else tree.child(finding.pointer + json_pointer(alike), "content")
    )
    if content is not None:
        response["content"] = tree.get(content)
    update = {str(finding.observed): response}
    return [
        {
            "target": path_of(finding.pointer, tree),
            "description": _reason(finding),
            "update": update,
        }
    ]


def _reason(finding: Finding) -> str:
    return f"{finding.operation}, {finding.where}: {finding.what}"[:400]
