"""What is shipped beside the code: in this package when installed, else in the source tree."""

from pathlib import Path
from typing import Final

PACKAGE: Final = Path(__file__).resolve().parents[1]


def find_packaged(name: str, package: Path = PACKAGE) -> Path:
    """Return the file or folder of that name: in the package, else at the top of the source tree.

    Raise FileNotFoundError with both paths if it is in neither.
    """
    packaged, repository = package / name, package.parents[1] / name
    for candidate in (packaged, repository):
        if candidate.exists():
            return candidate
    raise FileNotFoundError(f"no {name}: it is neither {packaged} nor {repository}")
