"""Lint rules about operations.

They find paths, parameters and answers that the generator would lose or send wrongly.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Final

from ..document.json_tree import (
    JSONObject,
    object_at,
    objects_at,
    path_parameters,
    pointer,
    text_at,
)
from ..document.parameter_styles import USUAL_STYLES, style_of, value_types, writing_of
from ..document.path_templates import shape
from ..document.schemas import as_schema, path_item_operations, resolved
from ..document.security import accepted_places, key_place
from .findings import Complaint, Rule, contents, operations, parameters, path_operations

_PATH: Final = re.compile(r"(/(\{[A-Za-z_-][A-Za-z0-9_-]*\}|[^{}\s\"'\\?#\x00-\x1f\x7f])*)+")
_STATUS: Final = re.compile(r"[1-5]([0-9][0-9]|XX)|default")
_MEDIA_TYPE: Final = re.compile(r"[A-Za-z0-9!#$&^_.+*-]+/[A-Za-z0-9!#$&^_.+*-]+(\s*;.*)?")


def path_item_references(document: JSONObject) -> Iterator[Complaint]:
    """Report path items behind a reference: the generator ignores their operations."""
    paths = object_at(document, "paths")
    for path in paths:
        if "$ref" in object_at(paths, path):
            remedy = "Bundle it into the document first: nothing is fetched from elsewhere."
            yield (
                pointer("paths", path),
                f"the path item is a reference to {object_at(paths, path)['$ref']!a}",
                remedy,
            )


def path_templates(document: JSONObject) -> Iterator[Complaint]:
    """Report paths that are not templates, or whose parameters differ from their operations'.

    They are not generated.
    """
    paths = object_at(document, "paths")
    for path in paths:
        # An HTTP library leaves out the segments that lead nowhere or back.
        if not _PATH.fullmatch(path) or {".", ".."} & {*path.split("/")}:
            yield (
                pointer("paths", path),
                f"{path!a} is not a path template that a client can fill",
                "Correct the path.",
            )
    for path, method, operation in path_operations(document):
        written = [
            *objects_at(object_at(paths, path), "parameters"),
            *objects_at(operation, "parameters"),
        ]
        found = [resolved(document, parameter) for parameter in written]
        named = {text_at(parameter, "name") for parameter in found if parameter.get("in") == "path"}
        wanted = path_parameters(path)
        place, remedy = (
            pointer("paths", path, method),
            "Add or remove the parameter with a correction.",
        )
        for name in sorted(set(wanted) - named):
            yield place, f"the path has {{{name}}}, but there is no such parameter", remedy
        for name in sorted(named - set(wanted)):
            yield (
                place,
                f"there is a path parameter {name!a}, but the path has no such part",
                remedy,
            )
        for name in sorted({name for name in wanted if wanted.count(name) > 1}):
            yield place, f"the path has {{{name}}} twice", "Correct the path."


def ambiguous_paths(document: JSONObject) -> Iterator[Complaint]:
    """Report paths that differ in parameter names alone: a server cannot tell them apart."""
    found: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for path, method, _ in path_operations(document):
        found[shape(path), method].append(path)
    for (_, method), paths in found.items():
        for path in paths[1:]:
            yield (
                pointer("paths", path, method),
                f"is the same path as {paths[0]}",
                "Remove one with a correction.",
            )


def parameter_schemas(document: JSONObject) -> Iterator[Complaint]:
    """Report parameters without a schema, also those with `content`.

    The generator leaves them out.
    """
    for place, parameter in parameters(document):
        if "$ref" not in parameter and "schema" not in parameter:
            yield (
                place,
                f"the parameter {text_at(parameter, 'name')!a} has no schema",
                (
                    "Give it a schema with a correction; for one described by content, the "
                    "schema of the text on the wire."
                ),
            )


def parameter_styles(document: JSONObject) -> Iterator[Complaint]:
    """Report ways to write a parameter that OpenAPI leaves open, or that the client has not."""
    for place, parameter in parameters(document):
        if writing_of(document, parameter) is not None:
            continue
        where, name = text_at(parameter, "in"), text_at(parameter, "name")
        usual = USUAL_STYLES[where]
        style, _ = style_of(parameter)
        is_object = "object" in value_types(document, parameter.get("schema"))
        if style != usual and (style != "deepObject" or where != "query" or not is_object):
            what = f"style {style} of {name!a} is not supported"
            yield place, what, f"Correct it to {usual} if the server takes that."
        else:
            what = f"what {name!a} looks like in a {where} is not defined for {_shape_of(style)}"
            yield place, what, "Correct its schema to a plain string that the caller writes."


def _shape_of(style: str) -> str:
    if style == "deepObject":
        return "style deepObject with lists or objects inside"
    if style == "simple":
        return "lists and objects inside, or for explode: true of an object"
    return "lists and objects inside, or for explode: true in a cookie"


def content_types(document: JSONObject) -> Iterator[Complaint]:
    """Report invalid content types: the generator leaves their body or answer out."""
    for place, kind, _ in contents(document):
        if not _MEDIA_TYPE.fullmatch(kind):
            yield (
                place,
                f"{kind!a} is not a content type",
                "Correct it to the one that the server really sends.",
            )


def answers(document: JSONObject) -> Iterator[Complaint]:
    """Report operations without an answer, and answers under an invalid status.

    The generator leaves them out.
    """
    for path, method, operation in path_operations(document):
        place, responses = (
            pointer("paths", path, method, "responses"),
            object_at(operation, "responses"),
        )
        statuses = [status for status in responses if not status.startswith("x-")]
        if not statuses:
            yield place, "no answer is documented", "Add the answers with a correction."
        for status in statuses:
            if not _STATUS.fullmatch(status):
                yield (
                    place + pointer(status),
                    f"{status!a} is not a status",
                    "Correct it to one such as 200 or 4XX.",
                )


def incoming_payloads(document: JSONObject) -> Iterator[Complaint]:
    """Report payloads of webhooks and callbacks that are written in place.

    Only component schemas become classes.
    """
    for place, operation in operations(document):
        if place.startswith("/paths/") and "/callbacks/" not in place:
            continue
        content = object_at(resolved(document, operation.get("requestBody")), "content")
        for kind in content:
            schema = as_schema(object_at(content, kind).get("schema"))
            if schema and "$ref" not in schema:
                yield (
                    place + pointer("requestBody", "content", kind),
                    "the payload is written in place",
                    ("Lint the corrected document: payloads are component schemas there."),
                )


def other_servers(document: JSONObject) -> Iterator[Complaint]:
    """Report operations with a server of their own: the client sends to the document's server.

    Operations of one address are one finding.
    """
    found: defaultdict[str, list[str]] = defaultdict(list)
    for place, operation in operations(document):
        for server in objects_at(operation, "servers")[:1]:
            found[text_at(server, "url")[:80]].append(f"{place}/servers")
    for address, places in found.items():
        more = f", as {len(places) - 1} more do" if len(places) > 1 else ""
        yield (
            places[0],
            f"the operation lives at {address!a}{more}; a client has one address",
            "Remove their servers with a correction, and give a client of that address to their "
            "calls.",
        )


def security(document: JSONObject) -> Iterator[Complaint]:
    """Report operations whose key cannot be sent: a client has one key, in one place.

    Operations that ask for the same are one finding.
    """
    key = key_place(document)
    found: defaultdict[str, list[str]] = defaultdict(list)
    for path, method, operation in path_operations(document):
        places = accepted_places(document, operation)
        if places is not None and key not in places:
            wanted = " or ".join(
                " with ".join(requirement) for requirement in objects_at(operation, "security")
            )
            found[wanted].append(pointer("paths", path, method, "security"))
    for wanted, places_found in found.items():
        more = f", as {len(places_found) - 1} more do" if len(places_found) > 1 else ""
        spoken = f"{key.prefix} {key.place} {key.name}".strip()
        yield (
            places_found[0],
            f"asks for {wanted}{more}; the client sends one key, as {spoken}",
            "Correct security to what the client sends if the server takes that, "
            "or remove it where none is needed.",
        )


def reached_methods(document: JSONObject) -> Iterator[Complaint]:
    """Report a document without operations: it gives an empty client."""
    paths = object_at(document, "paths")
    if not any(True for path in paths for _ in path_item_operations(object_at(paths, path))):
        yield "/paths", "the document has no operation", "Check that it is the right document."


OPERATION_RULES: Final[dict[str, Rule]] = {
    "path-item-reference": path_item_references,
    "path-template": path_templates,
    "ambiguous-path": ambiguous_paths,
    "parameter-schema": parameter_schemas,
    "parameter-style": parameter_styles,
    "content-type": content_types,
    "answer": answers,
    "incoming-payload": incoming_payloads,
    "other-server": other_servers,
    "security": security,
    "no-operation": reached_methods,
}
