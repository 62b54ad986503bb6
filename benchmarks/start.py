"""What a program spends until its first answer: whole processes, in turns, by their CPU.

Beside them stand the import of httpx, a client of it that asks once, and an interpreter that does
nothing, whose CPU is taken off everything.
"""

import json
import subprocess
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Final

from benchmarks.measuring import in_turns, median, median_ratio, usual_environment

TURNS: Final = 15
ID: Final = "0198c0de-0000-7000-8000-000000000000"
ANSWER: Final = json.dumps({"id": ID, "status_code": "succeeded"}).encode()
_OWN_CPU: Final = (
    "import resource; used = resource.getrusage(resource.RUSAGE_SELF); "
    "print(used.ru_utime + used.ru_stime)"
)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(ANSWER)))
        self.end_headers()
        self.wfile.write(ANSWER)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 # the base's own word
        return


def _cpu(python: Path, statement: str) -> float:
    """Milliseconds of CPU of a fresh interpreter that does this."""
    code = f"import sys; sys.path[2:2] = ['generated', 'overlay']\n{statement}\n{_OWN_CPU}"
    line = [str(python), "-I", "-c", code]
    done = subprocess.run(line, check=True, capture_output=True, text=True, env=usual_environment())
    return float(done.stdout) * 1e3


def measure(python: Path, turns: int = TURNS) -> dict[str, float]:
    """The median ratios: of the import to that of httpx, of the first answer to bare httpx's."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}"
    client = f"from runflow_client import Runflow; client = Runflow('key', base_url={url!r})"
    statements = {
        "nothing": "pass",
        "import of httpx": "import httpx",
        "httpx, first answer": "import httpx, json; client = httpx.Client(); "
        f"json.loads(client.get('{url}/v1/runs/{ID}').raise_for_status().content)",
        "import of Runflow": "from runflow_client import Runflow",
        "Runflow, first answer": f"{client}; client.runs.get({ID!r})",
        "httpx, client": "import httpx; httpx.Client()",
        "Runflow, client of https": "from runflow_client import Runflow; Runflow('key')",
    }
    times = in_turns({name: partial(_cpu, python, one) for name, one in statements.items()}, turns)
    server.shutdown()
    server.server_close()

    def own(name: str) -> list[float]:
        rows = zip(times[name], times["nothing"], strict=True)
        return [spent - nothing for spent, nothing in rows]

    return {
        "import": median_ratio(own("import of Runflow"), own("import of httpx")),
        "first answer": median_ratio(own("Runflow, first answer"), own("httpx, first answer")),
        "client of https": median_ratio(own("Runflow, client of https"), own("httpx, client")),
        **{f"{name}, ms": median(spent) for name, spent in times.items()},
    }
