"""Write down what each option that takes a file says to one that holds something else."""

import json
from collections.abc import Iterator
from contextlib import chdir
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from ..client.answering import Told, answering
from .command_list import MODEL
from .in_process import run_here

OPTIONS: Final = {
    "run --input": f"run {MODEL} --input",
    "run --metadata": f"run {MODEL} --prompt x --metadata",
    "estimate --input": f"estimate {MODEL} --input",
    "evaluations create --input": "evaluations create --input",
    "api --body": "api create_webhook --body",
    "batches create": "batches create runflow/background-removal --yes",
    "bulk run --template": f"bulk run rows.csv --model {MODEL} -o out/ --dry-run --template",
    "callbacks verify": "callbacks verify --signature 00 --secret-file secret",
    "callbacks verify --headers": "callbacks verify object --secret-file secret --headers",
    "callbacks verify --secret-file": "callbacks verify object --signature 00 --secret-file",
    "secrets rotate": "secrets rotate --file",
}
FILES: Final = {
    "missing": None,
    "folder": None,
    "empty": b"",
    "blank": b" \n\n\t",
    "no-text": b"\xff\xfe",
    "marked": b"\xef\xbb\xbf{}",
    "cut": b'{"prompt": ',
    "list": b"[1]",
    "number": b"3",
    "text": b'"x"',
    "null": b"null",
    "object": b"{}",
}
EACH: Final = (
    *("run --input", "batches create", "callbacks verify", "callbacks verify --secret-file"),
    "secrets rotate",
)
"""What reads files in ways of their own. The other options read as `run --input` does."""
SOME: Final = ("missing", "folder", "blank", "list", "object")
PIPED: Final = "[1]"
"""What comes through a pipe where the file is `-`."""


def lines() -> Iterator[str]:
    """Give the list. What is not refused before is sent, and refused by the server."""
    refused = Told({"code": "DENIED", "message": "not yours"}, 403)
    with TemporaryDirectory() as name, chdir(name), answering(lambda asked: refused) as server:
        for file, content in FILES.items():
            if content is not None:
                Path(file).write_bytes(content)
        Path("folder").mkdir()
        Path("secret").write_text("whsec_x\n")
        Path("rows.csv").write_text("prompt\nA cat\n")
        for option, command in OPTIONS.items():
            yield f"{option}:"
            for file in (*(FILES if option in EACH else SOME), "-"):
                done = run_here(
                    *(*command.split(), file, "--json"),
                    typed=PIPED,
                    RUNFLOW_BASE_URL=server.base_url,
                    RUNFLOW_API_KEY="rf_live_x",
                )
                error = json.loads(done.out).get("error", {"message": "taken", "remedy": None})
                told = " | ".join(filter(None, (error["message"], error["remedy"])))
                yield f"    {file}: {done.code} {told.replace(name, 'FOLDER')}"
