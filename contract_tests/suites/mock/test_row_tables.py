"""Lives of runs as a table: what each row has when it is made, what changes in it, what is sent.

A life is played in this thread, without a socket. After every half second there is a line for each
row that is new or has changed, and for each POST. Ids have short names there.
"""

import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from attrs import asdict
from runflow_mock import Timings
from runflow_mock.faults.plan import Fault
from runflow_mock.simulation.outcomes import Outcome
from runflow_mock.simulation.runs import NewRun
from runflow_mock.state.keys import DEFAULT_ORGANIZATION

from ..snapshot import check_snapshot
from .stories.world import World

STEP, STEPS = 0.5, 16
MODEL, FLOW, GONE = "acme/image", "acme/flow", "acme/gone"
HOST: Final = "http://localhost/"
CALLED: Final = {"callback_url": f"{HOST}200"}
HOOKS: Final = {"https://a.test/": [], f"{HOST}500-200": ["run.failed", "run.completed"]}
"""The webhooks and their events; the first gets all, and is not called."""

LIVES: Final[dict[str, dict[str, Any]]] = {
    "nothing is asked for": {"hooks": HOOKS},
    "everything is asked for": {
        **CALLED,
        "values": {"prompt": "x", "file": "data:text/plain,b", "num_images": 2},
        "metadata": {"none": None, "no": False, "zero": 0, "file": "data:text/plain,a"},
        "client_ref": "a ref",
        "batch_id": "a batch",
    },
    "a workflow": {"model": FLOW, **CALLED},
    "a model that is gone": {"model": GONE, **CALLED},
    **{
        f"it ends as {status}": {"outcome": {"status": status}, "hooks": HOOKS, **CALLED}
        for status in ("partial_succeeded", "failed", "canceled", "cancelled", "never")
    },
    "it fails, and the callback does not say why": {
        "outcome": {"status": "failed", "failure_code": "A", "failure_message": "b"},
        "settings": {"error_in_failed_callback": False},
        **CALLED,
    },
    **{
        f"answered {answers}": {"callback_url": HOST + answers}
        for answers in ("500-204", "503-0-500", "404", "0-302", "0-0-0")
    },
    "not called": {"callback_url": "http://a.test/"},
    **{
        kind: {"fault": {"kind": kind, "delay": 2.0}, "callback_url": f"{HOST}200-200"}
        for kind in ("lost_callback", "late_callback", "duplicate_callback", "unknown_event")
    },
    "reordered_callback": {"fault": {"kind": "reordered_callback"}, "runs": 2, **CALLED},
}
ID: Final = re.compile(r"(?<=req_)[0-9a-f]{32}|[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")
"""An id, and that in the id of a request. Hashes and signatures look otherwise: they stay."""

Row = dict[str, Any]


def short(value: Any) -> Any:
    """Return the value, or the beginning of its text if that is long."""
    text = json.dumps(value)
    return value if len(text) < 300 else f"{text[:20]}… {hashlib.md5(text.encode()).hexdigest()}"


def change(before: Any, now: Any) -> Any:
    """Return what is new in a value: of a list that has grown, the items that were added."""
    is_longer = isinstance(before, list) and isinstance(now, list) and before == now[: len(before)]
    return now[len(before) :] if is_longer else now


class Looking:
    """Tells what has changed in a world since it was looked at last."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._seen: dict[str, Row] = {}

    def rows(self) -> Iterator[tuple[str, str, Row]]:
        """Yield what can change: the kind, what tells it from others, and its values."""
        state, posts = self._world.state, self._world.receiver.posts
        tables = (state.runs, state.deliveries, state.webhook_deliveries, state.webhook_attempts)
        for table in tables:
            for row in table:
                yield table.name, row["id"], row
        account = state.ledger.account(DEFAULT_ORGANIZATION)
        yield "account", "", {"balance": str(account.balance), "held": str(account.held)}
        for entry in state.ledger.entries:
            yield "billed", entry.run_id, {**asdict(entry), "amount": str(entry.amount)}
        for request, attempts in posts.items():
            for number, post in enumerate(attempts):
                sent = {"url": post.url, **post.headers, **json.loads(post.body)}
                yield "POST", f"{request} {number}", sent

    def changes(self) -> Iterator[str]:
        """Yield a line for each that is new or has changed. What is null at first is named."""
        for kind, identifier, row in self.rows():
            before = self._seen.get(f"{kind} {identifier}")
            now: Row = json.loads(json.dumps(row))
            if now == before:
                continue
            self._seen[f"{kind} {identifier}"] = now
            if before is None:
                found = {name: short(value) for name, value in now.items() if value is not None}
                nulls = " ".join(name for name, value in now.items() if value is None)
                yield f"{kind} made {json.dumps(found, ensure_ascii=False)} null: {nulls}"
            else:
                found = {
                    name: short(change(before.get(name), value))
                    for name, value in now.items()
                    if name not in before or value != before[name]
                }
                yield f"{kind} {json.dumps(found, ensure_ascii=False)}"


def with_names(lines: Iterator[str]) -> Iterator[str]:
    """Yield the lines with a short name for each id, in the order in which they come."""
    names: dict[str, str] = {}

    def name(found: re.Match[str]) -> str:
        return names.setdefault(found[0].replace("-", ""), f"#{len(names)}")

    return (ID.sub(name, line) for line in lines)


def life(world: World, given: Row) -> Iterator[str]:
    """Yield what happens in a life, step by step."""
    looking = Looking(world)
    world.simulation.runs.set_timings(Timings(queued=0.5, dispatching=0.5, running=1.5))
    for url, events in given.get("hooks", {}).items():
        world.simulation.webhooks.create(DEFAULT_ORGANIZATION, url, events, "s", world.state.now())
    if given.get("callback_url") != f"{HOST}404":  # what it gets is not signed
        world.call("POST", "/v1/callback-secrets", {})
    list(looking.changes())
    model = given.get("model", MODEL)
    own = world.simulation.catalog.add(model, price="0.30", unit="image", is_workflow=model == FLOW)
    if "fault" in given:
        world.simulation.faults.add(Fault(**given["fault"]))
    if "outcome" in given:
        world.simulation.outcomes.plan(Outcome(**given["outcome"]))
    names = ("callback_url", "metadata", "client_ref", "batch_id")
    asked = {name: given[name] for name in names if name in given}
    for step in range(STEPS):
        if step < given.get("runs", 1):
            values = given.get("values", {"prompt": "x"})
            new = NewRun(model=own, values=values, organization_id=DEFAULT_ORGANIZATION, **asked)
            world.simulation.runs.create(new, world.state.now())
        if model == GONE and step == 1:
            world.end()
            world.begin()
        yield from (f"{step * STEP}: {line}" for line in looking.changes())
        world.advance(STEP)


def test_every_row_of_a_life_is_what_it_was_before(tmp_path: Path) -> None:
    lines = list[str]()
    for number, (name, given) in enumerate(LIVES.items()):
        folder = tmp_path / str(number)
        folder.mkdir()
        world = World(folder, seed=3, **given.get("settings", {}))
        lines += [f"{name}:", *(f"    {line}" for line in with_names(life(world, given)))]
        world.end()
    place = Path(__file__).with_name("tables") / "lives.txt"
    check_snapshot(place, "\n".join(lines) + "\n")
