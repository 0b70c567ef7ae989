"""Known vulnerabilities of what the lock installs, by pip-audit: `python -m tools.audit`.

Exit status 1 names what was found. Where the advisories cannot be reached it says so, and nothing is audited: pip-audit
itself then finds no package, and calls that clean.
"""

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

LOCK = Path(__file__).resolve().parents[1] / "requirements.lock"
IGNORED: Mapping[str, str] = {
    "CVE-2025-69872": "diskcache unpickles what lies in its folder: ours is opened with a Disk that refuses pickles",
}
"""What is known and cannot do harm here, each with its reason."""
UNREACHED = "pip-audit: the advisories cannot be reached from here; nothing was audited."
PROBE = "pip==24.0\n"
"""A release that every advisory service knows."""


def asked(requirements: str, *options: str) -> list[dict[str, Any]]:
    """What is known of each package of a list, or nothing where nobody answers; the list names all of them."""
    command = [sys.executable, "-m", "pip_audit", "-r", "/dev/stdin", "--no-deps", "--disable-pip", "--timeout", "5"]
    command += ["--format", "json", "--progress-spinner", "off", *options]
    answer = subprocess.run(command, input=requirements, capture_output=True, text=True, check=False)
    try:
        packages: list[dict[str, Any]] = json.loads(answer.stdout)["dependencies"]
    except ValueError:
        return []
    return [package for package in packages if "skip_reason" not in package]


def found(packages: Sequence[Mapping[str, Any]]) -> list[str]:
    """A line for each vulnerability: package, version, its number, and the releases that mend it."""
    return [
        f"{package['name']} {package['version']}: {flaw['id']}, "
        f"mended in {', '.join(flaw['fix_versions']) or 'no release'}"
        for package in packages
        for flaw in package["vulns"]
    ]


def main() -> int:
    """Say what was found; a quick question first tells whether anybody answers."""
    packages = asked(PROBE) and asked(LOCK.read_text(), *(f"--ignore-vuln={name}" for name in IGNORED))
    if not packages:
        sys.stdout.write(f"{UNREACHED}\n")
        return 0
    flaws = found(packages)
    sys.stdout.write("\n".join([*flaws, f"pip-audit: {len(packages)} packages, {len(flaws)} vulnerabilities."]) + "\n")
    return 1 if flaws else 0


if __name__ == "__main__":
    sys.exit(main())
