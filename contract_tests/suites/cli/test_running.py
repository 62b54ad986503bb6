"""`runflow run`: options from the typed input, what is printed, what is refused unpaid."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from runflow_mock import MockRunflow

from .conftest import ASKED, COMMAND, MODEL, Run
from .in_process import run_here


def test_the_picture_is_saved_and_stdout_names_it(runflow: Run, tmp_path: Path) -> None:
    done = runflow(*ASKED, "--resolution", "2K", "-o", "cathedral.png")
    assert (done.code, done.out) == (0, "cathedral.png\n")
    assert "Costs $0.15: 1 image at $0.15" in done.err
    assert "succeeded, $0.15" in done.err
    with Image.open(tmp_path / "cathedral.png") as image:
        assert image.size == (2048, 2048)


def test_without_output_the_urls_are_the_result_and_quiet_says_nothing_else(runflow: Run) -> None:
    done = runflow(*ASKED, "--quiet")
    assert done.code == 0
    assert done.out.startswith("http")
    assert done.err == ""


def test_the_help_of_a_model_is_its_page(runflow: Run) -> None:
    shown = runflow("run", MODEL, "--help").out
    assert "--resolution 1K|2K|4K" in shown
    assert "$0.15 an image" in " ".join(shown.split())
    assert "Examples:" in shown


@pytest.mark.parametrize(
    "given",
    [
        (MODEL, "--prompt", "A cathedral", "--sync-mode"),
        ("--prompt", "A cathedral", MODEL),
        ("--prompt=A cathedral", "--detach", MODEL),
        ("-iprompt=A cathedral", "--quiet", MODEL),
        ("--prompt", "A cathedral", "--", MODEL),
    ],
)
def test_options_may_stand_before_the_model(runflow: Run, given: tuple[str, ...]) -> None:
    assert runflow("run", "--detach", *given).code == 0


def test_a_local_file_is_uploaded(runflow: Run, mock: MockRunflow, tmp_path: Path) -> None:
    Image.new("RGB", (8, 8), "orange").save(tmp_path / "photo.jpg")
    done = runflow("run", f"{MODEL}/edit", "--prompt", "Dusk", "--image-urls", "photo.jpg")
    assert done.code == 0
    (run,) = mock.runs
    assert run["input"]["image_urls"][0].startswith("runflow://assets/")


def test_input_comes_from_a_pipe_a_file_or_pairs(
    runflow: Run, mock: MockRunflow, tmp_path: Path
) -> None:
    (tmp_path / "input.json").write_text('{"prompt": "file"}')
    assert runflow("run", MODEL, "-", "--detach", stdin='{"prompt": "pipe"}').code == 0
    assert runflow("run", MODEL, "--input", "input.json", "--detach").code == 0
    assert runflow("run", MODEL, "-i", "prompt=pair", "-i", "seed=3", "--detach").code == 0
    assert [run["input"] for run in mock.runs] == [
        {"prompt": "pipe"},
        {"prompt": "file"},
        {"prompt": "pair", "seed": 3},
    ]


def test_a_model_that_is_newer_runs_with_pairs(runflow: Run, mock: MockRunflow) -> None:
    mock.models.add("acme/newer", price="0.10")
    given = ("-i", "prompt=Hello", "-i", "steps=4", "-i", 'size={"width": 8}')
    assert runflow("run", "acme/newer", *given, "--yes", "--detach").code == 0
    (run,) = mock.runs
    assert run["input"] == {"prompt": "Hello", "steps": 4, "size": {"width": 8}}


def test_detach_prints_the_id_and_wait_goes_on(runflow: Run, tmp_path: Path) -> None:
    run_id = runflow(*ASKED, "--detach", "--client-ref", "order-7").out.strip()
    done = runflow("runs", "wait", run_id, "-o", "late.png")
    assert (done.code, done.out) == (0, "late.png\n")
    assert (tmp_path / "late.png").exists()
    assert run_id in runflow("runs", "list", "--client-ref", "order-7").out


def test_several_outputs_are_numbered(runflow: Run, tmp_path: Path) -> None:
    done = runflow(*ASKED, "--num-images", "2", "-o", "x.png")
    assert done.out.split() == ["x-1.png", "x-2.png"]
    assert {path.name for path in tmp_path.glob("*.png")} == {"x-1.png", "x-2.png"}


def test_output_goes_into_a_pipe(runflow: Run, environment: dict[str, str], tmp_path: Path) -> None:
    run_id = runflow(*ASKED, "--detach").out.strip()
    assert runflow("runs", "wait", run_id, "-o", "a.png").code == 0
    done = subprocess.run(
        [*COMMAND, "runs", "save", run_id, "-o", "-"],
        capture_output=True,
        env=environment,
        check=True,
    )
    assert done.stdout == (tmp_path / "a.png").read_bytes()


REFUSED = {
    "unknown command": (["rn"], "Did you mean 'run'?"),
    "unknown model": (
        ["run", "google/nano-banana-po", "--prompt", "x"],
        "(the catalog of this version has no model 'google/nano-banana-po', so its fields have no "
        f"options: use -i key=value. Did you mean '{MODEL}'?)",
    ),
    "unknown option": (["run", MODEL, "--promt", "x"], "Did you mean '--prompt'?"),
    "unknown field": (["run", MODEL, "-i", "promt=x"], "Did you mean 'prompt'?"),
    "missing field": (["run", MODEL], "--prompt is missing"),
    "wrong choice": ([*ASKED, "--resolution", "2k"], "did you mean '2K'?"),
    "wrong number": ([*ASKED, "--seed", "one"], "--seed is 'one'"),
    "no pair": (["run", MODEL, "-i", "prompt"], "key=value"),
    "given twice": ([*ASKED, "-i", "prompt=y"], "given twice"),
    "one argument too many": ([*ASKED, "more"], "one argument too many"),
    "no owner": (
        ["run", "nano-banana-pro", "-i", "prompt=x"],
        "model is 'nano-banana-pro': expected owner/name such as 'google/nano-banana-pro', with no "
        f"empty, '.' or '..' segment and without a host. Did you mean '{MODEL}'?",
    ),
    "no id of a workflow": (
        ["run", "comfyui-workflows/poster", "-i", "prompt=x"],
        "workflow is 'poster': expected owner/name",
    ),
    "no callback URL": ([*ASKED, "--callback-url", "hook"], "--callback-url is 'hook'"),
    "no URL that is read": (
        ["run", f"{MODEL}/edit", "--prompt", "x", "--image-urls", "ftp://x/y.png"],
        "expected a URL that begins with https:",
    ),
    "no such file": (
        ["run", f"{MODEL}/edit", "--prompt", "x", "--image-urls", "none.jpg"],
        "there is no file none.jpg",
    ),
    "a directory": (
        ["run", f"{MODEL}/edit", "--prompt", "x", "--image-urls", "."],
        "is a directory",
    ),
    "no such input file": (["run", MODEL, "--input", "none.json"], "none.json cannot be read"),
    "no such folder": ([*ASKED, "-o", "none/x.png"], "there is no folder none"),
    "too expensive": ([*ASKED, "--max-cost", "0.10"], "costs $0.15"),
    "no amount": ([*ASKED, "--max-cost", "much"], "expected US dollars"),
    "price unknown, no terminal to ask in": (["run", "google/veo3.1", "--prompt", "x"], "--yes"),
    "detach and save": ([*ASKED, "--detach", "-o", "x.png"], "--detach"),
    "stdout wanted twice": ([*ASKED, "-o", "-", "--json"], "standard output"),
    "invalid id": (["runs", "get", "123"], "expected a UUID"),
    "unknown operation": (["api", "lst_runs"], "Did you mean 'list_runs'?"),
    "unknown argument": (["api", "list_runs", "lmit=3"], "Did you mean 'limit'?"),
    "no kind of model": (["models", "list", "--kind", "picture"], "expected image, video, audio"),
    "no moment": (["runs", "list", "--since", "5x"], "is no moment"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_right_is_one_sentence_or_document_and_nothing_is_sent(
    name: str, nothing_sent: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    arguments, told = REFUSED[name]
    if "--json" not in arguments:
        done = run_here(*arguments, **nothing_sent)
        assert (done.code, done.out) == (2, "")
        assert told in done.err
        assert "Traceback" not in done.err
    done = run_here(*arguments, "--json", **nothing_sent)
    error = done.document["error"]
    assert (error["exit_code"], done.code, done.err) == (2, 2, "")
    assert told in f"{error['message']} {error['remedy']}"


@pytest.mark.parametrize("text", ["", '{"prompt": "Hel', "[1]", "3"])
def test_a_pipe_that_ends_early_is_refused(nothing_sent: dict[str, Any], text: str) -> None:
    done = run_here("run", MODEL, "-", typed=text, **nothing_sent)
    assert done.code == 2
    assert "standard input" in done.err


def test_a_file_that_is_no_picture_is_refused_in_words_of_the_command(
    nothing_sent: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    edit = ["run", f"{MODEL}/edit", "--prompt", "x", "--max-cost", "1"]
    for content, told in (
        (b"#!/bin/sh", "x-shellscript, not image"),
        (b"\x89PNG\r\n\x1a\n", "but cut off"),
    ):
        (tmp_path / "a.png").write_bytes(content)
        done = run_here(*edit, "--image-urls", "a.png", **nothing_sent)
        assert done.code == 2
        assert told in done.err
        assert "--unchecked sends it all the same" in done.err
    asked = json.dumps({"prompt": "x", "image_urls": ["a.png"]})
    done = run_here("run", f"{MODEL}/edit", "-", typed=asked, **nothing_sent)
    assert "--image-urls has a member, number 0, that is 'a.png', which is not a URL" in done.err
    assert "pathlib" not in done.err


def test_an_output_that_exists_is_refused_before_it_is_paid(
    runflow: Run, mock: MockRunflow, tmp_path: Path
) -> None:
    (tmp_path / "x.png").write_text("precious")
    done = runflow(*ASKED, "-o", "x.png")
    assert (done.code, "exists already" in done.err, mock.requests) == (2, True, [])
    assert runflow(*ASKED, "-o", "x.png", "--overwrite").code == 0


def test_unchecked_sends_what_the_catalog_refuses(runflow: Run, mock: MockRunflow) -> None:
    assert runflow(*ASKED, "-i", "brand_new=1", "--unchecked", "--detach").code == 0
    assert mock.runs[0]["input"]["brand_new"] == 1
