"""What each gate says of a small package with one damage a module, and what it expects of one."""

import pickle
from collections.abc import Iterator
from pathlib import Path

import pytest
from suites.snapshot import check_snapshot

from ...document.json_tree import JSONObject, JSONValue
from ...generate.checks import (
    GateError,
    check_imports,
    check_operations,
    check_slashes,
    check_types_with,
    overlay_type_errors,
)
from ..every_word import SNAPSHOTS
from ..small_documents import reference, with_paths

TEXT: JSONObject = {"type": "string"}
THING: JSONObject = {"type": "object", "properties": {"id": TEXT}}

MODELS = "class Thing: ...\nclass Part: ...\nclass Run: ...\n"
COMMON = {
    "__init__.py": "",
    "client.py": "",
    "errors.py": (
        "class UnexpectedStatus(Exception): ...\nclass InvalidResponse(Exception): ...\n"
    ),
    "http_library.py": (
        "class Response:\n    def __init__(self, status_code, content):\n"
        "        assert content == b''\n        self.status_code = status_code\n"
        "class httpx:\n    Response = Response\n"
    ),
    "models/__init__.py": MODELS,
    "api/__init__.py": "",
    "api/default/__init__.py": "",
}
SIX = ["build_request", "parse_response", "sync", "sync_detailed", "asyncio", "asyncio_detailed"]


def module(
    *, reads: str = "None", body: str = "", read: str = "pass", leaves_out: str = "", more: str = ""
) -> str:
    """Return a module of an operation, whose answers are of the type `reads`."""
    taken = f"*, body: {body}" if body else ""
    functions = {name: f"def {name}(): ...\n" for name in SIX}
    functions["build_request"] = f"def build_request({taken}): ...\n"
    functions["parse_response"] = f"def parse_response(response) -> {reads}:\n    {read}\n"
    functions.pop(leaves_out, None)
    head = "from typing import *\nfrom ...errors import *\nfrom ...models import *\n"
    return head + "".join(functions.values()) + more


def package_of(folder: Path, modules: dict[str, str], **others: str) -> Path:
    """Return a package with these modules of operations."""
    package = folder / "small_api"
    files = {**COMMON, **{f"api/default/{name}.py": text for name, text in modules.items()}}
    for name, text in {**files, **others}.items():
        (package / name).parent.mkdir(parents=True, exist_ok=True)
        (package / name).write_text(text, encoding="utf-8")
    return package


def document_of(operations: dict[str, JSONObject]) -> JSONObject:
    """Return a document with one operation a module."""
    paths: JSONObject = {
        f"/{name}": {"get": {"operationId": name, **operation}}
        for name, operation in operations.items()
    }
    named: JSONObject = {
        "Thing": THING,
        "Kind": {"type": "string", "enum": ["a"]},
        "Plain": TEXT,
        "Bare": {"type": "object"},
        "Merged": {"allOf": [reference("Thing"), THING]},
        "Alone": {"allOf": [reference("Thing")], "description": "D"},
        "Only": {"anyOf": [reference("Kind")]},
        "Union": {"oneOf": [reference("Thing"), reference("Kind")]},
        "Again": reference("Again"),
        "run-log": THING,
        "Anything": {"description": "Any value."},
    }
    return with_paths(paths, **named)


def content(schema: JSONValue, kind: str = "application/json") -> JSONObject:
    """Return what holds a body of this schema."""
    return {"content": {kind: {"schema": schema}}}


SCHEMAS: dict[str, JSONValue] = {
    **{name: reference(name) for name in ("Thing", "Kind", "Plain", "Bare", "Merged", "Alone")},
    **{name: reference(name) for name in ("Only", "Union", "Again", "run-log", "Gone")},
    "anything": {},
    "anything_told": {"title": "T", "description": "D", "default": 1, "example": 2, "examples": []},
    "anything_of_old": {"deprecated": True, "description": "Deprecated."},
    "anything_read": {"readOnly": True, "x-inferred": True},
    "anything_sent": {"writeOnly": True},
    "null": {"type": "null"},
    "anything_or_null": {"anyOf": [reference("Anything"), {"type": "null"}]},
    "one_of_nulls": {"oneOf": [{"type": "null"}, {"title": "T"}], "description": "D"},
    "text_or_null": {"anyOf": [TEXT, {"type": "null"}]},
    "anything_or_text": {"oneOf": [{}], "anyOf": [TEXT, {}]},
    "in_place": THING,
    "text": TEXT,
    "list": {"type": "array", "items": reference("Thing")},
    "alone": {"allOf": [reference("Thing")]},
}
KINDS = ("application/json", "application/a+json", "text/csv", "image/png")


def expectations(folder: Path) -> Iterator[str]:
    """Yield what is missed in a package whose answers and bodies are all None."""
    operations: dict[str, JSONObject] = {}
    for name, schema in SCHEMAS.items():
        for number, kind in enumerate(KINDS):
            operations[f"{name.lower().replace('-', '_')}_{number}"] = {
                "responses": {"200": content(schema, kind)},
                "requestBody": content(schema, kind),
            }
    several: JSONObject = {"content": {kind: {"schema": reference("Thing")} for kind in KINDS}}
    operations["several"] = {"responses": {"200": several, "404": {}}, "requestBody": several}
    operations["nothing"] = {"responses": {"204": {}}, "requestBody": {"content": {}}}
    modules = {name: module(body="None") for name in operations}
    found: dict[str, list[str]] = {}
    for problem in told(folder / "all", document_of(operations), modules):
        name, _, what = problem.partition(": ")
        found.setdefault(what, []).append(name)
    for what, names in found.items():
        yield f"{what}:\n    {', '.join(names)}"


def told(folder: Path, document: JSONObject, modules: dict[str, str], **more: str) -> list[str]:
    """Return the problems that the gate of imports finds."""
    try:
        check_imports(document, package_of(folder, modules, **more))
    except GateError as error:
        assert error.gate == "imports"
        return [one.replace("small_api.api.default.", "") for one in error.problems]
    finally:
        assert not [*folder.rglob("*.pyc")], "nothing is added to the package"
    return ["no problem"]


ANSWER: JSONObject = {"responses": {"200": content(reference("Thing"))}}
STATUSES = ("200", "404", "4XX", "5xx", "default")
UNREAD = "raise UnexpectedStatus()"
DAMAGES: dict[str, tuple[JSONObject, str]] = {
    "sound": (ANSWER, module(reads="Thing")),
    **{f"without_{name}": (ANSWER, module(reads="Thing", leaves_out=name)) for name in SIX},
    "inside": (ANSWER, module(reads="dict[str, list[Thing | None]] | Literal[1]")),
    "another": (ANSWER, module(reads="Part")),
    "any": (ANSWER, module(reads="Any")),
    "text": ({"responses": {"200": content(TEXT)}}, module(reads="Any | None")),
    "text_or_anything": ({"responses": {"200": content(TEXT)}}, module(reads="Any | str")),
    "texts": ({"responses": {"200": content(TEXT)}}, module(reads="list[Any] | None")),
    "optional": (
        {"responses": {"200": content(TEXT)}, "requestBody": content(TEXT)},
        module(reads="Optional[Any]", body="Union[Any, None]"),
    ),
    "text_there": ({"responses": {"200": content(TEXT)}}, module(reads="str | None")),
    "no_body": ({"responses": {}, "requestBody": content(TEXT)}, module()),
    "no_body_of_anything": ({"responses": {}, "requestBody": content({})}, module()),
    "a_body_of_anything": ({"responses": {}, "requestBody": content({})}, module(body="Any")),
    "a_body_of_nothing": ({"responses": {}, "requestBody": {"content": {}}}, module()),
    "other_body": (
        {"responses": {}, "requestBody": content(reference("Thing"))},
        module(body="Part"),
    ),
    "body": ({"responses": {}, "requestBody": content(reference("Thing"))}, module(body="Thing")),
    "not_asked": (ANSWER, module(reads="Thing", body="Thing")),
    **{
        f"unread_{index}": (
            {"responses": {one: {} for one in STATUSES}},
            module(read=f"if response.status_code == {code}: {UNREAD}"),
        )
        for index, code in enumerate((200, 404, 451, 551, 599, 400, 500))
    },
    "invalid": ({"responses": {"200": {}}}, module(read="raise InvalidResponse()")),
    "broken": ({"responses": {"200": {}}}, module(read="raise KeyError('a')")),
    "no_name": (ANSWER, module(reads="Thing", more="__all__ = ['sync', 'gone']\n")),
    "warns": (ANSWER, module(reads="Thing", more="import warnings\nwarnings.warn('old')\n")),
    "no_module": (ANSWER, "import no_such_module\n"),
    "no_python": (ANSWER, "def\n"),
}
HINTS = """
class Sound:
    a: int
    def m(self) -> "Sound": ...
class Field:
    a: "Gone"
class Method:
    def m(self, a: "Gone"): ...
class ClassMethod:
    @classmethod
    def m(cls) -> "Gone": ...
class StaticMethod:
    @staticmethod
    def m() -> "Gone": ...
class _Private:
    a: "Gone"
class Inner:
    class Deep:
        a: "Gone"
def function(a: "Gone"): ...
def _private(a: "Gone"): ...
value: "Gone" = 1
def unreadable(a: "1 +"): ...
def attribute(a: "Sound.gone"): ...
"""


def gates(folder: Path) -> Iterator[str]:
    yield "* what is expected"
    yield from expectations(folder)
    yield "* damages"
    operations = {name: operation for name, (operation, _) in DAMAGES.items()}
    modules = {name: text for name, (_, text) in DAMAGES.items()}
    yield from told(folder / "damaged", document_of(operations), modules)
    yield "* hints"
    sound = {"sound": module(reads="Thing")}
    document = document_of({"sound": ANSWER})
    importing = "from .hints import *\n"
    more = {"hints.py": HINTS, "importing.py": importing}
    yield from told(folder / "hints", document, sound, **more)
    yield "* by itself"
    first = "import sys\nsys.modules['small_api'].ready = True\n"
    second = "import sys\nassert sys.modules['small_api'].ready\n"
    modules = {**sound, "aa": first.replace("'small_api'", "__package__"), "bb": second}
    modules["cc"] = "import small_api.models\nsmall_api.models.part\n"
    more = {"first.py": first, "second.py": second, "models/part.py": ""}
    yield from told(folder / "alone", document, modules, **more)
    yield "* a package"
    more = {"api/default/extra/__init__.py": "import no_such_module\n"}
    yield from told(folder / "package", document, sound, **more)
    yield "* one that ends the process"
    ends = {**sound, "ends": "import os\nos._exit(7)\n"}
    yield from told(folder / "ends", document, ends)
    yield "* sound"
    yield from told(folder / "sound", document, sound)


def test_the_gate_of_imports_says_what_it_said_before(tmp_path: Path) -> None:
    check_snapshot(SNAPSHOTS / "gates.txt", "\n".join(gates(tmp_path)) + "\n")


REQUESTS = {
    "one": "def build_request(model_id): return {'url': f'/models/{model_id}/runs'}",
    "two": "def build_request(owner, slug): return {'url': f'/models/{owner}/{slug}'}",
    "body": (
        "def build_request(owner, slug, *, body, kind, page=1):\n"
        "    assert (body.to_dict(), kind.to_dict(), page) == ({}, {}, 1)\n"
        "    return {'url': f'{owner}/{slug}'}"
    ),
    "escapes": (
        "from urllib.parse import quote\n"
        "def build_request(owner, slug): return {'url': '/'.join((owner, quote(slug, safe='')))}"
    ),
    "escapes_one": (
        "from urllib.parse import quote\n"
        "def build_request(model_id): return {'url': quote(model_id, safe='')}"
    ),
    "turned": "def build_request(owner, slug): return {'url': f'{slug}/{owner}'}",
    "three": "def build_request(owner, slug, more): return {'url': f'{owner}/{slug}'}",
    "none": "def build_request(): return {'url': '/models'}",
    "refuses": "def build_request(a, b): raise ValueError('no slash')",
    "wrong": "def build_request(a, b): raise TypeError('no text')",
    "number": "def build_request(a, b): return {'url': 1}",
}
BROKEN = {
    "ends": "import os\nos._exit(7)",
    "key": "def build_request(a, b): return {}",
    "no_function": "",
    "no_import": "import no_such_module",
}


def slashes(package: Path, names: list[str]) -> tuple[str, ...]:
    """Return what the gate of model ids finds."""
    try:
        check_slashes(package, [f"default.{name}" for name in names])
    except GateError as error:
        assert error.gate == "model ids"
        return error.problems
    return ()


WANTED = "owner/family/2.0/fast/text-to-video"


def test_each_request_that_loses_a_slash_is_named(tmp_path: Path) -> None:
    package = package_of(tmp_path, REQUESTS | BROKEN)
    assert slashes(package, [*REQUESTS, "gone"]) == (
        f"default.escapes: {WANTED} is sent as owner/family%2F2.0%2Ffast%2Ftext-to-video",
        f"default.escapes_one: {WANTED} is sent as {WANTED.replace('/', '%2F')}",
        f"default.turned: {WANTED} is sent as family/2.0/fast/text-to-video/owner",
        f"default.three: {WANTED} is sent as TypeError: build_request() missing 1 required "
        "positional argument: 'more'",
        f"default.none: {WANTED} is sent as /models",
        f"default.refuses: {WANTED} is sent as ValueError: no slash",
        f"default.wrong: {WANTED} is sent as TypeError: no text",
        f"default.number: {WANTED} is sent as 1",
    )
    assert slashes(package, ["one", "two", "body", "gone", "gone.deep"]) == ()


@pytest.mark.parametrize(
    ("name", "last"),
    [
        ("ends", "it ended with exit code 7"),
        ("key", "KeyError: 'url'"),
        ("no_function", "has no attribute 'build_request'"),
        ("no_import", "No module named 'no_such_module'"),
    ],
)
def test_a_client_that_cannot_be_asked_is_a_problem(name: str, last: str, tmp_path: Path) -> None:
    (problem,) = slashes(package_of(tmp_path, BROKEN), ["gone", name])
    assert problem.endswith(last)


def test_the_first_checker_that_fails_is_told(tmp_path: Path) -> None:
    package = package_of(tmp_path, {})
    check_types_with(package, ())
    for first, second in (("a", "b"), ("b", "a")):
        with pytest.raises(ValueError, match=rf"'{first}' is not a type checker"):
            check_types_with(package, (first, second))


def test_modules_and_operations_belong_together_one_by_one(tmp_path: Path) -> None:
    paths: JSONObject = {
        "/b": {"get": {"operationId": "GetIt"}, "put": {"operationId": "put_it", "tags": ["X y"]}},
        "/c": {"get": {"operationId": "get_it"}},
        "/d": {"post": {}},
    }
    package = package_of(tmp_path, {"get_it": "", "z": "", "a": ""})
    (package / "api" / "x_y").mkdir()
    (package / "api" / "x_y" / "__init__.py").write_text("")
    (package / "api" / "outside.py").write_text("")
    with pytest.raises(GateError) as caught:
        check_operations(with_paths(paths), package)
    assert caught.value.problems == (
        "GET /c and GET /b are both default/get_it",
        "POST /d has no module default/post_d",
        "PUT /b has no module x_y/put_it",
        "default/a belongs to no operation",
        "default/z belongs to no operation",
    )
    copied = pickle.loads(pickle.dumps(caught.value))
    assert (copied.gate, copied.problems, str(copied)) == (
        "operations",
        caught.value.problems,
        "gate operations: 5 problem(s)\n" + "\n".join(f"  {one}" for one in copied.problems),
    )


USERS = {
    "overlay/user/a.py": "from small_api import A\n\nB: str = A\n",
    "overlay/user/deep/b.py": "import small_api\n\n\ndef f():\n    return small_api.gone\n",
    "overlay/user/c.py": "from small_api import A\n\nB: int = A  # type: ignore[assignment]\n",
    "mock/server/d.py": "from user.a import B\n\nC: int = B\nD: int = None\n",
}


def test_what_breaks_in_code_that_uses_the_client_is_told_without_folders(tmp_path: Path) -> None:
    package = package_of(tmp_path / "made", {}, **{"__init__.py": "A: int = 1\n"})
    for name, text in USERS.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    users = [tmp_path / "overlay" / "user", tmp_path / "mock" / "server"]
    found = overlay_type_errors(package, users)
    assert sorted(line.partition("[")[2] for line in found) == [
        "assignment]",
        "assignment]",
        "assignment]",
        "attr-defined]",
    ]
    assert sorted(line.partition(": error")[0] for line in found) == [
        "server/d.py:3",
        "server/d.py:4",
        "user/a.py:3",
        "user/deep/b.py:5",
    ]
    assert str(tmp_path) not in "\n".join(found)
