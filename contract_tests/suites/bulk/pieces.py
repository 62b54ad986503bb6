"""Write down how items, files and journals are named, what a template fills in, and what a row is.

A journal is continued by later versions: a name that changed would be another run, paid again.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final

from runflow_client import InvalidArgument, bulk, inputs
from runflow_client.bulk._export import seconds_of
from runflow_client.bulk._items import fingerprint, key_problem, other_model_problem, shown_input
from runflow_client.bulk._journal_file import file_system_of
from runflow_client.bulk._settings import check_retries, file_name
from runflow_client.bulk._template import Template

MODEL: Final = "google/nano-banana-pro"
TYPED: Final = inputs.GoogleNanoBananaPro(prompt="a lamp", num_images=2)
LONG: Final = "k" * 120
MOUNTS: Final = "\n".join(
    [
        "1 0 8:1 / / rw - ext4 /dev/sda1 rw",
        "2 1 0:5 / /shared rw - nfs4 server:/shared rw",
        "3 2 8:2 / /shared/own rw - ext4 /dev/sdb1 rw",
        r"4 1 0:6 / /with\040space rw shared:1 - fuse.sshfs host: rw",
        "5 1 0:7 / /twice rw - ext4 /dev/sdc1 rw",
        "6 1 0:8 / /twice rw - cifs //host/x rw",
        "7 1 0:9 / /cut rw",
        "8",
    ]
)
STOPPED: Final = (
    ("max_cost", "max_cost is $1", {"spent": Decimal("0.90"), "running": 0}),
    ("failures", "2 items failed", {"running": 1, "reserved": Decimal("0.15")}),
    ("refused", "no such model. Did you mean x?", {"running": 2, "reserved": Decimal("0.30")}),
)


def _stopped(given: tuple[str, str, Mapping[str, Any]]) -> str:
    reason, why, facts = given
    error = bulk.BulkStopped(reason, why, bulk.Summary(**facts))
    assert (error.reason, error.summary) == (reason, bulk.Summary(**facts))
    return str(error)


def _filled(given: tuple[Mapping[str, Any], Mapping[str, Any]]) -> str:
    made = Template.of(given[0])
    return f"{sorted(made.columns())} {made.fill(given[1])}"


CELLS: Final = {"animal": "cat", "count": 2, "no": None, "nothing": "", "is": False, "zero": 0}
"""What a template is filled in with."""

VALUES: Final[Mapping[str, tuple[Callable[..., Any], Sequence[Any]]]] = {
    "client_ref_of": (
        lambda given: bulk.client_ref_of(*given),
        (
            *(("job", "a"), ("job", "a", 2), ("job", "é"), ("", ""), ("job", "a", 0)),
            *(("job", "\ud800"), ("\ud800", "a"), (7, "a"), ("job", None), ("job", "a", None)),
        ),
    ),
    "fingerprint": (
        fingerprint,
        (
            {},
            {"prompt": "a lamp"},
            {"prompt": "é", "seed": 7, "is": False, "no": None, "list": [1, {"x": 0.5}]},
            {"image": b"content"},
            {"image": bytearray(b"content")},
            {"amount": Decimal("0.10")},
        ),
    ),
    "shown_input": (
        shown_input,
        (
            {"prompt": "é", "a": None},
            {"image": b"content", "file": Path("x.png"), "amount": Decimal("0.10")},
            {"image": bytearray(b"")},
            {"prompt": "\ud800"},
        ),
    ),
    "key_problem": (key_problem, ("", "k", "k\n", "é", "\ud800")),
    "key_problem of a length": (lambda length: key_problem("k" * length), (1, 1024, 1025)),
    "file_name": (
        lambda given: file_name(*given),
        (
            ("cat", "x.png", 0, 1),
            ("cat", "x.png", 0, 2),
            ("cat", "x.tar.gz", 9, 10),
            ("cat", "bare", 0, 1),
            *((key, "x.png", 0, 1) for key in ("Cat", "a/b", "..", " ", "é", "con", ".cat", "a b")),
            (LONG, "x.png", 0, 1),
        ),
    ),
    "form_of": (
        bulk.form_of,
        (
            "a.csv",
            "a.JSONL",
            "a.b.csv",
            Path("c.d/a.parquet"),
            "a.tsv",
            "csv",
            ".csv",
            "",
            "a.csv.gz",
            7,
            None,
        ),
    ),
    "template_mark": (
        bulk.template_mark,
        ({}, {"b": "{x}", "a": None}, {"a": Path("x"), "é": [1]}, [("a", "b")], None),
    ),
    "fill": (
        _filled,
        (
            ({"prompt": "A {animal} at dusk"}, CELLS),
            ({"prompt": "{animal}{animal} {{x}}"}, CELLS),
            *(({"x": f"{{{name}}}"}, CELLS) for name in CELLS),
            *(({"x": f"[{{{name}}}]"}, CELLS) for name in CELLS),
            ({"x": ["{count}", {"y": "{animal}"}, 7, None], "z": ("{zero}",)}, CELLS),
            ({"x": None, "y": 7, "z": False}, CELLS),
            ({"x": "{another}"}, CELLS),
            *(({"x": text}, CELLS) for text in ("{", "}", "{}", "{0}", "{animal!r}", "{count:d}")),
        ),
    ),
    "other_model_problem": (
        lambda given: other_model_problem(given[0], bulk.Item("k", given[1])),
        (
            (MODEL, {"prompt": "x"}),
            (MODEL, TYPED),
            ("acme/lamp", TYPED),
            (f"comfyui-workflows/{MODEL}", TYPED),
        ),
    ),
    "Item": (
        lambda given: bulk.Item(*given),
        (("k", {"prompt": "x"}, "line 2"), (7, {}), ("k", None), ("k", []), ("k", {}, None)),
    ),
    "BadItem": (
        lambda given: bulk.BadItem(*given),
        (("k", "why"), ("k", None), (None, "why"), ("k", "why", 7)),
    ),
    "Retries": (
        lambda facts: bulk.Retries(**facts),
        (
            {},
            {"failed": 0, "saving": 0, "by_code": {"busy": 0}},
            *({name: value} for name in ("failed", "saving") for value in (-1, 1.5, True, None)),
            *({"by_code": value} for value in ({"x": -1}, {7: 1}, {"x": None}, [("x", 1)], None)),
        ),
    ),
    "check_retries": (check_retries, (None, bulk.Retries(), 0, 2, -1, True, "1", {"failed": 1})),
    "total of a summary": (
        lambda facts: bulk.Summary(**facts).total,
        ({}, {"done": 1, "failed": 2, "refused": 4, "running": 8, "waiting": 16}),
    ),
    "BulkStopped": (_stopped, STOPPED),
    "JournalInUse": (
        lambda owner: f"{bulk.JournalInUse('j.sqlite', owner)} [{owner}]",
        ("process 7 on host",),
    ),
    "seconds_of": (
        lambda moments: seconds_of(SimpleNamespace(intended_at=moments[0], ended_at=moments[1])),  # type: ignore[arg-type] # it has what is read
        (
            (None, None),
            (1.0, None),
            (None, 2.0),
            (0.0, 0.0),
            (1.0, 2.5),
            (2.5, 1.0),
            (0.0, 0.00049),
        ),
    ),
    "file_system_of": (
        lambda path: file_system_of(Path(path), MOUNTS),
        ("/", "/home", "/shared", "/shared/x", "/sharedx", "/shared/own/x", "/with space/x")
        + ("/twice/x", "/cut/x"),
    ),
    "file_system_of, of no mounts": (lambda path: file_system_of(Path(path), ""), ("/",)),
}


def _outcome(function: Callable[[Any], Any], given: Any) -> str:
    try:
        found = function(given)
    except (InvalidArgument, ValueError) as error:
        return f"{type(error).__name__}: {error}"
    return found if isinstance(found, str) else repr(found)


def lines() -> Iterator[str]:
    """Give the list."""
    for name, (function, values) in VALUES.items():
        yield f"{name}:"
        for given in values:
            told = f"{given!r} -> {_outcome(function, given)}"
            yield f"    {told.replace(LONG, 'kkk').replace(repr(CELLS), 'CELLS')}"
