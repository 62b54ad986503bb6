"""What each target says, reports and changes, whatever was there before and is allowed.

The client is a small one that is made in no time: what the generator makes is tested elsewhere.
"""

import copy
import io
import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import pytest
from attrs import evolve, frozen
from suites.snapshot import check_snapshot

from ...changes.change import breaking
from ...changes.redocly import RedoclyDiff
from ...document.json_tree import JSONObject, object_at, operations
from ...fetch.download import Limits
from ...generate.generator import GenerateReport
from ...project.directory import tree_hash
from ...project.lock import Lock, lock_or_none, read_lock
from ...project.paths import ProjectPaths, paths_in
from ...project.progress import Progress
from ...project.transaction import FOLDER
from ...targets.check import check
from ...targets.run import Allow, Environment, fetch_only, generate_only, regenerate
from ..every_word import SNAPSHOTS
from ..fetching import openapi, raw

Document = dict[str, Any]
Edit = Callable[[Document], object]
NAMING: Final = "operations:\n  small: {get_one: GET /a, get_two: GET /b}\n"
NEEDS: Final = """features:
  - {feature: Second, operations: {small.none: []}, mend: [b.py]}
  - {feature: First, operations: {small.get_one: [], small.gone: []}, schemas: {Thing: []}}
"""
REMOVES: Final = """overlay: 1.1.0
info: {title: T, version: 1.0.0}
actions: [{target: $.components.schemas.Thing.properties.%s, description: D., remove: true}]
"""


def document() -> Document:
    """Return a document of four operations, one of which answers with an object."""
    found = openapi()
    fields = {"id": {"type": "string"}, "cost": {"type": "string"}}
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}}
    answer = {"description": "Found.", "content": content}
    found["paths"]["/a"] = {"get": {"responses": {"200": answer}}}
    return {**found, "components": {"schemas": {"Thing": {"type": "object", "properties": fields}}}}


def make_small(
    corrected: Mapping[str, Any], output: Path, _name: str, templates: Path, **_options: Any
) -> GenerateReport:
    """Make a package with a module for each schema and for each operation."""
    schemas = object_at(object_at(corrected, "components"), "schemas")
    texts = {
        f"models/{name.lower()}.py": "".join(
            (f"class {name}:\n", *(f"    {one}: str\n" for one in object_at(schema, "properties")))
        )
        for name, schema in schemas.items()
        if isinstance(schema, dict)
    }
    names = [str(one.data["operationId"]) for one in operations(corrected)]
    texts |= {f"api/small/{name}.py": "def sync() -> str: ...\n" for name in names}
    folders = ("", "models/", "api/", "api/small/")
    texts |= {f"{folder}__init__.py": "" for folder in folders}
    texts["template.py"] = (templates / "one.jinja").read_text()
    for name, text in texts.items():
        (output / name).parent.mkdir(parents=True, exist_ok=True)
        (output / name).write_text(text)
    counts = (len(names), len(schemas), len(texts))
    return GenerateReport(tree_hash(output), True, *counts, {"maker": "1"})


@frozen
class Home:
    """A project in a folder, with its corrections, templates and names."""

    folder: Path

    @property
    def paths(self) -> ProjectPaths:
        """Return the places of the project."""
        needs = self.folder / "needs.yaml"
        return evolve(
            paths_in(self.folder, "client"),
            corrections=self.folder / "corrections",
            templates=self.folder / "templates",
            naming=self.folder / "naming.yaml",
            overlay_needs=needs if needs.is_file() else None,
            project=self.folder / "pyproject.toml",
        )

    def state(self) -> dict[str, bytes]:
        """Return every file but those of the test and of changes, with its bytes."""
        return {
            path.relative_to(self.folder).as_posix(): path.read_bytes()
            for path in self.folder.rglob("*")
            if path.is_file() and FOLDER not in path.parts and path.name != "published.json"
        }

    def publish(self, *edits: Edit) -> str:
        """Publish the document with these edits."""
        new = copy.deepcopy(document())
        for edit in edits:
            edit(new)
        (self.folder / "published.json").write_bytes(raw(new))
        return str(self.folder / "published.json")


def home(folder: Path) -> Home:
    """Return a project without a client."""
    for name, text in (
        ("naming.yaml", NAMING),
        ("templates/one.jinja", "one = 1\n"),
        ("corrections/README.md", ""),
        ("pyproject.toml", '[project]\nversion = "1.2.3"\n'),
    ):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return Home(folder)


def not_asked(old: JSONObject, new: JSONObject, work: Path) -> RedoclyDiff:
    """Return that redocly found nothing, and which documents it was given."""
    assert work.is_dir()
    sizes = [len(object_at(object_at(one, "components"), "schemas")) for one in (old, new)]
    return RedoclyDiff((), f"redocly was given documents of {sizes} schemas")


USUAL: Final = Environment(
    type_checkers=(), date=lambda: "2021-02-03", redocly_diff=not_asked, make_client=make_small
)
USUAL_FACTS: Final = {"step", "done", "seconds", "message"}
BUILD_STEPS: Final = ("correct", "lint", "generate", "gates")
"""What these steps say is tested beside them."""
LEVELS: Final = ("wire", "python", "overlay")


def changed(before: Mapping[str, bytes], after: Mapping[str, bytes]) -> Iterator[str]:
    """Yield the files that changed; those of a client that is new or gone are counted."""
    by_kind: dict[str, list[str]] = {"changed": [], "new": [], "gone": []}
    for name in sorted(before.keys() | after.keys()):
        if before.get(name) != after.get(name):
            kind = "new" if name not in before else "changed" if name in after else "gone"
            by_kind[kind].append(name)
    for kind, names in by_kind.items():
        client = [name for name in names if name.startswith("client/")]
        if len(client) > 5:
            names = [f"{len(client)} of the client", *names[len(client) :]]
        if names:
            yield f"{kind}: {', '.join(names)}"


def done(one: Home, target: str, *edits: Edit, allow: Allow | None = None, **more: Any) -> str:
    """Do a target, and return what it says, reports and changes.

    Edits are published before; `more` is what the target takes from outside.
    """
    before, out = one.state(), io.StringIO()
    progress = Progress(target, out=out, terminal=None, clock=lambda: 0.0)
    environment = evolve(USUAL, **more)
    refusal = ""
    try:
        if target == "check":
            check(one.paths, progress, environment.make_client)
        elif target == "generate":
            generate_only(one.paths, progress, allow, environment)
        else:
            act = fetch_only if target == "fetch" else regenerate
            act(one.paths, progress, one.publish(*edits), allow, environment)
    except Exception as error:
        refusal = f"{type(error).__name__}: {error}"
    after = one.state()
    report: Any = progress.report()
    lock = lock_or_none(one.paths.lock)
    facts = [
        {key: value for key, value in step.items() if key not in USUAL_FACTS}
        for step in report["steps"]
        if step["step"] not in BUILD_STEPS
    ]
    found = {"outcome": report["outcome"], "facts": [one for one in facts if one]}
    if "proposed_version" in report:
        found["proposed"] = report["proposed_version"]
    if changes := report.get("changes"):
        found["changes"] = [changes["weight"], *(len(changes[one]) for one in LEVELS)]
    shown = [one for one in out.getvalue().splitlines() if one.partition(" ")[0] not in BUILD_STEPS]
    lines = [
        *shown,
        refusal,
        *(f"files {one}" for one in changed(before, after)),
        f"reported {json.dumps(found)}",
    ]
    if lock is not None and before.get(one.paths.lock.name) != after.get(one.paths.lock.name):
        built = "with" if lock.built is not None else "without"
        lines.append(f"the lock says {lock.origin.source} of {lock.origin.date}, {built} a client")
    return "\n".join((f"- {target}", *(f"    {line}" for line in lines if line)))


def properties(new: Document) -> dict[str, Any]:
    found: dict[str, Any] = new["components"]["schemas"]["Thing"]["properties"]
    return found


def bigger(new: Document) -> None:
    properties(new).update(size={"type": "string"})


def smaller(new: Document) -> None:
    properties(new).pop("cost")


def told(new: Document) -> None:
    new["info"].update(description="More words.", version="2\r\u2028.0")


def reconstructed(new: Document) -> None:
    new["info"].update({"x-reconstructed": True})


def described(new: Document) -> None:
    new["paths"]["/b"]["get"].update(description="More words.")


def shrunk(new: Document) -> None:
    for path in ("/b", "/c"):
        del new["paths"][path]


def write(name: str, text: str) -> Callable[[Home], object]:
    def written(one: Home) -> None:
        path = one.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)

    return written


def forget(one: Home) -> None:
    """Take away the corrected document that was kept."""
    one.paths.kept.unlink()


def damage(one: Home) -> None:
    """Keep another corrected document."""
    one.paths.kept.write_text(json.dumps({"openapi": "3.1.0", "paths": {}}))


def remove(one: Home) -> None:
    """Take away the client."""
    shutil.rmtree(one.paths.output)


def unbuilt(one: Home) -> None:
    """Let the lock be that of a document that no client was made of."""
    lock = read_lock(one.paths.lock)
    assert lock is not None
    one.paths.lock.write_text(Lock(lock.origin, None).text())


def dies(name: str) -> None:
    if name == "decided":
        raise KeyboardInterrupt


def interrupt(one: Home) -> None:
    """Let a change be decided and not done."""
    out = Progress("regenerate", out=io.StringIO(), terminal=None)
    with pytest.raises(KeyboardInterrupt):
        regenerate(one.paths, out, one.publish(bigger), environment=evolve(USUAL, step=dies))


def interrupt_without_a_document(one: Home) -> None:
    """Let a change of the client alone be decided and not done, and take the document away."""
    (one.folder / "templates" / "one.jinja").write_text("one = 2\n")
    out = Progress("generate", out=io.StringIO(), terminal=None)
    with pytest.raises(KeyboardInterrupt):
        generate_only(one.paths, out, environment=evolve(USUAL, step=dies))
    one.paths.document.unlink()


Step = Callable[[Home], object]


def does(target: str, *edits: Edit, **more: Any) -> Step:
    return lambda one: done(one, target, *edits, **more)


SHRINKS, BREAKS = Allow(shrink=True), Allow(breaking=True)
FEW_BYTES: Final = Limits(bytes=10)
ODD: Final = RedoclyDiff((breaking("/a", "is odd"),), "redocly found 1 change")
STALE: Final = REMOVES % "size"


def odd(*_: object) -> RedoclyDiff:
    """Find what nothing else finds."""
    return ODD


CASES: Final[dict[str, tuple[Step, ...]]] = {
    "the same again": tuple(does(one) for one in ("regenerate", "fetch", "generate", "check")),
    "an addition": (does("regenerate", bigger),),
    "a break": (does("regenerate", smaller), does("regenerate", smaller, allow=BREAKS)),
    "words": (does("regenerate", described, told), does("regenerate", described)),
    "what redocly finds alone": (
        does("regenerate", described, redocly_diff=odd),
        does("regenerate", described, redocly_diff=odd, allow=BREAKS),
    ),
    "fewer operations": tuple(
        does(target, shrunk, allow=allow)
        for target in ("regenerate", "fetch")
        for allow in (None, BREAKS, SHRINKS)
    ),
    "a rehearsal": (does("regenerate", reconstructed), does("check")),
    "a small limit": tuple(does(one, bigger, limits=FEW_BYTES) for one in ("fetch", "regenerate")),
    "in two steps": (
        *(does("fetch", bigger), does("check"), does("generate"), does("fetch", smaller)),
        does("generate"),
        does("generate", allow=BREAKS),
    ),
    "another correction": (
        write("corrections/a.overlay.yaml", REMOVES % "cost"),
        *(does("check"), does("generate")),
    ),
    "another template": (write("templates/one.jinja", "one = 2\n"), does("generate")),
    "nothing kept": (forget, does("generate"), forget, does("regenerate", bigger)),
    "nothing kept of another document": (does("fetch", bigger), forget, does("generate")),
    "nothing kept, and a correction of the new one": (
        forget,
        write("corrections/a.overlay.yaml", STALE),
        does("regenerate", bigger),
    ),
    "another one kept": (damage, does("regenerate", bigger)),
    "no client built": (
        *(unbuilt, does("check"), does("generate"), unbuilt),
        write("corrections/a.overlay.yaml", REMOVES % "cost"),
        *(does("generate", allow=one) for one in (None, BREAKS)),
    ),
    "features": (
        write("needs.yaml", NEEDS),
        *(does("regenerate"), does("generate")),
        does("regenerate", bigger, allow=BREAKS),
    ),
    **{f"interrupted, {one}": (interrupt, does(one, bigger)) for one in ("fetch", "regenerate")},
    **{f"interrupted, {one}": (interrupt, does(one)) for one in ("generate", "check")},
    **{
        f"interrupted, {one} without a document": (interrupt_without_a_document, does(one))
        for one in ("generate", "check")
    },
    "a file by hand": (write("client/extra.py", ""), does("check"), does("generate")),
    "a file that Python keeps": (write("client/__pycache__/a.pyc", ""), does("check")),
    "no client there": (remove, does("check"), does("generate")),
    "a lock by hand": (
        lambda one: one.paths.lock.write_bytes(one.paths.lock.read_bytes() + b" "),
        *(does(target) for target in ("check", "generate", "regenerate")),
    ),
    "a document by hand": (write("openapi.json", "{}"), does("generate")),
}


def first_clients(folder: Path) -> Iterator[str]:
    """Yield what the first targets of a project do."""
    one = home(folder / "fetched")
    for target in ("check", "generate", "fetch", "check", "generate", "check"):
        yield done(one, target)
    put = home(folder / "put")
    put.paths.document.write_bytes(raw(document()))
    yield from (done(put, target) for target in ("check", "generate", "check"))
    rebuilt = home(folder / "reconstruction")
    whole = document()
    whole["info"] |= {"x-reconstructed": True, "x-reconstructed-on": "2020-05-06"}
    rebuilt.paths.document.write_bytes(raw(whole))
    yield from (done(rebuilt, "generate"), done(rebuilt, "check"))
    lock = read_lock(rebuilt.paths.lock)
    assert lock is not None
    other = evolve(lock, origin=evolve(lock.origin, date="2020-05-07"))
    rebuilt.paths.lock.write_text(other.text())
    yield done(rebuilt, "check")


def targets(folder: Path) -> Iterator[str]:
    """Yield what each target does in each case, on a client of the document."""
    yield from first_clients(folder)
    for number, (name, steps) in enumerate(CASES.items()):
        one = home(folder / str(number))
        done(one, "regenerate")
        yield f"* {name}"
        yield from (said for step in steps if isinstance(said := step(one), str))
        if name in ("a break", "words"):
            yield one.paths.changes.read_text()


def test_targets_do_and_say_what_they_did_before(tmp_path: Path) -> None:
    text = "\n".join(targets(tmp_path)) + "\n"
    assert str(tmp_path) not in text
    check_snapshot(SNAPSHOTS / "targets.txt", text)


def test_each_moment_of_a_change_is_told_to_a_test(tmp_path: Path) -> None:
    for target in ("fetch", "regenerate", "generate"):
        one = home(tmp_path / target)
        done(one, "regenerate")
        moments: list[str] = []
        if target == "generate":
            done(one, "fetch", bigger)
        done(one, target, bigger, step=moments.append)
        assert moments[-1] == "finished", target
