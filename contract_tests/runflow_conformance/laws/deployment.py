"""The target on a deployment: its time cannot be moved, so waiting takes real seconds, at most `settle` of them at a time."""

import time
from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager
from urllib.parse import urlsplit

from runflow_api.http_library import httpx
from runflow_client import Runflow
from runflow_client.settings import is_loopback

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
    """A deployment as a target. `settle` are the seconds in which a run ends and its callback has been tried for the last time.

    Only a deployment on this machine can call back: of another one the laws of callbacks are not tried. There is no other
    organization, no book of what was billed, and no way to choose how a run ends.
    """

    def pass_time(seconds: float) -> None:
        sleep(min(seconds, settle))

    with ExitStack() as stack:
        watch = SecretDetector(httpx.HTTPTransport())
        http = stack.enter_context(raw_client(watch, base_url, api_key, RESPONSE_TIMEOUT))
        client = Runflow(
            api_key,
            base_url=base_url,
            insecure_hosts=insecure_hosts,
            http_client=stack.enter_context(httpx.Client(transport=watch)),
            clock=TargetClock(pass_time),
        )
        target = Target(client=client, http=http, pass_time=pass_time, secret_detector=watch)
        if is_loopback(urlsplit(base_url).hostname or ""):
            target.use_receiver(stack.enter_context(CallbackReceiver()))
        yield target
