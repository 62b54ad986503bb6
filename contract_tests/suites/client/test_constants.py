"""No number, set, table or pattern of the client changes unseen, and no default of its classes."""

from pathlib import Path

import runflow_api
import runflow_client

from ..snapshot import check_snapshot
from . import constants

SHARED = Path(__file__).with_name("shared_defaults.txt")
SPECIAL = {
    *("inputs", "testing", "cli", "bulk", "callbacks", "api", "models"),
    *("_sync", "_async", "_flows", "_transport"),
}
"""Rooms that the others share nothing of."""
LIST = Path(__file__).with_name("constants.txt")


def test_they_are_those_of_the_list() -> None:
    check_snapshot(LIST, "\n".join(constants.lines()) + "\n")


def test_the_list_has_each_kind_of_them() -> None:
    found = constants.constants()
    assert found["RetryPolicy.attempts"] == {"5"}
    assert found["UploadCache.LIFETIME"] == {"3600.0"}
    assert found["_MAY_HAVE_ACTED"] == {"[408, 409, 425]"}
    assert found["_HEX"] == {"b'[0-9a-f]{64}' re.NOFLAG"}
    assert "\n    409: Conflict\n" in found["_BY_STATUS"].pop()


def test_defaults_and_shapes_of_the_shared_rooms_are_those_of_the_list() -> None:
    told = [
        line
        for package in (runflow_client, runflow_api)
        for lines in (constants.defaults, constants.shapes)
        for line in lines(package, SPECIAL)
    ]
    assert "backoff(growth=2.0)" in told
    assert "ApiKey: frozen hidden value;" in told
    check_snapshot(SHARED, "\n".join(told) + "\n")
