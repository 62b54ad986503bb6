"""What speaks of time is tried in two time zones, neither of which is UTC."""

import subprocess
import sys
import time
from datetime import datetime

from ..zones import IN_ONE_ZONE, speaks_of_time
from .test_checks_can_fail import FILES


def test_this_one_speaks_of_a_datetime_and_runs_in_both_zones(time_zone: str) -> None:
    assert time.tzname[0] in {"America/New_York": "EST", "Asia/Kolkata": "IST"}[time_zone]
    offset = datetime(2026, 1, 1).astimezone().utcoffset()
    assert offset is not None
    assert offset.total_seconds() == {"America/New_York": -18000, "Asia/Kolkata": 19800}[time_zone]
    program = "import time; print(time.timezone)"
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert int(said.stdout) == -offset.total_seconds()


def nothing() -> None:
    """Speak of no day."""


def test_what_is_left_out_is_there() -> None:
    assert speaks_of_time(test_this_one_speaks_of_a_datetime_and_runs_in_both_zones)
    assert not speaks_of_time(nothing)
    text = "\n".join(path.read_text("utf-8") for path in FILES)
    assert IN_ONE_ZONE
    modules = {"/".join(path.parts[-2:]) for path in FILES}
    for name in IN_ONE_ZONE:
        assert f"def {name}(" in text or name in modules
