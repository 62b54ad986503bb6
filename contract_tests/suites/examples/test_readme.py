"""Every Python snippet of the README runs as it stands, against the mock server."""

import re
from pathlib import Path

import pytest
from runflow_client import Runflow
from runflow_client.testing import sign
from runflow_mock import AcceleratedClock, MockRunflow

README = Path(__file__).parents[3] / "README.md"
SNIPPETS = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)


@pytest.fixture(autouse=True)
def _a_place_to_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RUNFLOW_CALLBACK_SECRET", "whsec_readme")


def test_there_are_snippets() -> None:
    assert len(SNIPPETS) >= 4


@pytest.mark.parametrize("snippet", SNIPPETS, ids=lambda text: text.strip().splitlines()[-1][:40])
def test_a_snippet_runs(snippet: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with MockRunflow(clock=AcceleratedClock(60)) as mock:
        monkeypatch.setenv("RUNFLOW_API_KEY", mock.api_key)
        monkeypatch.setenv("RUNFLOW_BASE_URL", mock.base_url)
        names: dict[str, object] = {"__name__": "snippet"}
        exec(compile(snippet, str(README), "exec"), names)
        receive = names.get("receive")
        if callable(receive):
            body = b'{"event": "run.completed", "run_id": "r-1"}'
            receive(body, {"Runflow-Signature": sign(body, "whsec_readme")})
        elif "client.run(" in snippet:
            assert len(mock.ledger) == (10 if "gather" in snippet else 1)


def test_attach_is_as_the_readme_says() -> None:
    with MockRunflow(clock=AcceleratedClock(60)) as mock, Runflow(mock.api_key, base_url=mock.base_url) as client:
        run_id = client.submit("google/nano-banana-pro", {"prompt": "a cathedral"}).id
        assert client.runs.attach(run_id).wait().status == "succeeded"
