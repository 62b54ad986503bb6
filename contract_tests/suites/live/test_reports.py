"""The report of one live session: where it is written, what it notes, and what it never tells."""

import json
from pathlib import Path
from typing import Any, Final

import pytest
from attrs import field, frozen
from runflow_conformance import CouldNotRun
from runflow_conformance.live import __main__ as live
from runflow_conformance.live._session import LiveSettings, check_live_api

from ..commanding import run_main
from ..server.conftest import write_small_document
from ..server.stand_in import Deployed, standing_in

KEY: Final = "rf_live_key_of_this_report"
PERSON: Final = "/v1/people/alice@example.com"
CHEAPEST: Final = "/v1/models/black-forest-labs/flux-1-schnell/runs"
REFUSED: Final = (
    ("DELETE", "/v1/nothing"),
    ("PATCH", "/v1/nothing"),
    ("PUT", "/v1/nothing"),
    ("POST", PERSON),
    ("POST", "/v1/callback-secrets"),
    ("GET", "/v1/nothing"),
)
"""What the guard refuses: the first once, the second twice, and so on."""

NOTES: Final = [
    "21 requests without a response: the guard",
    "6 requests refused by the guard: GET is not allowed",
    "5 requests refused by the guard: POST /v1/callback-secrets is not allowed",
    "4 requests refused by the guard: POST [hidden] is not allowed",
    "3 requests refused by the guard: PUT is not allowed",
    "2 requests refused by the guard: PATCH is not allowed",
]
SEEN: Final = {
    "operation": "GET /v1/runs",
    "rule": "ST101 server error",
    "where": "response 200",
    "pointer": "",
    "what": "it",
    "observed": None,
    "replay": "curl GATEWAY/v1/runs",
}
TOTALS: Final[dict[str, Any]] = {"calls": {"GET /v1/runs": 1}, "seconds": {}, "unpaid": {}}


@frozen
class Session:
    """What a session left behind."""

    folder: Path
    url: str
    asked: list[str]
    files: dict[str, str] = field(repr=False)

    @property
    def report(self) -> Any:
        """The report as JSON."""
        return json.loads(self.files["report.json"])


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Session:
    folder = tmp_path_factory.mktemp("session")
    document = write_small_document(folder)
    content = json.loads(document.read_text(encoding="utf-8"))
    content["paths"][PERSON] = {"post": {"responses": {"200": {"description": "fine"}}}}
    document.write_text(json.dumps(content), encoding="utf-8")
    refused = [one for count, one in enumerate(REFUSED, 1) for _ in range(count)]
    asked = [("GET", "/v1/runs?colour=red"), ("GET", "/v1/runs/alice%40example.com")]
    place = folder / "a" / "b" / "report"
    with standing_in(folder / "stand-in") as stand_in, Deployed() as deployed:
        stand_in.plan([{"finding": SEEN}, TOTALS], sends=[(*one, {}) for one in asked + refused])
        deployed.statuses[CHEAPEST] = 422
        deployed.bodies[f"POST {CHEAPEST}"] = {"code": "NO", "message": "ask alice@example.com"}
        url = f"http://127.0.0.1:{deployed.port}"
        done = run_main(
            live.main,
            *("--live", "--base-url", url, "--document", str(document)),
            *("--report-dir", str(place), "--allow-spend", "0.001", "--per-second", "1000"),
            key=KEY,
        )
        assert done.returncode == 1, done.stderr
        assert stand_in.left == 0
    files = {path.name: path.read_text("utf-8") for path in place.iterdir()}
    return Session(place, url, deployed.asked, files)


def test_the_folder_of_the_report_is_made(session: Session) -> None:
    assert {"report.json", "summary.md", "junit.xml", "interactions.jsonl"} <= set(session.files)


def test_what_was_refused_most_is_noted_and_addresses_of_people_are_hidden(
    session: Session,
) -> None:
    assert session.report["notes"] == NOTES
    assert [name for name, text in session.files.items() if "alice" in text] == []


def test_the_allowance_is_spent_as_the_command_says(session: Session) -> None:
    assert session.asked[0] == f"POST {CHEAPEST} Bearer {KEY}"
    assert session.report["profile"] == "live, 3 requests, 1 writes"
    [told] = [one for one in session.report["differences"] if one["rule"] == "run"]
    assert told["what"].startswith(
        f"{CHEAPEST.removeprefix('/v1/models/').removesuffix('/runs')}: "
    )


def test_requests_are_not_compared_with_the_document(session: Session) -> None:
    found = {one["where"].partition(" ")[0] for one in session.report["differences"]}
    assert session.asked[1].startswith("GET /v1/runs?colour=red ")
    assert found == {"response", "a"}


def test_a_request_is_sent_again_to_the_api_and_without_the_key(session: Session) -> None:
    [script] = [text for name, text in session.files.items() if name.startswith("replay")]
    assert script == f"#!/bin/sh\ncurl {session.url}/v1/runs\n"
    assert KEY not in str(session.files)


def test_no_report_is_left_that_holds_the_key(tmp_path: Path) -> None:
    """A key without the beginning of Runflow's keys is not known as one."""
    folder = tmp_path / "report"
    (folder / "mine").mkdir(parents=True)
    own = {".env": b"RUNFLOW_API_KEY=plainkey", "a.png": b"\x89PNG", "mine/report.json": b"{}"}
    for name, content in own.items():
        (folder / name).write_bytes(content)
    (folder / "replay-9.sh").write_text("of an earlier report", "utf-8")
    with standing_in(tmp_path / "stand-in") as stand_in, Deployed() as deployed:
        rules = ("ended_run", "secret_shown_again")  # each has its script
        seen = [{"finding": {**SEEN, "rule": rule}} for rule in rules]
        stand_in.plan([*seen, TOTALS], sends=[("GET", "/v1/runs", {})])
        deployed.bodies["GET /v1/runs"] = {"items": [{"status_code": "plainkey"}]}
        settings = LiveSettings(
            base_url=f"http://127.0.0.1:{deployed.port}",
            api_key="plainkey",
            document=write_small_document(tmp_path),
            folder=folder,
            per_second=1000.0,
        )
        with pytest.raises(CouldNotRun, match="all reports were deleted") as caught:
            check_live_api(settings)
    kept = [path for path in folder.rglob("*") if path.is_file()]
    assert {str(path.relative_to(folder)): path.read_bytes() for path in kept} == own
    assert "plainkey" not in str(caught.value)
    assert "report.json" in str(caught.value)
    assert ".env" not in str(caught.value)


def test_without_a_key_nothing_is_begun(tmp_path: Path) -> None:
    with Deployed() as deployed:
        url = f"http://127.0.0.1:{deployed.port}"
        options = ("--live", "--base-url", url, "--report-dir", str(tmp_path / "report"))
        done = run_main(live.main, *options, key="")
    assert (done.returncode, done.stdout, deployed.asked) == (2, "", [])
    assert done.stderr == "contract-live could not run: set RUNFLOW_API_KEY\n"
    assert not (tmp_path / "report").exists()
