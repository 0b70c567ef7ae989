"""Log-outs: which logins are no longer good, though a copy of their cookie may be kept somewhere."""

import time
from collections.abc import Callable

import sqlalchemy as sa

from services.storage import Database

_rows = sa.Table("log_outs", sa.MetaData(), sa.Column("id", sa.String, primary_key=True), sa.Column("until", sa.Float))


class LogOuts:
    """The table. Every method raises StorageError where the database fails."""

    def __init__(self, database: Database, clock: Callable[[], float] = time.time) -> None:
        self._database, self._clock = database, clock

    def add(self, login: str, seconds: float) -> None:
        """Refuse the login, a digest, from now on; forgotten when it could not be used any more in any case."""
        now = self._clock()
        with self._database.transaction(write=True) as connection:
            connection.execute(sa.delete(_rows).where(sa.or_(_rows.c.id == login, _rows.c.until < now)))
            connection.execute(sa.insert(_rows).values(id=login, until=now + seconds))

    def has(self, login: str) -> bool:
        """Whether it was logged out."""
        with self._database.transaction() as connection:
            return connection.scalar(sa.select(_rows.c.id).where(_rows.c.id == login)) is not None
