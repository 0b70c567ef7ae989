"""Real OpenID providers on loopback, at which people log in by typing who they are."""

import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests
from playwright.sync_api import Page

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / ".npm-issuer" / "package.json"
CLIENT, SECRET = "ninepatch", "of-the-client-itself"
START_SECONDS = 30.0


@dataclass(frozen=True)
class Issuer:
    """One that runs."""

    url: str
    prompt: str
    """What it wants to be asked with."""
    introduce: Callable[[str], None]
    """Tell it of somebody before they come."""
    log_in: Callable[[Page, str], None]
    """What they do at its forms."""


@contextmanager
def quick_issuer(port: int, _redirect: str) -> Iterator[Issuer]:
    """One that is there at once: whoever it has been told of logs in with their address."""
    command = [sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", "--port", str(port)]
    with _running(command, port) as url:

        def introduce(email: str) -> None:
            claims = {"email": email, "email_verified": True}
            requests.put(f"{url}/users/{email}", json=claims, timeout=10).raise_for_status()

        yield Issuer(url, "", introduce, _log_in_quickly)


@contextmanager
def strict_issuer(port: int, redirect: str) -> Iterator[Issuer]:
    """One that checks what the standard asks it to check, in JavaScript; nobody needs to be introduced."""
    command = ["node", str(Path(__file__).with_name("issuer.mjs")), str(PACKAGE), str(port), redirect]
    with _running(command, port) as url:
        yield Issuer(url, "login", lambda _: None, _log_in_strictly)


def strict_is_missing() -> bool:
    """Whether the strict one cannot be started here."""
    return shutil.which("node") is None or not PACKAGE.is_file()


def _log_in_quickly(page: Page, email: str) -> None:
    page.locator('input[name="sub"]').fill(email)
    page.get_by_role("button", name="Authorize").click()


def _log_in_strictly(page: Page, email: str) -> None:
    page.locator('input[name="login"]').fill(email)
    page.locator('input[name="password"]').fill("any")
    page.get_by_role("button", name="Sign-in").click()
    page.get_by_role("button", name="Continue").click()


@contextmanager
def _running(command: list[str], port: int) -> Iterator[str]:
    url = f"http://127.0.0.1:{port}"
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=ROOT
    )
    try:
        deadline = time.monotonic() + START_SECONDS
        while not _answers(f"{url}/.well-known/openid-configuration"):
            assert process.poll() is None and time.monotonic() < deadline, "the provider did not start"
            time.sleep(0.1)
        yield url
    finally:
        process.terminate()
        process.wait(10)


def _answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=5).ok
    except requests.RequestException:  # nobody listens yet
        return False
