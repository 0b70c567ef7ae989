"""Where a proxy knows who people are: nginx by its example, and beside it what oauth2-proxy answers."""

import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import requests
from requests.adapters import HTTPAdapter

from tests.deploy import front
from tests.deploy.machine import Machine
from tests.ports import free_ports

PROOF = "of nginx and the application alone"
HTML = {"Accept": "text/html"}


class Knows(BaseHTTPRequestHandler):
    """As oauth2-proxy with --set-xauthrequest: whose cookie is a name is that person."""

    def do_GET(self) -> None:
        if self.path == "/oauth2/sign_in":
            self.answer(200, f"sign in, and back to {self.headers['X-Auth-Request-Redirect']}")
        else:
            name = self.headers.get("Cookie", "").removeprefix("who=")
            self.answer(202 if name else 401, "", name)

    def answer(self, status: int, body: str, name: str = "") -> None:
        """With who somebody is, where they are known."""
        self.send_response(status)
        if name:
            self.send_header("X-Auth-Request-Email", f"{name}@example.org")
            self.send_header("X-Auth-Request-Groups", "remote-sensing")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Nothing."""


class FromElsewhere(HTTPAdapter):
    """Comes from another address of this machine than the proxy does."""

    def init_poolmanager(self, *args: object, **options: object) -> None:
        """With the address at our end."""
        super().init_poolmanager(*args, **options, source_address=("127.0.0.2", 0))  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def reached(host: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[requests.Session, str, int]]:
    """A browser of sorts, the address of the proxy, and the port of the application behind it."""
    folder, ports = tmp_path_factory.mktemp("proxied"), front.Ports(*free_ports(3))
    certificate = front.Certificate.made(folder)
    url = f"https://localhost:{ports.tls}"
    settings = {"public_url": url, "port": ports.app, "proxy_addresses": "127.0.0.1", "proxy_secret": PROOF}
    machine = Machine.made(folder, {"provider": "demo", "viewers": "group:remote-sensing", **settings})
    configured = front.configured("ninepatch.conf", folder / "nginx", certificate, ports)
    with ThreadingHTTPServer(("127.0.0.1", 0), Knows) as knows:
        threading.Thread(target=knows.serve_forever, args=(0.05,), daemon=True).start()
        front.with_oauth2_proxy(configured, knows.server_port, PROOF)
        with front.nginx(configured, ports.plain), machine.running("web"), requests.Session() as session:
            session.mount("https://", FromElsewhere())
            session.trust_env, session.verify = False, str(certificate.chain)
            until_it_listens(ports.app, machine)
            yield session, url, ports.app
        knows.shutdown()


def until_it_listens(port: int, machine: Machine) -> None:
    """The application."""
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        try:
            if "is starting" not in requests.get(f"http://127.0.0.1:{port}/health", timeout=5).text:
                return
        except requests.RequestException:  # not yet
            pass
        time.sleep(0.1)
    raise AssertionError(machine.said("web"))


def test_who_is_unknown_logs_in_and_comes_back(reached: tuple[requests.Session, str, int]) -> None:
    session, url, _ = reached
    answer = session.get(f"{url}/activity?a=1&b=2", headers=HTML, timeout=30)
    assert (answer.status_code, answer.text) == (401, "sign in, and back to /activity?a=1&b=2")


def test_whom_the_proxy_knows_comes_in_wherever_they_come_from(reached: tuple[requests.Session, str, int]) -> None:
    session, url, _ = reached
    answer = session.get(url, headers=HTML | {"Cookie": "who=vera"}, timeout=30)
    assert answer.status_code == 200, answer.text.partition("<main>")[2]


@pytest.mark.parametrize("header", ["X-Forwarded-Email", "X-Forwarded-Groups", "X-Ninepatch-Proxy", "X-Forwarded-For"])
def test_what_a_browser_says_of_itself_goes_no_further(reached: tuple[requests.Session, str, int], header: str) -> None:
    session, url, app = reached
    forged = {header: {"X-Ninepatch-Proxy": PROOF, "X-Forwarded-For": "127.0.0.1"}.get(header, "anna@example.org")}
    assert session.get(url, headers=HTML | forged, timeout=30).status_code == 401
    known = session.get(url, headers=HTML | forged | {"Cookie": "who=vera"}, timeout=30)
    assert known.status_code == 200
    past = {"Host": url.removeprefix("https://"), **HTML, **forged}
    assert requests.get(f"http://127.0.0.1:{app}/", headers=past, timeout=30).status_code == 403
