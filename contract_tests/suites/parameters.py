"""A test leaves the parameters that it is given as they were.

Parameters are made once a process. The mutation run tests everything several times in one process,
so that a test which changes them fails there on the second time.
"""

from collections.abc import Generator

import pytest


def _state(value: object) -> object:
    """Return what a test could change of a parameter: the notes of an error, or what is in it."""
    if isinstance(value, BaseException):
        return (*value.args, *getattr(value, "__notes__", ()))
    return repr(value) if isinstance(value, bytearray | dict | list | set) else None


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Generator[None, object, object]:
    """Fail a test that changed a parameter."""
    call = getattr(pyfuncitem, "callspec", None)
    given: dict[str, object] = {} if call is None else call.params
    before = {name: _state(value) for name, value in given.items()}
    result = yield
    changed = [name for name, value in given.items() if _state(value) != before[name]]
    if changed:
        pytest.fail(f"the test changed its parameter {changed[0]}: let it take a copy")
    return result
