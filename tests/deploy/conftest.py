"""What the tests of a host share: whether one can be made here, and a browser."""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Playwright

from tests.browser.conftest import CHROMIUM, FLAGS
from tests.demo_archive import recording_archive
from tests.deploy import front

Browsing = Callable[[front.Certificate], Browser]


@pytest.fixture(scope="session")
def host() -> None:
    """Skips where services cannot be started as on a server of their own."""
    if not front.NGINX:
        pytest.skip("nginx is not installed: sh tests/deploy/install.sh")
    if os.getuid() != 0 or shutil.which("unshare") is None:
        pytest.skip("services are started as another user, in a mount namespace: only root may")
    if subprocess.run(["unshare", "--mount", "true"], check=False, capture_output=True).returncode:
        pytest.skip("this machine does not let root make a mount namespace")


@pytest.fixture(scope="module")
def archive() -> Iterator[str]:
    """A demo archive that tells what it was asked."""
    with recording_archive() as url:
        yield url


@pytest.fixture(scope="session")
def browsing(playwright: Playwright) -> Browsing:
    """Starts browsers that believe one certificate and no other."""
    return lambda certificate: playwright.chromium.launch(
        executable_path=CHROMIUM, args=[*FLAGS, f"--ignore-certificate-errors-spki-list={certificate.pin}"]
    )
