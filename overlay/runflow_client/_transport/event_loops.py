"""The event loop that is running: asyncio's, or trio's."""

from .._errors import RunflowError


def running_loop() -> tuple[object, bool]:
    """Return the running event loop, and whether it is asyncio's.

    Raises RunflowError where none runs.
    """
    import asyncio

    try:
        return asyncio.get_running_loop(), True
    except RuntimeError:
        from anyio.lowlevel import current_token  # anyio knows trio's

        try:
            return current_token(), False
        except RuntimeError as error:
            raise RunflowError(
                "no event loop runs here: a process that was forked inside of one begins its own "
                "with asyncio.run(), and makes an AsyncRunflow in it"
            ) from error
