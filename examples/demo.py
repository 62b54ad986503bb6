"""The whole way of one picture: run Nano Banana Pro, watch it, trust its callback, save what it
made.

Without a key it starts the mock server and a receiver on this machine. With RUNFLOW_API_KEY set it
talks to RUNFLOW_BASE_URL (or production), after saying what that costs and asking; a receiver is
then used only if RUNFLOW_CALLBACK_URL (a public URL that leads to RUNFLOW_CALLBACK_PORT on this
machine) and RUNFLOW_CALLBACK_SECRET are set.
"""

import os
import queue
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from attrs import frozen
from runflow_api.api.webhooks import create_callback_secret
from runflow_api.models import CallbackSecretCreate
from runflow_client import InvalidArgument, Run, Runflow, RunflowError, callbacks, inputs

MODEL = inputs.GoogleNanoBananaPro.MODEL_ID
PRICE = inputs.GoogleNanoBananaPro.PRICE or "0.15"
PROMPT = (
    "A cathedral made entirely of stained glass, viewed from inside looking up at the rose "
    "window ceiling. Sunlight streams "
    "through panels depicting vineyard scenes with grapes and golden wheat. The floor reflects "
    "rainbow light patterns. "
    "Photorealistic, shot on medium format camera, golden hour"
)
CALLBACK_WAIT = 30.0


@frozen
class Delivery:
    """One callback as it arrived."""

    body: bytes
    headers: Mapping[str, str]


@contextmanager
def mock_server() -> Iterator[tuple[str, str]]:
    """The mock server as a process of its own, five times faster than real: base URL and key."""
    command = [sys.executable, "-m", "runflow_mock", "--port", "0", "--speed", "5"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            said: dict[str, str] = {}
            for line in process.stdout:
                name, _, value = line.strip().removeprefix("export ").partition("=")
                said[name] = value
                if {"RUNFLOW_BASE_URL", "RUNFLOW_API_KEY"} <= said.keys():
                    break
            else:
                raise SystemExit("the mock server did not start")
            yield said["RUNFLOW_BASE_URL"], said["RUNFLOW_API_KEY"]
        finally:
            process.terminate()


@contextmanager
def receiver(port: int = 0) -> Iterator[tuple[str, "queue.Queue[Delivery]"]]:
    """A receiver on this machine: its URL and the queue of what it received."""
    deliveries: queue.Queue[Delivery] = queue.Queue()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:  # the name that http.server calls
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.send_response(200)
            self.end_headers()
            deliveries.put(Delivery(body, dict(self.headers.items())))

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 # http.server's own name
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/callbacks", deliveries
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def show_progress(run: Run) -> None:
    """One line for each change."""
    nodes = f", {run.nodes_completed} of {run.nodes_total} nodes" if run.nodes_total else ""
    print(f"  … {run.status}{nodes}", flush=True)


def check_callback(deliveries: "queue.Queue[Delivery]", secret: str) -> None:
    """Verify the callback that came, and show that a forged one is refused."""
    delivery = deliveries.get(timeout=CALLBACK_WAIT)
    event = callbacks.verify(delivery.body, delivery.headers, secret)
    print(
        f"callback verified: {type(event).__name__} for {event.subject_id} (request "
        f"{event.request_id})"
    )
    try:
        callbacks.verify(
            delivery.body.replace(b"succeeded", b"surrendered"), delivery.headers, secret
        )
    except callbacks.CallbackError as error:
        print(f"forged callback refused: {type(error).__name__}: {error}")
    else:
        raise SystemExit("a forged callback was accepted")


def make_picture(
    client: Runflow, folder: Path, callback: tuple[str, "queue.Queue[Delivery]", str] | None
) -> None:
    """Run the model, wait with progress, print the typed result, save the picture."""
    print(f"running {MODEL} at 2K")
    asked = inputs.GoogleNanoBananaPro(prompt=PROMPT, resolution="2K", output_format="png")
    if callback is None:
        run = client.run(asked, max_cost=PRICE, on_update=show_progress)
    else:
        run = client.run(asked, max_cost=PRICE, on_update=show_progress, callback_url=callback[0])
    print(run)
    for path in run.save_all(folder, overwrite=True):
        print(f"saved {path} ({path.stat().st_size} bytes)")
    if callback is not None:
        check_callback(callback[1], callback[2])


def on_the_mock_server(folder: Path) -> None:
    """Everything on this machine, and nothing left running."""
    with ExitStack() as stack:
        base_url, api_key = stack.enter_context(mock_server())
        print(f"mock server on {base_url} (no money, no network)")
        url, deliveries = stack.enter_context(receiver())
        client = stack.enter_context(Runflow(api_key, base_url=base_url))
        secret = create_callback_secret.sync(
            client=client.api, body=CallbackSecretCreate(label="demo")
        )
        assert isinstance(secret.plain_secret, str)
        make_picture(client, folder, (url, deliveries, secret.plain_secret))


def on_the_real_server(folder: Path) -> None:
    """The same against the API, once the user has agreed to the price."""
    with ExitStack() as stack:
        client = stack.enter_context(Runflow())
        print(
            f"This runs {MODEL} on {client.base_url} and costs {PRICE} USD (the price on the "
            "model's page)."
        )
        if input("Go on? [y/N] ").strip().lower() not in {"y", "yes"}:
            print("Nothing was sent.")
            return
        callback = None
        url, secret = (
            os.environ.get("RUNFLOW_CALLBACK_URL"),
            os.environ.get("RUNFLOW_CALLBACK_SECRET"),
        )
        if url and secret:
            _, deliveries = stack.enter_context(
                receiver(int(os.environ.get("RUNFLOW_CALLBACK_PORT", "8080")))
            )
            callback = (url, deliveries, secret)
        make_picture(client, folder, callback)


def main() -> int:
    """Run the demo; 0 when everything was as it should be."""
    folder = Path("demo-output")
    folder.mkdir(exist_ok=True)
    try:
        (on_the_real_server if os.environ.get("RUNFLOW_API_KEY") else on_the_mock_server)(folder)
    except (RunflowError, InvalidArgument) as error:
        print(
            f"{type(error).__name__}: {error}",
            *getattr(error, "__notes__", ()),
            sep="\n",
            file=sys.stderr,
        )
        return 1
    except KeyboardInterrupt as interruption:
        print("\ninterrupted", *getattr(interruption, "__notes__", ()), sep="\n", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
