"""A whole host: services as their units say, nginx with TLS by its example, a login, and the demo archive behind."""

import json
import os
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import requests
from playwright.sync_api import Browser

from tests.browser.visit import Visit
from tests.deploy import front
from tests.deploy.issuers import CLIENT, SECRET, Issuer
from tests.deploy.machine import Machine, Process
from tests.ports import free_ports

START_SECONDS = 90.0
PEOPLE = {
    "administrators": "anna@example.org",
    "members": "bert@example.org, carla@example.org",
    "viewers": "vera@example.org",
}
STRANGER = "mallory@example.net"
MEADOW = [[[25.0, 60.7], [25.1, 60.7], [25.1, 60.75], [25.0, 60.75], [25.0, 60.7]]]


@dataclass
class Site:
    """One that runs."""

    url: str
    """What people type, without a slash at the end."""
    machine: Machine
    issuer: Issuer
    certificate: front.Certificate
    ports: front.Ports
    services: dict[str, Process]
    proxy_folder: Path
    proxies: ExitStack
    """Ends what is started."""
    proxy: Process | None = None

    def start_proxy(self) -> None:
        """Let nginx answer; it is ended with the host."""
        self.proxy = self.proxies.enter_context(front.nginx(self.proxy_folder, self.ports.plain))

    def kill_proxy(self) -> None:
        """At once, with its workers."""
        assert self.proxy is not None
        os.killpg(self.proxy.pid, signal.SIGKILL)
        self.proxy.wait()

    def get(self, path: str, **options: object) -> requests.Response:
        """As somebody who is not logged in; only this site's certificate is believed."""
        trust = str(self.certificate.chain)
        return requests.get(f"{self.url}{path}", verify=trust, timeout=30, allow_redirects=False, **options)  # type: ignore[arg-type]

    def until_well(self) -> None:
        """Wait until the pages and a worker are there."""
        deadline, said = time.monotonic() + START_SECONDS, ""
        while time.monotonic() < deadline and all(one.poll() is None for one in self.services.values()):
            try:
                answer = self.get("/health")
                said = answer.text
                if answer.ok and answer.json()["worker"]:
                    return
            except requests.RequestException as error:  # nginx answers before the application does
                said = str(error)
            time.sleep(0.1)
        raise AssertionError(f"{said}\n{self.machine.said('web')}\n{self.machine.said('worker')}")

    def visit(self, chromium: Browser, email: str, path: str = "/") -> Visit:
        """Somebody comes with an empty browser, logs in, and is where they wanted to go."""
        self.issuer.introduce(email)
        context = chromium.new_context(viewport={"width": 1360, "height": 900}, accept_downloads=True)
        context.set_default_timeout(60_000)
        here = Visit(context.new_page(), self.url, f"deploy {email}")
        here.page.goto(self.url + path)
        here.page.get_by_role("link", name="Log in").click()
        self.issuer.log_in(here.page, email)
        here.page.wait_for_url(f"{self.url}/**")
        here.errors.clear()  # from here on it asks nobody but us
        here.foreign.clear()
        return here


def opened_question(here: Visit, folder: Path, span: Mapping[str, str]) -> None:
    """Upload an area, and look at the dates of one small tile of it."""
    here.settle()
    file = folder / "meadow.geojson"
    file.write_text(json.dumps({"type": "Polygon", "coordinates": MEADOW}))
    here.choose("File")
    here.page.locator('input[type="file"]').set_input_files(file)
    here.press("Use this area")
    area = parse_qs(urlsplit(here.page.url).query)["area"][0]
    here.open(f"/acquisitions?{urlencode({'area': area, 'grid': '600', 'radius': '0'} | dict(span))}")
    here.page.locator(".sheet table").wait_for(timeout=120_000)
    here.settle()


@contextmanager
def site(
    folder: Path,
    archive: str,
    issuing: Callable[[int, str], AbstractContextManager[Issuer]],
    path: str = "",
    **changes: object,
) -> Iterator[Site]:
    """A host that serves below a path; `changes` are settings of ours."""
    *of_front, issuer_port = free_ports(4)
    ports = front.Ports(*of_front)
    url = f"https://localhost:{ports.tls}{path}"
    certificate = front.Certificate.made(folder)
    example = "ninepatch-subpath.conf" if path else "ninepatch.conf"
    with ExitStack() as stack:
        issuer = stack.enter_context(issuing(issuer_port, f"{url}/oauth2callback"))
        login = {"oidc_issuer": issuer.url, "oidc_client_id": CLIENT, "oidc_client_secret": SECRET}
        settings = {"public_url": url, "port": ports.app, "provider": "demo", "demo_url": archive, **login, **PEOPLE}
        settings |= {"oidc_prompt": issuer.prompt, "online_basemap": False, "least_coverage": 0, **changes}
        machine = Machine.made(folder, settings)
        configured = front.configured(example, folder / "nginx", certificate, ports)
        services = stack.enter_context(machine.running("web", "worker"))
        made = Site(url, machine, issuer, certificate, ports, services, configured, stack.enter_context(ExitStack()))
        made.start_proxy()
        made.until_well()
        yield made
