"""The commands of whoever looks after a server: backups, what is wrong, and whether it answers."""

from terminal.upkeep.backup import backup, restore
from terminal.upkeep.doctor import doctor
from terminal.upkeep.health import health

__all__ = ["backup", "doctor", "health", "restore"]
