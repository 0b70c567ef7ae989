"""Where bytes and rows lie: atomic files, the database, stores of bytes, locks, arrays in memory."""

from services.storage.atomic_file import write_beside
from services.storage.backup import Backup, back_up, restore
from services.storage.byte_store import ByteStore
from services.storage.bytes_disk import sealed, unsealed
from services.storage.database import Database, going_on, table_of
from services.storage.disk import DiskState, disk_state, is_writable, require_local, require_room
from services.storage.file_lock import (
    FileLocks,
    Flights,
    Locks,
    SingleFlight,
    WorkerLife,
    WorkerLock,
    living,
    lock,
    unlock,
    worker_lives,
)
from services.storage.memory_cache import OVERHEAD, ArrayCache, MemoryCache, owned
from services.storage.objects import FolderObjects, ObjectStore, object_store
from services.storage.reservation import Reservation
from services.storage.sqlite_file import newest_copy

__all__ = [
    "OVERHEAD",
    "ArrayCache",
    "Backup",
    "ByteStore",
    "Database",
    "DiskState",
    "FileLocks",
    "Flights",
    "FolderObjects",
    "Locks",
    "MemoryCache",
    "ObjectStore",
    "Reservation",
    "SingleFlight",
    "WorkerLife",
    "WorkerLock",
    "back_up",
    "disk_state",
    "going_on",
    "is_writable",
    "living",
    "lock",
    "newest_copy",
    "object_store",
    "owned",
    "require_local",
    "require_room",
    "restore",
    "sealed",
    "table_of",
    "unlock",
    "unsealed",
    "worker_lives",
    "write_beside",
]
