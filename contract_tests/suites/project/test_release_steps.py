"""Each step of a release: what it runs, where and with what, what it keeps, and what ends it.

The programs that it runs are those of the test, which write down what they are given.
"""

import io
import os
import re
import runpy
import shutil
import subprocess
import sys
import tempfile
import venv
from collections.abc import Iterator, Mapping
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from types import ModuleType
from typing import Any, Final

import pytest

from ..snapshot import check_snapshot

ROOT: Final = Path(__file__).parents[3]
LIST: Final = Path(__file__).with_name("release_steps.txt")
COMMITTED: Final = "2020-01-02T03:04:05+0000"
PROGRAM: Final = """#!/bin/sh
say() { printf '%s\\n' "$*" >> "$FAKE_LOG"; }
say "$0 $*"
say "    in $PWD, epoch $SOURCE_DATE_EPOCH, repository $RUNFLOW_REPOSITORY"
[ -n "$FAKE_FAILS" ] && case " ${0##*/} $* " in *" $FAKE_FAILS "*) exit 3;; esac
if [ "$1" = --help ]; then printf '%s\\n' "$FAKE_HELP" >&2; exit 1; fi
[ "$2" = build ] || exit 0
mkdir -p "$4"
for file in "$5"/*.txt; do
    changed=$(stat -c %Y "$file")
    [ "$changed" = "$SOURCE_DATE_EPOCH" ] && changed=committed || changed=now
    say "    of ${file##*/}: $(stat -c %a "$file"), $changed, $(cat "$file")"
done
[ -n "$FAKE_DIFFERS" ] && echo "$5" > "$4/small-1.tar.gz" || cat "$5"/*.txt > "$4/small-1.tar.gz"
cat "$5"/*.txt > "$4/small-1-py3-none-any.whl"
[ -n "$FAKE_MORE" ] && cat "$5"/*.txt > "$4/more-1-py3-none-any.whl"
exit 0
"""
HELP: Final = 'the command needs more: pip install "runflow-client[cli]"'
CASES: Final[dict[str, dict[str, str]]] = {
    "all is well": {"RUNFLOW_REPOSITORY": "https://github.test/a"},
    "two builds that differ": {"FAKE_DIFFERS": "1"},
    "two wheels": {"FAKE_MORE": "1"},
    "a command that hides what it needs": {"FAKE_HELP": "no such command"},
    **{
        f"{word} fails": {"FAKE_FAILS": word}
        for word in ("build", "twine", "check-wheel-contents", "pyroma", "pip", "--version", "-c")
    },
}


def program(path: Path) -> None:
    """Make a program."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(PROGRAM)
    path.chmod(0o755)


def git(folder: Path, *words: str) -> None:
    """Run git with nothing of the user's own settings."""
    settings = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    dates = {"GIT_AUTHOR_DATE": COMMITTED, "GIT_COMMITTER_DATE": COMMITTED}
    command = ["git", "-c", "user.name=a", "-c", "user.email=a@a.test", *words]
    subprocess.run(command, cwd=folder, env={**os.environ, **settings, **dates}, check=True)


@pytest.fixture(name="small")
def fixture_small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a small project that was committed, with the steps of a release in it."""
    root = tmp_path / "small"
    shutil.copytree(ROOT / "release", root / "steps", ignore=shutil.ignore_patterns("__pycache__"))
    (root / "kept.txt").write_text("committed")
    git(root, "init", "--quiet")
    git(root, "add", ".")
    git(root, "commit", "--quiet", "--message", "Small")
    for name, text in (("kept.txt", "edited"), ("new.txt", "not committed")):
        (root / name).write_text(text)
        (root / name).chmod(0o644)  # whatever the umask is
    for name in ("python", "twine", "check-wheel-contents", "pyroma"):
        program(tmp_path / "bin" / name)
    for name in ("temporary", "elsewhere"):
        (tmp_path / name).mkdir()

    def create(folder: Path, **options: object) -> None:
        with (tmp_path / "log").open("a") as log:
            log.write(f"venv {folder} {options}\n")
        for name in ("python", "runflow"):
            program(folder / "bin" / name)

    monkeypatch.setattr(venv, "create", create)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "bin" / "python"))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    monkeypatch.syspath_prepend(root)
    monkeypatch.chdir(tmp_path / "elsewhere")
    monkeypatch.setenv("FAKE_LOG", str(tmp_path / "log"))
    for name in ("SOURCE_DATE_EPOCH", "RUNFLOW_REPOSITORY"):
        monkeypatch.delenv(name, raising=False)
    return root


def begin(small: Path, step: str) -> None:
    """Do a step as Python does it that is given its name."""
    if step == "dist":
        runpy.run_module("steps.dist", run_name="__main__")
    else:
        runpy.run_path(str(small / "steps" / f"{step}.py"), run_name="__main__")
    sys.exit("done")


def ran(small: Path, step: str, variables: Mapping[str, str]) -> Iterator[str]:
    """Yield how a step ends, what it says, what it runs, and what is in `dist` then."""
    folder, log = small.parent, small.parent / "log"
    log.write_text("")
    shutil.rmtree(small / "dist", ignore_errors=True)
    (small / "dist").mkdir()
    (small / "dist" / "old.whl").write_text("old")
    out, err = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        for name, value in {"FAKE_HELP": HELP, **variables}.items():
            patch.setenv(name, value)
        with pytest.raises((SystemExit, subprocess.CalledProcessError, ValueError)) as ended:
            begin(small, step)
    for name in [one for one in sys.modules if one.partition(".")[0] == "steps"]:
        del sys.modules[name]
    error, how = ended.value, ""
    if isinstance(error, subprocess.CalledProcessError):
        how = f" of {Path(error.cmd[0]).name}: {error.returncode}"
    elif isinstance(error, SystemExit):
        how = f": {error}"
    yield f"    {type(error).__name__}{how}"
    yield from (f"    says {line}" for line in out.getvalue().splitlines())
    yield from (f"    tells {line}" for line in err.getvalue().splitlines())
    said = re.sub(r"/tmp\w{8}\b", "/TMP", log.read_text().replace(str(folder), ""))
    yield from (f"    | {line}" for line in said.splitlines())
    for path in sorted((small / "dist").iterdir()):
        yield f"    {path.name} holds {path.read_text()}"
    assert [*(folder / "temporary").iterdir()] == []


def urls(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Yield the addresses that the package shows for each name of its repository."""
    parts = ("hatchling", "metadata", "plugin", "interface")
    for number in range(len(parts)):
        module = ModuleType(".".join(parts[: number + 1]))
        vars(module)["MetadataHookInterface"] = object
        monkeypatch.setitem(sys.modules, module.__name__, module)
    hook: Any = runpy.run_path(str(ROOT / "hatch_build.py"))["ProjectURLs"]()
    for given in (None, "", "/", "https://github.test/a", "https://github.test/a//"):
        if given is None:
            monkeypatch.delenv("RUNFLOW_REPOSITORY", raising=False)
        else:
            monkeypatch.setenv("RUNFLOW_REPOSITORY", given)
        metadata: dict[str, Any] = {"name": "a"}
        hook.update(metadata)
        yield f"{given!r}"
        yield from (f"    {name}: {value}" for name, value in metadata["urls"].items())
        assert metadata["name"] == "a"
        for value in metadata["urls"].values():
            path = re.search(r"/(?:tree|blob)/main/(.+)", value)
            assert path is None or (ROOT / path[1]).exists(), value


NOTES: Final = {
    "the entry of the tag": ("## 1.2.0\n\nNew.\n\n## 1.1.0\n\nOld.\n", "v1.2.0"),
    "one with a date": ("# Changes\n\n## 1.2.0 (2027-01-02)\n\nNew.\n", "v1.2.0"),
    "one with a longer number": ("## 1.2.01\n\nOther.\n## 1x2.0\n\nOther.\n", "v1.2.0"),
    "the last of several": ("## 2.0.0\n\nNew.\n\n## 1.2.0\n\n### a\n\n- b\n", "v1.2.0"),
    "an entry of a draft": ("# Changes\n\n## Next: 1.2.0\n\nNew.\n", "v1.2.0"),
    "an empty entry": ("## 1.2.0\n\n## 1.1.0\n\nOld.\n", "v1.2.0"),
    "no entry at all": ("# Changes\n", "v1.2.0"),
    "a tag of another version": ("## 1.2.0\n\nNew.\n", "v1.2.1"),
    "a tag without its letter": ("## 1.2.0\n\nNew.\n", "1.2.0"),
    "no tag": ("## 1.2.0\n\nNew.\n", ""),
}


def notes(small: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Yield what is printed of each changelog, or why the release is refused."""
    import runflow_client

    monkeypatch.setattr(runflow_client, "__version__", "1.2.0")
    for name, (changes, tag) in NOTES.items():
        (small / "CHANGES.md").write_text(changes, encoding="utf-8")
        monkeypatch.setattr(sys, "argv", ["notes", *filter(None, [tag])])
        yield name
        yield from (line for line in ran(small, "notes", {}) if "old.whl" not in line)


@pytest.mark.skipif(sys.platform != "linux", reason="stat tells the time as that of Linux does")
def test_each_step_of_a_release_is_that_of_the_list(
    small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines: list[str] = []
    for name, variables in CASES.items():
        lines += [f"* dist, {name}", *ran(small, "dist", variables)]
    for name in ("all is well", "two wheels", "pip fails"):
        lines += [f"* trial, {name}", *ran(small, "trial", CASES[name])]
    lines += ["* notes", *notes(small, monkeypatch), "* addresses", *urls(monkeypatch)]
    check_snapshot(LIST, "\n".join(lines) + "\n")
