"""The page of errors names every exception, and shows what each really says."""

import re
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Final

import httpx
import pytest
import runflow_client
from runflow_client import Runflow, RunflowError, bulk, callbacks, testing
from runflow_mock import MockRunflow

from .blocks import DOCS, matches

PAGE: Final = (DOCS / "guides" / "errors.md").read_text(encoding="utf-8")
MODEL: Final = "google/nano-banana-pro"
REMOVAL: Final = "runflow/background-removal"
ASKED: Final = {"prompt": "A cathedral"}
SECRET: Final = "whsec_pages"

ROW: Final = re.compile(r"^\| `(\w+)` \| `(.+?)` \| (.+?) \| (.+?) \|$", re.MULTILINE)
SHOWN: Final = {name: text.replace("\\|", "|") for name, text, _, _ in ROW.findall(PAGE)}
BASES: Final = {
    "ApiError",
    "CallbackError",
    "RunError",
    "RunflowError",
    "StorageError",
    "TransportError",
}


def exceptions() -> set[str]:
    found = set[str]()
    modules: list[ModuleType] = [
        runflow_client,
        *map(import_module, ("runflow_client.callbacks", "runflow_client.bulk")),
    ]
    for module in modules:
        for name in dir(module):
            value = getattr(module, name)
            if isinstance(value, type) and issubclass(value, RunflowError):
                found.add(name)
    return found


def test_the_page_has_every_exception_once() -> None:
    rows = [row[0] for row in ROW.findall(PAGE)]
    assert len(rows) == len(set(rows))
    assert set(rows) == exceptions() - BASES
    assert [base for base in BASES if f"`{base}`" not in PAGE] == []


Symptom = Callable[[MockRunflow, Path], object]


def answered(status: int) -> Symptom:
    def run(mock: MockRunflow, _folder: Path) -> None:
        mock.fail_next("get_balance", status=status, count=None)
        with Runflow() as client:
            client.account.balance()

    return run


def ended(status: str) -> Symptom:
    def run(mock: MockRunflow, _folder: Path) -> None:
        code, said = ("CONTENT_POLICY", "not this") if status == "failed" else (None, None)
        mock.next_outcome(status, failure_code=code, failure_message=said)
        with Runflow() as client:
            client.run(MODEL, ASKED)

    return run


def broken(fault: str) -> Symptom:
    def run(mock: MockRunflow, _folder: Path) -> None:
        mock.fail_next("get_balance", fault=fault, count=None)
        with Runflow(timeout=0.2) as client:
            client.account.balance()

    return run


def sent_to(answer: Callable[[httpx.Request], httpx.Response], what: str = "balance") -> Symptom:
    """Return a symptom of a server of another kind: it answers the balance, or storage alone."""

    def run(mock: MockRunflow, folder: Path) -> None:
        def handle(request: httpx.Request) -> httpx.Response:
            is_storage = "/_" in request.url.path
            if is_storage == (what != "balance"):
                return answer(request)
            return real.handle_request(request)

        with (
            httpx.HTTPTransport() as real,
            httpx.Client(transport=httpx.MockTransport(handle)) as http_client,
            Runflow(http_client=http_client) as client,
        ):
            if what == "balance":
                client.account.balance()
            elif what == "download":
                client.run(MODEL, ASKED).outputs[0].save(folder / "a.png")
            else:
                client.assets.upload(folder / "photo.jpg")

    return run


def raising(request: httpx.Request) -> httpx.Response:
    raise RuntimeError("a hook of mine")


def verified(body: object, header: str | None = None, **made: str) -> Symptom:
    def run(_mock: MockRunflow, _folder: Path) -> None:
        given = body if isinstance(body, bytes) else b""
        signature = testing.sign(given, made.get("secret", SECRET)) if header is None else header
        headers = {"Runflow-Signature": signature} if signature else {}
        callbacks.verify(body, headers, SECRET)  # type: ignore[arg-type]

    return run


def with_client(use: Callable[[Runflow], object], base_url: str | None = None) -> Symptom:
    def run(_mock: MockRunflow, _folder: Path) -> None:
        with Runflow(base_url=base_url) as client:
            use(client)

    return run


def lost(mock: MockRunflow, _folder: Path) -> None:
    mock.fail_next("create_run", fault="reset_after")
    mock.fail_next("list_runs", status=503, count=None)
    with Runflow() as client:
        client.run(MODEL, ASKED)


def never(mock: MockRunflow, _folder: Path) -> None:
    mock.next_outcome("never")
    with Runflow() as client:
        client.run(MODEL, ASKED, timeout=5)


def no_credit(mock: MockRunflow, _folder: Path) -> None:
    mock.balance = "0.01"
    with Runflow() as client:
        client.run(MODEL, ASKED)


def batch(status: str) -> Symptom:
    def run(mock: MockRunflow, _folder: Path) -> None:
        mock.next_outcome(status)
        with Runflow() as client:
            client.batches.create(REMOVAL, [{"image_url": "https://a.test/1.png"}]).wait()

    return run


def no_journal(_mock: MockRunflow, folder: Path) -> None:
    list(bulk.run(MODEL, [bulk.Item("a", ASKED)], journal=folder / "gone" / "journal.sqlite"))


def stopped(_mock: MockRunflow, folder: Path) -> None:
    items = [bulk.Item("a", ASKED), bulk.Item("b", ASKED)]
    list(bulk.run(MODEL, items, journal=folder / "journal.sqlite", max_cost="0.20"))


def in_use(_mock: MockRunflow, folder: Path) -> None:
    file = folder / "journal.sqlite"
    with bulk.Journal.open(file, model=MODEL):
        list(bulk.run(MODEL, [bulk.Item("a", ASKED)], journal=file))


def changed(_mock: MockRunflow, folder: Path) -> None:
    photo = folder / "photo.jpg"
    photo.write_bytes(b"\xff\xd8\xff" + b"x" * 500)

    def write_and_send(request: httpx.Request) -> httpx.Response:
        photo.write_bytes(b"\xff\xd8\xff" + b"y" * 700)
        return real.handle_request(request)

    with (
        httpx.HTTPTransport() as real,
        httpx.Client(transport=httpx.MockTransport(write_and_send)) as http_client,
        Runflow(http_client=http_client) as client,
    ):
        client.assets.upload(photo)


def no_evaluation(mock: MockRunflow, _folder: Path) -> None:
    mock.fail_next("get_evaluation", fault="unknown_status", value="failed", count=None)
    with Runflow() as client:
        client.evaluations.submit("https://a.test/1.png", "edit").wait()


def html(_request: httpx.Request) -> httpx.Response:
    return httpx.Response(200, html="<html>Welcome to the hotel</html>")


SYMPTOMS: Final[dict[str, Symptom]] = {
    "AddressRefused": sent_to(
        lambda _: httpx.Response(307, headers={"Location": "https://10.0.0.1/a.png"}), "download"
    ),
    "BadRequest": answered(400),
    "BatchCanceled": batch("canceled"),
    "BatchFailed": batch("failed"),
    "BodyNotRaw": verified({"event": "run.completed"}),
    "BodyTooLarge": verified(b" " * 20_000_000),
    "BodyUnreadable": verified(b"<html>"),
    "BulkStopped": stopped,
    "Conflict": answered(409),
    "ConnectFailed": with_client(lambda c: c.account.balance(), "http://127.0.0.1:9"),
    "ConnectionLost": broken("truncate"),
    "EvaluationFailed": no_evaluation,
    "FileChanged": changed,
    "InsufficientCredit": no_credit,
    "InvalidArgument": with_client(lambda c: c.run(MODEL, {**ASKED, "resolution": "2k"})),
    "JournalInUse": in_use,
    "JournalRefused": no_journal,
    "MalformedSignature": verified(b"{}", "v2=1"),
    "MaxCostExceeded": with_client(lambda c: c.run(MODEL, ASKED, max_cost="0.10")),
    "NotAnEvent": verified(b"[]"),
    "NotFound": answered(404),
    "OutcomeUnknown": lost,
    "PermissionDenied": answered(403),
    "RateLimited": answered(429),
    "RedirectRefused": sent_to(lambda _: httpx.Response(307, headers={"Location": "/login"})),
    "RequestTimeout": broken("stall"),
    "RunCanceled": ended("canceled"),
    "RunFailed": ended("failed"),
    "SendFailed": sent_to(raising),
    "ServerError": answered(503),
    "SignatureMismatch": verified(b"{}", secret="whsec_another"),
    "SignatureMissing": verified(b"{}", ""),
    "StorageRefused": sent_to(lambda _: httpx.Response(500), "download"),
    "Unauthorized": answered(401),
    "UnreadableAnswer": sent_to(html),
    "ValidationFailed": answered(422),
    "WaitTimeout": never,
    "WrongContent": sent_to(html, "download"),
    "DownloadTooLarge": with_client(lambda c: c.run(MODEL, ASKED).outputs[0].read(max_bytes=10)),
}


def test_every_exception_is_tried() -> None:
    assert exceptions() - BASES == SYMPTOMS.keys()


@pytest.mark.parametrize("name", sorted(SYMPTOMS))
def test_an_error_says_what_the_page_shows(
    name: str, runflow_mock: MockRunflow, tmp_path: Path
) -> None:
    with pytest.raises(RunflowError) as caught:
        SYMPTOMS[name](runflow_mock, tmp_path)
    assert type(caught.value).__name__ == name
    assert matches(str(caught.value).partition("\n")[0], SHOWN[name]), str(caught.value)
