"""A Debian server in small: services started as their units say, as an ordinary user in a bare environment."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.deploy.unit import Unit

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = Path(__file__).with_name("as_unit.sh")
USER, NUMBER = "ninepatch", 64123
"""Of the account, which only the namespace knows."""
Process = subprocess.Popen[bytes]


@dataclass(frozen=True)
class Machine:
    """Its folders."""

    etc: Path
    home: Path
    logs: Path

    @classmethod
    def made(cls, folder: Path, settings: Mapping[str, object]) -> "Machine":
        """With an account of its own, and the settings in its file, as the guide says."""
        machine = cls(folder / "etc", folder / "home", folder / "logs")
        shutil.copytree("/etc", machine.etc, symlinks=True, ignore_dangling_symlinks=True)
        for name, rest in (("passwd", ":/var/lib/ninepatch:/usr/sbin/nologin"), ("group", "")):
            with (machine.etc / name).open("a") as accounts:
                accounts.write(f"{USER}:x:{NUMBER}:{NUMBER if rest else ''}{rest and ':'}{rest}\n")
        (machine.etc / "ninepatch").mkdir()
        file = machine.etc / "ninepatch" / "settings.toml"
        file.write_text("".join(f"{name} = {_toml(value)}\n" for name, value in settings.items()))
        for path, mode in ((file, 0o600), (machine.home, 0o700)):
            path.mkdir(exist_ok=True) if path is machine.home else None
            path.chmod(mode)
            os.chown(path, NUMBER, NUMBER)
        machine.logs.mkdir()
        return machine

    def start(self, name: str) -> Process:
        """The service, as its unit says."""
        unit = Unit.named(f"ninepatch-{name}")
        command = self._within(unit.one("User"), unit.one("UMask"), unit.one("WorkingDirectory"))
        with (self.logs / f"{name}.log").open("ab") as log:
            return subprocess.Popen(
                [*command, *unit.environment, *unit.command], stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )

    def command(self, *words: str) -> "subprocess.CompletedProcess[str]":
        """What an administrator types, who is root: `ninepatch …`."""
        program = "/opt/ninepatch/deploy/systemd/ninepatch"
        command = [*self._within("root", "0022", "/"), "PATH=/usr/sbin:/usr/bin:/sbin:/bin", program, *words]
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)

    def _within(self, user: str, umask: str, directory: str) -> list[str]:
        """The beginning of a command for this machine."""
        places = [ROOT, self.etc, self.home, Path(sys.base_prefix).resolve()]
        return ["unshare", "--mount", "sh", str(SCRIPT), *map(str, places), user, umask, directory]

    def said(self, name: str) -> str:
        """What the service has written."""
        return (self.logs / f"{name}.log").read_text()

    @contextmanager
    def running(self, *names: str) -> Iterator[dict[str, Process]]:
        """These services meanwhile; told to end after, as `systemctl stop` does."""
        processes = {name: self.start(name) for name in names}
        try:
            yield processes
        finally:
            for process in processes.values():
                process.send_signal(signal.SIGTERM)
            for name, process in processes.items():
                stopped(process, float(Unit.named(f"ninepatch-{name}").one("TimeoutStopSec")))


def stopped(process: Process, seconds: float) -> float:
    """How long it took to end by itself; it is killed where that is longer than it may."""
    begun = time.monotonic()
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    return time.monotonic() - begun


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int | float) else f'"{value}"'
