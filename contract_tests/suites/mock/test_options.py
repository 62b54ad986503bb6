"""What `runflow-mock` makes of its arguments, of those that it refuses, and what it says."""

import argparse
import io
import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, redirect_stdout
from pathlib import Path
from typing import Any, Final

from attrs import asdict
from runflow_mock import Settings, __main__ as command
from runflow_mock.contract.document import Document
from runflow_mock.server.service import document_differences

from ..commanding import help_of, parsed, run_main
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
    yield from help_of(command._parser())
    for ca_file in (None, Path("/tmp/ca.pem")):
        yield command.banner("https://127.0.0.1:8788", ca_file)


def test_arguments_become_what_they_became_before() -> None:
    text = "\n".join(lines()).replace(type(Path()).__name__, "Path") + "\n"
    check_snapshot(LIST, text)


def test_what_cannot_be_served_is_told_and_ends_with_1(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.json"
    wrong.write_text('{"paths": []}', encoding="utf-8")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        for options, said in (
            ((), "Address already in use"),
            # no address of this machine, but of the examples of RFC 5737
            (("--host", "192.0.2.1"), "Cannot assign requested address"),
            (("--speed", "0"), "the factor of an accelerated clock must be greater than 0"),
            (("--speed", "nan"), "greater than 0 and finite, not nan"),
            (("--speed", "inf"), "greater than 0 and finite, not inf"),
            (("--port", "65536"), "there is no port 65536: expected 0 to 65535"),
            (("--port", "-1"), "there is no port -1: expected 0 to 65535"),
            (("--port", "0", "--document", str(tmp_path / "none.json")), "No such file"),
            (("--port", "0", "--document", str(wrong)), "cannot be read as an OpenAPI document"),
            (("--differences", "--document", str(wrong)), "wrong.json cannot be read as an Open"),
            (("--port", "0", "--state", str(wrong)), "wrong.json is not a state file"),
            (("--port", "0", "--ca-file", str(wrong / "ca.pem")), "Not a directory"),
            (("--port", "0", "--public-url", "mock.test"), "the public URL must be http or https"),
        ):
            done = run_main(command.main, "--port", port, *options, key="")
            assert (done.returncode, done.stdout) == (1, "")
            assert done.stderr.startswith("runflow-mock cannot start: ")
            assert said in done.stderr


class Reader(io.StringIO):
    """Reads what is printed, and asks the command to end as soon as it says how."""

    def write(self, text: str) -> int:
        """Keep the text."""
        if "Stop with" in text:
            # Where nothing waits for the signal it would end the tests, too.
            assert signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL
            os.kill(os.getpid(), signal.SIGTERM)
        return super().write(text)


def served(*options: str) -> str:
    """Return what the command prints from its start to its end, with PORT for its port."""
    with redirect_stdout(Reader()) as output:
        assert command.main(["--port", "0", "--seed", "0", *options]) == 0
    return re.sub(r"(?<=127\.0\.0\.1:)\d+", "PORT", output.getvalue())


def test_where_it_listens_is_printed() -> None:
    own = command.banner("http://127.0.0.1:PORT") + "\n"
    assert served() == served("--stepped") == own
    assert served("--public-url", "https://a.test/") == command.banner("https://a.test") + "\n"


def test_the_state_is_written_when_it_is_stopped(tmp_path: Path) -> None:
    served("--state", str(tmp_path / "state.sqlite"), "--balance", "7.50")
    with closing(sqlite3.connect(tmp_path / "state.sqlite")) as written:
        [(facts,)] = written.execute("SELECT body FROM facts")
    assert json.loads(facts)["keys"]


def test_differences_are_printed_before_it_serves_another_document(tmp_path: Path) -> None:
    document = other_document(tmp_path)
    told = document_differences(document)
    assert told
    banner = command.banner("http://127.0.0.1:PORT")
    wanted = [command.ANOTHER_DOCUMENT, *told, "", banner, ""]
    assert served("--document", str(document)) == "\n".join(wanted)


def test_the_certificate_is_written_where_it_is_wanted(tmp_path: Path) -> None:
    file = tmp_path / "ca.pem"
    banner = command.banner("https://127.0.0.1:PORT", file)
    assert served("--ca-file", str(file)) == f"{banner}\n"
    text = served("--tls")
    [made] = {Path(one) for one in re.findall(r"(?:FILE|CERTS)=(.+)", text)}
    assert text == command.banner("https://127.0.0.1:PORT", made) + "\n"
    for one in (file, made):
        assert one.read_text("ascii").startswith("-----BEGIN CERTIFICATE-----\n")
    assert made.parent.parent == Path(tempfile.gettempdir())
    shutil.rmtree(made.parent)


def other_document(folder: Path) -> Path:
    """Write the document without its list of batches, and return its file."""
    content = Document.read().content
    paths = {path: one for path, one in content["paths"].items() if path != "/v1/batches"}
    document = folder / "other.json"
    document.write_text(json.dumps({**content, "paths": paths}), encoding="utf-8")
    return document


def test_differences_are_printed_a_line_each(tmp_path: Path) -> None:
    document = other_document(tmp_path)
    done = run_main(command.main, "--differences", "--document", str(document), key="")
    assert (done.returncode, done.stderr) == (0, "")
    assert "list_batches: the document has no GET /v1/batches" in done.stdout.splitlines()
    assert run_main(command.main, "--differences", key="").stdout == "\n"
