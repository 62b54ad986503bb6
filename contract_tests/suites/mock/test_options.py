"""What `runflow-mock` makes of its arguments, of those that it refuses, and what it says."""

import argparse
import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from attrs import asdict
from runflow_mock import Settings, __main__ as command
from runflow_mock.contract.document import Document

from ..commanding import parsed, run_main
from ..snapshot import check_snapshot

LIST: Final = Path(__file__).with_name("tables") / "options.txt"
ARGUMENTS: Final[tuple[tuple[str, ...], ...]] = (
    (),
    ("--host", "::1", "--port", "0"),
    *(("--speed", speed) for speed in ("1", "1.0", "0.5", "60")),
    ("--stepped",),
    ("--stepped", "--speed", "0"),
    ("--state", "state.sqlite"),
    *(("--balance", amount) for amount in ("0", "-1.50", "1e2")),
    *(("--seed", seed) for seed in ("0", "7")),
    ("--allow-callback-host", "one", "--allow-callback-host", "two"),
    ("--strict",),
    ("--refuse-unknown-assets",),
    ("--allow-unknown-fields",),
    ("--public-url", "https://mock.test/"),
    ("--tls",),
    ("--ca-file", "ca.pem"),
    ("--document", "a.json"),
    ("--differences", "--document", "a.json"),
    *(("--balance", wrong) for wrong in ("much", "NaN", "Infinity")),
    *(("--speed", wrong) for wrong in ("0", "-1", "fast")),
    ("--port", "any"),
    ("--seed", "1.5"),
    ("--unheard-of",),
)


def made_of(chosen: argparse.Namespace) -> Iterator[str]:
    """Yield where the command listens, its clock, and the settings that are not the usual ones."""
    yield f"{chosen.host}:{chosen.port}"
    try:
        clock = command._clock(chosen.speed, chosen.stepped)
        yield f"{type(clock).__name__} {getattr(clock, 'factor', '')}".rstrip()
    except ValueError as problem:
        yield f"refused: {problem}"
    usual: dict[str, Any] = asdict(Settings(), recurse=False)
    for name, value in asdict(command._settings(chosen), recurse=False).items():
        if value != usual[name] or type(value) is not type(usual[name]):
            yield f"{name}={value!r}"
    yield from ("differences",) if chosen.differences else ()
    yield from (f"ca_file={chosen.ca_file!r}",) if chosen.ca_file else ()


def lines() -> Iterator[str]:
    """Yield what comes of each list of arguments, and what is printed once the server listens."""
    for arguments in ARGUMENTS:
        found = parsed(command._parser(), arguments)
        said = found if isinstance(found, str) else ", ".join(made_of(found))
        yield f"{' '.join(arguments) or '(none)'}\n    {said}"
    for ca_file in (None, Path("/tmp/ca.pem")):
        yield command.banner("https://127.0.0.1:8788", ca_file)


def test_arguments_become_what_they_became_before() -> None:
    text = "\n".join(lines()).replace(type(Path()).__name__, "Path") + "\n"
    check_snapshot(LIST, text)


def test_what_cannot_be_served_is_told_and_ends_with_1(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        for options, said in (
            ((), "Address already in use"),
            # no address of this machine, but of the examples of RFC 5737
            (("--host", "192.0.2.1"), "Cannot assign requested address"),
            (("--speed", "0"), "the factor of an accelerated clock must be greater than 0"),
            (("--port", "0", "--document", str(tmp_path / "none.json")), "No such file"),
            (("--port", "0", "--public-url", "mock.test"), "the public URL must be http or https"),
        ):
            done = run_main(command.main, "--port", port, *options, key="")
            assert (done.returncode, done.stdout) == (1, "")
            assert done.stderr.startswith("runflow-mock cannot start: ")
            assert said in done.stderr


def test_differences_are_printed_a_line_each(tmp_path: Path) -> None:
    content = Document.read().content
    paths = {path: one for path, one in content["paths"].items() if path != "/v1/batches"}
    document = tmp_path / "other.json"
    document.write_text(json.dumps({**content, "paths": paths}), encoding="utf-8")
    done = run_main(command.main, "--differences", "--document", str(document), key="")
    assert (done.returncode, done.stderr) == (0, "")
    assert "list_batches: the document has no GET /v1/batches" in done.stdout.splitlines()
    assert run_main(command.main, "--differences", key="").stdout == "\n"
