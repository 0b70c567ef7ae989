"""Each example of the folder `deploy` is read by the program it is for, and names what is there."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from services.runtime.worker import LEAVE_SECONDS
from services.settings import Settings
from tests.deploy import front
from tests.deploy.unit import UNITS, Unit

ROOT = Path(__file__).resolve().parents[2]
CONTAINERS = ROOT / "deploy" / "containers"
GUIDE = (ROOT / "docs" / "hosting.md").read_text()
PORTS = front.Ports(18080, 18443, 18501)
SERVICES = ("ninepatch-web", "ninepatch-worker")


def program(name: str) -> str:
    """Where it is; the test is skipped where it is not."""
    found = shutil.which(name, path=f"{Path(sys.executable).parent}:{os.environ.get('PATH', '')}:/usr/sbin")
    if found is None:
        pytest.skip(f"{name} is not installed: sh tests/deploy/install.sh")
    return found


@pytest.mark.parametrize("name", SERVICES)
def test_systemd_understands_the_units(name: str, tmp_path: Path) -> None:
    verify = program("systemd-analyze")
    for service in SERVICES:  # each names the other, and a program that must be there
        text = (UNITS / f"{service}.service").read_text()
        (tmp_path / f"{service}.service").write_text(text.replace("/opt/ninepatch/.venv/bin/python", sys.executable))
    done = subprocess.run(
        [verify, "verify", str(tmp_path / f"{name}.service")], capture_output=True, text=True, check=False
    )
    ours = [line for line in done.stderr.splitlines() if "ninepatch" in line]
    assert (done.returncode, ours) == (0, [])


@pytest.mark.parametrize("name", SERVICES)
def test_a_unit_gives_the_worker_its_time_and_the_reader_its_confinement(name: str) -> None:
    unit = Unit.named(name)
    assert float(unit.one("TimeoutStopSec")) >= LEAVE_SECONDS + 10
    assert unit.one("KillMode") == "mixed", "what the service has started ends when the service says so"
    calls = " ".join(unit.entries["SystemCallFilter"])
    assert {"landlock_create_ruleset", "landlock_add_rule", "landlock_restrict_self", "seccomp"} <= set(calls.split())
    assert "MemoryDenyWriteExecute" not in unit.entries, "the evalscripts of the demo archive are compiled"


def test_the_units_differ_in_what_they_run_alone() -> None:
    web, worker = (Unit.named(name) for name in SERVICES)
    assert web.command[-1] == "serve" and worker.command[-1] == "worker"
    assert set(web.environment) - set(worker.environment) == {"NINEPATCH_SUPERVISE=false"}
    told = {"ExecStart", "Description", "Environment", "Wants"}
    assert {key for key in web.entries if web.entries[key] != worker.entries[key]} <= told


def test_a_command_of_the_terminal_has_the_settings_of_the_services() -> None:
    written = (UNITS / "ninepatch").read_text()
    for pair in Unit.named("ninepatch-worker").environment:
        if pair.startswith("NINEPATCH_"):
            assert pair in written, pair
    assert f"umask {Unit.named('ninepatch-worker').one('UMask')}" in written


@pytest.mark.parametrize("example", ["ninepatch.conf", "ninepatch-subpath.conf"])
def test_nginx_understands_the_examples(example: str, tmp_path: Path) -> None:
    program("nginx")
    folder = front.configured(example, tmp_path / "nginx", front.Certificate.made(tmp_path), PORTS)
    understood(folder)


def test_nginx_understands_the_example_with_a_proxy_that_logs_in(tmp_path: Path) -> None:
    program("nginx")
    folder = front.configured("ninepatch.conf", tmp_path / "nginx", front.Certificate.made(tmp_path), PORTS)
    front.with_oauth2_proxy(folder, 4180, "secret")
    understood(folder)


def understood(folder: Path) -> None:
    """By nginx itself, without a word."""
    done = subprocess.run(
        [front.NGINX, "-t", "-p", str(folder), "-c", "nginx.conf"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "[warn]" not in done.stderr and "[emerg]" not in done.stderr, done.stderr


def test_the_two_examples_of_nginx_are_one_but_for_the_path() -> None:
    root, below = ((front.EXAMPLES / name).read_text() for name in ("ninepatch.conf", "ninepatch-subpath.conf"))
    again = below.replace("/team/", "/")
    again = re.sub(r"    location = /team \{.*?\n    \}\n", "", again, flags=re.S)
    assert again.splitlines()[3:] == root.splitlines()[3:]


def test_caddy_understands_its_file(tmp_path: Path) -> None:
    done = subprocess.run(
        [program("caddy"), "validate", "--adapter", "caddyfile", "--config", str(CONTAINERS / "Caddyfile")],
        env={"NINEPATCH_HOST": "maps.example.org", "HOME": str(tmp_path), "PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def instructions() -> list[tuple[str, str]]:
    """Of the Dockerfile: word and rest, with lines that go on joined."""
    text = re.sub(r"\\\n\s*", "", (CONTAINERS / "Dockerfile").read_text())
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [(word, rest) for word, _, rest in (line.partition(" ") for line in lines)]


def test_the_image_has_all_of_the_product_and_nothing_else() -> None:
    copied = {
        source
        for word, rest in instructions()
        if word == "COPY" and "--from" not in rest
        for source in rest.split()[:-1]
    }
    assert copied == {"requirements.lock", "app.py", "cli.py", ".streamlit", "pages", "services", "terminal"}
    assert all((ROOT / source).exists() for source in copied)
    ignored = (CONTAINERS / "Dockerfile.dockerignore").read_text().splitlines()
    assert {line[1:] for line in ignored if line.startswith("!")} == copied and "*" in ignored


def test_the_image_runs_as_an_ordinary_user_who_can_be_asked_and_told_to_end() -> None:
    found = dict(instructions())
    assert found["USER"] == "10001"
    assert found["STOPSIGNAL"] == "SIGTERM"
    assert found["CMD"] == '["python", "cli.py", "serve"]', "the program itself hears the signal, no shell"
    assert found["HEALTHCHECK"].endswith('CMD ["python", "cli.py", "health"]')
    assert found["VOLUME"] == "/data" and "NINEPATCH_HOME=/data" in found["ENV"]


def test_a_linter_finds_nothing_in_the_dockerfile() -> None:
    done = subprocess.run(
        [program("hadolint"), str(CONTAINERS / "Dockerfile")], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, "")


def composed() -> dict[str, Any]:
    """The compose file."""
    loaded: dict[str, Any] = yaml.safe_load((CONTAINERS / "compose.yaml").read_text())
    return loaded


@pytest.mark.parametrize("name", ["web", "worker"])
def test_a_container_has_a_read_only_root_no_rights_and_time_to_end(name: str) -> None:
    service = composed()["services"][name]
    assert service["read_only"] and service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert int(service["stop_grace_period"].removesuffix("s")) >= LEAVE_SECONDS + 10
    assert service["volumes"] == ["home:/data"] and service["tmpfs"] == ["/tmp"]
    assert (CONTAINERS / service["build"]["context"] / service["build"]["dockerfile"]).is_file()
    assert "ports" not in service, "only Caddy is reached from outside"


def test_compose_names_only_files_and_volumes_that_are_told_of() -> None:
    compose = composed()
    for service in compose["services"].values():
        for volume in service["volumes"]:
            source = volume.partition(":")[0]
            assert source in compose["volumes"] or (CONTAINERS / source).is_file(), source
        assert set(service.get("secrets", [])) <= set(compose["secrets"])
    for secret in compose["secrets"].values():
        assert Path(secret["file"]).as_posix().removeprefix("./") in GUIDE
    assert "ninepatch.env" in GUIDE and (CONTAINERS / "ninepatch.env.example").is_file()


def test_every_setting_in_the_examples_is_one() -> None:
    known = {f"NINEPATCH_{field.upper()}" for field in Settings.model_fields}
    known |= {f"{name}_FILE" for name in known if "SECRET" in name} | {
        "NINEPATCH_HOST",
        "NINEPATCH_UPSTREAM",
        "NINEPATCH_SETTINGS",
    }
    for path in [*CONTAINERS.iterdir(), *UNITS.iterdir(), *front.EXAMPLES.iterdir()]:
        for name in re.findall(r"NINEPATCH_[A-Z_]+", path.read_text()):
            assert name in known, f"{path.name}: {name}"
    assert set(tomllib.loads((UNITS / "settings.toml").read_text())) <= set(Settings.model_fields)


def test_the_cluster_of_kubernetes_is_guarded_and_runs_what_is_pinned() -> None:
    described = yaml.safe_load((ROOT / "deploy" / "kuberay" / "cluster.yaml").read_text())["spec"]
    assert described["authOptions"]["mode"] == "token"
    assert f"ray=={described['rayVersion']} " in (ROOT / "requirements-cluster.txt").read_text()
    groups = [described["headGroupSpec"], *described["workerGroupSpecs"]]
    containers = [one for group in groups for one in group["template"]["spec"]["containers"]]
    assert [one["name"] for one in containers] == ["ray", "worker", "ray"] and len(
        {one["image"] for one in containers}
    ) == 1
    named = {entry["name"] for one in containers for entry in one["env"] if entry["name"].startswith("NINEPATCH_")}
    assert {name.removeprefix("NINEPATCH_").lower() for name in named} <= {*Settings.model_fields, "settings"}
