"""A PostgreSQL of the tests' own, from the system's packages, which ends with them."""

from tests.postgres.server import Absent, checked, cluster, programs, running, until

__all__ = ["Absent", "checked", "cluster", "programs", "running", "until"]
