"""The workflows.

Only make targets, pinned actions, no more rights than they need; and the pull request that one
opens.
"""

import os
import re
import stat
import subprocess
import tomllib
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

ROOT: Final = Path(__file__).parents[3]
FILES: Final = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
TARGETS: Final = set(
    re.findall(
        r"^([a-z0-9-]+):.*## ", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE
    )
)


def workflow(path: Path) -> dict[str, Any]:
    """Return a workflow. YAML 1.1 reads its key `on` as true."""
    found: dict[Any, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return {"on" if key is True else str(key): value for key, value in found.items()}


def steps(path: Path) -> list[dict[str, Any]]:
    """Return every step of every job."""
    return [step for job in workflow(path)["jobs"].values() for step in job["steps"]]


WRITES: Final = {
    "regenerate.yml": {"contents", "pull-requests"},
    "publish.yml": {"contents", "id-token"},
}
"""What a workflow may write; the others may read only."""
TOKENS: Final = ("make pull-request", "gh release create ")
"""The commands that are given a token."""
COMMANDS: Final = (
    r"make ([a-z0-9-]+)",
    r"\.venv/bin/python -m release\.notes \S+ > notes\.md",
    r"python -m pip install build\npython -m release\.trial\n",
    r"apt-get update -q && apt-get install -qy git make python3 python3-venv",
    r"gh release create \S+ dist/\* --notes-file notes\.md --repo \S+",
)
"""What a step may run."""


def test_there_are_four() -> None:
    assert [path.name for path in FILES] == ["ci.yml", "night.yml", "publish.yml", "regenerate.yml"]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_step_is_a_make_target_or_a_pinned_action(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    found = steps(path)
    assert found
    for step in found:
        assert ("run" in step) != ("uses" in step)
        if "run" in step:
            fitting = [match for one in COMMANDS if (match := re.fullmatch(one, step["run"]))]
            assert fitting, step["run"]
            assert TARGETS.issuperset(fitting[0].groups())
        else:
            action = step["uses"]
            assert re.fullmatch(r"(actions|pypa)/[a-z-]+@[0-9a-f]{40}", action)
            assert re.search(rf"{action} # v\d+\.\d+\.\d+$", text, re.MULTILINE), (
                "say which version the hash is"
            )


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_nothing_has_a_right_or_a_token_that_it_does_not_need(path: Path) -> None:
    found = workflow(path)
    rights = {**found["permissions"]}
    for job in found["jobs"].values():
        rights |= job.get("permissions", {})
        assert "timeout-minutes" in job
    writes = {name for name, right in rights.items() if right == "write"}
    assert writes == WRITES.get(path.name, set())
    for step in steps(path):
        if step.get("uses", "").startswith("actions/checkout"):
            assert step["with"]["persist-credentials"] is False
        with_token = "token" in str(step.get("env", {}))
        assert with_token is step.get("run", "").startswith(TOKENS)


def test_every_python_that_the_client_names_is_tested() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    named = [
        found[1]
        for text in project["classifiers"]
        if (found := re.fullmatch(r".* :: (3\.\d+)", text))
    ]
    jobs = workflow(ROOT / ".github" / "workflows" / "ci.yml")["jobs"]
    for name in ("test", "wheel"):
        assert jobs[name]["strategy"]["matrix"]["python"] == named


GH: Final = """#!/bin/sh
echo "$@" >> "$GH_LOG"
if [ "$1 $2" = "pr view" ]; then [ -n "$GH_OPEN" ] && echo OPEN || exit 1; fi
"""


def git(folder: Path, *arguments: str) -> str:
    """Run git in a folder, with nothing of the user's own settings."""
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    command = [
        "git",
        "-c",
        "user.name=somebody",
        "-c",
        "user.email=somebody@example.com",
        *arguments,
    ]
    return subprocess.run(
        command, cwd=folder, env=environment, check=True, capture_output=True, text=True
    ).stdout


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """Return a clone of a repository that holds the places of a client and the script."""
    git(tmp_path, "init", "--quiet", "--bare", "--initial-branch=main", "origin.git")
    git(tmp_path, "clone", "--quiet", "origin.git", "clone")
    folder = tmp_path / "clone"
    for name in (
        "generated/client.py",
        "openapi.public.json",
        "openapi.lock.json",
        "CHANGES.md",
        "other.txt",
    ):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text("old\n")
    script = folder / ".ci" / "pull-request"
    script.parent.mkdir()
    script.write_bytes((ROOT / ".ci" / "pull-request").read_bytes())
    script.chmod(0o755)
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "--message", "Old")
    git(folder, "push", "--quiet", "origin", "HEAD:main")
    return folder


def propose(clone: Path, **environment: str) -> list[str]:
    """Run the script with a `gh` that keeps what it is asked, and give that."""
    gh = clone.parent / "bin" / "gh"
    gh.parent.mkdir(exist_ok=True)
    gh.write_text(GH)
    gh.chmod(gh.stat().st_mode | stat.S_IXUSR)
    log = clone.parent / "gh.log"
    log.write_text("")
    path = os.pathsep.join((str(gh.parent), os.environ["PATH"]))
    own = {
        "PATH": path,
        "GH_LOG": str(log),
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_SYSTEM": os.devnull,
    }
    command = [str(clone / ".ci" / "pull-request")]
    subprocess.run(
        command, env={**os.environ, **own, **environment}, check=True, capture_output=True
    )
    return log.read_text().splitlines()


def test_a_pull_request_is_opened_only_when_something_of_the_client_changed(clone: Path) -> None:
    (clone / "other.txt").write_text("new\n")
    (clone / "reports").mkdir()
    (clone / "reports" / "regenerate.md").write_text("# Report\n")
    assert propose(clone) == []
    assert git(clone, "branch", "--show-current") == "main\n"


def test_a_pull_request_holds_what_changed_and_is_renewed_the_next_time(clone: Path) -> None:
    (clone / "openapi.public.json").write_text("new\n")
    (clone / "generated" / "added.py").write_text("new\n")
    (clone / "other.txt").write_text("new\n")
    document = git(clone, "hash-object", "openapi.public.json")[:12]
    asked = propose(clone)
    title = f"Regenerate the client from document {document}"
    assert asked[0] == "auth setup-git"
    assert (
        asked[-1] == f"pr create --head regenerate/{document} --title {title} --body-file "
        "reports/regenerate.md"
    )
    changed = git(
        clone.parent / "origin.git", "diff", "--name-only", "main", f"regenerate/{document}"
    ).splitlines()
    assert changed == ["generated/added.py", "openapi.public.json"]
    # The same document a week later, from the main branch as it was: the same branch, the same pull
    # request.
    git(clone, "switch", "--quiet", "--force", "main")
    (clone / "openapi.public.json").write_text("new\n")
    assert propose(clone, GH_OPEN="1")[-1].startswith(f"pr edit regenerate/{document} --title ")
