"""The lock is the pins with checksums; what is known to be vulnerable is found; silence is no clean answer."""

import os
import re
import subprocess
import sys
import tomllib
from importlib.metadata import distribution, distributions
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tools import audit

ROOT = Path(__file__).resolve().parent.parent
LOCK = (ROOT / "requirements.lock").read_text()
PLATFORMS = [
    {
        "sys_platform": "linux",
        "platform_machine": machine,
        "python_full_version": f"{python}.0",
        "python_version": python,
    }
    for machine in ("x86_64", "aarch64")
    for python in ("3.11", "3.12", "3.13")
]


def pinned() -> dict[str, str]:
    """Of requirements.txt: name → version."""
    lines = [line.split("#")[0].strip() for line in (ROOT / "requirements.txt").read_text().splitlines()]
    return {canonicalize_name(name): version for name, _, version in (line.partition("==") for line in lines if line)}


def locked() -> dict[str, Requirement]:
    """Of the lock: name → its line, without checksums."""
    lines = [Requirement(line.rstrip("\\ ")) for line in LOCK.splitlines() if re.match(r"\w", line)]
    return {canonicalize_name(line.name): line for line in lines}


@pytest.mark.parametrize("platform", PLATFORMS, ids=lambda one: f"{one['platform_machine']}-{one['python_version']}")
def test_the_lock_has_what_the_list_pins_and_nothing_else(platform: dict[str, str]) -> None:
    on_it = {
        name: str(line.specifier).removeprefix("==")
        for name, line in locked().items()
        if line.marker is None or line.marker.evaluate(platform)
    }
    wanted = pinned()
    if platform["platform_machine"] == "aarch64":  # Fiona has no wheel there
        del wanted["fiona"]
    assert on_it == wanted, "run `make lock`, and pin in requirements.txt what it adds"


def test_every_line_of_the_lock_has_checksums() -> None:
    blocks = re.split(r"\n(?=\w)", LOCK.partition("\n\n")[2] or LOCK)
    assert all("--hash=sha256:" in block for block in blocks if re.match(r"\w", block))


def test_the_lock_names_no_host() -> None:
    assert "://" not in LOCK and "index-url" not in LOCK


def test_the_override_for_fiona_is_the_pin() -> None:
    tool = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["uv"]
    (override,) = [Requirement(one) for one in tool["override-dependencies"]]
    assert str(override.specifier) == f"=={pinned()['fiona']}"


def test_no_program_of_ours_imports_fiona() -> None:
    """Where it has no wheel, nothing may need it: the pipeline's own modules are loaded without it."""
    code = (
        "import sys; sys.modules['fiona'] = None; import services.composite, services.export, services.area, geopandas"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


def test_the_application_starts_without_what_its_first_page_does_not_need(tmp_path: Path) -> None:
    """Each of these takes a tenth of a second and more, in which nobody is answered."""
    late = "rasterio", "rio_tiler", "xarray", "boto3", "eolearn", "geopandas", "matplotlib.pyplot", "pandas", "altair"
    code = f"import sys, cli, app; print([name for name in {late} if name in sys.modules])"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("NINEPATCH_")}
    environment |= {"NINEPATCH_HOME": str(tmp_path), "NINEPATCH_PROVIDER": "demo"}
    asked = [sys.executable, "-c", code]
    started = subprocess.run(asked, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    assert started.stdout.strip() == "[]"


def test_what_the_lock_installs_is_installed_here_in_these_versions() -> None:
    here = {canonicalize_name(one.metadata["Name"]) for one in distributions()}
    for name, version in pinned().items():
        assert name in here and distribution(name).version == version, name


def test_a_vulnerability_is_told_with_the_releases_that_mend_it() -> None:
    flaw = {"id": "CVE-2099-1", "fix_versions": ["1.1", "2.0"], "aliases": []}
    packages: list[dict[str, Any]] = [
        {"name": "a", "version": "1.0", "vulns": [flaw]},
        {"name": "b", "version": "2", "vulns": []},
    ]
    assert audit.found(packages) == ["a 1.0: CVE-2099-1, mended in 1.1, 2.0"]


@pytest.mark.parametrize(
    ("answers", "status", "said"),
    [
        ([[]], 0, audit.UNREACHED),
        ([[{"name": "pip", "version": "24.0", "vulns": []}], []], 0, audit.UNREACHED),
        (
            [[{"name": "pip", "version": "24.0", "vulns": []}], [{"name": "a", "version": "1", "vulns": []}]],
            0,
            "0 vuln",
        ),
        (
            [
                [{"name": "pip", "version": "24.0", "vulns": [{"id": "old", "fix_versions": []}]}],
                [{"name": "a", "version": "1", "vulns": [{"id": "CVE-2099-1", "fix_versions": []}]}],
            ],
            1,
            "a 1: CVE-2099-1, mended in no release",
        ),
    ],
    ids=["nobody answers", "nobody answers any more", "clean", "found"],
)
def test_the_audit_tells_what_it_knows(
    answers: list[list[dict[str, object]]],
    status: int,
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    coming = iter(answers)
    monkeypatch.setattr(audit, "asked", lambda *_: next(coming))
    assert audit.main() == status
    assert said in capsys.readouterr().out


def test_each_vulnerability_that_is_left_has_its_reason() -> None:
    assert all(len(reason) > 20 for reason in audit.IGNORED.values())
