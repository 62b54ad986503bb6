"""Saving beside what is on the disk already: links, devices, modes, and names by the content."""

import os
import socket
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, strategies as st
from runflow_client._files.names import different_names, has_suffix, safe_name, shorten
from runflow_client._models.artifact import read_artifacts
from runflow_mock import MockRunflow

from .conftest import INPUT, MODEL, output_at
from .storage import PNG, Storage

WEBP = b"RIFF\0\0\0\0WEBPVP8 " + bytes(600)
HEIC = b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic" + bytes(600)


def outputs_at(client: Any, mock: MockRunflow, *entries: dict[str, Any]) -> Any:
    """A run with these outputs."""
    mock.fail_next(
        "get_run", fault="unknown_enum", field="output.outputs", value=[*entries], count=None
    )
    return client.run(MODEL, INPUT)


@contextmanager
def umask(mask: int) -> Iterator[None]:
    before = os.umask(mask)
    try:
        yield
    finally:
        os.umask(before)


def test_a_link_is_followed_and_stays(
    client: Any, mock: MockRunflow, storage: Storage, tmp_path: Path
) -> None:
    (artifact,) = output_at(client, mock, storage.url).outputs
    other = tmp_path / "other"
    other.mkdir()
    real, link = other / "real.png", tmp_path / "picture.png"
    real.write_bytes(b"old")
    link.symlink_to(real)
    for path in (link, tmp_path):
        with pytest.raises(FileExistsError, match="overwrite=True"):
            artifact.save(path)
        assert real.read_bytes() == b"old"
    assert artifact.save(link, overwrite=True) == link
    assert link.is_symlink()
    assert real.read_bytes() == storage.content
    assert [path.name for path in other.iterdir()] == ["real.png"]
    new = tmp_path / "new.png"
    new.symlink_to(other / "not there yet.png")
    assert artifact.save(new).read_bytes() == storage.content
    assert (other / "not there yet.png").exists()


def test_a_link_gives_no_two_outputs_one_file(
    client: Any, mock: MockRunflow, storage: Storage, tmp_path: Path
) -> None:
    run = outputs_at(
        client, mock, *({"url": f"{storage.base_url}/{name}"} for name in ("a.png", "b.png"))
    )
    (tmp_path / "a.png").symlink_to(tmp_path / "b.png")
    with pytest.raises(FileExistsError, match="are one file, by a link") as caught:
        run.save_all(tmp_path, overwrite=True)
    assert caught.value.__notes__ == [f"Saved: {tmp_path / 'a.png'}"]
    assert len(storage.requests) == 1
    (tmp_path / "a.png").unlink()
    assert len(run.save_all(tmp_path, overwrite=True)) == 2


def test_a_circle_of_links_and_one_that_leads_nowhere_are_refused(
    client: Any, mock: MockRunflow, storage: Storage, tmp_path: Path
) -> None:
    (artifact,) = output_at(client, mock, storage.url).outputs
    (tmp_path / "a.png").symlink_to(tmp_path / "b.png")
    (tmp_path / "b.png").symlink_to(tmp_path / "a.png")
    (tmp_path / "c.png").symlink_to(tmp_path / "missing" / "c.png")
    for name in ("a.png", "c.png"):
        with pytest.raises(OSError, match=name[0]):
            artifact.save(tmp_path / name, overwrite=True)
    assert storage.requests == []


def fifo(path: Path) -> None:
    os.mkfifo(path)


def device(path: Path) -> None:
    try:
        os.mknod(path, 0o666 | stat.S_IFCHR, os.makedev(1, 3))
    except PermissionError:
        pytest.skip("only an administrator makes devices")


def unix_socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))


@cache
def terminal() -> str:
    """A device of our own, open until the process ends: some machines lack a real `/dev/null`."""
    _, child = os.openpty()
    return os.ttyname(child)


def link_to_a_device(path: Path) -> None:
    path.symlink_to(terminal())


@pytest.mark.parametrize("make", [fifo, device, unix_socket, link_to_a_device])
@pytest.mark.parametrize("overwrite", [True, False])
def test_what_is_not_a_regular_file_stays_what_it_is(
    client: Any,
    mock: MockRunflow,
    storage: Storage,
    tmp_path: Path,
    make: Callable[[Path], None],
    overwrite: bool,
) -> None:
    (artifact,) = output_at(client, mock, storage.url).outputs
    target = tmp_path / "picture.png"
    make(target)
    before = os.lstat(target).st_mode
    for path in (target, tmp_path):
        with pytest.raises(FileExistsError, match="not a regular file"):
            artifact.save(path, overwrite=overwrite)
    assert os.lstat(target).st_mode == before
    assert storage.requests == []
    assert list(tmp_path.iterdir()) == [target]


def test_a_fifo_that_appears_during_the_download_is_not_replaced(
    client: Any, mock: MockRunflow, storage: Storage, tmp_path: Path
) -> None:
    (artifact,) = output_at(client, mock, storage.url).outputs
    target = tmp_path / "picture.png"

    def appear(received: int, total: int | None) -> None:
        if not target.exists():
            os.mkfifo(target)

    with pytest.raises(FileExistsError, match="not a regular file"):
        artifact.save(target, overwrite=True, progress=appear)
    assert stat.S_ISFIFO(target.stat().st_mode)
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="needs a folder that takes no file")
def test_a_folder_that_takes_no_file_is_named_before_anything_is_fetched(
    client: Any, mock: MockRunflow, storage: Storage
) -> None:
    (artifact,) = output_at(client, mock, storage.url).outputs
    with pytest.raises(OSError, match=r"'/proc'$"):
        artifact.save("/proc/picture.png")
    assert storage.requests == []


def test_a_relative_target_stays_the_same_when_the_program_changes_its_folder(
    client: Any,
    mock: MockRunflow,
    storage: Storage,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before, after = tmp_path / "before", tmp_path / "after"
    before.mkdir()
    after.mkdir()
    run = outputs_at(client, mock, {"url": storage.url}, {"url": storage.url})

    def leave(received: int, total: int | None) -> None:
        os.chdir(after)

    monkeypatch.chdir(before)
    assert run.outputs[0].save("one.png", progress=leave) == Path("one.png")
    monkeypatch.chdir(before)
    names = [Path("all/picture.png"), Path("all/picture-2.png")]
    assert run.save_all("all", progress=leave) == names
    found = sorted(str(path.relative_to(before)) for path in before.rglob("*.png"))
    assert found == ["all/picture-2.png", "all/picture.png", "one.png"]
    assert list(after.iterdir()) == []


def test_a_step_up_is_one_from_where_a_link_leads(
    client: Any,
    mock: MockRunflow,
    storage: Storage,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "far" / "inner").mkdir(parents=True)
    (tmp_path / "near").mkdir()
    (tmp_path / "near" / "link").symlink_to(tmp_path / "far" / "inner")
    monkeypatch.chdir(tmp_path / "near")
    run = output_at(client, mock, storage.url)
    assert run.save_all("link/../all") == [Path("link/../all/picture.png")]
    assert run.outputs[0].save("link/../one.png") == Path("link/../one.png")
    found = sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*.png"))
    assert found == ["far/all/picture.png", "far/one.png"]


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o755, 0o400, 0o2755])
def test_a_file_that_is_replaced_keeps_its_mode_and_is_private_until_then(
    client: Any, mock: MockRunflow, storage: Storage, tmp_path: Path, mode: int
) -> None:
    (artifact,) = output_at(client, mock, storage.url).outputs
    target = tmp_path / "private.png"
    target.write_bytes(b"old")
    target.chmod(mode)
    during: set[int] = set()

    def look(received: int, total: int | None) -> None:
        during.update(
            stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir() if path != target
        )

    storage.content = PNG + bytes(2_000_000)
    with umask(0o022):
        artifact.save(target, overwrite=True, progress=look)
        assert stat.S_IMODE(target.stat().st_mode) == mode
        assert during == {0o600}
        new = artifact.save(tmp_path / "new.png")
        assert stat.S_IMODE(new.stat().st_mode) == 0o644


@pytest.mark.parametrize(
    ("content", "media_type", "suffix"),
    [
        (PNG + bytes(600), "application/octet-stream", ".png"),
        (WEBP, "application/octet-stream", ".webp"),
        (WEBP, "image/png", ".webp"),
        (HEIC, "binary/octet-stream", ".heic"),
        (b"\1\2\3" + bytes(600), "image/avif", ".avif"),
        (b"\1\2\3" + bytes(600), "image/jpg", ".jpg"),
        (b"\1\2\3" + bytes(600), "image/x-png; charset=binary", ".png"),
        (b"\1\2\3" + bytes(600), "image/x-icon", ".ico"),
        (b"\1\2\3" + bytes(600), "application/octet-stream", ""),
    ],
)
def test_a_file_whose_url_has_no_suffix_is_named_by_its_content(
    client: Any,
    mock: MockRunflow,
    storage: Storage,
    tmp_path: Path,
    content: bytes,
    media_type: str,
    suffix: str,
) -> None:
    storage.content, storage.media_type = content, media_type
    (artifact,) = outputs_at(client, mock, {"url": f"{storage.base_url}/v1.5"}).outputs
    assert artifact.name == "v1.5"
    assert artifact.save(tmp_path) == tmp_path / f"v1.5{suffix}"
    assert artifact.save(tmp_path / "as told").name == "as told"
    with pytest.raises(FileExistsError):
        artifact.save(tmp_path)
    assert len(list(tmp_path.iterdir())) == 2


def test_outputs_that_get_their_suffix_late_never_get_one_name(
    client: Any, mock: MockRunflow, storage: Storage, tmp_path: Path
) -> None:
    names = ["a", "A.PNG", "a", "a-2.png", "a.png", "output-7", ""]
    run = outputs_at(client, mock, *({"url": f"{storage.base_url}/{name}"} for name in names))
    storage.media_type = "application/octet-stream"
    storage.content = PNG + bytes(600)
    saved = run.save_all(tmp_path)
    assert len({path.name.lower() for path in saved}) == len(names)
    assert all(path.read_bytes() == storage.content for path in saved)
    assert all(path.suffix.lower() == ".png" for path in saved)


PIECES = st.sampled_from(["a", "A", "-2", "-3", ".png", ".PNG", ".5", ".", "-", "2", "v1", ".a.b"])
NAMES = st.lists(
    st.one_of(st.lists(PIECES, max_size=5).map("".join), st.text(max_size=8)), max_size=30
)


@given(NAMES, st.sampled_from([".png", ".PNG", ".5x", ""]))
def test_no_two_outputs_have_one_name_whatever_they_are_called(names: list[str], late: str) -> None:
    """Not even where letters have no case, nor after those without a suffix get one."""
    safe = [safe_name(name, f"output-{number}") for number, name in enumerate(names)]
    found = different_names(safe)
    assert len(found) == len(names)
    assert len({name.lower() for name in found}) == len(names)
    saved = {(name if has_suffix(name) else name + late).lower() for name in found}
    assert len(saved) == len(names)
    for name, original in zip(found, safe, strict=True):
        assert has_suffix(name) == has_suffix(original)


@given(st.text(), st.integers(min_value=25, max_value=200))
def test_a_shortened_name_is_no_longer_than_allowed_and_keeps_its_suffix(
    name: str, length: int
) -> None:
    found = shorten(name, length)
    assert len(found) <= length
    assert found == name or found[:4] == name[:4]
    assert shorten("x" * 300 + ".png", length).endswith(".png")


def calls_of(function: Callable[[], object]) -> int:
    """How many functions are called meanwhile."""
    calls = 0

    def count(frame: object, event: str, argument: object) -> None:
        nonlocal calls
        calls += event in {"call", "c_call"}

    sys.setprofile(count)
    try:
        function()
    finally:
        sys.setprofile(None)
    return calls


@pytest.mark.parametrize(
    "name", ["", "same.png", "same", "SAME.png", "same-2.png"], ids=["none", *"1234"]
)
def test_the_work_of_naming_grows_with_the_number_of_outputs_and_no_faster(name: str) -> None:
    entries = [{"url": f"https://cdn.example/{name}"}] * 16_000
    found = read_artifacts({"outputs": entries})
    assert len({artifact["name"].lower() for artifact in found}) == 16_000
    small = calls_of(lambda: read_artifacts({"outputs": entries[:500]}))
    assert calls_of(lambda: read_artifacts({"outputs": entries[:1_000]})) < 2.1 * small
