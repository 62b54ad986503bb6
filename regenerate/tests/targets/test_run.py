"""The targets from end to end on a small document.

All of it changes or none of it, and check finds what was touched.
"""

import copy
import io
import json
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from suites.sharing import shared_folder

from ...__main__ import main
from ...changes.redocly import RedoclyDiff
from ...document.json_tree import JSONObject, sha256
from ...fetch.fetcher import FetchRefused
from ...generate.build import LintRefused
from ...generate.checks import GateError
from ...generate.tools import ToolError
from ...project.directory import tree_hash
from ...project.lock import Lock, LockError, read_lock
from ...project.paths import TEMPLATES, ProjectPaths, paths_in
from ...project.progress import Progress
from ...project.transaction import FOLDER
from ...targets.check import CheckFailed, check
from ...targets.pull_request import pull_request_text
from ...targets.run import (
    Allow,
    BreakingRefused,
    Environment,
    generate_only,
    regenerate,
)
from ..fetching import openapi, raw
from ..making import made_once


def not_asked(_old: JSONObject, _new: JSONObject, _work: Path) -> RedoclyDiff:
    """Return no diff by redocly: tests reach no registry."""
    return RedoclyDiff(None, "redocly was not asked: a test")


@pytest.fixture(scope="session")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """Return what the targets take from outside.

    Most of a build's time goes to the type checkers, which look at the code of this document
    elsewhere, and to the generator, which makes the client of each document once.
    """
    return Environment(
        type_checkers=(),
        date=lambda: "2021-02-03",
        redocly_diff=not_asked,
        make_client=partial(made_once, tmp_path_factory),
    )


ALLOWED = Allow(breaking=True)


def document() -> dict[str, Any]:
    """Return two operations and a schema."""
    thing = {"type": "object", "properties": {"id": {"type": "string"}, "cost": {"type": "string"}}}
    body = {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}}
    get = {"tags": ["things"], "responses": {"200": {"description": "Found.", "content": body}}}
    return {
        **openapi(),
        "paths": {"/things": {"get": get}, "/thing": {"get": get}},
        "components": {"schemas": {"Thing": thing}},
    }


def paths(folder: Path) -> ProjectPaths:
    """Return the places in a folder, with corrections and templates of its own."""
    own = paths_in(folder, "client")
    return evolve(own, corrections=folder / "corrections", templates=folder / "templates")


@pytest.fixture(scope="session")
def built(
    tmp_path_factory: pytest.TempPathFactory, environment: Environment, warm_types: None
) -> Path:
    """Return a folder with the client of the document, made once."""

    def make(folder: Path) -> None:
        (folder / "published.json").write_bytes(raw(document()))
        (folder / "corrections").mkdir()
        shutil.copytree(TEMPLATES, folder / "templates")
        made = progress()
        checked = evolve(environment, type_checkers=("mypy",))
        regenerate(paths(folder), made, str(folder / "published.json"), environment=checked)
        assert made.outcome == "changed"
        assert "mypy clean" in json.dumps(made.report())

    return shared_folder(tmp_path_factory, "pipeline", make)


@pytest.fixture
def home(built: Path, tmp_path: Path) -> Path:
    """Return a folder of its own with that client, in which a test may do as it likes."""
    shutil.copytree(built, tmp_path / "home")
    return tmp_path / "home"


def progress() -> Progress:
    """Return a progress that shows nothing."""
    return Progress("test", out=io.StringIO(), terminal=None)


def publish(home: Path, edit: Callable[[dict[str, Any]], object]) -> str:
    """Publish a document with an edit, and give its address."""
    new = copy.deepcopy(document())
    edit(new)
    (home / "published.json").write_bytes(raw(new))
    return str(home / "published.json")


def state(home: Path) -> dict[str, bytes]:
    """Return every file of the client with its bytes, but for the folder of transactions."""
    return {
        path.relative_to(home).as_posix(): path.read_bytes()
        for path in sorted(home.rglob("*"))
        if path.is_file() and FOLDER not in path.parts and "__pycache__" not in path.parts
    }


def add_field(new: dict[str, Any]) -> None:
    new["components"]["schemas"]["Thing"]["properties"]["size"] = {"type": "integer"}


def remove_field(new: dict[str, Any]) -> None:
    del new["components"]["schemas"]["Thing"]["properties"]["cost"]


def touch(path: Path) -> None:
    """Edit a file by hand."""
    path.write_bytes(path.read_bytes() + b"\n")


def test_a_first_client_is_made_with_its_lock_and_without_a_changelog(built: Path) -> None:
    there = paths(built)
    lock = read_lock(there.lock)
    assert lock is not None
    assert lock.built is not None
    assert (lock.origin.source, lock.origin.date) == ("file published.json", "2021-02-03")
    assert lock.origin.sha256 == lock.built.document == sha256(there.document.read_bytes())
    assert lock.built.tree == tree_hash(there.output)
    assert lock.built.tools.keys() == {"openapi-python-client", "ruff"}
    assert (there.output / "api" / "things" / "list_things.py").is_file()
    assert not there.changes.exists()


def test_an_addition_goes_through_and_is_recorded(home: Path, environment: Environment) -> None:
    done = progress()
    regenerate(paths(home), done, publish(home, add_field), environment=environment)
    assert done.outcome == "changed"
    assert "size: " in (home / "client" / "models" / "get_thing_response.py").read_text()
    entry = paths(home).changes.read_text()
    assert "## Next: 0.1.0\n\n### Document 1.0.0 of 2021-02-03 (" in entry
    assert "redocly was not asked: a test." in entry
    sound = progress()
    check(paths(home), sound, environment.make_client)
    assert sound.outcome == "sound"
    text = pull_request_text(done.report())
    assert "**changed**" in text
    assert "Proposed version: **0.1.0**" in text
    assert "size` is new" in text


def test_a_breaking_change_needs_permission_and_then_is_made(
    home: Path, environment: Environment
) -> None:
    before = state(home)
    url = publish(home, remove_field)
    before["published.json"] = (home / "published.json").read_bytes()
    refused = progress()
    with pytest.raises(BreakingRefused, match="ALLOW_BREAKING=1"):
        regenerate(paths(home), refused, url, environment=environment)
    assert state(home) == before
    assert "cost`: is gone" in str(
        refused.out.getvalue() if isinstance(refused.out, io.StringIO) else ""
    )
    regenerate(paths(home), progress(), url, ALLOWED, environment)
    assert "## Next: 0.1.0" in paths(home).changes.read_text()


def test_a_refusal_of_any_step_leaves_every_byte_as_it_was(
    home: Path, environment: Environment
) -> None:
    before = state(home)
    with pytest.raises(FetchRefused):
        regenerate(paths(home), progress(), str(home / "missing.json"), environment=environment)
    assert state(home) == before
    empty: dict[str, Any] = {"type": "object", "properties": {"id": {"type": "string", "enum": []}}}
    url = publish(home, lambda new: new["components"]["schemas"].update(Thing=empty))
    before["published.json"] = (home / "published.json").read_bytes()
    with pytest.raises(LintRefused):
        regenerate(paths(home), progress(), url, ALLOWED, environment)
    assert state(home) == before
    (home / "templates" / "upstream.json").write_text("{}")
    before["templates/upstream.json"] = b"{}"
    with pytest.raises(ToolError):
        generate_only(paths(home), progress(), environment=environment)
    assert state(home) == before


def test_check_finds_every_edit_of_client_templates_and_corrections_at_once(
    home: Path, environment: Environment
) -> None:
    touch(home / "client" / "client.py")
    (home / "client" / "extra.py").write_text("")
    (home / "client" / "models" / "get_thing_response.py").unlink()
    lazy = home / "templates" / "lazy.py.jinja"
    lazy.write_text(lazy.read_text() + "\n# edited\n")
    (home / "corrections" / "README.md").write_text("")
    more = [f"z{number:02}.py" for number in range(20)]
    for name in more:
        (home / "client" / name).write_text("")
    lock = read_lock(paths(home).lock)
    assert lock is not None
    assert lock.built is not None
    other = evolve(lock.built, corrected="0", settings="0", naming="0", tools={})
    paths(home).lock.write_text(Lock(lock.origin, other).text())
    with pytest.raises(CheckFailed) as caught:
        check(paths(home), progress(), environment.make_client)
    told = [line.strip().partition(": ")[0] for line in str(caught.value).splitlines()[1:]]
    named = ["corrections", "naming", "settings", "templates", "corrected", "tree", "tools"]
    differing = ["client.py", "extra.py", "lazy.py", "models/get_thing_response.py", *more]
    assert told == [*named, *(f"client/{name}" for name in differing[:20]), "client"]
    assert str(caught.value).endswith("client: and 4 files more")


def test_check_finds_an_edit_of_the_document(home: Path, environment: Environment) -> None:
    touch(paths(home).document)
    with pytest.raises(CheckFailed, match=r"the document .* was changed by hand"):
        check(paths(home), progress(), environment.make_client)
    with pytest.raises(LockError, match="changed by hand"):
        generate_only(paths(home), progress(), environment=environment)


def test_the_command_line_says_a_line_a_step_and_writes_a_report(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    places = [
        "--into",
        str(home),
        "--corrections",
        str(home / "corrections"),
        "--templates",
        str(home / "templates"),
    ]
    assert main(["check", *places], {}) == 0
    captured = capsys.readouterr()
    assert [line.split()[0] for line in captured.out.splitlines()] == [
        "lock",
        "correct",
        "lint",
        "generate",
        "gates",
        "compare",
        "check:",
        "Next:",
    ]
    assert captured.err == ""
    report = json.loads((home / "reports" / "check.json").read_text())
    assert (report["target"], report["outcome"], report["refusal"]) == ("check", "sound", None)
    assert all(step["done"] for step in report["steps"])


def test_a_refusal_is_told_on_the_terminal_and_in_the_report(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    url = "http://user:hush@example.com/openapi.json?token=hidden"
    assert main(["regenerate", "--into", str(tmp_path)], {"SPEC_URL": url}) == 1
    captured = capsys.readouterr()
    assert captured.err.splitlines() == [
        "regenerate: refused: http://example.com/openapi.json: http is taken from this machine "
        "only; give https",
        "Nothing was changed.",
    ]
    report = (tmp_path / "reports" / "regenerate.json").read_text()
    assert json.loads(report)["outcome"] == "refused"
    page = (tmp_path / "reports" / "regenerate.md").read_text()
    assert "http is taken from this machine only" in page
    for text in (captured.out, captured.err, report, page):
        assert "hush" not in text
        assert "hidden" not in text


def test_a_terminal_sees_what_is_going_on() -> None:
    terminal, out = io.StringIO(), io.StringIO()
    progress = Progress("test", out=out, terminal=terminal)
    with progress.step("generate") as step:
        step.message = "done"
    assert terminal.getvalue().endswith("\r\x1b[2K")
    assert out.getvalue() == "generate   done\n"


APP = """from client.models import GetThingResponse


def cost(thing: GetThingResponse) -> object:
    return thing.cost
"""
MEND = """features:
  - feature: Prices
    mend: [app.py]
  - feature: Callbacks
    mend: [none.py, callbacks/]
"""


def with_app(home: Path) -> ProjectPaths:
    """Return the places with a program that uses the client, and a list of what it needs."""
    app = home / "overlay" / "runflow_client"
    (app / "callbacks").mkdir(parents=True)
    for name in ("__init__.py", "callbacks/__init__.py"):
        (app / name).write_text("")
    for name in ("app.py", "callbacks/told.py", "other.py"):
        (app / name).write_text(APP)
    (home / "needs.yaml").write_text(MEND)
    return evolve(paths(home), users=(app,), overlay_needs=home / "needs.yaml")


def test_code_that_does_not_fit_the_new_client_is_named_and_needs_permission(
    home: Path, environment: Environment
) -> None:
    there, url = with_app(home), publish(home, remove_field)
    gone = "  - feature: Gone\n    operations: {small.none: []}\n"
    (home / "needs.yaml").write_text(MEND + gone)
    refused = progress()
    hit = "4 features of the overlay hit: Callbacks; Gone; Prices; The rest"
    with pytest.raises(BreakingRefused, match=hit):
        regenerate(there, refused, url, environment=environment)
    text = refused.out.getvalue() if isinstance(refused.out, io.StringIO) else ""
    for feature, file in (
        ("Callbacks", "callbacks/told.py"),
        ("Prices", "app.py"),
        ("The rest", "other.py"),
    ):
        [line] = [one for one in text.splitlines() if f"/{file}:" in one]
        told = f"- **{feature}** of the overlay is hit: does not fit the new client: "
        assert line.startswith(f"{told}runflow_client/{file}:")
        assert line.endswith(f". Mend it in `runflow_client/{file}`")
    assert str(home) not in text
    regenerate(there, progress(), url, ALLOWED, environment)


def test_code_that_fits_or_did_not_fit_before_is_no_news(
    home: Path, environment: Environment
) -> None:
    there = with_app(home)
    app = there.users[0] / "app.py"
    app.write_text(APP + "\n\ndef wrong() -> int:\n    return ''\n")
    done = progress()
    regenerate(there, done, publish(home, add_field), environment=environment)
    assert done.outcome == "changed"


def with_model_path(new: dict[str, Any]) -> None:
    string = {"type": "string"}
    owner, slug = (
        {"name": name, "in": "path", "required": True, "schema": string}
        for name in ("owner", "slug")
    )
    new["paths"]["/models/{owner}/{slug}/runs"] = {
        "post": {
            "tags": ["models"],
            "parameters": [owner, slug],
            "responses": {"204": {"description": "Done."}},
        }
    }


def test_a_model_id_whose_slashes_are_escaped_is_refused_whatever_is_allowed(
    home: Path, environment: Environment
) -> None:
    (home / "needs.yaml").write_text(
        "features:\n  - feature: Runs\n    slashes: [models.create_model_run]\n"
    )
    there = evolve(paths(home), overlay_needs=home / "needs.yaml")
    url = publish(home, with_model_path)
    with pytest.raises(GateError, match=r"is sent as /models/owner/family%2F2\.0%2Ffast"):
        regenerate(there, progress(), url, ALLOWED, environment)
    (home / "corrections" / "slashes.overlay.yaml").write_text(
        "overlay: 1.1.0\ninfo: {title: Slashes, version: 1.0.0}\nactions:\n"
        "- target: $.paths['/models/{owner}/{slug}/runs'].post.parameters[?@.name=='slug']\n"
        "  description: It holds slashes.\n  update: {x-many-segments: true}\n"
    )
    done = progress()
    regenerate(there, done, url, ALLOWED, environment)
    assert done.outcome == "changed"
