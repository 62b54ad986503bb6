"""Every difference between a document and what was sent and answered, and every report of them."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from itertools import product
from pathlib import Path
from typing import Any

import httpx
import pytest
from attrs import evolve
from runflow_conformance import (
    AsyncTap,
    ConformanceError,
    Finding,
    Interaction,
    Report,
    Tap,
    Validator,
)
from runflow_conformance._findings import distinct
from runflow_conformance._report.formats import (
    MAX_REPLAY,
    MAX_ROWS,
    as_json,
    junit,
    markdown,
    write_reports,
)
from runflow_conformance._report.proposals import propose
from runflow_conformance._report.report import group_findings, read_baseline, write_baseline
from runflow_conformance._validation.base_url import BaseUrl
from runflow_conformance._validation.schemas import json_type

from ..snapshot import check_snapshot
from .things import DOCUMENT, HONEST, ID, JSON, TEXT, bends, interaction

SNAPSHOTS = Path(__file__).with_name("snapshots")
ALL = [bend for name, honest in HONEST.items() for bend in bends(name, honest)]


def test_each_difference_is_found_at_its_place() -> None:
    validator = Validator(DOCUMENT)
    lines: list[str] = []
    for name, bent in ALL:
        found = validator.findings(bent)
        lines += [f"{name}: {'conforms' if not found else ''}".rstrip()]
        lines += [f"    {one} observed {one.observed!r}" for one in found]
        answers = validator.findings(bent, check_request=False)
        if answers != [one for one in found if one.where.startswith("response")]:
            lines += [f"    the answer alone: {one}" for one in answers]
    assert not [name for name in HONEST if f"{name}: conforms" not in lines]
    check_snapshot(SNAPSHOTS / "differences.txt", "\n".join(lines) + "\n")


@pytest.mark.parametrize("kind", ["text/plain", "text/plain; charset=utf-8", "TEXT/Plain"])
def test_a_body_that_is_documented_as_text_may_be_any_text(kind: str) -> None:
    for body in (b"", b"it is {text", b"\xff", b"{}"):
        answer = evolve(HONEST["get"], response_headers={"content-type": kind}, response_body=body)
        assert Validator(DOCUMENT).findings(answer) == []


@pytest.mark.parametrize("kind", ["application/json-seq", "application/jso", "text/plain2", "x"])
def test_a_content_type_that_begins_as_a_documented_one_is_another(kind: str) -> None:
    answer = evolve(HONEST["get"], response_headers={"content-type": kind})
    [found] = Validator(DOCUMENT).findings(answer)
    assert (found.rule, found.observed) == ("content_type", kind)


def some_findings() -> list[Finding]:
    """Return the findings of some bends, some of them several times, with commands to repeat."""
    validator = Validator(DOCUMENT)
    return [
        evolve(one, replay=f"curl {number}\n" if number % 3 else "")
        for number, (_, bent) in enumerate(ALL[::7])
        for one in validator.findings(bent)
    ]


def report(findings: list[Finding], baseline: frozenset[tuple[str, str, str]]) -> Report:
    """Return the report of these findings."""
    operations = tuple(map(str, Validator(DOCUMENT).operations))
    return Report(
        base_url="http://127.0.0.1:1",
        document_sha256="0" * 64,
        seed=7,
        profile="quick",
        operations=operations,
        calls={operations[0]: 12, operations[1]: 1},
        seconds={operations[0]: 1.23456, "law of money: x": 0.5},
        differences=group_findings(findings, baseline),
        notes=("One note | with a bar.", "Another\nnote."),
        laws=("law of money: x",),
    )


def test_reports_say_what_they_said_before(tmp_path: Path) -> None:
    findings = some_findings()
    third = frozenset(one.identity for one in findings[::3])
    parts: list[str] = []
    for name, found, baseline in (
        ("nothing", [], frozenset[tuple[str, str, str]]()),
        ("one", findings[:1], frozenset[tuple[str, str, str]]()),
        ("all known", findings, frozenset(one.identity for one in findings)),
        ("some known", findings, third),
        ("none known", findings, frozenset[tuple[str, str, str]]()),
    ):
        made = report(found, baseline)
        written = write_reports(made, tmp_path / name)
        scripts = sorted(path.name for path in (tmp_path / name).glob("*.sh"))
        parts += [
            f"=== {name}: exit {made.exit_code}, {len(made.new)} new, {len(made.rows)} rows",
            f"scripts: {scripts}",
            *(path.read_text(encoding="utf-8") for path in written),
        ]
        assert [junit(made), as_json(made), markdown(made)] == parts[-3:]
    check_snapshot(SNAPSHOTS / "reports.txt", "\n".join(parts))


def test_a_law_that_is_broken_as_it_was_before_does_not_hold() -> None:
    law = "law of money: x"
    broken = Finding(operation=law, rule="law", where="", pointer="", what="it")
    for found, known in product(([], [broken]), (frozenset(), frozenset({broken.identity}))):
        assert json.loads(as_json(report(found, known)))["laws"] == {law: not found}


def test_a_summary_says_how_many_rows_it_leaves_out() -> None:
    findings = [
        Finding(operation=f"GET /{number:02}", rule="r", where="w", pointer="", what="it")
        for number in range(MAX_ROWS + 2)
    ]
    for left_out in (2, 1, 0):
        text = markdown(report(findings[: MAX_ROWS + left_out], frozenset()))
        assert text.count("| `GET /") == MAX_ROWS
        assert ("more are in the JSON report." in text) == (left_out > 0)
        assert left_out == 0 or f"\n{left_out} more are in the JSON report." in text


@pytest.mark.parametrize(
    ("command", "is_shown"),
    [("c" * MAX_REPLAY, True), ("c" * (MAX_REPLAY + 1), False), ("curl\n-X", False)],
)
def test_a_command_is_shown_where_a_terminal_shows_it_well(command: str, is_shown: bool) -> None:
    found = evolve(some_findings()[0], replay=command)
    shown = markdown(report([found], frozenset())).partition("```sh\n")[2].partition("\n```")[0]
    assert shown == (command if is_shown else "sh replay-1.sh")


def test_a_report_leaves_no_script_of_an_earlier_one(tmp_path: Path) -> None:
    findings = some_findings()
    (tmp_path / "mine.sh").write_text("exit 0\n", "utf-8")
    write_reports(report(findings, frozenset()), tmp_path)
    assert len(list(tmp_path.glob("replay-*.sh"))) > 1
    write_reports(report([], frozenset()), tmp_path)
    assert [path.name for path in tmp_path.glob("*.sh")] == ["mine.sh"]


def test_a_baseline_holds_what_it_was_written_of(tmp_path: Path) -> None:
    differences = group_findings(some_findings(), frozenset())
    write_baseline(tmp_path / "baseline.json", differences)
    known = read_baseline(tmp_path / "baseline.json")
    assert known == {one.finding.identity for one in differences}
    assert report(some_findings(), known).exit_code == 0
    assert report(some_findings(), frozenset(sorted(known)[1:])).exit_code == 1


@pytest.mark.parametrize(
    "text",
    ["{", "[]", "{}", '{"differences": 3}', '{"differences": [{}]}', "[" * 99999],
    ids=lambda text: text[:20],
)
def test_what_is_no_baseline_is_refused_by_its_name(text: str, tmp_path: Path) -> None:
    (tmp_path / "known.json").write_text(text, "utf-8")
    with pytest.raises(ValueError, match=r"^known\.json is not a baseline: "):
        read_baseline(tmp_path / "known.json")


def test_what_was_observed_is_kept_once_whatever_it_is() -> None:
    first = some_findings()[0]
    seen = (0, "", "b", 0, None, 2.5, "b")
    [one] = group_findings([evolve(first, observed=value) for value in seen], frozenset())
    assert (one.count, one.observed) == (len(seen), (0, "", "b", 2.5))


def test_a_difference_is_kept_as_it_was_first_found() -> None:
    findings = some_findings()
    assert len(distinct(findings)) < len(findings)
    for first, count in distinct(findings):
        same = [one for one in findings if one.identity == first.identity]
        assert first is same[0]
        assert count == len(same)


def test_parameters_are_judged_in_the_style_of_the_document() -> None:
    schema = {"type": "array", "items": {"type": "integer", "maximum": 3}}
    joined = {"name": "ids", "in": "query", "explode": False, "schema": schema}
    in_pairs = {
        "name": "range",
        "in": "query",
        "style": "deepObject",
        "schema": {"type": "object", "properties": {"from": {"type": "integer"}}},
    }
    document = {
        "openapi": "3.1.0",
        "info": {"title": "Things", "version": "1"},
        "paths": {
            "/v1/things": {
                "get": {
                    "parameters": [joined, in_pairs],
                    "responses": {"200": {"description": "x"}},
                }
            }
        },
    }

    def places(query: str) -> list[tuple[str, str]]:
        sent = interaction("GET", "/v1/things", 200, query=query)
        return [(one.rule, one.where) for one in Validator(document).findings(sent)]

    assert places("ids=1,2&range[from]=3") == []
    assert places("ids=1,9") == [("schema:maximum", "request, query ids/1")]
    assert places("range[from]=x&more=1") == [
        ("schema:type", "request, query range/from"),
        ("undocumented_parameter", "request, query more"),
    ]


def with_references(node: Any, shared: dict[str, Any], kind: str = "") -> Any:
    """Return the document with each path, parameter, body and answer of it said once, elsewhere."""
    if isinstance(node, list):
        return [with_references(one, shared, kind) for one in node]
    if not isinstance(node, dict):
        return node
    holders = {"paths": "pathItems", "responses": "responses", "parameters": "parameters"}
    inner = {
        name: with_references(one, shared, "requestBodies" if name == "requestBody" else "")
        if name not in holders
        else [with_references(each, shared, holders[name]) for each in one]
        if isinstance(one, list)
        else {key: with_references(each, shared, holders[name]) for key, each in one.items()}
        for name, one in node.items()
    }
    if not kind or "$ref" in node:
        return inner
    shared.setdefault(kind, {})[name := f"Shared{len(shared.get(kind, ()))}"] = inner
    return {"$ref": f"#/components/{kind}/{name}"}


def test_what_a_document_says_once_counts_wherever_it_is_referred_to() -> None:
    shared: dict[str, Any] = {}
    paths = with_references({"paths": DOCUMENT["paths"]}, shared)
    components = {**DOCUMENT["components"], **shared}
    referring = Validator({**DOCUMENT, **paths, "components": components})
    assert set(shared) == {"pathItems", "responses", "parameters", "requestBodies"}
    plain, found = Validator(DOCUMENT), 0
    for name, bent in ALL:
        ours, theirs = plain.findings(bent), referring.findings(bent)
        assert [evolve(one, pointer="") for one in theirs] == [
            evolve(one, pointer="") for one in ours
        ], name
        found += len(ours)
        for one in theirs:
            assert one.pointer == "" or referring.tree.get(one.pointer) is not None, one
    assert found > len(ALL) / 2


def test_differences_are_told_in_the_order_of_their_operations_not_of_their_counts() -> None:
    tap = Tap(httpx.MockTransport(lambda _: httpx.Response(418)), DOCUMENT, check_requests=False)
    with httpx.Client(transport=tap, base_url="https://a.example") as client:
        for method, count in (("POST", 2), ("DELETE", 1), ("GET", 3)):
            for _ in range(count):
                client.request(method, "/v1/things" if method != "DELETE" else f"/v1/things/{ID}")
    assert [one.partition(":")[0] for one in tap.report().splitlines()] == [
        "1 x DELETE /v1/things/{id}",
        "3 x GET /v1/things",
        "2 x POST /v1/things",
    ]


@pytest.mark.parametrize(
    ("documented", "used"),
    [
        (("default", "4xx", "4XX", "404"), "404"),
        (("default", "4xx", "4XX"), "4XX"),
        (("default", "4xx", "5XX"), "4xx"),
        (("default", "5XX", "40"), "default"),
        (("5XX", "40", "400"), None),
    ],
)
def test_an_answer_is_compared_with_the_nearest_that_is_documented(
    documented: tuple[str, ...], used: str | None
) -> None:
    headers = {name: {f"X-{name}": {"required": True, "schema": TEXT}} for name in documented}
    responses = {name: {"description": "x", "headers": headers[name]} for name in documented}
    document = {**DOCUMENT, "paths": {"/v1/things": {"get": {"responses": responses}}}}
    [found] = Validator(document).findings(interaction("GET", "/v1/things", 404))
    if used is None:
        assert (found.rule, found.observed) == ("undocumented_status", 404)
    else:
        assert (found.rule, found.observed) == ("required_header", f"X-{used}")


def test_a_row_has_the_first_command_that_one_of_its_differences_has() -> None:
    shared = evolve(some_findings()[0], rule="r", pointer="/components/x", what="it")
    commands = {"GET /a": "", "GET /b": "curl b", "GET /c": "curl c"}
    findings = [evolve(shared, operation=one, replay=sent) for one, sent in commands.items()]
    text = markdown(report(findings, frozenset()))
    assert text.count("| 1 | `GET /a` and 2 more |") == 1
    assert text.endswith("```sh\ncurl b\n```\n")


def test_a_value_that_two_branches_allow_is_no_type_that_is_missing() -> None:
    schema = {"oneOf": [{"type": "integer"}, {"type": "number"}, {"type": "string"}]}
    content = {"application/json": {"schema": schema}}
    responses = {"200": {"description": "x", "content": content}}
    document = {**DOCUMENT, "paths": {"/v1/things": {"get": {"responses": responses}}}}

    def found(body: bytes) -> list[tuple[str, Any]]:
        sent = interaction("GET", "/v1/things", 200, response_body=body)
        return [(one.rule, one.observed) for one in Validator(document).findings(sent)]

    told = {body: found(body) for body in (b"3", b"3.5", b'"x"', b"null")}
    assert told == {
        b"3": [("schema:oneOf", None)],
        b"3.5": [],
        b'"x"': [],
        b"null": [("schema:oneOf", "null")],
    }


def test_each_value_has_the_name_of_its_type() -> None:
    values: tuple[object, ...] = (None, True, False, 0, 7, 1.0, "", "x", [], {}, b"")
    named = " ".join(json_type(value) for value in values)
    assert named == ("null boolean boolean integer integer number string string array object value")


SECRETS = ("whsec_0123456789abcdef", "rf_live_0123456789abcdef", "https://s.example/a?signature=b")


def test_no_finding_repeats_a_secret_or_another_value_than_a_word() -> None:
    for value in (*SECRETS, "Alice Example", "x" * 41, "new word", "word"):
        body = [{"id": value, "status": value, "cost": value, "count": value, "parts": value}]
        bent = evolve(HONEST["list"], response_body=json.dumps(body).encode())
        found = Validator(DOCUMENT).findings(bent)
        assert {one.where.rpartition("/")[2] for one in found} == {
            *("id", "status", "cost", "count", "parts")
        }
        told = f"{[str(one) for one in found]} {[one.observed for one in found]}"
        assert (value in told) is (value == "word")
        proposed = propose(group_findings(found, frozenset()), Validator(DOCUMENT).tree)
        assert (value in json.dumps(proposed)) is (value == "word")


ROOT, BELOW = "https://a.example", "https://A.example:443/api/"


@pytest.mark.parametrize(
    ("base", "url", "path"),
    [
        (ROOT, "https://a.example/v1/a%2Fb?q=1", "/v1/a%2Fb"),
        (ROOT, "https://a.example", "/"),
        (ROOT, "https://a.example:444/v1", None),
        (ROOT, "http://a.example/v1", None),
        (ROOT, "https://b.a.example/v1", None),
        (BELOW, "https://a.example/api/v1", "/v1"),
        (BELOW, "https://a.example/api/api/v1", "/api/v1"),
        (BELOW, "https://a.example/api/?q=/api/v1", "/"),
        (BELOW, "https://a.example/api", None),
        (BELOW, "https://a.example/apix/v1", None),
        (BELOW, "https://a.example/v1/api/v1", None),
        (BELOW, "https://a.example/API/v1", None),
    ],
)
def test_only_what_is_below_the_base_url_is_a_path_of_the_api(
    base: str, url: str, path: str | None
) -> None:
    assert BaseUrl(base).path_below(httpx.URL(url)) == path


class Source(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """Answers with a body in two chunks, and notes what is closed. It may break off before one."""

    def __init__(self, chunks: tuple[bytes | None, ...] = (b"[", b"]")) -> None:
        self.chunks, self.notes = chunks, list[str]()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.notes.append(f"{request.method} {request.url} {request.read()!r}")
        extensions = {"http_version": b"HTTP/1.1", "network_stream": object()}
        headers = {**JSON, "x-left": "3"}
        return httpx.Response(203, headers=headers, stream=Chunks(self), extensions=extensions)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return self.handle_request(request)

    def close(self) -> None:
        self.notes.append("closed")

    async def aclose(self) -> None:
        self.close()


class Chunks(httpx.SyncByteStream, httpx.AsyncByteStream):
    def __init__(self, source: Source) -> None:
        self._source = source

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._source.chunks:
            if chunk is None:
                raise httpx.ReadError("it broke off")
            yield chunk

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for chunk in self:
            yield chunk

    def close(self) -> None:
        self._source.notes.append("answer closed")

    async def aclose(self) -> None:
        self.close()


async def asked(tap: AsyncTap, url: str) -> httpx.Response:
    async with httpx.AsyncClient(transport=tap) as client:
        return await client.post(url, content=b"sent")


def through(tap: Tap | AsyncTap, url: str) -> tuple[str, list[tuple[str, Any]]]:
    """Return what a client gets through the tap, and the extensions of the answer."""
    try:
        if isinstance(tap, AsyncTap):
            answer = asyncio.run(asked(tap, url))
        else:
            with httpx.Client(transport=tap) as client:
                answer = client.post(url, content=b"sent")
    except (httpx.HTTPError, ConformanceError) as error:
        return f"{type(error).__name__} {str(error)[:60]}", []
    shown = f"{answer.status_code} {answer.content!r} {answer.headers['x-left']}"
    return shown, sorted(answer.extensions.items())


async def first_chunk(tap: AsyncTap, url: str) -> bytes:
    async with httpx.AsyncClient(transport=tap) as client, client.stream("GET", url) as answer:
        return await anext(answer.aiter_raw())


@pytest.mark.parametrize("kind", [Tap, AsyncTap])
def test_what_is_not_of_the_api_is_passed_on_as_it_comes(kind: type[Tap | AsyncTap]) -> None:
    tap, url = kind(Source((b"[", None)), DOCUMENT), "https://a.example/files/1.png"
    if isinstance(tap, AsyncTap):
        assert asyncio.run(first_chunk(tap, url)) == b"["
    else:
        with httpx.Client(transport=tap) as client, client.stream("GET", url) as answer:
            assert next(answer.iter_raw()) == b"["
    assert tap.interactions == 0


DEVIANT: dict[str, Any] = {"/v1/things": {"post": {"responses": {"203": {"description": "x"}}}}}
TAPS: dict[str, dict[str, Any]] = {
    "the shipped document": {},
    "a parsed document": {"document": DOCUMENT},
    "a validator": {"document": Validator(DOCUMENT)},
    "a file": {"document": Path("things.json")},
    "strict": {"document": DOCUMENT, "strict": True},
    "answers only": {"document": DOCUMENT, "check_requests": False},
    "strict, answers only": {
        "document": {**DOCUMENT, "paths": {"/v1/things": {"post": {"responses": {}}}}},
        "check_requests": False,
        "strict": True,
    },
    **{
        f"below {base}": {"document": DOCUMENT, "base_url": base}
        for base in (
            *("https://a.example", "https://A.example:443/", "http://a.example"),
            *("https://b.example", "https://a.example:444", "https://a.example/v1"),
        )
    },
}


@pytest.mark.parametrize("kind", [Tap, AsyncTap])
def test_a_tap_is_what_its_options_say(
    kind: type[Tap | AsyncTap], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("things.json").write_text(json.dumps({**DOCUMENT, "paths": DEVIANT}), "utf-8")
    lines: list[str] = []
    for name, options in TAPS.items():
        for chunks in ((b"[", b"]"), (b"[", None)):
            source, told = Source(chunks), list[tuple[Interaction, list[Finding]]]()
            tap = kind(source, **options, on_interaction=lambda *it, told=told: told.append(it))
            got, extensions = through(tap, "https://a.example/v1/things?q=%2F")
            lines += [f"{name}: {got}", f"    {', '.join(source.notes)}", f"    {tap.report()}"]
            lines += [f"    {[one for one, _ in extensions]}"] if extensions else []
            lines += [f"    told {one}, {len(found)}" for one, found in told]
            assert [one for _, found in told for one in found] == tap.findings
            assert tap.interactions == len(told)
    text = "\n".join(lines) + "\n"
    check_snapshot(SNAPSHOTS / "taps.txt", text)
