"""What tells inputs apart: all that is in them, and of a local file its path, size and time."""

import os
from itertools import combinations
from pathlib import Path
from typing import Any

from runflow_client.bulk._items import client_ref_of, fingerprint

DIFFERENT: list[Any] = [
    None,
    False,
    True,
    0,
    1,
    0.5,
    "",
    "0",
    "false",
    "null",
    [],
    [None],
    [0, 1],
    [1, 0],
    {},
    {"a": None},
    {"a": 0},
    b"",
    b"a",
    b"b",
]


def test_every_difference_counts_and_the_order_of_names_does_not() -> None:
    found = [fingerprint({"a": value}) for value in DIFFERENT]
    found += [fingerprint({"b": {"a": value}}) for value in DIFFERENT]
    assert len(set(found)) == len(found)
    assert fingerprint({"a": 1, "b": [{"c": 2, "d": 3}]}) == fingerprint(
        {"b": [{"d": 3, "c": 2}], "a": 1}
    )


def test_a_local_file_counts_by_path_size_and_time(tmp_path: Path) -> None:
    states: list[str] = []
    for name, content, time in (
        ("a.png", b"one", 1),
        ("a.png", b"two", 2),
        ("a.png", b"four", 2),
        ("b.png", b"one", 1),
    ):
        file = tmp_path / name
        file.write_bytes(content)
        os.utime(file, ns=(time, time))
        states.append(fingerprint({"image": file}))
        assert fingerprint({"image": file}) == states[-1]
    assert len(set(states)) == len(states)


def test_each_attempt_of_each_item_of_each_job_has_its_client_ref() -> None:
    made = [
        (job, key, attempt) for job in ("a", "b") for key in ("a", "b", "1") for attempt in (1, 2)
    ]
    refs = {names: client_ref_of(*names) for names in made}
    assert all(refs[one] != refs[other] for one, other in combinations(made, 2))
    assert all(len(ref) <= 64 for ref in refs.values())
    assert refs == {names: client_ref_of(*names) for names in made}
