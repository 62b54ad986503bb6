"""Nothing secret in logs, reprs, errors, notes or pickles; nothing of ours lost or shared across
fork and threads.
"""

import ast
import asyncio
import contextlib
import logging
import os
import pickle
import re
import subprocess
import sys
import threading
import traceback
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, ClassVar, Final

import pytest
from runflow_api.api.webhooks import create_callback_secret
from runflow_api.http_library import httpx
from runflow_api.models import CallbackSecretCreate
from runflow_client import (
    AsyncRunflow,
    RetryPolicy,
    Runflow,
    RunflowError,
    UnreadableAnswer,
    callbacks,
)
from runflow_client._redaction import (
    protect_library_logs,
    redact,
    redact_url,
    sending,
)
from runflow_client.testing import sign
from runflow_mock import MockRunflow

from .calls import FILE, ID, body_of, settled
from .conftest import MockTime
from .stepped_time import AsyncSteppedTime, SteppedTime

MODEL = "google/nano-banana-pro"


def test_everything_that_is_logged_or_shown_is_searched(
    mock: MockRunflow, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    caplog.set_level(logging.DEBUG)
    shown: list[str] = []
    with Runflow(
        mock.api_key, base_url=mock.base_url, clock=MockTime(mock), retries=RetryPolicy(attempts=2)
    ) as client:
        secret = create_callback_secret.sync(
            client=client.api, body=CallbackSecretCreate(label="x")
        )
        plain = str(secret.plain_secret)
        mock.fail_next("get_run", status=500)
        run = client.run(MODEL, {"prompt": "x"}, on_update=lambda seen: shown.append(repr(seen)))
        signed_url = run.outputs[0].url
        run.save_all(tmp_path)
        failures: list[Any] = [
            lambda: client.runs.get("0198c0de-0000-7000-8000-000000000000"),
            lambda: client.run("acme/nothing", {}),
            lambda: Runflow(mock.api_key + "\n"),
            lambda: callbacks.verify(b"{}", {"Runflow-Signature": sign(b"[]", plain)}, plain),
        ]
        for failure in failures:
            with pytest.raises(RunflowError) as caught:
                failure()
            shown += ["".join(traceback.format_exception(caught.value)), repr(caught.value)]
            shown.append(repr(pickle.dumps(caught.value)))
        mock.advance(30 * 24 * 3600)
        mock.fail_next("get_run", status=404)  # where a fresh URL would be had
        with pytest.raises(RunflowError) as caught:
            run.outputs[0].save(tmp_path / "late.png")
        shown += ["".join(traceback.format_exception(caught.value))]
        shown += [
            repr(client),
            repr(client.api),
            repr(secret),
            repr(run),
            repr(run.outputs),
            repr(run.raw),
        ]
        shown += [repr(client.runs), repr(client._driver.origin)]
    # that is the server's
    ours = [line.getMessage() for line in caplog.records if not line.name.startswith("uvicorn")]
    text = "\n".join(ours) + "".join(shown)
    query = signed_url.partition("?")[2]
    assert query
    for hidden in (mock.api_key, plain, query, sign(b"[]", plain)):
        assert hidden not in text
    assert "was answered 201" in caplog.text
    assert "is sent again" in caplog.text or "answered 500" in caplog.text


def test_other_users_of_the_http_library_keep_their_lines(
    mock: MockRunflow, caplog: pytest.LogCaptureFixture
) -> None:
    import httpx

    caplog.set_level(logging.INFO)
    Runflow(mock.api_key, base_url=mock.base_url).close()
    httpx.get(f"{mock.base_url}/v1/health?mine=1")
    assert "mine=1" in caplog.text


def loggers_of_the_http_library() -> list[str]:
    """The names that httpx and what sends for it give to their loggers, read in their source."""
    found: set[str] = set()
    packages = ("httpx", "httpx2", "httpcore", "httpcore2", "h11", "h2", "hpack", "hyperframe")
    for package in filter(find_spec, packages):
        folder = Path(str(import_module(package).__file__)).parent
        for path in folder.rglob("*.py"):
            name = ".".join(path.relative_to(folder.parent).with_suffix("").parts)
            for given in re.findall(r"getLogger\(([^)]*)\)", path.read_text("utf-8")):
                found.add(name if given == "__name__" else str(ast.literal_eval(given)))
    return sorted(found)


@pytest.mark.parametrize("name", loggers_of_the_http_library())
def test_no_logger_of_the_library_shows_a_key_while_this_client_sends(
    name: str, caplog: pytest.LogCaptureFixture
) -> None:
    protect_library_logs()
    caplog.set_level(logging.DEBUG, logger=name)
    with sending():
        logging.getLogger(name).debug("headers %s", "Authorization: Bearer rf_live_secret")
    assert "rf_live_secret" not in caplog.text
    logging.getLogger(name).debug("of others %s", "rf_live_secret")
    assert "rf_live_secret" in caplog.text


@pytest.mark.parametrize("name", ["httpx", "httpcore", "httpcore.connection", "httpcore.http11"])
def test_a_line_of_the_library_is_kept_and_redacted_while_this_client_sends(
    name: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    protect_library_logs()
    library, others = logging.getLogger(name), logging.getLogger("somebody.else")
    with sending():
        library.info("GET %s", "https://s.test/a?sig=5ec4e7")
        with sending():
            pass
        library.info("still %s", "rf_live_5ec4e7")
        others.info("theirs https://s.test/a?x=1")
    with contextlib.suppress(LookupError), sending():
        raise LookupError  # after which the lines are of others again
    library.info("theirs https://s.test/a?x=1")
    lines = [record.getMessage() for record in caplog.records]
    assert (
        lines
        == ["GET https://s.test/a?[hidden]", "still [hidden]"] + ["theirs https://s.test/a?x=1"] * 2
    )


SIGNED: Final = "signature=5ec4e7"


def _serve(request: httpx.Request) -> httpx.Response:
    """The API and its storage, whose addresses are signed."""
    if request.url.path.endswith(".png"):
        return httpx.Response(200, content=FILE, headers={"Content-Type": "image/png"})
    body = body_of(request)
    body["upload_url"] = f"https://storage.test/put?{SIGNED}"
    body["output"]["outputs"][0]["url"] = f"https://storage.test/1.png?{SIGNED}"
    return httpx.Response(200, json=body)


async def _use(client: Any) -> None:
    artifact = (await settled(client.runs.get(ID))).outputs[0]
    await settled(artifact.read())
    await settled(artifact.stream())
    await settled(client.assets.upload(FILE))
    await settled(client.runs.list(q=f"metadata.x.EQ:'{SIGNED}'"))


@pytest.mark.parametrize("colour", ["sync", "async"])
def test_each_kind_of_request_is_logged_without_its_query(
    colour: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = logging.getLogger("httpx")
    monkeypatch.setattr(library, "filters", [])  # that a client has left there
    caplog.set_level(logging.DEBUG)
    transport = httpx.MockTransport(_serve)

    async def suspending() -> None:
        async with (
            httpx.AsyncClient(transport=transport) as http,
            AsyncRunflow(
                "rf_live_x",
                base_url="https://api.test",
                http_client=http,
                clock=AsyncSteppedTime(),
            ) as client,
        ):
            await _use(client)
            library.info("of others %s", SIGNED)

    if colour == "async":
        asyncio.run(suspending())
    else:
        with (
            httpx.Client(transport=transport) as http,
            Runflow(
                "rf_live_x", base_url="https://api.test", http_client=http, clock=SteppedTime()
            ) as client,
        ):
            asyncio.run(_use(client))
            library.info("of others %s", SIGNED)
    assert caplog.text.count(SIGNED) == 1, "in the line of others"
    told = [record.getMessage() for record in caplog.records if record.name == "httpx"]
    for place, times in (
        ("GET https://storage.test/1.png?[hidden] ", 2),
        ("PUT https://storage.test/put?[hidden] ", 1),
        ("GET https://api.test/v1/runs?[hidden] ", 1),
    ):
        assert sum(place in line for line in told) == times, place


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("key rf_live_abc123 is bad", "key [hidden] is bad"),
        ("Authorization: Bearer abc.def", "Authorization: Bearer [hidden]"),
        (
            "see https://s.test/a.png?X-Amz-Signature=abc&x=1 now",
            "see https://s.test/a.png?[hidden] now",
        ),
        ("whsec_abc-def", "[hidden]"),
        ("nothing here", "nothing here"),
    ],
)
def test_redaction_of_text(text: str, kept: str) -> None:
    assert redact(text) == kept


def test_redaction_of_urls() -> None:
    assert redact_url("https://user:pass@s.test/a?b=c#d") == "https://s.test/a?[hidden]"
    assert redact_url("https://user@s.test:8443/a/b") == "https://s.test:8443/a/b"
    assert redact_url("https://s.test/a#5ec4e7") == "https://s.test/a"


class Balances(BaseHTTPRequestHandler):
    """Answers with a balance and remembers from which connection it was asked."""

    protocol_version = "HTTP/1.1"
    connections: ClassVar[list[int]] = []

    def do_GET(self) -> None:
        self.connections.append(self.client_address[1])
        body = b'{"balance": "12.50"}'
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 # the base class's own name
        """Say nothing."""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_forked_child_has_connections_of_its_own() -> None:
    program = (
        "import os, sys\n"
        "from runflow_client import Runflow\n"
        "client = Runflow('rf_live_x', base_url=sys.argv[1])\n"
        "client.account.balance()\n"
        "child = os.fork()\n"
        "if child == 0:\n"
        "    client.account.balance()\n"
        "    os._exit(0)\n"
        "assert os.waitpid(child, 0)[1] == 0\n"
        "client.account.balance()\n"
    )
    Balances.connections.clear()
    with ThreadingHTTPServer(("127.0.0.1", 0), Balances) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        address = f"http://127.0.0.1:{server.server_address[1]}"
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", program, address],
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        server.shutdown()
        thread.join()
    assert done.returncode == 0, done.stderr
    before, of_the_child, after = Balances.connections
    assert before == after != of_the_child


@pytest.mark.parametrize(
    "body",
    [
        '[{"plain_secret": "5ec4e7+k"}]',
        '{"plain_secret": "5ec4e7+k"}',
        f'{{"id": "{ID}", "plain_secret": "5ec4e7+k',
        f'{{"id": "{ID}", "label": "another", "plain_secret": "5ec4e7+k"}}',
        f'{{"id": "{ID}", "key_prefix": "5ec4e7+k", "plain_secret": "5ec4e7+k"}}',
    ],
)
def test_an_answer_that_may_hold_a_callback_secret_is_not_shown(body: str) -> None:
    transport = httpx.MockTransport(lambda request: httpx.Response(201, text=body))
    with (
        httpx.Client(transport=transport) as http,
        Runflow("rf_live_x", http_client=http) as client,
        pytest.raises(UnreadableAnswer) as caught,
    ):
        client.callbacks.secrets.create("mine")
    assert caught.value.body == ""
    assert "5ec4e7" not in "".join(traceback.format_exception(caught.value))


def test_an_asynchronous_client_in_each_event_loop(mock: MockRunflow) -> None:
    async def balance() -> object:
        async with AsyncRunflow(mock.api_key, base_url=mock.base_url) as client:
            return await client.account.balance()

    assert asyncio.run(balance()) == asyncio.run(balance()) == mock.balance


def test_the_user_agent_and_the_organization_are_sent(mock: MockRunflow) -> None:
    organization = "0198c0de-0000-7000-8000-000000000000"
    client = Runflow(mock.api_key, base_url=mock.base_url, organization_id=organization)
    with client, contextlib.suppress(RunflowError):
        client.account.balance()
    sent = mock.requests[-1].headers
    assert sent["user-agent"].startswith("runflow-client/")
    assert "python/" in sent["user-agent"]
    assert sent["x-organization-id"] == organization
