"""`make dist`: build the wheel and the sdist twice, compare the bytes, check them and try them.

The commit is built, not the working tree: from two copies with other paths, times and modes.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import venv
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]
DIST: Final = ROOT / "dist"
BIN: Final = Path(sys.executable).parent

TRIAL: Final = """
import importlib.metadata, os, runflow_client
assert runflow_client.__version__ == importlib.metadata.version("runflow-client")
from runflow_client import Runflow
from runflow_client.inputs import GoogleNanoBananaPro
from runflow_mock import AcceleratedClock, MockRunflow
with MockRunflow(clock=AcceleratedClock(60)) as mock:
    with Runflow(mock.api_key, base_url=mock.base_url) as client:
        run = client.run(GoogleNanoBananaPro(prompt="A cathedral"), max_cost="0.15")
        print(run.status, run.cost, run.outputs[0].save("cathedral.png", overwrite=True))
"""


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
        check(Path(folder))
        try_it(Path(folder))
    print("built twice with the same bytes, checked and tried:", *sorted(first))
    return 0


def build(copy: Path, umask: int) -> dict[str, bytes]:
    """Return the built files of a copy of the commit, by name."""
    copy.mkdir(parents=True)
    archive = subprocess.run(
        ["git", "archive", "HEAD"], cwd=ROOT, check=True, capture_output=True
    ).stdout
    subprocess.run(["tar", "x", "--touch"], cwd=copy, input=archive, check=True, umask=umask)
    run(BIN / "python", "-m", "build", "--outdir", copy / "out", copy, epoch=commit_time())
    return {path.name: path.read_bytes() for path in (copy / "out").iterdir()}


def commit_time() -> str:
    """Return the time of the commit: every file of the archives carries it."""
    return subprocess.run(
        ["git", "log", "-1", "--format=%ct"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout.strip()


def check(folder: Path) -> None:
    """Let the tools of the field read the files."""
    (wheel,) = DIST.glob("*.whl")
    (sdist,) = DIST.glob("*.tar.gz")
    run(BIN / "twine", "check", "--strict", wheel, sdist)
    # W002: two __init__.py with the same contents; W009: the wheel has four packages on purpose.
    run(BIN / "check-wheel-contents", "--ignore", "W002,W009", wheel)
    run(BIN / "pyroma", "--min=8", sdist)  # what it misses is an e-mail address of the authors


def try_it(folder: Path) -> None:
    """Install the wheel into empty environments and use it."""
    (wheel,) = DIST.glob("*.whl")
    python = environment(folder / "bare", str(wheel))
    told = subprocess.run(
        [python.parent / "runflow", "--help"], capture_output=True, text=True, check=False
    )
    if 'pip install "runflow-client[cli]"' not in told.stderr:
        raise SystemExit(f"runflow without its extra says: {told.stderr}")
    python = environment(folder / "whole", f"{wheel}[cli,mock]")
    run(python.parent / "runflow", "--version")
    run(python, "-c", TRIAL, cwd=folder)


def environment(folder: Path, requirement: str) -> Path:
    """Return the interpreter of a new environment in which the requirement is installed."""
    venv.create(folder, with_pip=True)
    python = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    run(python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", requirement)
    return python


def run(*command: Path | str, epoch: str | None = None, cwd: Path = ROOT) -> None:
    """Run a command that must end well."""
    environment = {**os.environ, **({} if epoch is None else {"SOURCE_DATE_EPOCH": epoch})}
    subprocess.run([str(part) for part in command], check=True, env=environment, cwd=cwd)


if __name__ == "__main__":
    sys.exit(main())
