"""Starts the server on this machine, with the items of a published folder; ends with it."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import requests

from tests.ports import free_port
from tests.postgres import Absent, checked, cluster, programs, running, until

ROOT = Path(__file__).resolve().parents[2]
PYTHON = ROOT / ".venv-pgstac/bin/python"


@contextmanager
def pgstac(folder: Path) -> Iterator[str]:
    """The address of a catalogue with `collection.json` and `items.ndjson` of a folder. Raises Absent."""
    found = programs("postgis")
    if not PYTHON.is_file():
        raise Absent("The STAC server is not installed: run sh tests/pgstac/install.sh.")
    with ExitStack() as stack:
        environment = stack.enter_context(cluster(found))
        _run("migrate", environment)
        for table, name in (("collections", "collection.json"), ("items", "items.ndjson")):
            _run("load", environment, table, str(folder / name))
        port = free_port()
        command = [str(PYTHON), "-m", "uvicorn", "--factory", "stac_fastapi.pgstac.app:create_app"]
        server = stack.enter_context(running([*command, "--port", str(port), "--log-level", "warning"], environment))
        url = f"http://127.0.0.1:{port}"
        until(lambda: requests.get(f"{url}/", timeout=5).ok, server)
        yield url


def _run(command: str, environment: dict[str, str], *words: str) -> None:
    """One of pypgstac's commands."""
    checked([str(PYTHON), "-m", "pypgstac.pypgstac", command, *words], environment)
