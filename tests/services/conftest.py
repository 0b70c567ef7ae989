"""What the tests of services share."""

from tests.services.databases import place, postgres, schema

__all__ = ["place", "postgres", "schema"]
