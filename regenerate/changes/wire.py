"""Two versions of a corrected document: what changed on the wire, for people."""

from collections.abc import Iterator, Mapping

from ..document.json_tree import (
    JSONObject,
    JSONValue,
    Operation,
    object_at,
    objects_at,
    operations,
    strings_at,
    text_at,
    values_in,
)
from ..document.parameter_styles import is_composed, writing_of
from ..document.path_templates import Relocation, relocation, shape
from ._schema import Use, description_changes, schema_changes
from .change import Change, addition, breaking, other

_SENT, _READ = Use(sent=True, read=False), Use(sent=False, read=True)


def wire_changes(old: JSONObject, new: JSONObject) -> list[Change]:
    """Return what changed between two corrected documents, the heaviest first.

    Each change stands once, at its schema.
    """
    spelling = relocation(object_at(new, "paths"), [*object_at(old, "paths")])
    was = {_key(operation, operation.path): operation for operation in operations(old)}
    now = {
        _key(operation, spelling.as_known(operation.path)): operation
        for operation in operations(new)
    }
    changes: set[Change] = set(_path_changes(was, now, spelling))
    for key in was.keys() - now.keys():
        changes.add(breaking(was[key].title, f"is gone ({_name(was[key])})"))
    for key in now.keys() - was.keys():
        changes.add(addition(now[key].title, f"is new ({_name(now[key])})"))
    for key in was.keys() & now.keys():
        changes.update(_operation_changes(was[key], now[key]))
        changes.update(_writing_changes(old, new, was[key], now[key]))
    changes.update(_server_changes(old, new))
    changes.update(_component_changes(old, new))
    return sorted(changes)


def _key(operation: Operation, path: str) -> str:
    return f"{operation.method} {shape(path)}"


def _path_changes(
    was: Mapping[str, Operation], now: Mapping[str, Operation], spelling: Relocation
) -> Iterator[Change]:
    """Yield what is the same operation at another path: one change for all that moved alike."""
    moved = [key for key in was.keys() & now.keys() if shape(was[key].path) != shape(now[key].path)]
    if spelling.is_moved and moved:
        before, after = spelling.old or "/", spelling.new or "/"
        count = f"{len(moved)} operation{'s' if len(moved) != 1 else ''}"
        yield breaking("paths", f"{count} moved from {before} to {after}")
        return
    for gained, what in ((True, "end in a slash now"), (False, "do not end in a slash any more")):
        changed = [key for key in moved if now[key].path.endswith("/") is gained]
        if changed:
            places = ", ".join(sorted(now[key].title for key in changed)[:5])
            more = f" and {len(changed) - 5} more" if len(changed) > 5 else ""
            yield breaking("paths", f"{len(changed)} {what}: {places}{more}")


def _name(operation: Operation) -> str:
    return ".".join(
        [*strings_at(operation.data, "tags")[:1], text_at(operation.data, "operationId")]
    )


def _server_changes(old: JSONObject, new: JSONObject) -> Iterator[Change]:
    was = [text_at(server, "url") for server in objects_at(old, "servers")]
    now = [text_at(server, "url") for server in objects_at(new, "servers")]
    if was and not now:
        yield other("servers", f"were {', '.join(was)}; the document names none any more")
    elif was != now:
        yield breaking(
            "servers", f"were {', '.join(was) or 'none'}, are {', '.join(now) or 'none'}"
        )


def _operation_changes(old: Operation, new: Operation) -> Iterator[Change]:
    where = new.title
    if _name(old) != _name(new):
        yield breaking(where, f"was called {_name(old)}, is called {_name(new)}")
    if old.data.get("security") != new.data.get("security"):
        yield breaking(where, "what must be shown to be let in changed")
    if old.data.get("deprecated") != new.data.get("deprecated"):
        yield other(
            where,
            "is deprecated now" if new.data.get("deprecated") else "is not deprecated any more",
        )
    for word in ("summary", "description"):
        if text_at(old.data, word) != text_at(new.data, word):
            yield other(where, f"the {word} changed")
    yield from _parameter_changes(_parameters(old), _parameters(new), where)
    yield from _body_changes(
        object_at(old.data, "requestBody"), object_at(new.data, "requestBody"), where
    )
    yield from _answer_changes(
        object_at(old.data, "responses"), object_at(new.data, "responses"), where
    )


def _parameters(operation: Operation) -> dict[str, JSONObject]:
    return {
        f"{text_at(one, 'in')} {text_at(one, 'name')}": one
        for one in objects_at(operation.data, "parameters")
    }


def _parameter_changes(
    old: Mapping[str, JSONObject], new: Mapping[str, JSONObject], where: str
) -> Iterator[Change]:
    for name in old.keys() - new.keys():
        yield breaking(f"{where} {name}", "is gone")
    for name in new.keys() - old.keys():
        demanded = new[name].get("required") is True
        yield (
            breaking(f"{where} {name}", "is new and must be given")
            if demanded
            else addition(f"{where} {name}", "is new")
        )
    for name in old.keys() & new.keys():
        place = f"{where} {name}"
        before, after = old[name].get("required") is True, new[name].get("required") is True
        if before != after:
            yield (
                breaking(place, "must be given now")
                if after
                else addition(place, "may be left out now")
            )
        if old[name].get("deprecated") != new[name].get("deprecated"):
            yield other(
                place,
                "is deprecated now"
                if new[name].get("deprecated")
                else "is not deprecated any more",
            )
        yield from description_changes(old[name], new[name], _SENT, place)
        yield from schema_changes(
            object_at(old[name], "schema"), object_at(new[name], "schema"), _SENT, place
        )
        yield from _content_changes(
            object_at(old[name], "content"), object_at(new[name], "content"), _SENT, place
        )


def _writing_changes(
    old: JSONObject, new: JSONObject, was: Operation, now: Operation
) -> Iterator[Change]:
    """Yield the lists and objects that are parameters and are written otherwise in a request."""
    before, after = _parameters(was), _parameters(now)
    for name in before.keys() & after.keys():
        if all(is_composed(document, one[name]) for document, one in ((old, before), (new, after))):
            sent, wanted = writing_of(old, before[name]), writing_of(new, after[name])
            if sent is not None and wanted is not None and sent != wanted:
                spoken = text_at(after[name], "name")
                yield breaking(
                    f"{now.title} {name}",
                    f"was sent with {sent.of(spoken)}; is sent with {wanted.of(spoken)}",
                )


def _body_changes(old: JSONObject, new: JSONObject, where: str) -> Iterator[Change]:
    place = f"{where} body"
    if not old and not new:
        return
    if not old:
        demanded = new.get("required") is True
        yield breaking(place, "is new and must be sent") if demanded else addition(place, "is new")
        return
    if not new:
        yield breaking(place, "is gone")
        return
    before, after = old.get("required") is True, new.get("required") is True
    if before != after:
        yield (
            breaking(place, "must be sent now") if after else addition(place, "may be left out now")
        )
    yield from _content_changes(object_at(old, "content"), object_at(new, "content"), _SENT, place)


def _answer_changes(old: JSONObject, new: JSONObject, where: str) -> Iterator[Change]:
    for status in old.keys() - new.keys():
        place = f"{where} {status}"
        yield (
            breaking(place, "is not an answer any more")
            if status.startswith("2")
            else other(place, "is not named any more")
        )
    for status in new.keys() - old.keys():
        place = f"{where} {status}"
        yield addition(place, "is a new answer")
    for status in old.keys() & new.keys():
        was, now, place = object_at(old, status), object_at(new, status), f"{where} {status}"
        yield from _content_changes(
            object_at(was, "content"), object_at(now, "content"), _READ, place
        )
        yield from _header_changes(object_at(was, "headers"), object_at(now, "headers"), place)


def _header_changes(old: JSONObject, new: JSONObject, where: str) -> Iterator[Change]:
    """Yield what changed in the headers of an answer, whose names are the same in any case."""
    was, now = ({name.lower(): one for name, one in found.items()} for found in (old, new))
    for name in was.keys() - now.keys():
        yield breaking(f"{where} header {name}", "is gone")
    for name in now.keys() - was.keys():
        yield addition(f"{where} header {name}", "is new")
    for name in was.keys() & now.keys():
        before, after = object_at(was, name), object_at(now, name)
        place = f"{where} header {name}"
        if before.get("required") is True and after.get("required") is not True:
            yield breaking(place, "may be missing now")
        yield from schema_changes(
            object_at(before, "schema"), object_at(after, "schema"), _READ, place
        )


def _content_changes(old: JSONObject, new: JSONObject, use: Use, where: str) -> Iterator[Change]:
    for kind in old.keys() - new.keys():
        yield breaking(where, f"{kind} is gone")
    for kind in new.keys() - old.keys():
        # What had no content was read as None; beside another kind a new one takes nothing away.
        yield (
            breaking(where, f"{kind} is new")
            if use.read and not old.keys()
            else addition(where, f"{kind} is new")
        )
    for kind in old.keys() & new.keys():
        was, now = (
            object_at(object_at(old, kind), "schema"),
            object_at(object_at(new, kind), "schema"),
        )
        yield from schema_changes(was, now, use, where)


def _component_changes(old: JSONObject, new: JSONObject) -> Iterator[Change]:
    was = object_at(object_at(old, "components"), "schemas")
    now = object_at(object_at(new, "components"), "schemas")
    sent = _reached(old, "requestBody", "parameters") | _reached(new, "requestBody", "parameters")
    read = _reached(old, "responses") | _reached(new, "responses")
    for name in was.keys() - now.keys():
        yield breaking(name, "the class is gone")
    for name in now.keys() - was.keys():
        yield addition(name, "the class is new")
    for name in was.keys() & now.keys():
        use = Use(sent=name in sent, read=name in read or name not in sent)
        yield from schema_changes(object_at(was, name), object_at(now, name), use, name)


def _reached(document: JSONObject, *words: str) -> set[str]:
    """Return the names of the schemas that are reached from these parts of the operations."""
    named = object_at(object_at(document, "components"), "schemas")
    found: set[str] = set()
    todo: list[JSONValue] = [
        operation.data.get(word) for operation in operations(document) for word in words
    ]
    while todo:
        for value in values_in(todo.pop()):
            reference = text_at(value, "$ref") if isinstance(value, dict) else ""
            name = reference.rsplit("/", 1)[-1]
            if reference and name not in found:
                found.add(name)
                todo.append(named.get(name))
    return found
