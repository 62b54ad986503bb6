"""The other commands: each does what its page says, with --json as well."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from runflow_client import inputs
from runflow_client.cli.main import main
from runflow_client.cli.shared.exit_codes import ExitCode
from runflow_client.cli.tree import COMMANDS
from runflow_client.testing import sign
from runflow_mock import MockRunflow

from ..client.answering import Told, answering
from .conftest import ASKED, MODEL, Run
from .in_process import run_here

SECRET = "whsec_x"
BODY = '{"event": "run.completed", "run_id": "r-1"}'


def test_models_need_no_key_and_send_nothing(nothing_sent: dict[str, Any]) -> None:
    keyless = {**nothing_sent, "RUNFLOW_API_KEY": ""}
    listed = run_here("models", "list", "--json", **keyless).document["models"]
    assert {model["id"] for model in listed} == set(inputs.CLASSES)
    assert "google/veo3.1" in run_here("models", "search", "veo", "sound", **keyless).out
    shown = run_here("models", "show", MODEL, "--json", **keyless).document
    fields = {field["name"]: field for field in shown["fields"]}
    assert fields["resolution"]["allowed"] == ["1K", "2K", "4K"]
    assert shown["example"].startswith(f"runflow run {MODEL} --prompt")


def test_every_model_has_a_page() -> None:
    for model in list(inputs.CLASSES)[::12]:
        done = run_here("run", model, "--help")
        assert done.code == 0
        assert f"Input of {model}" in done.out
    assert "No field of this model is known" in run_here("run", "photalabs/phota", "--help").out
    shown = run_here("models", "show", "photalabs/phota", "--json").document
    assert shown["example"] == "runflow run photalabs/phota -i key=value -o out/"


def test_models_upstream_tells_what_is_retired_newer_or_dearer_without_a_key(
    runflow: Run, mock: MockRunflow
) -> None:
    mock.models.add("acme/own-model", price="0.10")
    mock.models.add("google/veo3.1/lite", price="0.05", unit="second")
    mock.models.retire("google/veo3.1")
    done = runflow("models", "list", "--upstream", "--json", RUNFLOW_API_KEY="")
    found = {model["id"]: model for model in done.document["models"]}
    assert found[MODEL]["state"] == "listed"
    assert found["google/veo3.1"]["state"] == "retired"
    assert found["acme/own-model"]["state"] == "newer"
    assert found["google/veo3.1/lite"]["price_changed"] is True
    assert not any("authorization" in request.headers for request in mock.requests)
    lines = runflow("models", "list", "--upstream", "--kind", "video", RUNFLOW_API_KEY="").out
    assert "google/veo3.1/lite\tlisted\t$0.05 / second (here $0.03 / second)\n" in lines
    assert MODEL not in lines


def test_estimate_sends_nothing(nothing_sent: dict[str, Any]) -> None:
    keyless = {**nothing_sent, "RUNFLOW_API_KEY": ""}
    done = run_here("estimate", MODEL, "--num-images", "4", "--json", **keyless)
    assert done.document["amount"] == "0.6"
    assert "not known" in run_here("estimate", "acme/newer", **keyless).out


@pytest.mark.parametrize("kind", ["runs", "batches", "evaluations"])
def test_a_status_that_does_not_exist_is_refused_as_the_client_does(
    nothing_sent: dict[str, Any], kind: str
) -> None:
    done = run_here(kind, "list", "--status", "suceeded", **nothing_sent)
    assert done.code == ExitCode.REFUSED
    assert "status is 'suceeded': expected one of" in done.err


def test_runs_are_listed_read_logged_and_saved(runflow: Run, tmp_path: Path) -> None:
    run_id = runflow(*ASKED, "--quiet", "--json").document["run"]["id"]
    assert run_id in runflow("runs", "list", "--status", "succeeded", "--since", "7d").out
    assert runflow("runs", "list", "--status", "failed").out == ""
    assert runflow("runs", "get", run_id, "--json").document["run"]["id"] == run_id
    assert "succeeded" in runflow("runs", "logs", run_id).out
    saved = runflow("runs", "save", run_id, "-o", "out/", "--json").document["files"]
    assert [Path(tmp_path / path).exists() for path in saved] == [True]


def test_assets_live_from_upload_to_deletion(runflow: Run, tmp_path: Path) -> None:
    Image.new("RGB", (8, 8), "orange").save(tmp_path / "photo.png")
    ref = runflow("assets", "upload", "photo.png").out.strip()
    asset_id = ref.removeprefix("runflow://assets/")
    assert asset_id in runflow("assets", "list").out
    assert ref in runflow("assets", "get", asset_id).out
    assert runflow("assets", "delete", asset_id).code == 0
    assert runflow("assets", "get", asset_id).code == 3


def test_a_batch_is_created_and_waited_for(runflow: Run, tmp_path: Path) -> None:
    lines = "\n".join(json.dumps({"image_url": f"https://example.com/{n}.png"}) for n in (1, 2))
    create = ("batches", "create", "runflow/background-removal", "-")
    refused = runflow(*create, stdin=lines)
    assert (refused.code, "--yes" in refused.err) == (2, True)
    done = runflow(*create, "--yes", "--json", stdin=lines)
    assert done.code == 0
    batch_id = done.document["batch"]["id"]
    assert batch_id in runflow("batches", "list").out
    assert len(runflow("batches", "items", batch_id).out.splitlines()) == 2
    assert runflow("batches", "wait", batch_id).code == 0
    assert runflow(*create, "--max-cost", "0.01", stdin=lines).code == 2
    assert "line 1" in runflow(*create, stdin="{").err


def test_an_evaluation_is_submitted_and_waited_for(runflow: Run) -> None:
    given = ("--task-type", "text_to_image", "--image-url", "https://example.com/a.png")
    done = runflow("evaluations", "create", *given, "--json")
    assert done.code == 0
    evaluation_id = done.document["evaluation"]["id"]
    assert evaluation_id in runflow("evaluations", "list").out
    assert runflow("evaluations", "get", evaluation_id).code == 0
    assert runflow("evaluations", "create").code == 2


def test_the_account(runflow: Run) -> None:
    assert runflow("balance").out == "$100.00\n"
    assert runflow("balance", "--json").document["balance"] == "100"
    assert "RUNFLOW_API_KEY" in runflow("whoami").out


def test_any_operation_of_the_document(runflow: Run) -> None:
    run_id = runflow(*ASKED, "--detach").out.strip()
    assert runflow("api", "get_run", f"id={run_id}").out.startswith("{")
    assert runflow("api", "list_runs", "limit=1").code == 0
    assert "list_runs" in runflow("api", "--list").out
    assert "needs id" in runflow("api", "get_run").err


@pytest.mark.parametrize("depth", [*range(800, 1000, 25), 99999])
def test_an_answer_that_is_nested_too_deeply_is_shown_as_it_came(depth: int) -> None:
    body = b"[" * depth + b"]" * depth
    with answering(lambda asked: Told(body)) as server:
        there: dict[str, Any] = {"RUNFLOW_BASE_URL": server.base_url, "RUNFLOW_API_KEY": "x"}
        done = run_here("api", "list_runs", **there)
    assert done.code == 0, done.err
    assert "".join(done.out.split()).strip('"') == body.decode()


def test_callbacks_are_verified(runflow: Run, tmp_path: Path) -> None:
    (tmp_path / "body.json").write_text(BODY)
    signature = sign(BODY.encode(), SECRET)
    verify = ("callbacks", "verify", "body.json", "--signature")
    assert runflow(*verify, signature, RUNFLOW_CALLBACK_SECRET=SECRET).code == 0
    forged = runflow(*verify, signature, RUNFLOW_CALLBACK_SECRET="whsec_y")
    assert forged.code == 6
    assert SECRET not in forged.err
    assert runflow(*verify, signature).code == 2


def test_missed_callbacks_are_reconciled(runflow: Run) -> None:
    assert runflow(*ASKED, "--callback-url", "https://example.com/hook", "--quiet").code == 0
    found = runflow("callbacks", "reconcile", "--since", "7d", "--json").document["events"]
    assert [event["event"] for event in found] == ["run.completed"]
    assert runflow("callbacks", "reconcile").code == 2


def test_secrets_are_made_and_written_for_their_owner_alone(runflow: Run, tmp_path: Path) -> None:
    done = runflow("secrets", "create", "--label", "one", "--to", "secret")
    assert done.out == "secret\n"
    assert (tmp_path / "secret").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "secret").read_text().strip() not in runflow("secrets", "list").out
    assert runflow("secrets", "create", "--to", "secret").code == 2


@pytest.mark.parametrize(
    ("content", "mode", "told"),
    [
        ("{", 0o600, "holds no key"),
        ('{"api_key": 3}', 0o600, "holds no key"),
        ('{"api_key": "rf_x"}', 0o644, "can be read by other users"),
    ],
)
def test_a_credentials_file_that_cannot_be_trusted(
    nothing_sent: dict[str, Any], tmp_path: Path, content: str, mode: int, told: str
) -> None:
    path = tmp_path / "home/.config/runflow/credentials.json"
    path.parent.mkdir(parents=True)
    path.write_text(content)
    path.chmod(mode)
    keyless = {**nothing_sent, "RUNFLOW_API_KEY": "", "HOME": str(tmp_path / "home")}
    done = run_here("balance", **keyless)
    assert (done.code, told in done.err) == (2, True)


def test_the_credentials_file_is_found_after_the_environment(
    runflow: Run, mock: MockRunflow, tmp_path: Path
) -> None:
    assert "runflow login" in runflow("balance", RUNFLOW_API_KEY="").err
    path = tmp_path / "home/.config/runflow/credentials.json"
    path.parent.mkdir(parents=True)
    path.touch(mode=0o600)
    path.write_text(json.dumps({"api_key": mock.api_key, "name": "laptop"}))
    assert "laptop" in runflow("whoami", RUNFLOW_API_KEY="").out
    found = runflow("whoami", "--json", RUNFLOW_API_KEY="").document
    assert (found["key_name"], found["key_from"]) == ("laptop", str(path))
    assert runflow("balance", RUNFLOW_API_KEY="rf_wrong").code == 3


def test_every_command_has_help_with_examples(capsys: pytest.CaptureFixture[str]) -> None:
    def page(*arguments: str) -> str:
        assert main([*arguments, "--help"]) == 0
        return capsys.readouterr().out

    pages: list[str] = []
    for name in COMMANDS:
        listing = page(name).partition("Commands:\n")[2]
        names = [line.split()[0] for line in listing.splitlines() if line.startswith("  ")]
        pages += [page(name, one) for one in names] or [page(name)]
    assert len(pages) > 30
    assert all("Examples:\n    runflow " in shown for shown in pages)


def test_without_typer_the_extra_is_named() -> None:
    code = (
        "import sys; sys.modules['typer'] = None\n"
        "from runflow_client.cli.main import main; sys.exit(main([]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, env=os.environ
    )
    assert done.returncode == 2
    assert 'pip install "runflow-client[cli]"' in done.stderr
