"""The one table: what was measured, what stands beside it, the goal, and whether it is met."""

from collections.abc import Mapping
from typing import Any

from attrs import frozen


@frozen
class Row:
    """One line. `met` is None where there is no goal."""

    what: str
    ours: str
    beside: str = ""
    goal: str = ""
    met: bool | None = None


def rows_of(found: Mapping[str, Any]) -> list[Row]:
    """The lines of everything that was measured."""
    ways = found["waiting"]
    rows = _waiting(ways["overlay"], ways["naive"], ways["naive, as httpx comes"])
    if "overlay, very many" in ways:
        rows += _very_many(ways["overlay, very many"])
    rows += _layer(found["layer"], found["peers"]) + _imports(found["imports"])
    return rows + _command(found["command"]) + _decoding(found["decoding"])


def render(rows: list[Row]) -> str:
    """The table as text."""
    verdicts = {None: "", True: "met", False: "MISSED"}
    lines = [("", "ours", "beside", "goal", "")]
    lines += [(row.what, row.ours, row.beside, row.goal, verdicts[row.met]) for row in rows]
    widths = [max(len(line[column]) for line in lines) for column in range(5)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def _waiting(
    ours: Mapping[str, Any], naive: Mapping[str, Any], default: Mapping[str, Any]
) -> list[Row]:
    runs, fewer = ours["runs"], naive["requests"] / ours["requests"]
    beside = f"naive GETs every 2 s: {naive['requests']}"
    deaths = ", ".join(f"{count} {kind}" for kind, count in default["deaths"].items())
    return [
        Row(
            f"{runs} waiting: requests in 20 s",
            f"{ours['requests']}",
            beside,
            "20 times fewer",
            fewer >= 20,
        ),
        Row(
            f"{runs} waiting: median lag, s",
            f"{ours['lag_median']:.2f}",
            f"naive {naive['lag_median']:.2f}",
            "no worse",
            ours["lag_median"] <= naive["lag_median"],
        ),
        Row(
            f"{runs} waiting: p99 lag, s", f"{ours['lag_p99']:.2f}", f"naive {naive['lag_p99']:.2f}"
        ),
        Row(f"{runs} waiting: CPU, s of 20", f"{ours['cpu']:.2f}", f"naive {naive['cpu']:.2f}"),
        Row(
            f"{runs} waiting: loop late p99, ms",
            f"{ours['loop_late_p99'] * 1e3:.1f}",
            f"idle loop {ours['idle_loop_late_p99'] * 1e3:.1f}, naive "
            f"{naive['loop_late_p99'] * 1e3:.1f}",
            "under 50",
            ours["loop_late_p99"] < 0.05,
        ),
        Row(f"{runs} waiting: loop busy p99, ms", f"{ours['loop_busy_p99'] * 1e3:.1f}"),
        Row(
            f"{runs} waiting: held by a run, kB",
            f"{ours['held']:.1f}",
            f"naive, resident {naive['memory']:.1f}",
            "3 or less",
            ours["held"] <= 3,
        ),
        Row(
            f"{runs} begun at once: resident, kB a run",
            f"{ours['memory']:.1f}",
            f"naive {naive['memory']:.1f}",
        ),
        Row(
            f"{runs} waiting: dead",
            f"{ours['dead']}",
            f"naive {naive['dead']}, as httpx comes {default['dead']} ({deaths})",
            "none",
            ours["dead"] == 0,
        ),
    ]


def _very_many(ours: Mapping[str, Any]) -> list[Row]:
    runs = ours["runs"]
    return [
        Row(f"{runs} waiting: dead", f"{ours['dead']}", "", "none", ours["dead"] == 0),
        Row(f"{runs} waiting: requests in 20 s", f"{ours['requests']}"),
        Row(f"{runs} waiting: CPU, s of 20", f"{ours['cpu']:.2f}"),
        Row(
            f"{runs} waiting: median and p99 lag, s",
            f"{ours['lag_median']:.2f}, {ours['lag_p99']:.2f}",
        ),
        Row(
            f"{runs} waiting: loop late p99, ms",
            f"{ours['loop_late_p99'] * 1e3:.1f}",
            f"idle loop {ours['idle_loop_late_p99'] * 1e3:.1f}",
        ),
        Row(f"{runs} begun at once: resident, kB a run", f"{ours['memory']:.1f}"),
    ]


def _layer(ours: Mapping[str, Any], peers: Mapping[str, Mapping[str, Any]]) -> list[Row]:
    beside = ", ".join(f"{name} {peer['ratio']:.2f}" for name, peer in peers.items())
    return [
        Row(
            "CPU of get-run over bare httpx",
            f"{ours['ratio']:.2f}",
            beside,
            "1.15 or less",
            ours["ratio"] <= 1.15,
        ),
        Row(
            "  added to one GET, us",
            f"{ours['layer'] - ours['bare']:.0f}",
            f"bare httpx and json: {ours['bare']:.0f}",
        ),
    ]


def _imports(times: Mapping[str, Mapping[str, float]]) -> list[Row]:
    peers = ", ".join(
        f"{name} {times[name]['ratio']:.2f}" for name in ("replicate", "fal-client", "openai")
    )
    ours = times["Runflow"]["ratio"]
    made = f"{times['Runflow, and a client']['ratio']:.2f}"
    theirs = f"httpx {times['httpx, and a client']['ratio']:.2f}"
    generated = times["one generated operation"]["ratio"]
    return [
        Row("import of Runflow over httpx", f"{ours:.2f}", peers, "1.25 or less", ours <= 1.25),
        Row(
            "  ms",
            f"{times['Runflow']['milliseconds']:.0f}",
            f"httpx {times['httpx']['milliseconds']:.0f}, with attrs "
            f"{times['httpx and attrs']['milliseconds']:.0f}",
        ),
        Row("  the same with a client made", made, theirs),
        Row(
            "import of one generated operation over httpx",
            f"{generated:.2f}",
            "",
            "1.2 or less",
            generated <= 1.2,
        ),
        Row("import runflow_client alone, ms", f"{times['runflow_client']['milliseconds']:.0f}"),
    ]


def _command(times: Mapping[str, float]) -> list[Row]:
    return [
        Row(
            "CPU of runflow --help over import typer",
            f"{times['ratio']:.2f}",
            f"import typer {times['typer']:.0f} ms",
            "2.0 or less",
            times["ratio"] <= 2.0,
        )
    ]


def _decoding(measured: Mapping[str, Any]) -> list[Row]:
    ratios, times = measured["to pydantic"], measured["milliseconds"]
    read, listed = ratios["ours"], ratios["ours, the list"]
    fewer, all_of_it = (ratios[f"ours, the list and {fields} fields"] for fields in ("four", "all"))
    written = ratios["ours, written"] / ratios["pydantic, written"]
    return [
        Row(
            "CPU of a page of 500 runs, read, over pydantic of json.loads",
            f"{read:.2f}",
            f"json.loads {ratios['json.loads']:.2f}, msgspec {ratios['msgspec']:.2f}",
            "1.3 or less",
            read <= 1.3,
        ),
        Row("  ms", f"{times['ours']:.1f}", f"pydantic {times['pydantic']:.1f}"),
        Row(
            "  through client.runs.list, with its request",
            f"{listed:.2f}",
            f"and four fields {fewer:.2f}, all fields {all_of_it:.2f}",
            "1.3 or less",
            listed <= 1.3,
        ),
        Row(
            "CPU of the page, written, over pydantic and json.dumps",
            f"{written:.2f}",
            f"msgspec {ratios['msgspec, written'] / ratios['pydantic, written']:.2f}",
            "1.3 or less",
            written <= 1.3,
        ),
    ]
