"""The example of every framework, as its reader would run it: a callback comes twice and is handled
once.
"""

import re
from pathlib import Path

import httpx
import pytest

from .deliveries import RUN_ID, encode, signed
from .example_process import RECEIVERS, running_example

SECRET = "whsec_of_the_example"

# A refusal is logged from another thread and may stand right behind these words, on the same line.
HANDLED = re.compile(r"handled: (run [0-9a-f-]{36} succeeded after \d+ ms|run\.failed of another)")


@pytest.mark.parametrize("example", sorted(RECEIVERS.glob("with_*.py")), ids=lambda path: path.stem)
def test_an_example_receives_a_callback_twice_and_handles_it_once(
    example: Path, tmp_path: Path
) -> None:
    with (
        running_example(example, tmp_path, SECRET) as receiver,
        httpx.Client(trust_env=False) as http,
    ):
        first, other = encode(), encode(run_id="another", event="run.failed")
        answers = [
            http.post(receiver.url, content=body, headers=signed(body, SECRET)).text
            for body in (first, first, other)
        ]
        assert answers == ["stored", "stored before", "stored"]
        assert (
            http.post(receiver.url, content=first, headers=signed(first, "wrong")).status_code
            == 401
        )
        said = [receiver.lines_until(HANDLED)[0] for _ in range(2)]
        receiver.stop()
        assert "handled" not in "".join(receiver.lines)
    assert sorted(said) == [
        f"handled: run {RUN_ID} succeeded after 102345 ms",
        "handled: run.failed of another",
    ]


def test_every_framework_has_its_example() -> None:
    assert {path.stem for path in RECEIVERS.glob("*.py")} == {
        "with_django",
        "with_fastapi",
        "with_flask",
        "with_starlette",
    }
