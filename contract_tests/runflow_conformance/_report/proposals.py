"""Turns differences into an OpenAPI Overlay 1.1 that would correct the document.

`make regenerate` takes the file as it is, from `regenerate/corrections/`.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final, cast

from .._findings import Finding
from .._validation.json_pointers import DocumentTree, json_pointer, parse_pointer
from .._validation.validator import JSON_TYPE, LIMIT_RULE
from .report import Difference

Action = dict[str, Any]
PROPOSAL: Final = "proposed.overlay.yaml"
REMOVED: Final = (
    "additionalProperties",
    "const",
    "exclusiveMaximum",
    "exclusiveMinimum",
    "format",
    "maximum",
    "maxItems",
    "maxLength",
    "maxProperties",
    "minimum",
    "minItems",
    "minLength",
    "minProperties",
    "multipleOf",
    "pattern",
    "unevaluatedProperties",
    "uniqueItems",
)
"""Keywords that are taken away where an answer violates them."""
NEVER: Final = "falseSchema"
"""What a schema of `false` violates, such as that of `additionalProperties`."""
BODILESS: Final = (204, 205, 304)
"""Statuses of answers that have no body."""
_BYTES: Final = {"type": "string", "format": "binary"}


def propose(differences: Iterable[Difference], tree: DocumentTree) -> dict[str, Any] | None:
    """Return an overlay with which the document allows what was seen, None if there is none.

    A person must decide whether the document or the server is wrong.
    """
    actions: list[Action] = []
    by_pointer: dict[str, list[Difference]] = {}
    for one in differences:
        by_pointer.setdefault(one.finding.rule + one.finding.pointer, []).append(one)
    for _, alike in sorted(by_pointer.items()):
        seen = {value: None for one in alike for value in one.observed}
        found = _actions(alike[0].finding, list(seen), tree)
        actions += [action for action in found if action not in actions]
    if not actions:
        return None
    info = {"title": "What the API answers and the document does not allow", "version": "1.0.0"}
    return {"overlay": "1.1.0", "info": info, "actions": actions}


def write_proposal(overlay: dict[str, Any] | None, folder: Path) -> Path | None:
    """Write the overlay into the folder as YAML and return its path; without one, delete the file.

    It is taken as it is where it is put into `regenerate/corrections/`.
    """
    path = folder / PROPOSAL
    path.unlink(missing_ok=True)
    if overlay is None:
        return None
    import yaml  # of the extra: `--help` needs none

    text = yaml.safe_dump(overlay, sort_keys=False, allow_unicode=True, width=100)
    path.write_text(text, encoding="utf-8")
    return path


def path_of(pointer: str, tree: DocumentTree) -> str:
    """Return the JSONPath of a JSON pointer into the document."""
    path, passed = "$", ""
    for name in parse_pointer(pointer):
        if isinstance(tree.get(passed), list):
            path += f"[{name}]"
        else:
            path += f"[{_quoted(name)}]"
        passed += json_pointer(name)
    return path


def _quoted(name: str) -> str:
    """Return the name as a string of a JSONPath."""
    escaped = name.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def _actions(finding: Finding, seen: list[Any], tree: DocumentTree) -> list[Action]:
    """Return the actions that correct the document at one pointer."""
    if not finding.pointer:
        return []
    kind, _, keyword = finding.rule.partition(":")
    if finding.rule == "undocumented_status":
        return [action for status in seen for action in _document_status(finding, status, tree)]
    if finding.rule in ("content_type", "unexpected_body"):
        return _document_bodies(finding, seen, tree)
    if finding.rule == "required_header":
        return [
            _update(finding, finding.pointer, {"headers": {name: {"required": False}}}, tree)
            for name in seen
        ]
    if kind == LIMIT_RULE:
        return [_update(finding, finding.pointer, {keyword: _narrowest(keyword, seen)}, tree)]
    if kind != "schema" or not finding.where.startswith("response"):
        return []
    return _schema_actions(finding, keyword, seen, tree)


def _schema_actions(
    finding: Finding, keyword: str, seen: list[Any], tree: DocumentTree
) -> list[Action]:
    schema = finding.pointer.rpartition("/")[0]
    if keyword == "type":
        return _allow_types(finding, sorted(seen), schema, tree)
    if not seen:  # no change of the document is known to allow it
        return []
    if keyword in ("anyOf", "oneOf"):
        branches = [{"type": name} for name in sorted(seen)]
        return [_update(finding, schema, {keyword: branches}, tree)]
    if keyword == "required":
        target, stated = path_of(finding.pointer, tree), tree.get(finding.pointer)
        names = [name for name in sorted(seen) if isinstance(stated, list) and name in stated]
        return [_remove(finding, f"{target}[?@=={_quoted(name)}]") for name in names]
    if keyword == "enum":
        return [_update(finding, schema, {"enum": sorted(seen)}, tree)]
    if keyword in REMOVED or keyword == NEVER:
        return [_remove(finding, path_of(finding.pointer, tree))]
    return []


def _allow_types(
    finding: Finding, seen: list[str], schema: str, tree: DocumentTree
) -> list[Action]:
    """Allow the types that were seen: as further branches of an anyOf, else as further types."""
    holder, _, branch = schema.rpartition("/")
    if branch.isdigit() and holder.endswith(("/anyOf", "/oneOf")):
        above, _, keyword = holder.rpartition("/")
        return [_update(finding, above, {keyword: [{"type": name} for name in seen]}, tree)]
    # A list of allowed values that lacks null refuses it, whatever the type says.
    lacks_null = "null" in seen and "enum" in tree.get(schema)
    values = {"enum": [None]} if lacks_null else {}
    stated: object = tree.get(finding.pointer)
    types = [stated] if isinstance(stated, str) else list(cast("list[str]", stated))
    # An update cannot turn a string into a list: the string is removed first.
    return [
        _remove(finding, path_of(finding.pointer, tree)),
        _update(finding, schema, {"type": [*types, *seen], **values}, tree),
    ]


def _document_status(finding: Finding, status: int, tree: DocumentTree) -> list[Action]:
    """Document the status, with the body of a documented answer of its kind if there is one."""
    responses: dict[str, Any] = tree.get(finding.pointer)
    response: dict[str, Any] = {"description": "Seen in the answers of the API."}
    kind = "45" if status >= 400 else "2"
    alike = next((name for name in sorted(responses) if name[0] in kind), None)
    content = (
        None if alike is None else tree.child(finding.pointer + json_pointer(alike), "content")
    )
    if content is not None and status not in BODILESS:
        response["content"] = tree.get(content)
    return [_update(finding, finding.pointer, {str(status): response}, tree)]


def _document_bodies(finding: Finding, seen: list[str], tree: DocumentTree) -> list[Action]:
    """Document bodies of other content types: JSON as that which is documented, others as text."""
    is_content = finding.rule == "content_type"
    documented: dict[str, Any] = tree.get(finding.pointer) if is_content else {}
    usual = documented.get(JSON_TYPE, {"schema": {}})
    content = {
        name: usual
        if name == JSON_TYPE or name.endswith("+json")
        else {"schema": {"type": "string"} if name.startswith("text/") else _BYTES}
        for name in sorted(seen)
    }
    update = content if is_content else {"content": content}
    return [_update(finding, finding.pointer, update, tree)] if content else []


def _narrowest(keyword: str, seen: list[Any]) -> Any:
    return min(seen) if "max" in keyword.lower() else max(seen)


def _update(finding: Finding, pointer: str, update: object, tree: DocumentTree) -> Action:
    return {"target": path_of(pointer, tree), "description": _reason(finding), "update": update}


def _remove(finding: Finding, target: str) -> Action:
    return {"target": target, "description": _reason(finding), "remove": True}


def _reason(finding: Finding) -> str:
    return f"{finding.operation}, {finding.where}: {finding.what}"[:400]
