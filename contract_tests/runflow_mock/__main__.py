"""The command `runflow-mock`: a mock server in a process of its own."""

import argparse
import asyncio
import signal
import sys
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from pathlib import Path

from .server.service import Service, document_differences, listen
from .server.tls import write_authority
from .state.clock import AcceleratedClock, Clock, RealClock, SteppedClock
from .state.keys import DEFAULT_KEY
from .state.settings import FAIL, REFUSE, WARN, Settings

DEFAULT_PORT = 8788
ANOTHER_DOCUMENT = "The server was written for another document. The differences:"


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until interrupted; return the exit code."""
    chosen = _parser().parse_args(arguments)
    try:
        if chosen.differences:
            print(*document_differences(chosen.document), sep="\n")
            return 0
        clock = _clock(chosen.speed, chosen.stepped)
        serving = _serve(chosen.host, chosen.port, clock, _settings(chosen), chosen.ca_file)
        return asyncio.run(serving)
    except (OSError, ValueError) as problem:
        print(f"runflow-mock cannot start: {problem}", file=sys.stderr)
        return 1


def _settings(chosen: argparse.Namespace) -> Settings:
    return Settings(
        seed=chosen.seed,
        opening_balance=chosen.balance,
        callback_hosts=tuple(chosen.allow_callback_host),
        document=chosen.document,
        state_file=chosen.state,
        strict=chosen.strict,
        unknown_assets=REFUSE if chosen.refuse_unknown_assets else FAIL,
        unknown_fields=WARN if chosen.allow_unknown_fields else REFUSE,
        public_url=chosen.public_url,
        tls=chosen.tls or chosen.ca_file is not None,
    )


def _money(text: str) -> Decimal:
    try:
        amount = Decimal(text)
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite():
        raise argparse.ArgumentTypeError(f"{text!r} is not an amount of money")
    return amount


def _clock(speed: float, stepped: bool) -> Clock:
    if stepped:
        return SteppedClock()
    return RealClock() if speed == 1 else AcceleratedClock(speed)


def banner(base_url: str, ca_file: Path | None = None) -> str:
    """Return the text that the command prints once it listens: how to point a client at it.

    `ca_file` is the certificate that clients must trust, if the server speaks https.
    """
    trust = (
        ""
        if ca_file is None
        else f"  export SSL_CERT_FILE={ca_file}\n  export NODE_EXTRA_CA_CERTS={ca_file}\n"
    )
    return (
        f"runflow-mock listens on {base_url}\n"
        "\n"
        "Point a client at it:\n"
        f"  export RUNFLOW_BASE_URL={base_url}\n"
        f"  export RUNFLOW_API_KEY={DEFAULT_KEY}\n"
        f"{trust}"
        "\n"
        f"Look at it: {base_url}/_mock/\n"
        f"What was billed: {base_url}/_mock/ledger   Stop with Ctrl-C."
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="runflow-mock", description="Serve a mock of the Runflow API on this machine."
    )
    parser.add_argument(
        "--host", default="127.0.0.1", help="address to listen on (default: %(default)s)"
    )
    parser.add_argument(
        "--port",
        type=int,
        default=DEFAULT_PORT,
        help="port, 0 for any free one (default: %(default)s)",
    )
    parser.add_argument(
        "--speed", type=float, default=1.0, help="how many times as fast as real time"
    )
    parser.add_argument(
        "--stepped",
        action="store_true",
        help="time stands still until a POST to /_mock/advance moves it",
    )
    parser.add_argument(
        "--state", type=Path, metavar="FILE", help="keep the state in this SQLite file"
    )
    parser.add_argument(
        "--balance",
        type=_money,
        default="100",
        help="opening balance in US dollars (default: %(default)s)",
    )
    parser.add_argument(
        "--seed",
        type=int,
        help="the same seed gives the same ids (default: each start has ids of its own)",
    )
    parser.add_argument(
        "--allow-callback-host",
        action="append",
        default=[],
        metavar="HOST",
        help="also send callbacks to this host",
    )
    parser.add_argument(
        "--strict", action="store_true", help="refuse what neither document nor catalog describes"
    )
    parser.add_argument(
        "--refuse-unknown-assets",
        action="store_true",
        help="refuse inputs that refer to no asset, instead of letting their runs fail",
    )
    parser.add_argument(
        "--allow-unknown-fields",
        action="store_true",
        help="answer list requests that name a field that does not exist, with a warning header",
    )
    parser.add_argument(
        "--public-url",
        metavar="URL",
        help="begin the URLs in answers with this one, for a server behind a proxy",
    )
    parser.add_argument(
        "--tls", action="store_true", help="speak https, with a certificate of its own making"
    )
    parser.add_argument(
        "--ca-file",
        type=Path,
        metavar="FILE",
        help="with https: write the certificate that clients must trust to this file",
    )
    parser.add_argument(
        "--document", type=Path, help="serve this OpenAPI document instead of the packaged one"
    )
    parser.add_argument(
        "--differences",
        action="store_true",
        help="say where the server and the document differ, a line each, and end",
    )
    return parser


async def _serve(
    host: str, port: int, clock: Clock, settings: Settings, ca_file: Path | None
) -> int:
    with listen(host, port) as listener:
        service = Service(listener, clock, settings)
        await service.start()
        if service.certificate is not None:
            ca_file = write_authority(service.certificate, ca_file)
        if service.differences:
            print(ANOTHER_DOCUMENT, *service.differences, "", sep="\n", flush=True)
        stopped = asyncio.Event()
        loop = asyncio.get_running_loop()
        # Before the banner: who has read it may stop the server at once.
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stopped.set)
        print(banner((settings.public_url or service.base_url).rstrip("/"), ca_file), flush=True)
        try:
            await stopped.wait()
        finally:
            await service.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
