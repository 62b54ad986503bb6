"""What came of the faults, stored so that a run can be resumed and a new fault tried alone."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final, Literal

from attrs import define, field, frozen

from .fault import Fault, UnusableFault

Result = Literal["caught", "hang", "green"]

OUTCOMES: Final = "outcomes.json"
"""The name of the file in the folder of the faults."""


@frozen
class Outcome:
    """How a check ended with a fault in the tree."""

    result: Result
    first: str = ""
    """The test that failed first, or did not end."""


@define
class Outcomes:
    """The outcomes of faults in a JSON file.

    An outcome does not count any more when the fault changed, or the definition that it changes.
    """

    path: Path
    tree: Path
    """The tree that the faults are made in."""
    _rows: dict[str, dict[str, Any]] = field(init=False)
    _lock: threading.Lock = field(init=False, factory=threading.Lock)

    def __attrs_post_init__(self) -> None:
        self._rows = (
            json.loads(self.path.read_text(encoding="utf-8")) if self.path.is_file() else {}
        )

    def clear(self) -> None:
        """Forget every outcome."""
        self._rows = {}

    def add(self, fault: Fault, outcomes: Mapping[str, Outcome]) -> None:
        """Store what caught a fault; a check that is not named was green or was not run."""
        caught = {
            name: [one.result, one.first] for name, one in outcomes.items() if one.result != "green"
        }
        with self._lock:
            self._rows[fault.label] = {
                "fingerprint": fault.fingerprint(self.tree),
                "caught": caught,
            }
            unfinished = self.path.with_suffix(".unfinished")
            self.path.parent.mkdir(parents=True, exist_ok=True)
            unfinished.write_text(
                json.dumps(self._rows, indent=1, sort_keys=True) + "\n", encoding="utf-8"
            )
            unfinished.replace(self.path)

    def rows(self, faults: Iterable[Fault]) -> dict[Fault, dict[str, Outcome]]:
        """Give the outcomes of those faults that were tried as they are, in their order."""
        return {
            fault: {
                name: Outcome(*outcome)
                for name, outcome in self._rows[fault.label]["caught"].items()
            }
            for fault in faults
            if fault.label in self._rows
            and self._rows[fault.label]["fingerprint"] == self._fingerprint(fault)
        }

    def _fingerprint(self, fault: Fault) -> str | None:
        try:
            return fault.fingerprint(self.tree)
        except UnusableFault:
            return None
