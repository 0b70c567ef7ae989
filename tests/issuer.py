"""An issuer of OpenID Connect on this machine, where people log in by their name alone."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import httpx

from tests.ports import free_port
from tests.served import START_SECONDS


@contextmanager
def issuer(people: Mapping[str, Mapping[str, object]]) -> Iterator[str]:
    """Its address; `people` are claims by names. A process of its own: it warns, and warnings are errors in tests."""
    port = free_port()
    claims = [part for name, told in people.items() for part in ("--user-claims", json.dumps({"sub": name, **told}))]
    command = [sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", "--port", str(port), *claims]
    url = f"http://localhost:{port}"
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _await(url, process)
        yield url
    finally:
        process.terminate()
        process.wait(30)


def _await(url: str, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if httpx.get(f"{url}/.well-known/openid-configuration", timeout=5, trust_env=False).is_success:
                return
        except httpx.HTTPError:  # nobody listens yet
            pass
        time.sleep(0.1)
    raise AssertionError("the issuer did not start")
