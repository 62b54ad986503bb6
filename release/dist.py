"""`make dist`: build the wheel and the sdist twice, compare the bytes, check them and try them.

The commit is built, not the working tree: from two copies with other paths, times and modes.
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from .trial import run, try_it, wheel_of

ROOT: Final = Path(__file__).parents[1]
DIST: Final = ROOT / "dist"
BIN: Final = Path(sys.executable).parent


def main() -> int:
    """Return 0 when the two builds are equal and everything that was tried worked."""
    with tempfile.TemporaryDirectory() as folder:
        first = build(Path(folder) / "first", 0o022)
        second = build(Path(folder) / "second" / "deeper", 0o077)
        if first != second:
            print(f"the two builds differ: {sorted(first)}", file=sys.stderr)
            return 1
        shutil.rmtree(DIST, ignore_errors=True)
        DIST.mkdir()
        for name, contents in first.items():
            (DIST / name).write_bytes(contents)
        check()
        try_it(wheel_of(DIST), Path(folder))
    print("built twice with the same bytes, checked and tried:", *sorted(first))
    return 0


def build(copy: Path, umask: int) -> dict[str, bytes]:
    """Return the built files of a copy of the commit, by name."""
    copy.mkdir(parents=True)
    archive = subprocess.run(
        ["git", "archive", "HEAD"], cwd=ROOT, check=True, capture_output=True
    ).stdout
    # root, too, gets the modes that the umask leaves, and not those of the archive
    unpack = ["tar", "x", "--touch", "--no-same-permissions"]
    subprocess.run(unpack, cwd=copy, input=archive, check=True, umask=umask)
    run(BIN / "python", "-m", "build", "--outdir", copy / "out", copy, epoch=commit_time())
    return {path.name: path.read_bytes() for path in (copy / "out").iterdir()}


def commit_time() -> str:
    """Return the time of the commit: every file of the archives carries it."""
    return subprocess.run(
        ["git", "log", "-1", "--format=%ct"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout.strip()


def check() -> None:
    """Let the tools of the field read the files."""
    wheel = wheel_of(DIST)
    (sdist,) = DIST.glob("*.tar.gz")
    run(BIN / "twine", "check", "--strict", wheel, sdist)
    # W002: two __init__.py with the same contents; W009: the wheel has four packages on purpose.
    run(BIN / "check-wheel-contents", "--ignore", "W002,W009", wheel)
    run(BIN / "pyroma", "--min=8", sdist)  # what it misses is an e-mail address of the authors


if __name__ == "__main__":
    sys.exit(main())
