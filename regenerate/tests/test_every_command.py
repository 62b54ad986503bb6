"""The command from its words to its exit code: what it says, what it writes, and what it changes.

The clients are made by a maker of the test, which writes down what it is given.
"""

import json
import shutil
from collections.abc import Generator, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import pytest
from attrs import field, frozen
from suites.snapshot import check_snapshot

from ..__main__ import main
from ..changes.redocly import RedoclyDiff
from ..document.json_tree import JSONObject, sha256
from ..generate.checks import GateError
from ..generate.generator import GenerateReport, GenerationError
from ..generate.tools import ToolError
from ..project.lock import Lock, Origin, Validators, read_lock
from ..project.transaction import FOLDER, TransactionError
from ..targets.pull_request import pull_request_text
from ..targets.run import Environment
from .every_word import SNAPSHOTS
from .fetching import openapi, raw
from .hostile_server import HostileServer, hostile_serving

THING: Final[JSONObject] = {"type": "object", "properties": {"id": {"type": "string"}}}
EMPTY: Final[JSONObject] = {"type": "object", "properties": {"a": {"type": "string", "enum": []}}}


def published(*names: str, thing: JSONObject = THING) -> dict[str, Any]:
    """Return a document with these operations, which answer with a thing."""
    found = openapi(*(f"/{name}" for name in names))
    body = {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}}
    for item in found["paths"].values():
        item["get"] = {"responses": {"200": {"description": "D", "content": body}}}
    return {**found, "components": {"schemas": {"Thing": thing}}}


DOCUMENTS: Final[dict[str, object]] = {
    "four": published(*"abcd"),
    "five": published(*"abcde"),
    "three": published(*"abc"),
    "two": published("a", "b"),
    "empty": published(*"abcd", thing=EMPTY),
    "none": {},
}


@frozen
class Step:
    """One command: its target, the document, what is allowed, and what goes wrong on the way."""

    target: str
    document: str = "four"
    allow: Mapping[str, str] = field(factory=dict[str, str])
    error: BaseException | None = None
    """What the maker raises."""
    dies_at: str = ""
    """The moment of the change at which an error of the system comes."""
    edit: str = ""
    """A file that is edited by hand before."""
    options: tuple[str, ...] = ()


def made(folder: Path, step: Step) -> Environment:
    """Return what a command takes from outside: a maker of clients, the date, and an error."""

    def make(
        corrected: Mapping[str, Any],
        output: Path,
        package_name: str,
        templates: Path,
        **options: object,
    ) -> GenerateReport:
        if step.error is not None:
            raise step.error
        output.mkdir(parents=True)
        (output / "__init__.py").write_text("")
        given = {
            "operations": [
                operation["operationId"]
                for item in corrected["paths"].values()
                for operation in item.values()
            ],
            "name": package_name,
            "templates": templates.name,
            **options,
        }
        (output / "given.json").write_text(json.dumps(given))
        return GenerateReport("made", True, len(corrected["paths"]), 0, 2, {"maker": "1"})

    def dies(moment: str) -> None:
        if moment == step.dies_at:
            raise OSError("disk full")

    return Environment(
        date=lambda: "2021-02-03",
        redocly_diff=lambda _old, _new, _work: RedoclyDiff(None, "redocly was not asked"),
        type_checkers=(),
        make_client=make,
        step=dies,
    )


ONE: Final = {"ALLOW_SHRINK": "1", "ALLOW_BREAKING": "1"}
STORIES: Final[dict[str, list[Step]]] = {
    "fetch": [
        Step("fetch"),
        Step("fetch"),
        Step("fetch", "five"),
        Step("fetch", "three"),
        Step("fetch", "three", {"ALLOW_BREAKING": "1"}),
        Step("fetch", "three", {"ALLOW_SHRINK": "yes"}),
        Step("fetch", "three", {"ALLOW_SHRINK": "1"}),
        Step("fetch", "missing"),
        Step("fetch", "none"),
        Step("fetch", dies_at="listed"),
        Step("fetch", "four", dies_at="replaced openapi.json"),
        Step("fetch", "four"),
        Step("fetch", "four", dies_at="listed"),
        Step("fetch", "three", {"ALLOW_SHRINK": "1"}, dies_at="replaced openapi.json"),
        Step("fetch", "missing"),
        Step("fetch", "missing"),
    ],
    "generate": [
        Step("generate"),
        Step("check"),
        Step("fetch"),
        Step("check"),
        Step("generate"),
        Step("generate"),
        Step("check"),
        Step("check", edit="client/given.json"),
        Step("generate"),
        Step("fetch", "three", ONE),
        Step("generate", allow={"ALLOW_SHRINK": "1", "ALLOW_BREAKING": "yes"}),
        Step("generate", allow={"ALLOW_BREAKING": "1"}),
        Step("generate", edit="openapi.json"),
        Step("fetch", "three"),
        Step("check", edit="openapi.lock.json"),
    ],
    "regenerate": [
        Step("regenerate"),
        Step("regenerate"),
        Step("regenerate", "five"),
        Step("regenerate", "two", {"ALLOW_BREAKING": "1"}),
        Step("regenerate", "two", {"ALLOW_SHRINK": "1"}),
        Step("regenerate", "two", ONE),
        Step("regenerate", "two", dies_at="replaced client"),
        Step("regenerate", "five", dies_at="replaced client"),
        Step("check"),
    ],
    "what is refused on the way": [
        Step("regenerate", "missing"),
        Step("regenerate", "empty"),
        Step("regenerate", error=ToolError("ruff is 0")),
        Step("regenerate", error=GenerationError("the generator failed")),
        Step("regenerate", error=GateError("imports", ["a", "b"])),
        Step("regenerate", error=TransactionError("another process")),
        Step("regenerate", error=OSError("disk full")),
        Step("regenerate", edit="corrections/stale.overlay.yaml"),
    ],
}
STALE: Final = (
    "overlay: 1.1.0\ninfo: {title: Stale, version: 1.0.0}\nactions:\n"
    "- target: $.paths['/gone']\n  description: It is gone.\n  remove: true\n"
)


def files(folder: Path) -> dict[str, bytes]:
    """Return every file with its bytes, but for those in the folder of changes."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and FOLDER not in path.parts
    }


def prepared(folder: Path, step: Step) -> list[str]:
    """Publish the documents, edit what the step edits, and return the words of its command."""
    (folder / "published").mkdir(parents=True, exist_ok=True)
    (folder / "corrections").mkdir(exist_ok=True)
    for name, document in DOCUMENTS.items():
        (folder / "published" / f"{name}.json").write_bytes(raw(document))
    if step.edit:
        path = folder / step.edit
        path.write_text(path.read_text().replace("2021", "2022") + " " if path.exists() else STALE)
    options = ("--into", str(folder), "--corrections", str(folder / "corrections"))
    return [step.target, *options, *step.options]


def ran(folder: Path, step: Step, capsys: pytest.CaptureFixture[str]) -> Iterator[str]:
    """Yield what a command says, its exit code, and what it leaves."""
    shutil.rmtree(folder / "reports", ignore_errors=True)
    words, before = prepared(folder, step), files(folder)
    address = str(folder / "published" / f"{step.document}.json")
    code = main(words, {"SPEC_URL": address, **step.allow}, made(folder, step))
    out, err = capsys.readouterr()
    report = json.loads((folder / "reports" / f"{step.target}.json").read_text())
    page = folder / "reports" / "regenerate.md"
    if step.target == "regenerate":
        assert page.read_text(encoding="utf-8") == pull_request_text(report)
    allowed = "".join(f" {name}={value}" for name, value in step.allow.items())
    wrong = f" {step.error!r}" if step.error is not None else ""
    told = f"{step.target} of {step.document}{allowed}{wrong}"
    yield f"$ {told}{f', dies at {step.dies_at}' if step.dies_at else ''}: {code}"
    yield from (f"    {line}".rstrip() for line in out.splitlines())
    yield from (f"    ! {line}".rstrip() for line in err.splitlines())
    refusal = "refused" if report["refusal"] else "not refused"
    yield f"    report: {report['target']}, {report['outcome']}, {refusal}"
    after = files(folder)
    changed = [name for name, text in after.items() if before.get(name) != text]
    gone = [name for name in before if name not in after]
    yield f"    written: {' '.join(changed)}{f'; gone: {gone}' if gone else ''}"


def told(folder: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[str]:
    """Yield every story, each in a folder of its own."""
    for number, (name, steps) in enumerate(STORIES.items()):
        yield f"* {name}"
        for step in steps:
            yield from ran(folder / str(number), step, capsys)


def test_each_command_says_and_writes_what_it_did_before(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = "\n".join(told(tmp_path, capsys)) + "\n"
    check_snapshot(SNAPSHOTS / "commands.txt", text.replace(str(tmp_path), "FOLDER"))


def test_a_link_among_the_corrections_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    step = Step("regenerate")
    words = prepared(tmp_path, step)
    (tmp_path / "corrections" / "a.overlay.yaml").write_text(STALE.replace("/gone", "/a"))
    (tmp_path / "corrections" / "b.txt").symlink_to("a.overlay.yaml")
    address = str(tmp_path / "published" / "four.json")
    assert main(words, {"SPEC_URL": address}, made(tmp_path, step)) == 1
    assert capsys.readouterr().err.splitlines() == [
        "regenerate: refused: corrections/b.txt is a symbolic link: put there what it leads to",
        "Nothing was changed.",
    ]
    assert not (tmp_path / "client").exists()


@pytest.mark.parametrize("target", ["fetch", "generate", "regenerate", "check"])
def test_where_no_report_can_be_written_nothing_is_done(
    target: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    step = Step(target)
    words = prepared(tmp_path, step)
    (tmp_path / "reports").write_text("not a folder")
    before = files(tmp_path)
    address = str(tmp_path / "published" / "four.json")
    assert main(words, {"SPEC_URL": address}, made(tmp_path, step)) == 1
    lines = capsys.readouterr().err.splitlines()
    assert lines[0].startswith(f"{target}: refused: [Errno 17]")
    assert lines[-1].startswith(f"{target}: the report was not written: [Errno 17]")
    assert files(tmp_path) == before


def test_what_was_done_and_has_no_report_is_no_success(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    step = Step("fetch")
    words = prepared(tmp_path, step)
    (tmp_path / "reports" / "fetch.json").mkdir(parents=True)
    address = str(tmp_path / "published" / "four.json")
    assert main(words, {"SPEC_URL": address}, made(tmp_path, step)) == 1
    assert capsys.readouterr().err.startswith("fetch: the report was not written: ")
    assert (tmp_path / "openapi.json").is_file()


@pytest.mark.parametrize("error", [KeyboardInterrupt(), RuntimeError("a fault")])
@pytest.mark.parametrize("target", ["generate", "regenerate"])
def test_what_is_no_refusal_is_raised_after_the_report(
    target: str, error: BaseException, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for _ in ran(tmp_path, Step("fetch"), capsys):
        pass
    step = Step(target, error=error)
    words, before = prepared(tmp_path, step), files(tmp_path)
    address = str(tmp_path / "published" / "four.json")
    with pytest.raises(type(error)):
        main(words, {"SPEC_URL": address}, made(tmp_path, step))
    report = json.loads((tmp_path / "reports" / f"{target}.json").read_text())
    assert (report["outcome"], report["refusal"]) == ("failed", None)
    assert [one["done"] for one in report["steps"]][-1] is False
    after = files(tmp_path)
    pages: set[str] = {"reports/regenerate.md"} if target == "regenerate" else set()
    assert after.keys() - before.keys() == {f"reports/{target}.json"} | pages
    assert {name: after[name] for name in before} == before


def test_what_is_known_of_the_document_stays_when_its_client_is_made(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for _ in ran(tmp_path, Step("fetch"), capsys):
        pass
    lock, taken = tmp_path / "openapi.lock.json", sha256((tmp_path / "openapi.json").read_bytes())
    validators = Validators('"one"', "Wed, 01 Jan 2020 00:00:00 GMT")
    origin = Origin("https://a.test/openapi.json", "2020-01-02", taken, validators)
    lock.write_text(Lock(origin, None).text(), encoding="utf-8")
    for target in ("generate", "check", "generate"):
        assert main(prepared(tmp_path, Step(target)), {}, made(tmp_path, Step(target))) == 0
        found = read_lock(lock)
        assert found is not None
        assert found.origin == origin


PLACES: Final = {
    "document": "at/document.json",
    "lock": "at/lock.json",
    "output": "at/other_api",
    "changes": "at/changes.md",
    "reports": "at/reports",
    "templates": "at/templates",
    "corrections": "at/corrections",
    "naming": "at/naming.yaml",
    "overlay-needs": "at/needs.yaml",
}
NAMING: Final = "operations: {things: {named: GET /a}}\n"
NEEDS: Final = "features:\n- {feature: Named, operations: {default.get_d: []}}\n"


@pytest.mark.parametrize("whole", [True, False], ids=["each place", "the package's name"])
def test_each_option_puts_what_it_names_elsewhere(
    whole: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("templates", "corrections"):
        (tmp_path / PLACES[name]).mkdir(parents=True)
    removing = STALE.replace("/gone", "/b")
    (tmp_path / PLACES["corrections"] / "a.overlay.yaml").write_text(removing)
    (tmp_path / PLACES["naming"]).write_text(NAMING)
    (tmp_path / PLACES["overlay-needs"]).write_text(NEEDS)
    source = tmp_path / "published.json"
    words = ["regenerate", "--into", str(tmp_path / "into")]
    for name, place in PLACES.items() if whole else ():
        words += [f"--{name}", str(tmp_path / place)]
    words += [] if whole else ["--package-name", "parcels_api"]
    for document in ("four", "five", "three"):
        source.write_bytes(raw(DOCUMENTS[document]))
        variables = {"SPEC_URL": str(source), "ALLOW_SHRINK": "1"}
        code = main(words, variables, made(tmp_path, Step("regenerate")))
        assert code == (document == "three")
    found, said = files(tmp_path), capsys.readouterr()
    package = "at/other_api" if whole else "into/parcels_api"
    given = json.loads(found[f"{package}/given.json"])
    assert given["name"] == Path(package).name
    if whole:
        assert [*found] == sorted(
            [
                *(PLACES[name] for name in ("changes", "document", "lock", "naming")),
                "at/corrections/a.overlay.yaml",
                "at/needs.yaml",
                *(f"at/other_api/{name}" for name in ("__init__.py", "given.json")),
                *(f"at/reports/regenerate.{end}" for end in ("json", "md")),
                "published.json",
            ]
        )
        assert (given["templates"], given["operations"][0]) == ("templates", "named")
        assert len(given["operations"]) == 4
        assert "feature of the overlay hit: Named." in said.err
        assert (tmp_path / "at" / FOLDER / "corrected.json").is_file()
    else:
        own = {name for name in found if name.startswith("into/")}
        assert own == {
            f"into/{name}"
            for name in (
                *("CHANGES.md", "openapi.json", "openapi.lock.json", "parcels_api/__init__.py"),
                *("parcels_api/given.json", "reports/regenerate.json", "reports/regenerate.md"),
            )
        }
        assert (given["templates"], len(given["operations"])) == ("templates", 5)


@pytest.fixture
def proxy(monkeypatch: pytest.MonkeyPatch) -> Generator[HostileServer, None, None]:
    """Return a server through which other machines are asked."""
    with hostile_serving() as running:
        for name in ("https_proxy", "HTTPS_PROXY"):
            monkeypatch.setenv(name, running.url(""))
        for name in ("NO_PROXY", "no_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.delenv(name, raising=False)
        yield running


@pytest.mark.parametrize("variables", [{}, {"SPEC_URL": ""}])
@pytest.mark.parametrize("target", ["fetch", "regenerate"])
def test_without_an_address_the_published_document_is_asked_for(
    target: str, variables: dict[str, str], tmp_path: Path, proxy: HostileServer
) -> None:
    proxy.answer(b"HTTP/1.1 502 No\r\n\r\n", "docs.runflow.io:443")
    assert main([target, "--into", str(tmp_path)], variables) == 1
    assert [head.splitlines()[0] for head in proxy.requests] == [
        "CONNECT docs.runflow.io:443 HTTP/1.1"
    ]
