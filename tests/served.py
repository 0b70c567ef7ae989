"""The application as `cli.py serve` starts it, for tests of the gate; and cookies of logins."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx
from itsdangerous import TimestampSigner, URLSafeTimedSerializer

from tests.ports import free_port

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 90.0
END_SECONDS = 30.0
"""What systemd and containers wait at least, as the guide of hosting says."""
COOKIE_SECRET = "a secret of tests, long enough"
ISSUER = "http://127.0.0.1:9"
"""Where nobody answers: a cookie is verified without asking the issuer."""
OIDC = {
    "NINEPATCH_OIDC_ISSUER": ISSUER,
    "NINEPATCH_OIDC_CLIENT_ID": "maps",
    "NINEPATCH_OIDC_CLIENT_SECRET": "of the client",
    "NINEPATCH_COOKIE_SECRET": COOKIE_SECRET,
    "NINEPATCH_ADMINISTRATORS": "root@example.org",
    "NINEPATCH_MEMBERS": "@example.org",
    "NINEPATCH_VIEWERS": "group:guests",
}


@dataclass(frozen=True)
class Served:
    """One that runs."""

    url: str
    """Without a slash at the end."""
    home: Path
    process: "subprocess.Popen[bytes]"

    @property
    def log(self) -> str:
        """What it has said."""
        return (self.home / "app.log").read_text()


@contextmanager
def served(home: Path, **settings: str) -> Iterator[Served]:
    """As `begun`, once it answers."""
    with begun(home, **settings) as running:
        _await(running)
        yield running


@contextmanager
def begun(home: Path, **settings: str) -> Iterator[Served]:
    """On a free port with its own home, told to end after; it must do so in time and without a trace."""
    port = free_port()
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("NINEPATCH_", "STREAMLIT_"))}
    ours = {"NINEPATCH_HOME": str(home), "NINEPATCH_PROVIDER": "demo", "NINEPATCH_ONLINE_BASEMAP": "false"}
    ours["NINEPATCH_DEMO_URL"] = "http://127.0.0.1:9"  # nobody asks it for pixels here
    home.mkdir(parents=True, exist_ok=True)
    with (home / "app.log").open("wb") as log:
        command = [sys.executable, str(ROOT / "cli.py"), "serve", "--port", str(port)]
        process = subprocess.Popen(command, cwd=home, env=clean | ours | settings, stdout=log, stderr=log)
        path = urlsplit(settings.get("NINEPATCH_PUBLIC_URL", "")).path
        running = Served(f"http://localhost:{port}{path}", home, process)
        try:
            yield running
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(END_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                raise
    assert "Traceback" not in running.log, running.log


def _await(running: Served) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and running.process.poll() is None:
        try:
            if httpx.get(f"{running.url}/health", timeout=5, trust_env=False).is_success:
                return
        except httpx.HTTPError:  # nobody listens yet, or the machine is busy
            pass
        time.sleep(0.1)
    raise AssertionError(f"the application did not start: {running.log}")


def claims(origin: str, email: str = "ada@example.org", **changes: object) -> dict[str, object]:
    """Of a login, as Streamlit keeps them."""
    plain = {"iss": ISSUER, "sub": email, "email": email, "email_verified": True, "groups": [], "provider": "default"}
    return plain | {"origin": origin, "is_logged_in": True} | changes


def signed(told: dict[str, object], name: str = "_streamlit_user", age: int = 0, secret: str = COOKIE_SECRET) -> str:
    """The cookie's value, made `age` seconds ago; by the library of Streamlit and not by its function."""

    class Earlier(TimestampSigner):
        def get_timestamp(self) -> int:
            return super().get_timestamp() - age

    value = URLSafeTimedSerializer(secret, salt=name, signer=Earlier).dumps(json.dumps(told))
    return value if isinstance(value, str) else value.decode()
