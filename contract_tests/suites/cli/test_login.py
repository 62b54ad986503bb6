"""`runflow login` in this process: the browser is the test's, and sends what the table says."""

import json
import platform
import re
import socket
import threading
import webbrowser
from contextlib import suppress
from pathlib import Path
from platform import node
from types import SimpleNamespace
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import pytest
from attrs import define, field
from runflow_api.http_library import httpx

from ..client.answering import Asked, Told, answering
from .conftest import Done
from .in_process import run_here

KEY: Final = "rf_live_from_the_browser"
FILE: Final = "home/.config/runflow/credentials.json"
ASKED: Final = (
    ("GET", "/other/?api_key={key}", 400),
    ("GET", "/?api_key={key}", 400),
    ("GET", "/{state}x/?api_key={key}", 400),
    ("GET", "/{state}/", 400),
    ("GET", "/{state}/?api_key=", 400),
    ("GET", "/{state}/?api_key={key}&api_key={key}", 400),
    ("GET", "/{state}/?key={key}", 400),
    ("POST", "/{state}/?api_key={key}", 501),
    ("GET", "/{state}/?api_key={key}", 200),
)
"""Requests of the page, and of others on this machine, in this order, and their answers."""


@define
class Browser:
    """Opens the page of the grant, and comes back with a key."""

    asked: tuple[tuple[str, str, int], ...] = ASKED[-1:]
    pages: list[str] = field(factory=list[str])
    answers: list[httpx.Response] = field(factory=list[httpx.Response])
    is_there: bool = True
    """Whether this machine has one. The page is opened on another one otherwise."""
    opens_more: bool = False
    """Whether it opens a connection besides, which it does not use."""
    stays: bool = True
    """Whether it waits for an answer."""
    hears_the_network: bool = False
    """Whether a request to another address of this machine was answered, too."""

    def open(self, page: str) -> bool:
        """Open a page, which sends from a thread of its own."""
        self.pages.append(page)
        address = urlsplit(self.query["redirect_to"])
        state = address.path.strip("/")

        unused = (
            [socket.create_connection(("127.0.0.1", int(address.port or 0)))]
            if self.opens_more
            else []
        )

        def send() -> None:
            try:
                ask()
            finally:
                for one in unused:
                    one.close()

        def ask() -> None:
            with suppress(httpx.ConnectError):
                httpx.get(f"http://127.0.0.2:{address.port}", trust_env=False)
                self.hears_the_network = True
            for method, path, _ in self.asked:
                place = path.format(state=state, key=KEY)
                if not self.stays:
                    with socket.create_connection(("127.0.0.1", int(address.port or 0))) as one:
                        one.sendall(f"{method} {place} HTTP/1.1\r\n\r\n".encode())
                    continue
                url = f"http://127.0.0.1:{address.port}{place}"
                self.answers.append(httpx.request(method, url, trust_env=False))

        if self.stays:
            threading.Thread(target=send).start()
        else:  # it is gone before the command looks
            send()
        return self.is_there

    @property
    def query(self) -> dict[str, str]:
        """What the page was opened with."""
        return {name: one for name, (one,) in parse_qs(urlsplit(self.pages[0]).query).items()}


def log_in(
    monkeypatch: pytest.MonkeyPatch,
    folder: Path,
    browser: Browser,
    *options: str,
    status: int = 200,
) -> Done:
    """Log in at an API that answers so; the key stands in no text."""
    asked: list[Asked] = []

    def tell(one: Asked) -> Told:
        asked.append(one)
        return Told({"id": "u-1", "code": "X", "message": "no"}, status)

    monkeypatch.setattr(webbrowser, "open", browser.open)
    with answering(tell) as server:
        done = run_here(
            *("login", "--port", "0", *options),
            HOME=str(folder / "home"),
            RUNFLOW_BASE_URL=server.base_url,
        )
    assert [(one.path, one.headers["Authorization"]) for one in asked] == (
        [("/v1/auth/me", f"Bearer {KEY}")] if browser.pages else []
    )
    assert KEY not in done.out + done.err
    assert not browser.hears_the_network
    assert "HTTP/1.1" not in done.err, "requests are not logged: their path holds the key"
    return done


def test_the_key_of_the_page_is_stored_for_its_owner_alone(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    browser, path = Browser(ASKED), tmp_path / FILE
    done = log_in(monkeypatch, tmp_path, browser)
    name = f"runflow-cli on {node()}"
    assert (done.code, done.out) == (0, f"stored in {path}\n"), done.err
    assert f"Agree on this page:\n{browser.pages[0]}\n" in done.err
    assert browser.pages[0].startswith("https://app.runflow.io/connect/api-key?")
    assert browser.query.keys() == {"api_key_name", "redirect_to"}
    assert browser.query["api_key_name"] == name
    assert re.fullmatch(r"http://localhost:\d+/[\w-]{22}/", browser.query["redirect_to"])
    assert json.loads(path.read_text()) == {"api_key": KEY, "name": name}
    modes = [one.stat().st_mode & 0o777 for one in (path, path.parent)]
    assert modes == [0o600, 0o700]
    assert [one.status_code for one in browser.answers] == [code for _, _, code in ASKED]
    assert {one.text for one in browser.answers if one.status_code == 400} == {
        "This is not the page that was waited for."
    }
    last = browser.answers[-1]
    assert last.text == "The key has arrived. You can close this page."
    assert last.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert last.headers["Referrer-Policy"] == "no-referrer"


def test_a_connection_that_the_browser_does_not_use_holds_nothing_up(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    browser = Browser(opens_more=True)
    done = log_in(monkeypatch, tmp_path, browser, "--json")
    assert (done.code, [one.status_code for one in browser.answers]) == (0, [200])
    assert done.document == {
        "stored": str(tmp_path / FILE),
        "key_name": f"runflow-cli on {node()}",
    }


def test_a_browser_that_does_not_wait_for_the_answer_has_brought_the_key(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    done = log_in(monkeypatch, tmp_path, Browser(stays=False), "--timeout", "5")
    assert (done.code, "Traceback" in done.err) == (0, False), done.err
    assert json.loads((tmp_path / FILE).read_text())["api_key"] == KEY


@pytest.mark.parametrize(
    ("options", "machine", "name"),
    [
        ((), "lamp", "runflow-cli on lamp"),
        (("--name", ""), "lamp", "runflow-cli on lamp"),
        ((), "", "runflow-cli on this machine"),
    ],
)
def test_a_key_has_the_name_of_the_machine_and_comes_back_without_a_slash_too(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    options: tuple[str, ...],
    machine: str,
    name: str,
) -> None:
    monkeypatch.setattr(platform, "uname", lambda: SimpleNamespace(node=machine))
    browser = Browser((("GET", "/{state}?api_key={key}", 200),))
    done = log_in(monkeypatch, tmp_path, browser, *options)
    assert (done.code, browser.query["api_key_name"]) == (0, name), done.err
    assert json.loads((tmp_path / FILE).read_text())["name"] == name


def test_name_and_scopes_go_to_the_page(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    browser, path = Browser(), tmp_path / FILE
    path.parent.mkdir(parents=True)
    path.write_text("of another login")
    done = log_in(
        monkeypatch, tmp_path, browser, "--name", "laptop", "--scopes", "runs:read", "--json"
    )
    assert (done.code, done.document) == (0, {"stored": str(path), "key_name": "laptop"})
    assert (browser.query["api_key_name"], browser.query["scopes"]) == ("laptop", "runs:read")
    assert json.loads(path.read_text()) == {"api_key": KEY, "name": "laptop"}
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("status", "code", "said"),
    [
        (401, 3, "the API does not take this key, so it is not stored"),
        (403, 0, ""),  # a key without the scope to read its user
        (404, 3, "404"),
        (400, 3, "400"),
    ],
)
def test_a_key_that_the_api_does_not_take_is_not_stored(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, status: int, code: int, said: str
) -> None:
    done = log_in(monkeypatch, tmp_path, Browser(), status=status)
    assert (done.code, said in done.err) == (code, True), done.err
    assert (tmp_path / FILE).exists() == (code == 0)


def test_a_key_that_does_not_come_in_time_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    browser = Browser()
    done = log_in(monkeypatch, tmp_path, browser, "--timeout", "1", "--no-browser")
    assert (done.code, browser.pages) == (2, [])
    assert "https://app.runflow.io/connect/api-key?" in done.err
    assert "no key came within 1 s" in done.err
    assert "Run: runflow login" in done.err
    assert not (tmp_path / FILE).exists()


@pytest.mark.parametrize("option", ["--json", "--quiet"])
def test_a_page_that_nothing_shows_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, option: str
) -> None:
    done = log_in(monkeypatch, tmp_path, Browser(), "--no-browser", option)
    assert (done.code, "--no-browser prints the page" in done.out + done.err) == (2, True)


def test_a_port_that_is_taken_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: Any = taken.getsockname()[1]
        done = log_in(monkeypatch, tmp_path, Browser(), "--port", str(port))
    assert done.code == 2
    assert f"port {port} cannot be listened on: Address already in use" in done.err
    assert "--port" in done.err


def test_without_a_home_there_is_no_place_for_the_key(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def no_home() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", no_home)
    done = log_in(monkeypatch, tmp_path, Browser())
    assert done.code == 2
    assert done.err.endswith("runflow: there is no home folder to store the key in\nSet HOME.\n")
