"""A real STAC API on this machine: rustac's server, with items in its memory."""

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

from tests.ports import free_port

STARTS_SECONDS = 30.0


@contextmanager
def rustac_server(items: Sequence[dict[str, Any]], folder: Path) -> Iterator[str]:
    """Its address meanwhile; skips the test where the server is not installed."""
    program = shutil.which("rustac", path=str(Path(sys.executable).parent)) or shutil.which("rustac")
    if program is None:
        pytest.skip("rustac, a STAC server for tests, is not installed: pip install -r requirements-dev.txt")
    file = folder / "items.json"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": list(items)}))
    address = f"127.0.0.1:{free_port()}"
    command = [program, "serve", "--create-collections", "--addr", address, str(file)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            _wait_for(f"http://{address}/", process)
            yield f"http://{address}"
        finally:
            process.terminate()


def _wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + STARTS_SECONDS
    while True:
        try:
            with urlopen(url, timeout=5):
                return
        except OSError:
            assert process.poll() is None, "rustac ended at once"
            assert time.monotonic() < until, "rustac does not answer"
            time.sleep(0.05)
