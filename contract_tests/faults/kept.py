"""What earlier runs found, kept in the repository: a run that was ended can be resumed, and a new fault tried alone."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from attrs import define, field

from faults.fault import Fault
from faults.running import Outcome

OUTCOMES: Final = "outcomes.json"
"""Its name in the folder of the faults."""


@define
class Kept:
    """The outcomes of faults in a JSON file. A fault counts as not tried when it changed, or what it is made in."""

    path: Path
    tree: Path
    """The tree that the faults are made in."""
    _rows: dict[str, dict[str, Any]] = field(init=False)
    _writing: threading.Lock = field(init=False, factory=threading.Lock)

    def __attrs_post_init__(self) -> None:
        self._rows = json.loads(self.path.read_text(encoding="utf-8")) if self.path.is_file() else {}

    def forget(self) -> None:
        """Forget every outcome."""
        self._rows = {}

    def keep(self, fault: Fault, outcomes: Mapping[str, Outcome]) -> None:
        """Keep what caught a fault, at once and whole; a check that is not named was green or was not run."""
        said = {name: [one.result, one.first] for name, one in outcomes.items() if one.result != "green"}
        with self._writing:
            self._rows[fault.label] = {"fingerprint": fault.fingerprint(self.tree), "caught": said}
            unfinished = self.path.with_suffix(".unfinished")
            self.path.parent.mkdir(parents=True, exist_ok=True)
            unfinished.write_text(json.dumps(self._rows, indent=1, sort_keys=True) + "\n", encoding="utf-8")
            unfinished.replace(self.path)

    def rows(self, faults: Iterable[Fault]) -> dict[Fault, dict[str, Outcome]]:
        """The outcomes of those of these faults that were tried as they are, in their order."""
        found = ((fault, self._rows.get(fault.label)) for fault in faults)
        return {
            fault: {name: Outcome(*said) for name, said in row["caught"].items()}
            for fault, row in found
            if row is not None and row["fingerprint"] == fault.fingerprint(self.tree)
        }
