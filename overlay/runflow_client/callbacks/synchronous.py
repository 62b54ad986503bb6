"""Functions of the caller's that nobody awaits: a coroutine that they give would never begin."""

from inspect import isawaitable, iscoroutine


def check_result(result: object, name: str, remedy: str) -> None:
    """Raises TypeError, saying what to do, where the result is yet to be awaited."""
    if isawaitable(result):
        if iscoroutine(result):
            result.close()
        raise TypeError(f"{name} gave an awaitable, which nobody awaits: {remedy}")
