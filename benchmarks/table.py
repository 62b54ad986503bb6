"""The one table: what was measured, what stands beside it, the goal, and whether it is met."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from attrs import frozen


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

    @property
    def verdict(self) -> str:
        """Whether the goal is met; empty where there is none."""
        if self.share is None:
            return ""
        return "met" if self.share <= 1 else "MISSED"


def rows_of(found: Mapping[str, Any]) -> list[Row]:
    """The lines of all parts that were measured."""
    measured = {name: part["measured"] for name, part in found.items()}
    makers: dict[str, Callable[[Any], Iterable[Row]]] = {
        "waiting": _waiting,
        "start": _start,
        "imports": _imports,
        "command": _command,
        "decoding": _decoding,
        "layer": _layer,
        "peers": _peers,
        "acknowledging": _acknowledging,
    }
    return [
        row for name, make in makers.items() if name in measured for row in make(measured[name])
    ]


def render(rows: list[Row]) -> str:
    """The table as text."""
    lines = [("", "ours", "beside", "goal", "")]
    lines += [(row.what, row.ours, row.beside, row.goal, row.verdict) for row in rows]
    widths = [max(len(line[column]) for line in lines) for column in range(5)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def _at_most(what: str, value: float, goal: float, beside: str = "", digits: int = 2) -> Row:
    """A line whose value should be at most the goal."""
    shown, share = f"{value:.{digits}f}", value / goal
    return Row(what, shown, beside, f"{goal:g} or less", share)


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
        f"naive GETs every 2 s: {naive['requests']}",
        0,
    )
    yield Row(
        "  behind 2,000 newer runs of another program",
        f"{behind['requests']}",
        f"p99 lag {behind['lag_p99']:.2f} s, dead {behind['dead']}",
    )
    yield Row(
        f"{runs} waiting: median lag, s",
        f"{ours['lag_median']:.2f}",
        f"naive {naive['lag_median']:.2f}",
    )
    yield _at_most(
        f"{runs} waiting: p99 lag, s", ours["lag_p99"], 5.2, f"naive {naive['lag_p99']:.2f}"
    )
    yield Row(f"{runs} waiting: CPU, s of 20", f"{ours['cpu']:.2f}", f"naive {naive['cpu']:.2f}")
    yield _at_most(
        f"{runs} waiting: loop late p99, ms",
        ours["loop_late_p99"] * 1e3,
        50,
        f"idle loop {ours['idle_loop_late_p99'] * 1e3:.1f}, "
        f"naive {naive['loop_late_p99'] * 1e3:.1f}",
        1,
    )
    yield _at_most(
        f"{runs} waiting: held by a run, kB",
        ours["held"],
        3,
        f"naive, resident {naive['memory']:.1f}",
        1,
    )
    yield Row(
        f"{runs} waiting: dead",
        f"{ours['dead']}",
        f"naive {naive['dead']}, as httpx comes {default['dead']} ({deaths})",
        "none",
        1.0 + ours["dead"],
    )
    yield Row(
        f"{many['runs']} waiting: dead",
        f"{many['dead']}",
        f"{many['requests']} requests in 20 s, {many['cpu']:.1f} s of CPU, "
        f"p99 lag {many['lag_p99']:.2f} s",
        "none",
        1.0 + many["dead"],
    )


def _start(times: Mapping[str, float]) -> Iterator[Row]:
    yield _at_most("CPU of the import of Runflow over that of httpx", times["import"], 1.0)
    yield _at_most(
        "CPU until the first answer over bare httpx",
        times["first answer"],
        1.15,
        f"{times['Runflow, first answer, ms']:.0f} ms, "
        f"httpx {times['httpx, first answer, ms']:.0f} ms",
    )


def _imports(times: Mapping[str, Mapping[str, float]]) -> Iterator[Row]:
    peers = ", ".join(
        f"{name} {times[name]['ratio']:.2f}" for name in ("replicate", "fal-client", "openai")
    )
    client = times["Runflow, and a client"]["ratio"]
    theirs = times["httpx, and a client"]["ratio"]
    yield Row(
        "import of Runflow and a client over import of httpx",
        f"{client:.2f}",
        f"httpx and a client {theirs:.2f}",
    )
    yield Row("import of the peers over import of httpx", "", peers)
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


def _layer(measured: Mapping[str, Mapping[str, float]]) -> Iterator[Row]:
    for name, goal in (("api", 1.06), ("runs.get", 1.12)):
        ours, other = measured[name], measured[f"{name} on httpx2"]
        yield _at_most(
            f"CPU of client.{name}, one run, over bare httpx and json",
            ours["ratio"],
            goal,
            f"on httpx2, over bare httpx2: {other['ratio']:.2f}",
        )
        yield Row(
            "  added to one GET, us",
            f"{ours['layer'] - ours['bare']:.0f}",
            f"bare httpx and json: {ours['bare']:.0f}",
        )
    yield Row("CPU of one GET, httpx2 over httpx, both bare", f"{measured['httpx2']['ratio']:.2f}")


def _peers(peers: Mapping[str, Mapping[str, Any]]) -> Iterator[Row]:
    shown = ", ".join(
        f"{name} {peer['version']} {peer['ratio']:.2f} ({peer['library']})"
        for name, peer in peers.items()
    )
    yield Row("CPU of the peers' GET over their HTTP library", "", shown)


def _acknowledging(databases: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> Iterator[Row]:
    names = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
    for database, cases in databases.items():
        for connections, goal in (("1", 0.9), ("64", 2.0)):
            case = cases[connections]
            ours, route, naive = case["inbox"], case["inbox_in_starlette"], case["naive"]
            plural = "connection" if connections == "1" else "connections"
            yield _at_least(
                f"callbacks stored a second in {names[database]}, {connections} {plural}, "
                "over a handler written by hand",
                ours["a second"] / naive["a second"],
                goal,
                f"{ours['a second']:.0f}, by hand {naive['a second']:.0f}, "
                f"as a route of Starlette {route['a second']:.0f}",
            )
            yield _at_most(
                "  p99 of the answers over that by hand",
                ours["p99, ms"] / naive["p99, ms"],
                1.0,
                f"{ours['p99, ms']:.1f} ms, by hand {naive['p99, ms']:.1f} ms",
            )
