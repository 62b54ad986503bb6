"""Open a page in the browser of this machine."""

import subprocess
import sys
from shutil import which
from typing import Final

_PATIENCE: Final = 2.0
"""Seconds in which a program that opens pages says that it cannot. Some run as the browser does."""


def open_page(url: str, *, patience: float = _PATIENCE) -> bool:
    """Open the page; False where this machine says that it has no browser for it.

    What a browser prints is thrown away: it would stand between the results.
    """
    opener = which("open" if sys.platform == "darwin" else "xdg-open")
    if opener is None:
        import webbrowser

        return webbrowser.open(url)
    process = subprocess.Popen(
        [opener, url],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # Ctrl-C is for the command alone
    )
    try:
        return process.wait(patience) == 0
    except subprocess.TimeoutExpired:
        process.returncode = 0  # nobody waits for it, and Python would warn of that
        return True
