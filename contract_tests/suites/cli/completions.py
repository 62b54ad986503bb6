"""Write down what the command offers for a line and TAB, with what is said beside it."""

import time
from collections.abc import Iterator
from contextlib import chdir, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from runflow_api.http_library import httpx

from ..client.answering import LONGEST, NOTHING, Asked, Told, answering
from ..client.calls import body_of
from .in_process import run_here

MODEL: Final = "google/nano-banana-pro"
LINES: Final = (
    "runflow ",
    "runflow b",
    "runflow --",
    "runflow nothing",
    "runflow nothing bu",
    "runflow runs ",
    "runflow runs l",
    "runflow runs get ",
    "runflow runs get 019",
    "runflow runs get 1",
    "runflow runs get 2",
    "runflow runs wait 0 --",
    "runflow batches get ",
    "runflow run google/nano-banana-pro",
    "runflow run nobody/",
    f"runflow run {MODEL} --",
    f"runflow run {MODEL} --re",
    f"runflow run {MODEL} --resolution ",
    f"runflow run {MODEL} --resolution 2",
    f"runflow run {MODEL} --sync",
    "runflow run acme/newer --",
    f"runflow run --prompt x {MODEL} --aspect-ratio 1",
    f"runflow run --prompt=x --detach {MODEL} --aspect-ratio 1",
    f"runflow run -- {MODEL} ",
    f"runflow estimate {MODEL} --safety",
    "runflow models show google/nano-banana-pro/",
    "runflow bulk run x.csv --model google/nano-banana-pro/",
    "runflow bulk r",
    "runflow api list_run",
    "runflow api nothing",
    "runflow callbacks ",
)


@contextmanager
def _nowhere() -> Iterator[None]:
    with TemporaryDirectory() as name, chdir(Path(name)):
        yield


def _offered(line: str, **variables: Any) -> list[str]:
    done = run_here(
        _RUNFLOW_COMPLETE="complete_fish",
        _TYPER_COMPLETE_ARGS=line,
        _TYPER_COMPLETE_FISH_ACTION="get-args",
        **variables,
    )
    assert done.err == "", "nothing disturbs the prompt"
    return [" - ".join(one.split("\t")) for one in done.out.splitlines() if one]


def lines() -> list[str]:
    """Return the list."""
    found: list[str] = []
    asked: list[str] = []

    def tell(one: Asked) -> Told:
        asked.append(f"{one.method} {one.path}?{one.query}")
        page = body_of(httpx.Request(one.method, f"{server.base_url}{one.path}"), server.base_url)
        (run,) = page["items"]
        ends = {"0198": "queued", "0199": "succeeded", "10000000": "failed", "2": None}
        items = [
            {**run, "id": begins + run["id"][len(begins) :], "status_code": status}
            for begins, status in ends.items()
        ]
        return Told({**page, "items": items})

    with _nowhere(), answering(tell) as server:
        keys: dict[str, Any] = {"RUNFLOW_BASE_URL": server.base_url, "RUNFLOW_API_KEY": "rf_live_x"}
        for line in LINES:
            asked.clear()
            offered = _offered(line, **keys)
            found += [f"{line}TAB", *(f"    > {one}" for one in asked)]
            found += [f"    {one}" for one in offered]
    return found


def silent() -> list[str]:
    """Return what is offered for the id of a run without a key, and without an answer in time."""
    line = "runflow runs get "
    with _nowhere(), answering(lambda asked: Told({"code": "X", "message": "no"}, 503)) as server:
        keys: dict[str, Any] = {"RUNFLOW_API_KEY": "rf_live_x"}
        without = _offered(line, HOME=str(Path.cwd()))
        gone = _offered(line, **keys, RUNFLOW_BASE_URL="http://127.0.0.1:9")
        troubled = _offered(line, **keys, RUNFLOW_BASE_URL=server.base_url)
    assert len(server.asked) == 1, "the prompt waits for it"
    with _nowhere(), answering(lambda asked: NOTHING) as server:
        begun = time.monotonic()
        late = _offered(line, **keys, RUNFLOW_BASE_URL=server.base_url)
        assert time.monotonic() - begun < LONGEST / 3, "two seconds, and no second try"
    return [*without, *gone, *troubled, *late]
