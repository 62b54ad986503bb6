"""A stand-in for schemathesis, and a small deployment: what is around schemathesis, without it.

The stand-in is a process that is started like schemathesis and does what a test has planned. It
takes a hundredth of the time, writes down how it was started, and ends as schemathesis only
seldom does.
"""

import json
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

PROCESS = """
import http.client
import json
import os
import signal
import sys
from pathlib import Path
from urllib.parse import urlsplit

place = Path(__file__).parents[1]
plan_file = min(place.glob("plan-*.json"))
plan = json.loads(plan_file.read_text())
plan_file.unlink()
options = sys.argv[1:]
asked = {
    "options": options,
    "folder": os.getcwd(),
    "settings": Path(options[options.index("--config-file") + 1]).read_text(),
    "environment": {
        name: value
        for name, value in sorted(os.environ.items())
        if name.startswith("RUNFLOW_") or name == "PYTHONHASHSEED"
    },
}
with (place / "asked.jsonl").open("a") as file:
    file.write(json.dumps(asked) + "\\n")
url = urlsplit(options[options.index("--url") + 1])
for method, path, headers in plan["sends"]:
    connection = http.client.HTTPConnection(url.hostname, url.port)
    connection.request(method, url.path + path, headers=headers)
    connection.getresponse().read()
    connection.close()
record = Path(os.environ["RUNFLOW_CONFORMANCE_RECORD"])
entries = [json.dumps(one).replace("GATEWAY", url.geturl()) + "\\n" for one in plan["record"]]
at_the_end = entries[-1:] if plan["hangs"] else []
with record.open("a") as file:
    file.writelines(entries[: len(entries) - len(at_the_end)])
print(plan["output"], flush=True)
print(plan["errors"], end="", file=sys.stderr, flush=True)
if plan["report"] is not None:
    Path(options[options.index("--report-json-path") + 1]).write_text(plan["report"])
try:
    while plan["hangs"]:
        signal.pause()
finally:  # as schemathesis, which runs what was registered for its end
    with record.open("a") as file:
        file.writelines(at_the_end)
sys.exit(plan["code"])
"""


class StandIn:
    """Plans what the next starts do. Without a plan a start fails.

    A start that hangs records its last entry when it is interrupted.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._count = 0
        package = folder / "schemathesis"
        package.mkdir(parents=True)
        (package / "__init__.py").write_text("", "utf-8")
        (package / "cli.py").write_text(PROCESS, "utf-8")

    def plan(
        self,
        record: list[dict[str, Any]],
        *,
        report: str | None = '{"errors": []}',
        code: int = 0,
        output: str = "",
        errors: str = "",
        sends: list[Any] | None = None,
        hangs: bool = False,
    ) -> None:
        """Plan one start: what it records, reports, prints and sends, and how it ends.

        `GATEWAY` in what it records is the URL that it was given.
        """
        self._count += 1
        plan = {
            "record": record,
            "report": report,
            "code": code,
            "output": output,
            "errors": errors,
            "sends": sends or [],
            "hangs": hangs,
        }
        (self._folder / f"plan-{self._count:03}.json").write_text(json.dumps(plan), "utf-8")

    @property
    def asked(self) -> list[dict[str, Any]]:
        """How each start since the last look was made: options, settings, environment."""
        path = self._folder / "asked.jsonl"
        lines = path.read_text("utf-8").splitlines() if path.is_file() else []
        path.unlink(missing_ok=True)
        return [json.loads(line) for line in lines]

    @property
    def left(self) -> int:
        """How many plans were not used; they are forgotten."""
        plans = list(self._folder.glob("plan-*.json"))
        for plan in plans:
            plan.unlink()
        return len(plans)


@contextmanager
def standing_in(folder: Path) -> Iterator[StandIn]:
    """Let every start of schemathesis be one of the stand-in."""
    with pytest.MonkeyPatch.context() as patch:
        before = os.environ.get("PYTHONPATH", "")
        patch.setenv("PYTHONPATH", os.pathsep.join(filter(None, (str(folder), before))))
        yield StandIn(folder)


class Deployed:
    """A small deployment on loopback. It answers as planned, and keeps what it was asked.

    `balances` are answered one after the other, the last one for ever; None is no JSON. The bytes
    in `bodies["balance"]` are answered instead. `statuses` are those of other paths, 200 without
    one. `encoding` is said of the bodies, which stay as they are. It answers as a proxy, too.
    """

    def __init__(self) -> None:
        self.balances: list[str | None] = ["100"]
        self.statuses: dict[str, int] = {}
        self.bodies: dict[str, Any] = {}
        self.encoding: str | None = None
        self.asked: list[str] = []
        deployed = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self) -> None:
                self.rfile.read(int(self.headers.get("Content-Length") or 0))
                status, content = deployed.reply(
                    self.command, self.path, self.headers.get("Authorization")
                )
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                if deployed.encoding is not None:
                    self.send_header("Content-Encoding", deployed.encoding)
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 # the base class's own name
                pass

        for method in ("GET", "POST", "PATCH", "DELETE"):
            setattr(Handler, f"do_{method}", Handler.answer)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.01,), daemon=True
        )

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return self._server.server_port

    def reply(self, method: str, path: str, authorization: str | None) -> tuple[int, bytes]:
        """Keep the request and return status and body of its answer."""
        self.asked.append(f"{method} {path} {authorization}")
        if path.startswith("http"):
            path = urlsplit(path).path
        if path == "/v1/billing/balance":
            balance = self.balances.pop(0) if len(self.balances) > 1 else self.balances[0]
            text = "<html>" if balance is None else json.dumps({"balance": balance})
            body = self.bodies.get("balance")
            return 200, text.encode() if body is None else body
        body = self.bodies.get(f"{method} {path}", {"id": "x"})
        return self.statuses.get(path, 200), json.dumps(body).encode()

    def __enter__(self) -> "Deployed":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
