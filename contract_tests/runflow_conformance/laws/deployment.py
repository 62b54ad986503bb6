"""A deployment as a target of the laws. Its time cannot be moved: waiting takes real time."""

import time
from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager
from urllib.parse import urlsplit

from runflow_api.http_library import httpx
from runflow_client import Runflow
from runflow_client._urls import is_loopback

from .._proxies import ProxiedTransport
from .callback_receiver import CallbackReceiver
from .target import SecretDetector, Target, TargetClock, raw_client

RESPONSE_TIMEOUT = 60.0  # seconds


@contextmanager
def deployed_target(
    base_url: str,
    api_key: str,
    *,
    settle: float,
    insecure_hosts: tuple[str, ...] = (),
    sleep: Callable[[float], object] = time.sleep,
) -> Generator[Target, None, None]:
    """Give the deployment as a target.

    Only a deployment on this machine can call back. No deployment offers another organization, the
    list of billed runs, or a way to choose how a run ends.

    Args:
        base_url: the deployment.
        api_key: a key of it.
        settle: seconds in which a run ends and its callback is delivered. No wait is longer.
        insecure_hosts: hosts that may be called by plain http.
        sleep: waits that many seconds.
    """

    def pass_time(seconds: float) -> None:
        sleep(min(seconds, settle))

    with ExitStack() as stack:
        detector = SecretDetector(ProxiedTransport())
        http = stack.enter_context(raw_client(detector, base_url, api_key, RESPONSE_TIMEOUT))
        client = Runflow(
            api_key,
            base_url=base_url,
            insecure_hosts=insecure_hosts,
            http_client=stack.enter_context(
                httpx.Client(transport=detector, timeout=RESPONSE_TIMEOUT)
            ),
            clock=TargetClock(pass_time),
        )
        target = Target(
            client=client,
            http=http,
            pass_time=pass_time,
            secret_detector=detector,
            open_storage=lambda: httpx.Client(
                transport=ProxiedTransport(), timeout=RESPONSE_TIMEOUT
            ),
        )
        if is_loopback(urlsplit(base_url).hostname or ""):
            target.use_receiver(stack.enter_context(CallbackReceiver()))
        yield target
