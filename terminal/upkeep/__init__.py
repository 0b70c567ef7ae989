"""The commands of whoever looks after a server: backups, and what is wrong."""

from terminal.upkeep.backup import backup, restore

__all__ = ["backup", "restore"]
