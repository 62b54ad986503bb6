"""A test leaves an error that it is given as a parameter as it was.

Parameters are made once a process. The mutation run tests everything several times in one process,
so that a test whose error still has the notes of the time before fails there.
"""

from collections.abc import Generator

import pytest


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Generator[None, object, object]:
    """Fail a test after which a parameter has notes that it had not."""
    call = getattr(pyfuncitem, "callspec", None)
    errors: list[BaseException] = [
        value
        for value in ({} if call is None else call.params).values()
        if isinstance(value, BaseException)
    ]
    before = [[*getattr(error, "__notes__", ())] for error in errors]
    result = yield
    if [[*getattr(error, "__notes__", ())] for error in errors] != before:
        pytest.fail("an error that is a parameter was given notes: make one in the test")
    return result
