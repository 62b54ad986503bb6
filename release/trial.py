"""Install a wheel into empty environments and use it.

`python -m release.trial` builds the wheel first.
"""

import os
import subprocess
import sys
import tempfile
import venv
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]

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


def wheel_of(folder: Path) -> Path:
    """Return the one wheel of the folder."""
    (wheel,) = folder.glob("*.whl")
    return wheel


def try_it(wheel: Path, folder: Path) -> None:
    """Install the wheel into empty environments and use it."""
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
    with tempfile.TemporaryDirectory() as place:
        run(sys.executable, "-m", "build", "--outdir", Path(place) / "out", ROOT)
        try_it(wheel_of(Path(place) / "out"), Path(place))
