"""A STAC catalogue as the real ones are run: stac-fastapi-pgstac on PostgreSQL with PostGIS, for the tests."""

from tests.pgstac.server import Absent, pgstac

__all__ = ["Absent", "pgstac"]
