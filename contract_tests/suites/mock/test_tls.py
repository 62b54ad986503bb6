"""https with a certificate of the server's own making, and a public base URL."""

import asyncio
import io
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest
from runflow_client import Runflow
from runflow_mock import MockRunflow, Settings, SteppedClock
from runflow_mock.server.service import Service, listen

from .calling import RUN_SECONDS, create_run, get_run
from .test_command import DEADLINE, read_banner


@pytest.fixture
def secure() -> Iterator[MockRunflow]:
    settings = Settings(tls=True, public_url="https://localhost:8443/")
    with MockRunflow(SteppedClock(step=1), settings=settings) as server:
        yield server


def trusting(mock: MockRunflow) -> ssl.SSLContext:
    return ssl.create_default_context(cadata=mock.ca_certificate.decode())


def connect(mock: MockRunflow) -> httpx.Client:
    headers = {"Authorization": f"Bearer {mock.api_key}"}
    return httpx.Client(
        base_url=mock.base_url, headers=headers, verify=trusting(mock), trust_env=False
    )


def test_every_url_is_public_and_https(secure: MockRunflow) -> None:
    assert secure.base_url.startswith("https://127.0.0.1:")
    with connect(secure) as api:
        session = api.post(
            "/v1/asset-uploads", json={"filename": "a", "mime_type": "image/png", "size_bytes": 1}
        ).json()
        run = create_run(api)
        secure.advance(RUN_SECONDS)
        output = get_run(api, run["id"])["output"]["outputs"][0]["url"]
        for url in (session["upload_url"], run["links"]["self"], output):
            assert url.startswith("https://localhost:8443/")
        here = output.replace("https://localhost:8443", secure.base_url)
        assert httpx.get(here, verify=trusting(secure)).status_code == 200
        signed = api.get(f"/v1/runs/{run['id']}?add_signature=true").json()
        assert signed["output"]["outputs"][0]["url"].startswith("https://localhost:8443/")


def names_in(service: Service) -> list[str]:
    """Return the names in the server's certificate, as a client reads them in its handshake."""
    assert service.certificate is not None
    trusted = ssl.create_default_context(cadata=service.certificate.authority.decode())
    trusted.check_hostname = False
    to_client, to_server = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = trusted.wrap_bio(to_client, to_server)
    server = service.certificate.context.wrap_bio(to_server, to_client, server_side=True)
    for side in (client, server) * 2:
        with suppress(ssl.SSLWantReadError):
            side.do_handshake()
    found = client.getpeercert() or {}
    return sorted(" ".join(map(str, name)) for name in found["subjectAltName"])


@pytest.mark.parametrize(
    ("host", "shown", "public_url", "further"),
    [
        ("127.0.0.1", "127.0.0.1", None, []),
        ("127.0.0.1", "127.0.0.1", "https://mock.test:8443/x", ["DNS mock.test"]),
        ("127.0.0.1", "127.0.0.1", "https://10.0.0.7", ["IP Address 10.0.0.7"]),
        ("127.0.0.2", "127.0.0.2", None, ["IP Address 127.0.0.2"]),
        ("::1", "[::1]", "https://localhost", []),
        ("::1", "[::1]", "https://[0:0:0:0:0:0:0:1]:8443", []),
    ],
)
def test_the_certificate_names_every_way_to_the_server(
    host: str, shown: str, public_url: str | None, further: list[str]
) -> None:
    async def main() -> tuple[str, list[str]]:
        settings = Settings(tls=True, public_url=public_url)
        service = Service(listen(host, 0), SteppedClock(), settings)
        found = service.base_url, names_in(service)
        await service.stop()
        return found

    base_url, names = asyncio.run(main())
    assert base_url.rpartition(":")[0] == f"https://{shown}"
    usual = ["DNS localhost", "IP Address 0:0:0:0:0:0:0:1", "IP Address 127.0.0.1"]
    assert names == sorted([*usual, *further])


def test_nobody_is_trusted_by_chance(secure: MockRunflow) -> None:
    with pytest.raises(httpx.ConnectError, match="certificate verify failed"):
        httpx.get(f"{secure.base_url}/v1/health", verify=ssl.create_default_context())


def test_a_connection_over_tls_can_be_broken(secure: MockRunflow) -> None:
    secure.fail_next("list_runs", fault="reset_before")
    secure.fail_next("list_runs", fault="truncate")
    with connect(secure) as api:
        for kind in (httpx.ReadError, httpx.RemoteProtocolError):
            with pytest.raises((kind, httpx.RemoteProtocolError)):
                api.get("/v1/runs")
        assert api.get("/v1/runs").status_code == 200


def test_the_client_uploads_runs_and_saves_over_https(tmp_path: Path) -> None:
    clock = SteppedClock(step=1, idle=0.02)
    with MockRunflow(clock, settings=Settings(tls=True)) as mock:
        trusted = httpx.Client(verify=trusting(mock), trust_env=False)
        with trusted, Runflow(mock.api_key, base_url=mock.base_url, http_client=trusted) as client:
            asset = client.assets.upload(io.BytesIO(b"\x89PNG\r\n\x1a\n" + bytes(9)), name="a.png")
            run = client.run("runflow/skin-fix", {"image_url": f"runflow://assets/{asset.id}"})
            assert run.outputs[0].save(tmp_path / "out.png").stat().st_size


def test_without_https_there_is_no_certificate(mock: MockRunflow) -> None:
    with pytest.raises(RuntimeError, match="tls=True"):
        _ = mock.ca_certificate


def test_https_says_what_to_install_where_it_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "trustme", None)
    server = MockRunflow(SteppedClock(), settings=Settings(tls=True))
    with pytest.raises(
        ValueError, match=r'trustme: pip install "runflow-client\[mock,mock-tls\]"$'
    ):
        server.start()


@pytest.mark.parametrize("url", ["ftp://example.com", "example.com", "https://"])
def test_a_public_url_must_be_one(url: str) -> None:
    with (
        pytest.raises(ValueError, match="public URL"),
        MockRunflow(settings=Settings(public_url=url)),
    ):
        pass


def test_the_command_says_what_to_trust(tmp_path: Path) -> None:
    file = tmp_path / "trusted.pem"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    public = f"https://localhost:{port}"
    arguments = [sys.executable, "-m", "runflow_mock", "--port", port, "--tls"]
    with subprocess.Popen(
        [*arguments, "--ca-file", str(file), "--public-url", public],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            said = read_banner(process)
            assert said["RUNFLOW_BASE_URL"] == public
            assert said["SSL_CERT_FILE"] == said["NODE_EXTRA_CA_CERTS"] == str(file)
            trusted = ssl.create_default_context(cafile=str(file))
            assert httpx.get(f"{public}/v1/health", verify=trusted).status_code == 200
        finally:
            process.terminate()
            _, errors = process.communicate(timeout=DEADLINE)
        assert (process.returncode, errors) == (0, "")
