"""The file of secrets that receivers read: no secret is made that could not be kept, what is no
secret is refused where it is given, and a rotation leaves the file to those who read it.
"""

import os
import resource
import signal
import sys
import threading
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from attrs import evolve
from runflow_client import NewCallbackSecret, RunflowError
from runflow_client.cli.shared.refusals import Refused
from runflow_client.cli.shared.secret_file import SecretFile
from runflow_mock import MockRunflow

from .conftest import Run
from .in_process import run_here

SECRET = "whsec_5ec4e7"


def secrets_of(mock: MockRunflow) -> int:
    return sum(request.method == "POST" for request in mock.requests)


@pytest.mark.parametrize("to", ["missing/secret", "folder", "folder/there", "link"])
def test_no_secret_is_made_that_cannot_be_written(
    runflow: Run, mock: MockRunflow, tmp_path: Path, to: str
) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder/there").write_text("x")
    (tmp_path / "link").symlink_to("nowhere/secret")
    done = runflow("secrets", "create", "--to", to)
    assert (done.code, secrets_of(mock)) == (2, 0), done.err


def test_no_file_is_left_where_no_secret_was_made(runflow: Run, tmp_path: Path) -> None:
    assert runflow("secrets", "create", "--to", "secret", RUNFLOW_API_KEY="rf_wrong").code != 0
    assert not (tmp_path / "secret").exists()


@pytest.mark.parametrize("room", [0, 5])
def test_a_secret_that_cannot_be_written_down_is_deleted_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, room: int
) -> None:
    """No file may grow beyond so many bytes, as on a disk that is full, or becomes so."""
    monkeypatch.chdir(tmp_path)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    with MockRunflow() as mock:
        client: dict[str, Any] = {
            "RUNFLOW_BASE_URL": mock.base_url,
            "RUNFLOW_API_KEY": mock.api_key,
        }
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, before[1]))
        try:
            done = run_here("secrets", "create", "--to", "secret", **client)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
        assert run_here("secrets", "list", **client).out == ""
        assert [request.method for request in mock.requests] == ["POST", "DELETE", "GET"]
    assert (done.code, done.err) == (2, "runflow: secret cannot be written: File too large\n")
    assert list(tmp_path.iterdir()) == []


BROKEN = [
    (f'"{SECRET}"\n', "quotes"),
    (f"'{SECRET}'\n", "quotes"),
    (f"\ufeff{SECRET}\n", "byte order mark"),
    (f"{SECRET}\nRUNFLOW_CALLBACK_SECRET={SECRET} x\n", "white space"),
    (f"{SECRET}\u200b\n", "cannot be seen"),
    (f"{SECRET}\0\n", "cannot be seen"),
    (f"{SECRET}\n".encode("utf-16"), "cannot be read"),
    (b"\xff\n", "cannot be read"),
]


COMMANDS = [
    ("secrets", "rotate", "--file", "secrets"),
    ("callbacks", "listen", "--port", "0", "--secret-file", "secrets"),
    ("callbacks", "verify", "body", "--signature", "0" * 64, "--secret-file", "secrets"),
]


@pytest.mark.parametrize(
    ("content", "fault", "command"),
    [(*broken, COMMANDS[number % 3]) for number, broken in enumerate(BROKEN)],
)
def test_a_file_with_something_else_than_secrets_is_refused(
    runflow: Run,
    mock: MockRunflow,
    tmp_path: Path,
    content: str | bytes,
    fault: str,
    command: tuple[str, ...],
) -> None:
    file = tmp_path / "secrets"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    (tmp_path / "body").write_text("{}")
    done = runflow(*command)
    assert (done.code, fault in done.err) == (2, True), done.err
    assert SECRET not in done.err + done.out
    assert mock.requests == []


@pytest.mark.parametrize(
    "value", [f"{SECRET}\n", f" {SECRET}", f'"{SECRET}"', f"\ufeff{SECRET}", f"{SECRET}\u00a0"]
)
def test_a_variable_with_something_else_than_a_secret_is_refused(runflow: Run, value: str) -> None:
    done = runflow("callbacks", "listen", "--port", "0", RUNFLOW_CALLBACK_SECRET=value)
    assert done.code == 2
    assert "RUNFLOW_CALLBACK_SECRET: a callback secret holds" in done.err
    assert SECRET not in done.err


def test_blank_lines_and_line_ends_of_another_system_are_no_part_of_a_secret(
    tmp_path: Path,
) -> None:
    file = tmp_path / "secrets"
    file.write_bytes(b"whsec_old\r\n\r\n  whsec_older  \r\n")
    SecretFile(str(file)).add(made("whsec_new"))
    assert file.read_text().split() == ["whsec_new", "whsec_old", "whsec_older"]


_numbers = count(1)


def made(plain: str) -> NewCallbackSecret:
    """A new secret, as the client gives it."""
    return NewCallbackSecret(
        id=UUID(int=next(_numbers)),
        label=None,
        key_prefix=plain[:9],
        is_current=False,
        created_at=None,
        last_used_at=None,
        disabled_at=None,
        plain_secret=plain,
    )


def test_those_who_read_the_file_can_read_the_new_one(tmp_path: Path) -> None:
    real = tmp_path / "mounted" / "secrets"
    real.parent.mkdir()
    real.write_text("whsec_old\n")
    real.chmod(0o640)
    link = tmp_path / "secrets"
    link.symlink_to(real)
    store = SecretFile(str(link))
    store.add(made("whsec_new"))
    assert link.is_symlink()
    assert real.read_text() == "whsec_new\nwhsec_old\n"
    assert real.stat().st_mode & 0o777 == 0o640
    assert [path.name for path in real.parent.iterdir()] == ["secrets"]


def add(store: SecretFile, letter: str) -> None:
    for number in range(50):
        store.add(made(f"whsec_{letter}{number}"))


def remove(store: SecretFile, letter: str) -> None:
    for number in range(50):
        store.remove(evolve(made("whsec_"), key_prefix=f"whsec_{letter}{number:02}"))


@pytest.mark.parametrize("other", [add, remove])
def test_rotations_at_once_keep_the_secrets_of_each_other(
    tmp_path: Path, other: Callable[[SecretFile, str], None]
) -> None:
    file, gate = tmp_path / "secrets", threading.Barrier(2)
    before = {f"whsec_b{number:02}" for number in range(50)}
    file.write_text("whsec_old\n" + ("" if other is add else "\n".join(before)))

    def rotate(change: Callable[[SecretFile, str], None], letter: str) -> None:
        store = SecretFile(str(file))
        gate.wait()
        change(store, letter)

    # one process writes one temporary file: two stand for two processes, which a lock tells apart
    threads = [threading.Thread(target=rotate, args=one) for one in ((add, "a"), (other, "b"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    letters = "ab" if other is add else "a"
    wanted = {f"whsec_{letter}{number}" for letter in letters for number in range(50)}
    assert set(file.read_text().split()) == {"whsec_old", *wanted}


def test_a_secret_that_begins_as_the_old_one_is_kept_where_it_was_just_added(
    tmp_path: Path,
) -> None:
    file = tmp_path / "secrets"
    file.write_text("whsec_123old\n")
    first, second = SecretFile(str(file)), SecretFile(str(file))
    first.add(made("whsec_123a"))
    second.add(made("whsec_zzz"))
    first.remove(made("whsec_123old"))
    assert file.read_text().split() == ["whsec_zzz", "whsec_123a"]


@pytest.mark.parametrize(
    ("prefix", "others", "left"),
    [
        ("whsec_o", ["whsec_old", "whsec_theirs"], ["whsec_theirs"]),
        ("whsec_o...", ["whsec_old", "whsec_theirs"], ["whsec_theirs"]),
        ("whsec_o****", ["whsec_old", "whsec_theirs"], ["whsec_theirs"]),
        ("whsec_o\N{HORIZONTAL ELLIPSIS}", ["whsec_old", "whsec_old"], []),
        ("whsec_gone", ["whsec_theirs"], ["whsec_theirs"]),
        ("", [], []),
        (None, [], []),
        ("", ["whsec_old"], None),
        (None, ["whsec_old"], None),
        ("whsec_", ["whsec_old", "whsec_theirs"], None),
        ("****", ["whsec_old", "whsec_theirs"], None),
    ],
)
def test_no_secret_but_the_old_one_is_taken_out(
    tmp_path: Path, prefix: str | None, others: list[str], left: list[str] | None
) -> None:
    """What may be the secret that another rotation has just deployed is kept, and said."""
    file = tmp_path / "secrets"
    file.write_text("".join(f"{other}\n" for other in others))
    store = SecretFile(str(file))
    store.add(made("whsec_new"))
    old = evolve(made("whsec_old"), key_prefix=prefix)
    if left is None:
        with pytest.raises(RunflowError) as raised:
            store.remove(old)
        assert str(raised.value) == (
            f"{file} keeps {len(others)} secrets of which one may be the old one, {old.id}, whose "
            f"prefix is {(prefix or '').strip('*')!r}: take it out"
        )
    else:
        store.remove(old)
    assert file.read_text().split() == ["whsec_new", *(others if left is None else left)]


def test_a_first_line_that_begins_as_the_old_one_is_kept(tmp_path: Path) -> None:
    """It is the current secret, of another rotation."""
    file = tmp_path / "secrets"
    file.write_text("whsec_old\n")
    mine, theirs = SecretFile(str(file)), SecretFile(str(file))
    mine.add(made("whsec_mine"))
    theirs.add(made("whsec_o"))
    mine.remove(evolve(made("whsec_old"), key_prefix="whsec_o"))
    assert file.read_text().split() == ["whsec_o", "whsec_mine"]


def test_a_file_that_a_rotation_makes_is_for_its_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "secrets"
    store = SecretFile(str(file))
    assert not file.exists()
    store.add(made("whsec_new"))
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_system_without_such_locks_keeps_secrets_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "fcntl", None)
    file = tmp_path / "secrets"
    file.write_text("whsec_old\n")
    store = SecretFile(str(file))
    store.add(made("whsec_new"))
    store.remove(made("whsec_old"))
    assert file.read_text() == "whsec_new\n"


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="only Linux has a folder that takes no file")
def test_a_folder_that_takes_no_file_is_refused_first() -> None:
    with pytest.raises(Refused, match="cannot be written: No such file or directory"):
        SecretFile("/proc/secrets")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_to_is_refused_first(tmp_path: Path) -> None:
    folder = tmp_path / "sealed"
    folder.mkdir()
    (folder / "secrets").write_text(f"{SECRET}\n")
    folder.chmod(0o500)
    with pytest.raises(Refused, match="cannot be written"):
        SecretFile(str(folder / "secrets"))


def test_a_rotation_leaves_the_new_secret_alone_in_the_file(tmp_path: Path) -> None:
    file, kept = tmp_path / "secrets", tmp_path / "kept"
    kept.touch(mode=0o640)
    file.symlink_to("kept")
    with MockRunflow() as mock:
        client: dict[str, Any] = {
            "RUNFLOW_BASE_URL": mock.base_url,
            "RUNFLOW_API_KEY": mock.api_key,
        }
        old = run_here("secrets", "create", "--label", "old", "--json", **client).document["secret"]
        kept.write_text(f"{old['plain_secret']}\n")
        done = run_here(
            *("secrets", "rotate", "--file", str(file), "--label", "new"),
            *("--quiet-for", "0.1", "--json"),
            **client,
        )
        listed = run_here("secrets", "list", "--json", **client).document["secrets"]
        (new,) = kept.read_text().splitlines()
        again = run_here(
            *("secrets", "rotate", "--file", str(file), "--quiet-for", "0.1"), **client
        )
        (last,) = run_here("secrets", "list", "--json", **client).document["secrets"]
    assert (again.code, again.out) == (0, f"{last['id']} signs now\n")
    assert again.err == (
        "Rotating; this takes some minutes, and Ctrl-C leaves both secrets valid.\n"
    )
    assert done.code == 0, done.out
    secret = done.document["secret"]
    assert done.document == {"secret": secret, "file": str(file)}
    assert (secret["label"], secret["is_current"], secret["disabled_at"]) == ("new", True, None)
    assert [one["id"] for one in listed] == [secret["id"]]
    assert (new.startswith("whsec_"), new in done.out + done.err) == (True, False)
    assert new != old["plain_secret"]
    assert (file.is_symlink(), kept.stat().st_mode & 0o777) == (True, 0o640)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["kept", "secrets"]


def test_ctrl_c_while_a_rotation_waits_leaves_both_secrets_valid(tmp_path: Path) -> None:
    file = tmp_path / "secrets"
    with MockRunflow() as mock:
        client: dict[str, Any] = {
            "RUNFLOW_BASE_URL": mock.base_url,
            "RUNFLOW_API_KEY": mock.api_key,
        }
        old = run_here("secrets", "create", "--json", **client).document["secret"]
        file.write_text(f"{old['plain_secret']}\n")
        over = threading.Event()

        def press() -> None:
            while not over.wait(0.01):
                if any(request.method == "PATCH" for request in mock.requests):
                    os.kill(os.getpid(), signal.SIGINT)
                    return

        pressing = threading.Thread(target=press)
        pressing.start()
        try:
            done = run_here("secrets", "rotate", "--file", str(file), **client)
        finally:
            over.set()
            pressing.join()
        listed = run_here("secrets", "list", "--json", **client).document["secrets"]
    assert (done.code, done.out) == (130, ""), done.err
    new, kept = file.read_text().split()
    assert (new.startswith("whsec_"), kept) == (True, old["plain_secret"])
    assert {one["id"]: one["is_current"] for one in listed}[old["id"]] is False
    assert [one["is_current"] for one in listed].count(True) == len(listed) - 1 == 1
    assert new not in done.err
