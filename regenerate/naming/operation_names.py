"""Name operations: from the naming table, or by method and path where it has no name.

The document's own operation ids have no say, so that a document that differs in them only gives the
same client.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from attrs import field, frozen

from ..document.json_tree import (
    DocumentError,
    JSONObject,
    Operation,
    canonical_bytes,
    kind_of,
    object_at,
    operations,
    path_parameters,
    sha256,
    strings_at,
    text_at,
)
from ..document.path_templates import Relocation, relocation, shape
from ..document.yaml_files import read_yaml
from ..project.paths import NAMING

DEFAULT_PACKAGE = "default"

_VERSION_SEGMENT = re.compile(r"v[0-9]+|api", re.IGNORECASE)
_SNAKE = re.compile(r"[a-z][a-z0-9_]*")
_PASCAL = re.compile(r"[A-Z][A-Za-z0-9]*")
_METHOD_AND_PATH = re.compile(r"[A-Z]+ /\S*")
_VERBS = {
    "put": "replace",
    "patch": "update",
    "post": "create",
    "delete": "delete",
    "head": "check",
}


@frozen
class OperationName:
    """What an operation is called.

    It has a package (the tag's place in the client) and a name of its own, both snake case.
    """

    package: str
    name: str


@frozen
class NamingTable:
    """The decided names: operations by `METHOD path shape`, schemas by place."""

    operations: Mapping[str, OperationName] = field(factory=dict[str, OperationName])
    schemas: Mapping[str, str] = field(factory=dict[str, str])


def read_table(path: Path | None = NAMING) -> NamingTable:
    """Return the naming table of a YAML file, an empty one for None.

    Raises:
        DocumentError: the file is not a naming table, or contradicts itself.
    """
    if path is None:
        return NamingTable()
    value = read_yaml(path)
    try:
        return parse_table(value)
    except DocumentError as error:
        raise DocumentError(f"{path.name}: {error}") from None


def line_of(path: Path, name: str) -> int | None:
    """Return the line of a naming table on which a name stands, None where it does not."""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if re.match(rf"\s+{re.escape(name)}:", line):
            return number
    return None


def parse_table(value: JSONObject) -> NamingTable:
    """Return the table that the value describes.

    `operations` holds packages, each with its operations as `name: METHOD path`. `schemas` holds
    names, each with the list of places where it stands: `GET /v1/runs/{id} 200`, `POST /v1/runs
    body`, `* 4XX` (any operation), `Run.logs[]` (below a named schema).

    Raises:
        DocumentError: the value is not a naming table, or a place has two names.
    """
    named: dict[str, OperationName] = {}
    packages = _names_at(value, "operations")
    for package in packages:
        entries = _names_at(packages, package)
        for name in entries:
            place = place_key(text_at(entries, name))
            if not _SNAKE.fullmatch(name) or not _SNAKE.fullmatch(package):
                raise DocumentError(f"operation {package}.{name}: names are snake case")
            if not _METHOD_AND_PATH.fullmatch(place):
                raise DocumentError(f"operation {package}.{name}: give it as METHOD /path")
            if place in named or OperationName(package, name) in named.values():
                raise DocumentError(f"operation {package}.{name}: {place} or the name stands twice")
            named[place] = OperationName(package, name)
    schemas: dict[str, str] = {}
    written = _names_at(value, "schemas")
    for name in written:
        if not _PASCAL.fullmatch(name):
            raise DocumentError(f"schema {name}: names are Pascal case")
        places = written[name]
        if not isinstance(places, list) or not all(isinstance(place, str) for place in places):
            raise DocumentError(f"schema {name}: give its places as a list of texts")
        for place in map(place_key, strings_at(written, name)):
            if place in schemas:
                raise DocumentError(f"schema {name}: {place} is {schemas[place]} already")
            schemas[place] = name
    return NamingTable(named, schemas)


def _names_at(holder: JSONObject, key: str) -> JSONObject:
    """Return the names under a key, none where it is left out or null."""
    found = holder.get(key)
    if found is not None and not isinstance(found, dict):
        raise DocumentError(f"{key} is {kind_of(found)}, not an object of names")
    return found or {}


def place_key(place: str) -> str:
    """Return a place as the table holds it.

    There is one space between its parts, and path parameters have no names.
    """
    return " ".join(shape(part) if part.startswith("/") else part for part in place.split())


def table_spelling(document: JSONObject, table: NamingTable) -> Relocation:
    """Return how the paths of a document are spelled beside those of the naming table."""
    return relocation(object_at(document, "paths"), [key.split()[1] for key in table.operations])


def name_operations(document: JSONObject, table: NamingTable) -> dict[str, OperationName]:
    """Return the name of every operation under `paths`, by `METHOD path`.

    No two share package and name.

    Where the table has none, the package is the operation's first tag and the name is made from
    method and path: see `derived_name`. Names that several operations would share, or that the
    table gives away, get the path's parameters behind them, and where that does not tell them
    apart, a hash of method and path.
    """
    found = list(operations(document))
    spelling = table_spelling(document, table)
    names: dict[str, OperationName] = {}
    taken: set[OperationName] = set(table.operations.values())
    open_ones: list[tuple[Operation, str]] = []
    used: set[str] = set()
    for operation in found:
        key = place_key(f"{operation.method.upper()} {spelling.as_known(operation.path)}")
        decided = table.operations.get(key)
        if decided is not None and key not in used:
            used.add(key)
            names[operation.title] = decided
        else:
            open_ones.append((operation, _package(operation)))
    for make in (derived_name, _name_with_parameters, _name_with_hash):
        wanted = [OperationName(package, make(operation)) for operation, package in open_ones]
        counts = Counter(wanted)
        left: list[tuple[Operation, str]] = []
        for (operation, package), name in zip(open_ones, wanted, strict=True):
            if counts[name] > 1 or name in taken:
                left.append((operation, package))
            else:
                names[operation.title] = name
        taken |= set(names.values())
        open_ones = left
    return names


def _package(operation: Operation) -> str:
    tags = strings_at(operation.data, "tags")
    return snake_case(tags[0]) if tags and snake_case(tags[0]) else DEFAULT_PACKAGE


def derived_name(operation: Operation) -> str:
    """Return a name made from method and path.

    `POST /v1/runs/{run_id}/archivals` is `create_run_archival`.

    The nouns are the path's words without `api` and version segments, each in the singular but the
    last one of a list. The verb is create, replace, update or delete by method; a GET of a path
    that ends with a plural word is a list, any other GET is a get.
    """
    segments = [
        part for part in operation.path.split("/") if part and not _VERSION_SEGMENT.fullmatch(part)
    ]
    words = [snake_case(part) for part in segments if "{" not in part]
    nouns = [singular(word) for word in words]
    verb = _VERBS.get(operation.method, operation.method)
    if operation.method == "get" and words and "{" not in segments[-1] and words[-1] != nouns[-1]:
        verb, nouns[-1] = "list", words[-1]
    return "_".join(part for part in (verb, *nouns) if part) if any(nouns) else f"{verb}_root"


def _name_with_parameters(operation: Operation) -> str:
    names = [snake_case(name) for name in path_parameters(operation.path)]
    return (
        f"{derived_name(operation)}_by_{'_and_'.join(name for name in names if name)}".removesuffix(
            "_by_"
        )
    )


def _name_with_hash(operation: Operation) -> str:
    return f"{derived_name(operation)}_{sha256(canonical_bytes(operation.title))[:8]}"


def snake_case(text: str) -> str:
    """Return the ASCII words of a text in lower case, joined by underscores.

    `Runs & logs` is `runs_logs`.
    """
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", text if text.isascii() else _plain(text))
    return "_".join(re.findall(r"[a-z0-9]+", parted.lower()))


def _plain(text: str) -> str:
    """Return a text with the marks of its letters left out: `Größe` is `Grosse`."""
    parted = unicodedata.normalize("NFKD", text.replace("ß", "ss"))
    return "".join(letter for letter in parted if not unicodedata.combining(letter))


def pascal_case(text: str) -> str:
    """Return the ASCII words of a text, each with a capital first letter.

    `status_code` is `StatusCode`.
    """
    return "".join(word[:1].upper() + word[1:] for word in snake_case(text).split("_"))


def singular(word: str) -> str:
    """Return the singular of the last English word in a snake case name, by its ending."""
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "xes", "ches", "shes", "tuses")):
        return word[:-2]
    return word[:-1] if word.endswith("s") and not word.endswith(("ss", "us", "is")) else word
