"""A program that changes files and kills itself at a chosen moment.

`python -m regenerate.tests.dying FOLDER STEP HOW`.

STEP counts the moments at which a change may die. One that is beyond the last lives on and prints
their names.
"""

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from ..project.transaction import FOLDER, ignore, transaction


def main() -> None:
    """Make the change of the kind HOW in the folder, and die at the step."""
    folder, last, how = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    progress: list[str] = []

    def step(name: str) -> None:
        progress.append(name)
        if len(progress) > last:
            os.kill(os.getpid(), signal.SIGKILL)

    if how == "fetch":
        from ..fetch.fetcher import fetch

        source = str(folder.parent / "published.json")
        fetch(
            source, document=folder / "openapi.json", lock=folder / "openapi.lock.json", step=step
        )
    else:
        change_all(folder, step=step)
    print("\n".join(progress))


def change_all(folder: Path, new: str = "new", step: Callable[[str], None] = ignore) -> None:
    """Change a document, a folder, a changelog and a lock together, as a regenerate does."""
    with transaction(folder / FOLDER, step) as change:
        tree = change.staging / "made" / "client"
        (tree / "models").mkdir(parents=True)
        for name in ("__init__.py", "models/run.py", f"models/{new}.py"):
            (tree / name).write_text(new)
        change.write(folder / "openapi.json", new.encode())
        change.put(folder / "client", tree)
        change.write(folder / "CHANGES.md", new.encode())
        change.write(folder / "openapi.lock.json", new.encode())
        change.commit()


if __name__ == "__main__":
    main()
