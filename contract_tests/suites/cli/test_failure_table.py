"""Each row of the page of errors, as the command says it: a document with --json, or a sentence."""

import json
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any, Final

import pytest
from attrs import frozen
from runflow_client import bulk
from runflow_client.cli.main import main
from runflow_client.testing import sign
from runflow_mock import MockRunflow

from ..client.answering import Told, answering
from ..docs.test_symptoms import BASES, exceptions
from ..files.storage import PNG
from .conftest import ASKED, MODEL

SECRET: Final = "whsec_pages"
RUN: Final = ("runs", "get", "0198c0de-0000-7000-8000-000000000000")
VERIFY: Final = ("callbacks", "verify", "body.json", "--signature")
REMOVAL: Final = ("batches", "create", "runflow/background-removal", "inputs.jsonl", "--yes")
EVALUATE: Final = (
    "evaluations",
    "create",
    "--task-type",
    "edit",
    "--image-url",
    "https://a.test/a",
)
EDIT: Final = ("run", f"{MODEL}/edit", "--prompt", "x", "--image-urls", "photo.png")
BULK: Final = ("bulk", "run", "rows.csv", "--model", MODEL, "-o", "out", "--yes")


def nothing(_mock: MockRunflow, _folder: Path) -> None:
    """Prepare nothing."""


@frozen
class Row:
    """What the command is called with, what the server does then, and the exit code."""

    code: int
    arguments: tuple[str, ...]
    prepare: Callable[[MockRunflow, Path], Any] = nothing
    environment: Callable[[], Any] = nullcontext
    status: int | None = None
    pauses: bool = True
    """Whether time passes between two tries."""


def answered(status: int) -> Row:
    def prepare(mock: MockRunflow, _folder: Path) -> None:
        mock.fail_next("get_run", status=status, count=None, retry_after="0")

    return Row(3, RUN, prepare, status=status)


def ending(status: str) -> Callable[[MockRunflow, Path], None]:
    return lambda mock, _folder: mock.next_outcome(status)


def fault(operation: str, kind: str, **details: Any) -> Callable[[MockRunflow, Path], None]:
    def prepare(mock: MockRunflow, _folder: Path) -> None:
        mock.fail_next(operation, fault=kind, count=None, **details)

    return prepare


def output_at(path: str) -> Callable[[MockRunflow, Path], None]:
    """Let the output of each run lead to this path of the server."""

    def prepare(mock: MockRunflow, folder: Path) -> None:
        field, value = "output.outputs.0.url", mock.base_url + path
        fault("get_run", "unknown_enum", field=field, value=value)(mock, folder)

    return prepare


def lost(mock: MockRunflow, _folder: Path) -> None:
    mock.fail_next("create_run", fault="reset_after", count=None)
    mock.fail_next("list_runs", status=403, count=None)


def poor(mock: MockRunflow, _folder: Path) -> None:
    mock.balance = "0.01"


def verified(body: bytes, signature: str | None = None) -> Row:
    def prepare(_mock: MockRunflow, folder: Path) -> None:
        (folder / "body.json").write_bytes(body)

    return Row(6, (*VERIFY, signature or sign(body, SECRET)), prepare)


def without_signature(_mock: MockRunflow, folder: Path) -> None:
    (folder / "body.json").write_bytes(b"{}")
    (folder / "headers.json").write_text('{"Content-Type": "application/json"}')


def in_use(_mock: MockRunflow, folder: Path) -> Any:
    return bulk.Journal.open(folder / "rows.csv.journal.sqlite", model=MODEL)


@contextmanager
def elsewhere() -> Generator[str]:
    """Give the address of a server that sends everybody to /login."""
    with answering(lambda asked: Told(status=307, headers={"Location": "/login"})) as server:
        yield server.base_url


ROWS: Final = {
    "AddressRefused": Row(
        6,
        (*ASKED, "-o", "x.png"),
        fault("get_run", "unknown_enum", field="output.outputs.0.url", value="https://10.0.0.1/a"),
    ),
    "BadRequest": answered(400),
    "BatchCanceled": Row(4, REMOVAL, ending("canceled")),
    "BatchFailed": Row(4, REMOVAL, ending("failed")),
    "BodyTooLarge": verified(b" " * 20_000_000),
    "BodyUnreadable": verified(b"<html>"),
    "BulkStopped": Row(8, (*BULK, "--max-cost", "0.20")),
    "Conflict": answered(409),
    "ConnectFailed": Row(
        6, ("balance",), environment=lambda: nullcontext("http://127.0.0.1:9"), pauses=False
    ),
    "ConnectionLost": Row(
        6, ("secrets", "create", "--to", "s"), fault("*", "truncate"), pauses=False
    ),
    "EvaluationFailed": Row(4, EVALUATE, fault("get_evaluation", "unknown_status", value="failed")),
    "InsufficientCredit": Row(3, ASKED, poor, status=402),
    "InvalidArgument": Row(2, ("runs", "get", "123")),
    "JournalInUse": Row(2, BULK, in_use),
    "JournalRefused": Row(2, (*BULK, "--journal", "rows.csv")),
    "MalformedSignature": verified(b"{}", "v2=1"),
    "MaxCostExceeded": Row(2, (*ASKED, "--max-cost", "0.10")),
    "NotAnEvent": verified(b"[]"),
    "NotFound": answered(404),
    "OutcomeUnknown": Row(7, ASKED, lost),
    "PermissionDenied": answered(403),
    "RateLimited": answered(429),
    "RedirectRefused": Row(6, ("balance",), environment=elsewhere, status=307),
    "RequestTimeout": Row(6, (*EDIT, "--timeout", "2"), fault("create_asset_upload", "stall")),
    "RunCanceled": Row(4, ASKED, ending("canceled")),
    "RunFailed": Row(4, ASKED, ending("failed")),
    "ServerError": answered(503),
    "SignatureMismatch": verified(b"{}", "0" * 64),
    "SignatureMissing": Row(
        6, ("callbacks", "verify", "body.json", "--headers", "headers.json"), without_signature
    ),
    "StorageRefused": Row(6, (*ASKED, "-o", "x.png"), output_at("/_outputs/none"), status=403),
    "Unauthorized": answered(401),
    "UnreadableAnswer": Row(6, ("balance",), fault("get_balance", "html", status=200), status=200),
    "ValidationFailed": answered(422),
    "WaitTimeout": Row(5, (*ASKED, "--timeout", "0.2"), ending("never")),
    "WrongContent": Row(6, (*ASKED, "-o", "x.png"), output_at("/_mock/")),
}
OUT_OF_REACH: Final = {
    "BodyNotRaw": "the command reads the bytes itself",
    "DownloadTooLarge": "no command limits a download but --show, at 20 MiB",
    "FileChanged": "it takes a write between two reads of this process",
    "SendFailed": "the command takes no HTTP client of the user's",
}


def test_every_row_of_the_page_is_here() -> None:
    assert ROWS.keys() | OUT_OF_REACH.keys() == exceptions() - BASES
    assert not ROWS.keys() & OUT_OF_REACH.keys()


@pytest.mark.parametrize("name", ROWS)
def test_a_failure_is_one_document_with_json_and_one_sentence_without(
    name: str,
    mock: MockRunflow,
    tmp_path: Path,
    environment: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    row = ROWS[name]
    (tmp_path / "rows.csv").write_text("key,prompt\na,A cat\nb,A dog\n")
    (tmp_path / "photo.png").write_bytes(PNG + bytes(1000))
    (tmp_path / "inputs.jsonl").write_text('{"image_url": "https://a.test/1.png"}\n')
    monkeypatch.chdir(tmp_path)
    for variable in ("HOME", "RUNFLOW_BASE_URL", "RUNFLOW_API_KEY"):
        monkeypatch.setenv(variable, environment[variable])
    monkeypatch.setenv("RUNFLOW_CALLBACK_SECRET", SECRET)
    if not row.pauses:
        monkeypatch.setattr(time, "sleep", lambda seconds: None)
    message = ""
    with row.environment() as base_url:
        if base_url is not None:
            monkeypatch.setenv("RUNFLOW_BASE_URL", base_url)
        for kind in ("--json", None):
            with row.prepare(mock, tmp_path) or nullcontext():
                code = main([*row.arguments, *filter(None, [kind])])
            printed = capsys.readouterr()
            assert code == row.code, printed.err + printed.out
            if kind == "--json":
                error = json.loads(printed.out)["error"]
                assert (error["kind"], error["exit_code"], printed.err) == (name, row.code, "")
                assert error.get("status") == row.status
                message = error["message"]
            else:
                assert "Traceback" not in printed.err
                assert (
                    len([line for line in printed.err.splitlines() if line.startswith("runflow: ")])
                    == 1
                )
            for file in tmp_path.glob("*.sqlite*"):
                file.unlink()
            assert mock.unused == []
            mock.faults.clear()
    assert message
    assert "client." not in message
    assert SECRET not in message
