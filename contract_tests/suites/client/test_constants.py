"""No number, set, table or pattern of the client changes unseen, and no default of its classes."""

from collections import Counter

from . import constants


def test_they_are_those_of_the_list() -> None:
    told = Counter("\n".join(constants.lines()).splitlines())
    listed = Counter(constants.LIST.read_text("utf-8").splitlines())
    assert (dict(listed - told), dict(told - listed)) == ({}, {}), (
        "if the change is meant: python -m contract_tests.suites.client.constants"
    )


def test_the_list_has_each_kind_of_them() -> None:
    found = constants.constants()
    assert found["RetryPolicy.attempts"] == {"5"}
    assert found["UploadCache.LIFETIME"] == {"3600.0"}
    assert found["_MAY_HAVE_ACTED"] == {"[408, 409, 425]"}
    assert found["_HEX"] == {"b'[0-9a-f]{64}' re.NOFLAG"}
    assert "\n    409: Conflict\n" in found["_BY_STATUS"].pop()
