"""Both engines for a test: the embedded file, and a schema of its own on a PostgreSQL that the session starts."""

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from services.storage import Database
from tests.postgres import Absent, cluster, programs

ENGINES = ("sqlite", "postgresql")


@dataclass(frozen=True)
class Place:
    """Where a team's database lies."""

    home: Path
    url: str
    """Empty for the embedded one."""

    def open(self) -> Database:
        """It, opened anew, as another process would."""
        return Database(self.home, self.url)

    @property
    def words(self) -> tuple[str, str]:
        """For the command line of a process that opens it too."""
        return str(self.home), self.url

    def run(self, statement: str) -> None:
        """Change it behind the program's back."""
        with self.open().transaction(write=True) as connection:
            connection.exec_driver_sql(statement)

    def rows(self, query: str) -> list[tuple[object, ...]]:
        """What it holds."""
        with self.open().transaction() as connection:
            return [tuple(row) for row in connection.exec_driver_sql(query)]


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of an empty database, for the whole session."""
    try:
        found = programs()
    except Absent as absent:
        pytest.skip(str(absent))
    with cluster(found) as variables:
        yield address_of(variables)


def address_of(variables: Mapping[str, str]) -> str:
    """Of the database of a server that was started, by the environment of its programs."""
    user = f"{variables['PGUSER']}:{variables['PGPASSWORD']}"
    return f"postgresql+psycopg://{user}@127.0.0.1:{variables['PGPORT']}/{variables['PGDATABASE']}"


@pytest.fixture
def schema(postgres: str) -> str:
    """The address of a schema in which there is nothing."""
    return new_schema(postgres)


def new_schema(postgres: str) -> str:
    """Another one."""
    name = f"s{uuid.uuid4().hex}"
    with psycopg.connect(postgres.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(f"CREATE SCHEMA {name}")
    return f"{postgres}?options=-csearch_path%3D{name}"


@pytest.fixture(params=ENGINES)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """A test that asks for it runs once on each engine."""
    return Place(tmp_path, "" if request.param == "sqlite" else request.getfixturevalue("schema"))
