"""What all layers of tests share."""

import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from playwright.sync_api import Playwright, sync_playwright

ROOT = Path(__file__).resolve().parent.parent

os.environ["NINEPATCH_PROVIDER"] = "demo"  # whatever is chosen without it depends on the network

# A busy machine is no fault of the code.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")

RIGHTS = os.umask(0o022)
os.umask(RIGHTS)


def pytest_runtest_teardown() -> None:
    """A command of the terminal makes all that its process writes private; this process goes on with other tests."""
    os.umask(RIGHTS)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real test data beside the project; tests that need it skip where it is absent."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the folder of test data is not beside the project")
    return folder


@pytest.fixture(scope="session")
def components_found_once() -> Iterator[None]:
    """Each AppTest looks for components in all installed packages, but they stay the same."""
    from streamlit.components.v2 import manifest_scanner

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(manifest_scanner, "scan_component_manifests", cache(manifest_scanner.scan_component_manifests))
        yield


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """The one driver of browsers of a run: a second one in the same thread is refused while the first runs."""
    with sync_playwright() as driver:
        yield driver
