"""No number, set, table or pattern of the client changes unseen, and no default of its classes."""

from pathlib import Path

from ..snapshot import check_snapshot
from . import constants

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
