"""The processes beside the web application: worker, supervisor, demo archive."""

from services.runtime.demo_process import demo_archive
from services.runtime.supervisor import archive_where_needed, free_address, supervised
from services.runtime.worker import Worker, follow, tune_malloc

__all__ = [
    "Worker",
    "archive_where_needed",
    "demo_archive",
    "follow",
    "free_address",
    "supervised",
    "tune_malloc",
]
