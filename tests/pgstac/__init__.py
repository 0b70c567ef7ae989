"""A STAC catalogue as the real ones are run: stac-fastapi-pgstac on PostgreSQL with PostGIS, for the tests."""

from tests.pgstac.server import pgstac
from tests.postgres import Absent

__all__ = ["Absent", "pgstac"]
