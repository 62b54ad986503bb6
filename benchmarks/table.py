"""The one table: what was measured, what others take for the same, the goal, and if it is met."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

from attrs import evolve, field, frozen

OTHERS: Final = ("httpx", "httpx2", "replicate", "fal-client", "openai", "runwayml")
"""Columns: those who do the same, where they do."""


@frozen
class Row:
    """One line. `share` is the measured value in parts of its goal: 1 or less meets it. None where
    there is no goal.
    """

    what: str
    ours: str
    beside: str = ""
    goal: str = ""
    share: float | None = None
    others: Mapping[str, str] = field(factory=dict[str, str])
    """What others take for the same, by their column."""

    @property
    def verdict(self) -> str:
        """Whether the goal is met; empty where there is none."""
        if self.share is None:
            return ""
        return "met" if self.share <= 1 else "MISSED"

    @property
    def cells(self) -> tuple[str, ...]:
        """The texts of the columns that HEAD names."""
        of_goal = "" if self.share is None or self.goal == "none" else f"{self.share:.2f}"
        others = (self.others.get(name, "") for name in OTHERS)
        return (self.ours, *others, self.goal, of_goal, self.verdict, self.beside)


HEAD: Final = ("ours", *OTHERS, "goal", "of the goal", "", "beside it")


def rows_of(found: Mapping[str, Any]) -> list[Row]:
    """The lines of all parts that were measured."""
    measured = {name: part["measured"] for name, part in found.items()}
    makers: dict[str, Callable[[Any], Iterable[Row]]] = {
        "waiting": _waiting,
        "start": _start,
        "imports": _imports,
        "command": _command,
        "decoding": _decoding,
        "layer": lambda layer: _layer(layer, measured.get("peers", {})),
        "acknowledging": _acknowledging,
        "files": _files,
        "pipeline": _pipeline,
    }
    return [
        row for name, make in makers.items() if name in measured for row in make(measured[name])
    ]


def render(rows: list[Row]) -> str:
    """The table as text."""
    lines = [("", *HEAD), *((row.what, *row.cells) for row in rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def _at_most(
    what: str, value: float, goal: float, beside: str = "", digits: int = 2, httpx: str = ""
) -> Row:
    """A line whose value should be at most the goal."""
    shown, share = f"{value:.{digits}f}", value / goal
    return Row(what, shown, beside, f"{goal:g} or less", share, {"httpx": httpx})


def _at_least(what: str, value: float, goal: float, beside: str = "") -> Row:
    """A line whose value should be at least the goal."""
    return Row(what, f"{value:.2f}", beside, f"{goal:g} or more", goal / value)


def _waiting(ways: Mapping[str, Any]) -> Iterator[Row]:
    ours, naive = ways["overlay"], ways["naive"]
    default, many = ways["naive, as httpx comes"], ways["overlay, very many"]
    behind, runs = ways["overlay, behind others"], ours["runs"]
    deaths = ", ".join(f"{count} {kind}" for kind, count in default["deaths"].items())
    yield _at_most(
        f"{runs} waiting: requests in 20 s",
        ours["requests"],
        60,
        "httpx: a GET every 2 s for each",
        0,
        httpx=f"{naive['requests']}",
    )
    yield Row(
        "  behind 2,000 newer runs of another program",
        f"{behind['requests']}",
        f"p99 lag {behind['lag_p99']:.2f} s, dead {behind['dead']}",
    )
    yield Row(
        f"{runs} waiting: median lag, s",
        f"{ours['lag_median']:.2f}",
        others={"httpx": f"{naive['lag_median']:.2f}"},
    )
    yield _at_most(
        f"{runs} waiting: p99 lag, s", ours["lag_p99"], 5.2, httpx=f"{naive['lag_p99']:.2f}"
    )
    yield Row(
        f"{runs} waiting: CPU, s of 20",
        f"{ours['cpu']:.2f}",
        others={"httpx": f"{naive['cpu']:.2f}"},
    )
    yield _at_most(
        f"{runs} waiting: loop late p99, ms",
        ours["loop_late_p99"] * 1e3,
        50,
        f"idle loop {ours['idle_loop_late_p99'] * 1e3:.1f}",
        1,
        httpx=f"{naive['loop_late_p99'] * 1e3:.1f}",
    )
    yield _at_most(
        f"{runs} waiting: held by a run, kB",
        ours["held"],
        3,
        "httpx: resident",
        1,
        httpx=f"{naive['memory']:.1f}",
    )
    yield Row(
        f"{runs} waiting: dead",
        f"{ours['dead']}",
        f"with httpx's own limits {default['dead']} ({deaths})",
        "none",
        1.0 + ours["dead"],
        {"httpx": f"{naive['dead']}"},
    )
    yield Row(
        f"{many['runs']} waiting: dead",
        f"{many['dead']}",
        f"{many['requests']} requests in 20 s, {many['cpu']:.1f} s of CPU, "
        f"p99 lag {many['lag_p99']:.2f} s",
        "none",
        1.0 + many["dead"],
    )
    yield Row("  resident memory of each, kB", f"{many['memory']:.1f}")
    yield from _threads(ways["threads"])


def _threads(found: Mapping[str, Any]) -> Iterator[Row]:
    yield Row(
        f"{found['threads']} threads waiting on one Runflow: requests in 20 s",
        f"{found['requests']}",
        f"{found['cpu']:.2f} s of CPU, resident {found['memory']:.0f} kB a thread, "
        f"lag median {found['lag_median']:.2f} s, p99 {found['lag_p99']:.2f} s",
    )
    yield Row("  dead", f"{found['dead']}", "", "none", 1.0 + found["dead"])


def _start(times: Mapping[str, float]) -> Iterator[Row]:
    yield _at_most("CPU of the import of Runflow over that of httpx", times["import"], 1.0)
    yield _at_most(
        "CPU until the first answer over bare httpx",
        times["first answer"],
        1.15,
        f"{times['Runflow, first answer, ms']:.0f} ms, "
        f"httpx {times['httpx, first answer, ms']:.0f} ms",
        httpx="1.00",
    )
    if "client of https" in times:
        yield Row(
            "  until a client of an https address is made",
            f"{times['client of https']:.2f}",
            "both read the certificates then; for plain http this client reads none",
            others={"httpx": "1.00"},
        )


def _imports(times: Mapping[str, Mapping[str, float]]) -> Iterator[Row]:
    def ratio(name: str) -> str:
        return f"{times[name]['ratio']:.2f}"

    yield Row(
        "import and a client over import of httpx",
        ratio("Runflow, and a client"),
        "of the peers the import alone",
        others={
            "httpx": ratio("httpx, and a client"),
            **{name: ratio(name) for name in OTHERS if name in times and name != "httpx"},
        },
    )
    yield _at_most(
        "import of one generated operation over httpx",
        times["one generated operation"]["ratio"],
        1.2,
    )


def _command(times: Mapping[str, float]) -> Iterator[Row]:
    yield _at_most(
        "CPU of runflow --help over import typer",
        times["ratio"],
        2.0,
        f"import typer {times['typer']:.0f} ms",
    )


def _decoding(measured: Mapping[str, Any]) -> Iterator[Row]:
    ratios, times = measured["to pydantic"], measured["milliseconds"]
    beside = "; ".join(
        f"{name}: {ratios[name]:.2f}"
        for name in ("json.loads", "msgspec", "msgspec, of json.loads", "pydantic, from bytes")
    )
    page = "a page of 500 runs over pydantic of json.loads"
    yield _at_most(f"CPU of {page}", ratios["ours"], 1.3, beside)
    yield Row("  in ms", f"{times['ours']:.1f}", f"pydantic {times['pydantic']:.1f}")
    for name, what in (
        ("ours, the list", "client.runs.list with its request"),
        ("ours, the list and four fields", "and four fields of each run"),
        ("ours, the list and all fields", "and all fields of each run"),
    ):
        yield _at_most(f"  {what}", ratios[name], 1.3)
    yield Row("  and raw, too", f"{ratios['ours, the list, all fields and raw']:.2f}")
    written = ratios["pydantic, written"]
    yield _at_most(
        "CPU of the page, written, over pydantic and json.dumps",
        ratios["ours, written"] / written,
        1.3,
        f"msgspec {ratios['msgspec, written'] / written:.2f}",
    )


def _layer(
    measured: Mapping[str, Mapping[str, float]], peers: Mapping[str, Mapping[str, Any]]
) -> Iterator[Row]:
    others = {name: f"{peer['ratio']:.2f}" for name, peer in peers.items()}
    for name, goal in (("api", 1.06), ("runs.get", 1.12)):
        ours, other = measured[name], measured[f"{name} on httpx2"]
        beside = f"on httpx2, over bare httpx2: {other['ratio']:.2f}"
        what = f"CPU of client.{name}, one run, over its bare HTTP library and json"
        row = _at_most(what, ours["ratio"], goal, beside, httpx="1.00")
        yield evolve(row, others={**row.others, "httpx2": "1.00", **others})
        yield Row(
            "  added to one GET, us",
            f"{ours['layer'] - ours['bare']:.0f}",
            f"bare httpx and json: {ours['bare']:.0f}",
            others={name: f"{peer['layer'] - peer['bare']:.0f}" for name, peer in peers.items()},
        )
    ratio = f"{measured['httpx2']['ratio']:.2f}"
    yield Row("CPU of one GET, bare, over httpx", "", others={"httpx": "1.00", "httpx2": ratio})
    versions = ", ".join(
        f"{name} {peer['version']} on {peer['library']}" for name, peer in peers.items()
    )
    if versions:
        yield Row("  the peers", "", versions)


def _files(scenes: Mapping[str, Mapping[str, Any]]) -> Iterator[Row]:
    for name, scene in scenes.items():
        ours, bare = scene["overlay"], scene["httpx"]
        many = f"{scene['at once']} of " if scene["at once"] > 1 else "of "
        what = f"CPU of {name}, {many}{scene['size'] // 2**20} MiB, over bare httpx"
        beside = (
            f"{ours['cpu']:.2f} s of CPU, httpx {bare['cpu']:.2f} s; "
            f"{ours['seconds']:.1f} s, httpx {bare['seconds']:.1f} s"
        )
        if "peak" in ours:
            beside += f"; peak {ours['peak']:.0f} MB, httpx {bare['peak']:.0f} MB"
        yield Row(what, f"{scene['ratio']:.2f}", beside, others={"httpx": "1.00"})


def _pipeline(sizes: Mapping[str, Mapping[str, Any]]) -> Iterator[Row]:
    smallest = next(iter(sizes.values()))
    for made in sizes.values():
        steps, operations = made["steps"], made["operations"]
        spent = sum(step["cpu"] for step in steps.values())
        times = ", ".join(
            f"{name} {step['seconds']:.0f} s ({step['cpu']:.0f} of CPU)"
            for name, step in steps.items()
        )
        what = f"pipeline, {operations} operations: s of CPU"
        beside = (
            f"{times}; peak {made['peak of generation, MB']:.0f} MB, "
            f"gates {made['peak of the gates, MB']:.0f} MB"
        )
        if made is smallest:
            yield Row(what, f"{spent:.0f}", beside)
            continue
        linear = sum(step["cpu"] for step in smallest["steps"].values())
        linear *= operations / smallest["operations"]
        yield Row(what, f"{spent:.0f}", beside, f"{linear:.0f} or less (linear)", spent / linear)


def _acknowledging(databases: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> Iterator[Row]:
    names = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
    for database, cases in databases.items():
        for connections, goal in (("1", 0.9), ("64", 2.0)):
            case = cases[connections]
            ours, route, naive = case["inbox"], case["inbox_in_starlette"], case["naive"]
            threads = case.get("naive, in threads")
            beside = "" if threads is None else f", in threads {threads['a second']:.0f}"
            plural = "connection" if connections == "1" else "connections"
            yield _at_least(
                f"callbacks stored a second in {names[database]}, {connections} {plural}, "
                "over a handler written by hand",
                ours["a second"] / naive["a second"],
                goal,
                f"{ours['a second']:.0f}, by hand {naive['a second']:.0f}{beside}, "
                f"as a route of Starlette {route['a second']:.0f}",
            )
            yield _at_most(
                "  p99 of the answers over that by hand",
                ours["p99, ms"] / naive["p99, ms"],
                1.0,
                f"{ours['p99, ms']:.1f} ms, by hand {naive['p99, ms']:.1f} ms",
            )
