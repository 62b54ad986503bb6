"""Write down what the command makes of single values: money, moments, pairs, prices, pictures."""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from types import MappingProxyType, SimpleNamespace
from typing import Any, Final

import typer
from runflow_client import Estimate, WaitTimeout, errors, inputs
from runflow_client.cli.shared.catalog import find, price_of
from runflow_client.cli.shared.command import suggestion
from runflow_client.cli.shared.failures import describe
from runflow_client.cli.shared.listing import first, joined, newest, plain, read_moment
from runflow_client.cli.shared.model_options import field_options
from runflow_client.cli.shared.options import finite
from runflow_client.cli.shared.pictures import iterm_picture, kitty_picture
from runflow_client.cli.shared.prices import explain, state
from runflow_client.cli.shared.refusals import Interrupted, KeyRefused, Refused, continuation
from runflow_client.cli.shared.terminal import dollars, dump
from runflow_client.cli.shared.values import read_money, read_pairs, read_url

from .command_list import MODEL
from .in_process import run_here

PNG: Final = b"\x89PNG\r\n\x1a\n"
MONEY: Final = (None, "0", "0.50", "$1", "1e3", "-0", "-0.01", "nan", "inf", "x", "", " 1", "$$1")
LIMITS: Final = (1, 99, 100, 101, 250, 5000)
AMOUNTS: Final = ("0", "0.1", "0.15", "0.125", "1E+2", "1000000", "-0.5", "7.000")


def _moment(text: str) -> str:
    moment = read_moment(text)
    assert moment.tzinfo is not None
    if re.fullmatch(r"\d+[a-z]", text):
        return f"{(datetime.now(UTC) - moment).total_seconds():.0f} s ago"
    here = moment.replace(tzinfo=None).astimezone().utcoffset()
    offset = moment.utcoffset()
    is_here = offset == here and not ("Z" in text or "+" in text)
    return f"{moment.replace(tzinfo=None)} {'of this machine' if is_here else offset}"


def _of_300(list_some: Callable[[Callable[..., Iterator[int]]], list[int]]) -> str:
    """Tell how many of 300 items were listed, and how they were asked for."""
    asked = ""

    def items(*of: str, **filters: object) -> Iterator[int]:
        nonlocal asked
        asked = ", ".join([*of, *(f"{name}={value}" for name, value in filters.items())])
        return iter(range(300))

    found = list_some(items)
    return f"{found[0]} to {found[-1]}, asked for {asked}"


def _estimate(**facts: Any) -> str:
    return explain(Estimate(model="acme/lamp", **facts))


def _picture(draw: Callable[[bytes], str | None]) -> Callable[[int], str]:
    """Return what shows the frame of a drawn picture, without its content."""
    return lambda size: re.sub(
        r"[A-Za-z0-9+/=]{40,}",
        lambda found: f"<{len(found[0])}>",
        repr(draw(PNG + bytes(max(0, size - len(PNG))))),
    )


def _noted(error: BaseException, *notes: str) -> BaseException:
    for note in notes:
        error.add_note(note)
    return error


ASKED: Final[dict[str, Any]] = {"method": "GET", "path": "/v1/x"}
REFUSED: Final[dict[str, Any]] = {
    "status": 409,
    "code": "CODE",
    "message": "no",
    "request_id": "q-7",
    **ASKED,
}
RUNNING: Final = SimpleNamespace(status="running")
WAIT: Final[dict[str, Any]] = {
    "state": RUNNING,
    "seconds": 1.5,
    "resume_hint": "client.runs.attach('r-7').wait()",
}
ERRORS: Final = (
    Refused("it is so", "do that"),
    Refused("it is so"),
    KeyRefused("not this key"),
    Interrupted("interrupted", "wait again"),
    errors.InvalidArgument("pass strict=False (or the field in extra={...} of a typed input)."),
    errors.Unauthorized(**{**REFUSED, "status": 401}),
    errors.PermissionDenied(**{**REFUSED, "status": 403}),
    errors.RateLimited(**{**REFUSED, "status": 429}),
    errors.Conflict(**REFUSED),
    errors.NotFound(status=404, **ASKED),
    errors.ValidationFailed(
        status=422, errors=[{"loc": ["body", "x"], "msg": "wrong", "type": "t"}], **ASKED
    ),
    errors.ConnectFailed("no answer", **ASKED),
    errors.RequestTimeout("no answer in time", **ASKED),
    errors.OutcomeUnknown(model="a/b", client_ref="ref-7", idempotency_key="key-7", reason="lost"),
    errors.OutcomeUnknown(model="a/b", client_ref="it's 7", idempotency_key="k", reason="lost"),
    WaitTimeout("run", "r-7", **WAIT),
    WaitTimeout("batch", "r-7", **{**WAIT, "state": SimpleNamespace(status=None)}),
    WaitTimeout("evaluation", "r-7", **{**WAIT, "seconds": 600.0}),
    errors.StorageError("refused", url="https://a.test/x", reason="403"),
    errors.CallbackError("no signature"),
    FileExistsError(17, "File exists", "x.png"),
    FileNotFoundError(2, "No such file or directory", "x.png"),
    OSError(28, "No space left on device"),
    OSError("full"),
    ValueError("odd"),
    ValueError(),
    KeyboardInterrupt(),
    _noted(ValueError("odd"), "a note", "call client.runs.get", "another"),
    _noted(errors.Unauthorized(**{**REFUSED, "status": 401}), "Run r-7 continues: wait"),
    _noted(Refused("it is so", "do that and this"), "this"),
    _noted(
        errors.Conflict(**REFUSED),
        "The run of a/b may have been created: look for it with q=client_ref.EQ:'it's 7' before "
        "you send again (idempotency key k).",
    ),
)

VALUES: Final[Mapping[str, tuple[Callable[..., Any], Sequence[Any]]]] = {
    "read_money": (lambda text: read_money("--max-cost", text), MONEY),
    "read_pairs": (
        read_pairs,
        ([], ["a=1"], ["a=1", "b==", "a="], ["a"], ["=1"], [""], ["a b=c d"]),
    ),
    "read_url": (
        lambda text: read_url("--callback-url", text),
        (None, "", "https://me.test/", "http://me.test", "HTTPS://me.test", "ftp://me.test", "me"),
    ),
    "read_moment": (
        _moment,
        (
            *("0s", "30s", "2m", "2h", "7d", "2w", "h", "-1h", "1.5h", "", "yesterday"),
            *("99999999999d", "2026-05-01", "2026-05-01T12:30", "2026-05-01T12:30Z"),
            *("2026-05-01T12:30+02:00", "2026-13-01", "²h"),
        ),
    ),
    "first": (lambda limit: _of_300(lambda items: first(items, limit, "r-7", level="x")), LIMITS),
    "newest": (
        lambda limit: _of_300(lambda items: newest(items, "cost>1", limit, status="failed")),
        LIMITS,
    ),
    "joined": (lambda values: joined(*values), ((), (0, None, "", False, "a"), ("a", 7))),
    "plain": (plain, (None, 0, "", False, SimpleNamespace(value=0), SimpleNamespace(value=None))),
    "finite": (
        finite,
        (None, 0.0, 0.1, -1.0, 31_536_000.0, 1e9, 1e300, float("inf"), float("nan")),
    ),
    "dollars": (lambda text: dollars(Decimal(text)), AMOUNTS),
    "state": (lambda text: state(None if text is None else Decimal(text)), (None, "0", "0.5")),
    "price_of": (
        lambda pair: price_of(*pair),
        ((None, None), (None, "image"), (Decimal(0), "image"), (Decimal("0.05"), "second")),
    ),
    "explain": (
        lambda facts: _estimate(**facts),
        (
            {"amount": Decimal(0), "basis": "free"},
            {"amount": Decimal("0.3"), "basis": "2 images", "reason": "x", "at_least": Decimal(9)},
            {"reason": "no price"},
            {"reason": "no duration", "at_least": Decimal("0.5")},
            {"reason": "no duration", "at_least": Decimal(0)},
        ),
    ),
    "suggestion": (
        lambda name: suggestion(name, ["prompt", "seed", "num_images"]),
        ("promt", "prompt", "sed", "images", "x", ""),
    ),
    "suggestion of half a word": (lambda name: suggestion(name, ["list"], 0.5), ("ls", "li", "x")),
    "describe": (
        lambda error: json.dumps(describe(error).document()["error"], default=str),
        ERRORS,
    ),
    "continuation": (
        lambda kind: continuation(kind, "r-7"),
        ("run", "batch", "evaluation", "another"),
    ),
    "dump": (
        dump,
        (
            {"a": Decimal("0.10"), "b": datetime(2026, 5, 1, tzinfo=UTC), "c": None, "d": "é"},
            {"a": SimpleNamespace(to_dict=lambda: {"x": 0}), "b": [], "c": False},
            MappingProxyType({"a": MappingProxyType({"b": 0})}),
        ),
    ),
    "iterm_picture": (_picture(iterm_picture), (8, 100)),
    "kitty_picture": (_picture(kitty_picture), (8, 3071, 3072, 3073, 6144, 6145)),
    "kitty_picture of another type": (
        lambda content: kitty_picture(content),
        (b"GIF", b"", PNG[1:]),
    ),
}


ARGUMENTS: Final = (
    *(f"{MODEL} -h", f"-h {MODEL}", f"--help {MODEL}", "-h", "-h --", f"-h -- {MODEL}"),
    *(f"--prompt x {MODEL} -h", f"--prompt=x {MODEL} -h", "-h acme/newer", f"-h - {MODEL}"),
    *(f"-o x.png {MODEL} -h", f"-ox.png {MODEL} -h", f"--output=x.png {MODEL} -h"),
    *(
        f"-i a=b {MODEL} -h",
        f"-ia=b {MODEL} -h",
        f"-ia {MODEL} -h",
        f"-y --detach --json {MODEL} -h",
    ),
    *(
        f"--sync-mode {MODEL} -h",
        f"--no-sync-mode {MODEL} -h",
        f"--sync-mode acme/newer {MODEL} -h",
    ),
    f"--client-ref {MODEL} {MODEL}/edit -h",
)
"""Of `runflow run`, which shows the page of the model among them."""


def _page_shown(arguments: str) -> str:
    found = re.search(r"Input of (\S+):", run_here("run", *arguments.split()).out)
    return found[1] if found else "no model"


def _metavars() -> Iterator[str]:
    """Tell how the values of an option are shown, by what its field takes."""
    seen: set[tuple[str, int]] = set()
    for page in filter(None, map(find, inputs.CLASSES)):
        kinds = {name: (facts.type, len(facts.allowed)) for name, facts in page.fields.items()}
        if seen.issuperset(kinds.values()):
            continue
        shown = {option.opts[0]: option for option in field_options(page)}
        for name, kind in kinds.items():
            if kind not in seen:
                seen.add(kind)
                option = shown[page.options[name]]
                takes = option.metavar or " or ".join((*option.opts, *option.secondary_opts))
                yield f"{kind[0]} with {kind[1]} values: {page.options[name]} {takes}"


def _outcome(function: Callable[[Any], Any], given: Any) -> str:
    try:
        found = function(given)
    except (Refused, typer.BadParameter) as error:
        remedy = getattr(error, "remedy", "")
        return f"{type(error).__name__}: {error}{f' | {remedy}' if remedy else ''}"
    return " ".join(found.split()) if isinstance(found, str) else repr(found)


def lines() -> Iterator[str]:
    """Give the list."""
    for name, (function, values) in VALUES.items():
        yield f"{name}:"
        for given in values:
            shown = re.sub(r" at 0x\w+", "", repr(given))
            yield f"    {shown} -> {_outcome(function, given)}"
    yield "the model among the arguments of runflow run:"
    yield from (f"    {one} -> {_page_shown(one)}" for one in ARGUMENTS)
    yield "what an option takes:"
    yield from (f"    {line}" for line in _metavars())
    yield "the fields and the example of each model:"
    for model in inputs.CLASSES:
        page = run_here("models", "show", model).out.splitlines()
        fields = [line.strip() for line in page if line.startswith("  --")]
        kinds = dict.fromkeys(field.partition(" ")[2] for field in fields)
        yield f"    {page[-1].strip()}"
        yield f"        {', '.join(kinds)}"
