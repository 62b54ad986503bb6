"""Whether a document that was downloaded may take the place of the one that is there."""

import re
from collections.abc import Callable
from typing import Final

from attrs import field, frozen

from ..document.json_tree import (
    DocumentError,
    JSONObject,
    at_pointer,
    canonical_bytes,
    local_pointer,
    object_at,
    operations,
    parse_document,
    text_at,
)
from ..document.path_templates import relocation, shape

MAX_LOSS: Final = 0.3
"""The part of its operations that a document may lose before it counts as a broken one."""

_SUPPORTED_VERSION: Final = re.compile(r"3\.[01]\.[0-9]+")


class NotAcceptable(DocumentError):
    """No client can be made of the document, or it has lost too much.

    The text says what it is instead.
    """


@frozen
class Accepted:
    """A document that may be taken.

    `is_equal` says whether its content equals that of the one before.
    """

    document: JSONObject = field(repr=False)
    operations: int
    lost: tuple[str, ...]
    is_equal: bool
    joined: int = 0
    """How many operations take a whole id now that was sent in two parts before."""
    moved: tuple[str, str] | None = None
    """What the paths began with before and begin with now, where they all moved."""


def accept(raw: bytes, before: bytes | None, *, allow_shrink: bool = False) -> Accepted:
    """Judge the bytes of a document against those of the one before, None where there is none.

    Two documents say the same when they differ in the order of keys and in white space only.

    Raises:
        NotAcceptable: it is not a document, or has lost too much; the text says why.
    """
    if not raw.strip():
        raise NotAcceptable("an empty body")
    try:
        document = parse_document(raw)
    except DocumentError as error:
        raise NotAcceptable(str(error)) from None
    _check_version(document)
    found = _titles(document)
    if not found:
        raise NotAcceptable("a document without any operation")
    old = _readable(before)
    if old is None:
        return Accepted(document, len(found), (), is_equal=False)
    spelling = relocation(_paths(document), [*_paths(old)])
    known = _titles(old)
    missing = known - _titles(document, spelling.as_known)
    others = _titles(document, spelling.moved_back) - known
    # `models/{model_id}/runs` for `models/{owner}/{slug}/runs` is the same operation.
    joined = {title for title in missing if title.replace("/{}/{}", "/{}", 1) in others}
    lost = tuple(sorted(missing - joined))
    moved = (spelling.old or "/", spelling.new or "/") if spelling.is_moved else None
    if len(lost) > MAX_LOSS * len(known) and not allow_shrink:
        raise NotAcceptable(
            f"a document that lost {len(lost)} of {len(known)} operations: {_some(lost)}. "
            "ALLOW_SHRINK=1 accepts it"
        )
    return Accepted(
        document,
        len(found),
        lost,
        is_equal=canonical_bytes(document) == canonical_bytes(old),
        joined=len(joined),
        moved=moved,
    )


def _paths(document: JSONObject) -> JSONObject:
    """Return every path with its operations, those too whose path item stands elsewhere."""
    paths = object_at(document, "paths")
    return {path: _behind_reference(document, object_at(paths, path)) for path in paths}


def _titles(document: JSONObject, spelled: Callable[[str], str] = str) -> set[str]:
    """Return every operation as `GET /v1/runs/{}`, its path spelled as `spelled` gives it."""
    found = operations({"paths": _paths(document)})
    return {f"{one.method.upper()} {shape(spelled(one.path))}" for one in found}


def _behind_reference(document: JSONObject, item: JSONObject) -> JSONObject:
    """Return a path item with what its reference leads to; what stands beside it counts, too."""
    where = local_pointer(text_at(item, "$ref"))
    try:
        found = at_pointer(document, where) if where is not None else item
    except KeyError:
        return item
    own = {key: value for key, value in item.items() if key != "$ref"}
    return {**found, **own} if isinstance(found, dict) else item


def _check_version(document: JSONObject) -> None:
    version = text_at(document, "openapi")
    if _SUPPORTED_VERSION.fullmatch(version):
        return
    if version:
        raise NotAcceptable(f"OpenAPI {version[:20]}, expected 3.0 or 3.1")
    if "swagger" in document:
        raise NotAcceptable(
            f"Swagger {text_at(document, 'swagger')[:20]}, expected OpenAPI 3.0 or 3.1"
        )
    raise NotAcceptable(
        "a JSON object that is not an OpenAPI document: it has no version under openapi"
    )


def _readable(raw: bytes | None) -> JSONObject | None:
    try:
        return None if raw is None else parse_document(raw)
    except DocumentError:
        return None


def _some(names: tuple[str, ...]) -> str:
    more = f" and {len(names) - 5} more" if len(names) > 5 else ""
    return ", ".join(names[:5]) + more
