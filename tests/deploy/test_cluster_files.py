"""The examples of several machines name what the program, the settings, Ray and each other really have."""

import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import sqlalchemy as sa
import typer.main
import yaml
from typer.core import TyperGroup

import cli
from services.access import Entrance
from services.runtime.worker import LEAVE_SECONDS
from services.settings import Settings, load_settings
from services.storage import object_store

ROOT = Path(__file__).resolve().parents[2]
GUIDE = (ROOT / "docs" / "cluster.md").read_text()
FOLDER = ROOT / "deploy" / "cluster"
COMPOSE: dict[str, Any] = yaml.safe_load((FOLDER / "compose.yaml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = [name for name, service in SERVICES.items() if service["image"] == "ninepatch"]
KUBERAY: dict[str, Any] = yaml.safe_load((ROOT / "deploy" / "kuberay" / "cluster.yaml").read_text())
GROUPS: list[dict[str, Any]] = [KUBERAY["spec"]["headGroupSpec"], *KUBERAY["spec"]["workerGroupSpecs"]]
_VARIABLE = re.compile(r"\$\{(\w+)(:\?[^}]*)?\}")
SECRET = "of-the-test"
"""What a variable of the compose file is set to."""


def filled(text: str) -> str:
    """As compose reads it."""
    return _VARIABLE.sub(SECRET, text)


def understood(words: list[str]) -> None:
    """By our own command line: each command is one, and each option one of its."""
    command: Any = typer.main.get_command(cli.app)
    while isinstance(command, TyperGroup):
        assert words and words[0] in command.commands, words
        command, words = command.commands[words[0]], words[1:]
    known = {name for parameter in command.params for name in parameter.opts}
    assert {word.partition("=")[0] for word in words if word.startswith("--")} <= known, words


def commands_of(text: str, begin: str) -> Iterator[list[str]]:
    """Of a document: what follows on that beginning of a command, up to its end or a remark."""
    for line in re.findall(rf"{re.escape(begin)}([^\n`]*)", text.replace("\\\n", " ")):
        yield shlex.split(re.split(r"\s#|&&|\|", line)[0])


def of_ray(command: str) -> set[str]:
    """Options that Ray itself knows of one of its commands."""
    program = shutil.which("ray", path=str(Path(sys.executable).parent))
    if program is None:
        pytest.skip("Ray is not installed: sh tests/cluster/install.sh")
    done = subprocess.run([program, command, "--help"], capture_output=True, text=True, check=True)
    return set(re.findall(r"(?<!\S)--[a-z][a-z-]*", done.stdout))


@pytest.mark.parametrize("name", OURS)
def test_a_container_of_the_example_starts_what_there_is_with_rights_and_time_as_on_a_host(name: str) -> None:
    service = SERVICES[name]
    build = FOLDER / service["build"]["context"]
    assert (build / service["build"]["dockerfile"]).is_file() and (build / "requirements.lock").is_file()
    words = service.get("command", ["python", "cli.py", "serve"])
    assert words[:2] == ["python", "cli.py"]
    understood(words[2:])
    assert service["read_only"] and service["cap_drop"] == ["ALL"] and service["tmpfs"] == ["/tmp"]
    assert int(service["stop_grace_period"].removesuffix("s")) >= LEAVE_SECONDS + 10
    for other, condition in service["depends_on"].items():
        healthy = condition["condition"] == "service_healthy"
        assert not healthy or "healthcheck" in SERVICES[other], other


def test_each_machine_of_the_example_has_a_disk_of_its_own_for_its_home() -> None:
    homes = [volume for name in OURS for volume in SERVICES[name]["volumes"]]
    assert [home.partition(":")[2] for home in homes] == ["/data"] * len(OURS) and len(set(homes)) == len(OURS)
    named = {volume.partition(":")[0] for service in SERVICES.values() for volume in service.get("volumes", ())}
    assert named == set(COMPOSE["volumes"])


@pytest.mark.parametrize("name", OURS)
def test_the_settings_of_the_example_are_read_and_let_its_services_start(
    name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """As the container would read them; its home and its address inside come from the image."""
    environment = SERVICES[name]["environment"]
    known = {f"NINEPATCH_{field.upper()}" for field in Settings.model_fields}
    assert set(environment) <= known
    monkeypatch.setenv("NINEPATCH_HOME", str(tmp_path))
    for variable, value in environment.items():
        monkeypatch.setenv(variable, filled(value))
    settings = load_settings()
    assert not settings.supervise, "the workers are containers of their own"
    Entrance.of(settings)
    store = object_store(settings)
    assert store is not None and store.name == settings.store


def test_the_addresses_of_the_example_agree_with_each_other() -> None:
    database, store = SERVICES["database"], SERVICES["store"]
    published = {name: SERVICES[name]["ports"][0].split(":") for name in ("database", "store")}
    given = database["environment"]
    for name in OURS:
        told = SERVICES[name]["environment"]
        url = sa.make_url(filled(told["NINEPATCH_DATABASE_URL"]))
        ours = url.drivername, url.username, url.password, url.database
        user, word, base = (given[f"POSTGRES_{what}"] for what in ("USER", "PASSWORD", "DB"))
        assert ours == ("postgresql+psycopg", user, filled(word), base)
        endpoint = urlsplit(told["NINEPATCH_STORE_ENDPOINT"])
        outside = SERVICES[name].get("network_mode") == "host"
        for host, port, service in ((url.host, url.port, "database"), (endpoint.hostname, endpoint.port, "store")):
            address, there, inside = published[service]
            assert (host, str(port or 5432)) == ((address, there) if outside else (service, inside))
    made = urlsplit(SERVICES["bucket"]["command"][-1])
    inside = urlsplit(SERVICES["worker-1"]["environment"]["NINEPATCH_STORE_ENDPOINT"])
    assert made.netloc == inside.netloc
    assert urlsplit(SERVICES["web"]["environment"]["NINEPATCH_STORE"]).netloc == made.path.strip("/")
    assert "command" not in store, "moto's own port is 5000"
    assert SERVICES["web"]["environment"]["NINEPATCH_LISTEN"] == published["store"][0] == "127.0.0.1"


def test_no_secret_of_the_examples_stands_in_them_and_the_guide_makes_each() -> None:
    text = (FOLDER / "compose.yaml").read_text()
    wanted = {variable for variable, _ in _VARIABLE.findall(text)}
    assert wanted == set(re.findall(r"([A-Z_]+)=%s", GUIDE)), "the line of the guide that writes .env"
    required = {variable for variable, needed in _VARIABLE.findall(text) if needed}
    assert required == wanted, "compose says what lacks"
    hidden = [name for name, field in Settings.model_fields.items() if "Secret" in str(field.annotation)]
    values = {f"NINEPATCH_{name.upper()}" for name in hidden} | {"POSTGRES_PASSWORD"}
    for service in SERVICES.values():
        for variable, value in service.get("environment", {}).items():
            assert variable not in values or _VARIABLE.search(value) or variable.endswith("ACCESS_KEY"), variable
    for container in containers():
        for entry in container["env"]:
            assert "valueFrom" in entry or entry["name"] not in values | {"RAY_AUTH_TOKEN"}, entry


def test_images_of_others_are_pinned() -> None:
    for service in SERVICES.values():
        assert service["image"] == "ninepatch" or re.search(r":\d", service["image"]), service["image"]


def containers() -> list[dict[str, Any]]:
    """Of all pods of the cluster of Kubernetes."""
    return [one for group in GROUPS for one in group["template"]["spec"]["containers"]]


def test_pods_mount_what_they_have_and_find_settings_home_and_head_where_they_look() -> None:
    for group in GROUPS:
        pod = group["template"]["spec"]
        volumes = {volume["name"]: volume for volume in pod["volumes"]}
        for container in pod["containers"]:
            mounts = {mount["name"]: mount["mountPath"] for mount in container["volumeMounts"]}
            told = {entry["name"]: entry.get("value", "") for entry in container["env"]}
            assert set(mounts) <= set(volumes)
            assert told["NINEPATCH_HOME"] == mounts["home"]
            assert told["NINEPATCH_SETTINGS"] == f"{mounts['settings']}/settings.toml"
            assert volumes["settings"]["secret"]["secretName"] == "ninepatch-settings"
            held = int(group["rayStartParams"]["object-store-memory"])
            room = int(volumes["memory"]["emptyDir"]["sizeLimit"].removesuffix("Mi")) * 2**20
            assert mounts["memory"] == "/dev/shm" and held < room
    begin = (ROOT / "deploy" / "kuberay" / "cluster.yaml").read_text()
    assert "create secret generic ninepatch-settings --from-file=settings.toml" in begin


def test_the_worker_beside_the_head_is_a_command_of_ours_and_joins_by_the_operators_names() -> None:
    (worker,) = (one for one in containers() if "command" in one)
    assert worker["command"][:2] == ["python", "cli.py"]
    understood(worker["command"][2:])
    told = {entry["name"]: entry for entry in worker["env"]}
    name = KUBERAY["metadata"]["name"]
    assert told["NINEPATCH_RAY_ADDRESS"]["value"] == f"{name}-head-svc:6379"
    assert told["RAY_AUTH_TOKEN"]["valueFrom"]["secretKeyRef"] == {"name": name, "key": "auth_token"}
    assert "port" not in GROUPS[0]["rayStartParams"], "6379 is Ray's own"
    load_settings(engine=told["NINEPATCH_ENGINE"]["value"], ray_address=told["NINEPATCH_RAY_ADDRESS"]["value"])


def test_a_node_is_probed_at_a_port_of_its_own_without_programs_that_the_image_lacks() -> None:
    for group in GROUPS:
        node = group["template"]["spec"]["containers"][0]
        for probe in ("readinessProbe", "livenessProbe"):
            assert str(node[probe]["tcpSocket"]["port"]) == group["rayStartParams"]["node-manager-port"]


def test_ray_knows_each_option_that_its_nodes_are_started_with() -> None:
    known = of_ray("start")
    for group in GROUPS:
        assert {f"--{name}" for name in group["rayStartParams"]} <= known
    told = [words for words in commands_of(GUIDE, ".venv/bin/ray start") if words]
    assert len(told) == 3
    for words in told:
        assert {word.partition("=")[0] for word in words} <= known


def test_commands_of_orders_in_the_guide_are_ones() -> None:
    told = [*commands_of(GUIDE, "`order ")]
    assert told
    for words in told:
        understood(["order", *words])
