"""What a systemd unit says, as far as a process can be started by it."""

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

UNITS = Path(__file__).resolve().parents[2] / "deploy" / "systemd"


@dataclass(frozen=True)
class Unit:
    """One service."""

    entries: Mapping[str, tuple[str, ...]]
    """Of all sections: key → its values in their order."""

    @classmethod
    def named(cls, name: str) -> "Unit":
        """Of the folder of units."""
        entries: dict[str, tuple[str, ...]] = {}
        for line in (UNITS / f"{name}.service").read_text().splitlines():
            if line and not line.startswith(("#", "[")):
                key, _, value = line.partition("=")
                entries[key] = (*entries.get(key, ()), value)
        return cls(entries)

    def one(self, key: str) -> str:
        """The value of a key that stands there once."""
        (value,) = self.entries[key]
        return value

    @property
    def command(self) -> list[str]:
        """What is run."""
        return shlex.split(self.one("ExecStart"))

    @property
    def environment(self) -> list[str]:
        """All of it: `NAME=value`."""
        return [pair for line in self.entries["Environment"] for pair in shlex.split(line)]
