"""The commands of whoever looks after a server: backups, and what is wrong."""

from terminal.upkeep.backup import backup, restore
from terminal.upkeep.doctor import doctor

__all__ = ["backup", "doctor", "restore"]
