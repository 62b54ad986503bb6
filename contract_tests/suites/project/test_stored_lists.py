"""A stored list is the same in every process."""

from pathlib import Path

import pytest

from ..snapshot import WRITE, check_snapshot


@pytest.fixture(autouse=True)
def comparing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Compare, also where all lists are stored anew."""
    monkeypatch.delenv(WRITE, raising=False)


@pytest.mark.parametrize(
    "shown", [frozenset({"a", "b"}), {"a", "b"}, frozenset({1, 2}), [{"x", "y"}], {"k": {"a", "b"}}]
)
def test_a_set_of_several_is_refused(tmp_path: Path, shown: object) -> None:
    path = tmp_path / "list.txt"
    path.write_text(f"{shown}\n", encoding="utf-8")
    with pytest.raises(AssertionError, match=r"list\.txt shows a set, sort it: "):
        check_snapshot(path, f"{shown}\n")


@pytest.mark.parametrize(
    "shown", [frozenset({"a"}), {"a"}, ["a", "b"], {"a": "b", "c": "d"}, {"a": ["b", "c"]}, set()]
)
def test_what_has_an_order_is_compared(tmp_path: Path, shown: object) -> None:
    path = tmp_path / "list.txt"
    path.write_text(f"{shown}\n", encoding="utf-8")
    check_snapshot(path, f"{shown}\n")
    with pytest.raises(AssertionError, match=r"list\.txt:"):
        check_snapshot(path, "another\n")
