"""What the demo archive in test mode was asked."""

from typing import Any

import requests


def asked(archive: str) -> list[dict[str, Any]]:
    """The Process requests since the last look."""
    log = requests.get(f"{archive}/_test/log", timeout=30).json()["requests"]
    requests.post(f"{archive}/_test/reset", timeout=30)
    return [entry for entry in log if entry["endpoint"] == "process"]
