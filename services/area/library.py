"""The library: named areas that the team shares, in its database. Each entry is whole: it needs no file beside it.

An outline is in it once, by one name; a name belongs to one outline.
"""

import json
import time
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, fields, replace

import sqlalchemy as sa

from services.access import Action, Actor, Role, record
from services.area.aoi import AOI
from services.area.saved_areas import area_of
from services.area.thumbnail import outline_path
from services.errors import LibraryError
from services.formats import Rings
from services.storage import Database, table_of
from services.text import clean_name, fold

MOST = 2_000
"""Areas in the library."""
LARGEST = 32_000_000
"""Characters of an outline as it is kept; the largest that the default settings accept has about 8 million."""
TOTAL = 1_000_000_000
"""Characters of all outlines together: the database of the jobs is on the same disk."""
_TICK = 1e-6
"""Seconds by which a use is later than the one before, whatever the clock says."""


@dataclass(frozen=True)
class Entry:
    """What a list shows of an area; its outline is opened by the id."""

    id: str
    """Digest of the outline: the same whatever the name."""
    name: str
    """One line of at most 80 characters; a user's word, so never markup."""
    member: str
    """Who saved it first; a user's word too."""
    saved: float
    """Seconds since 1970 at which that was."""
    used: float
    """When it was last used or saved, on the same clock, and later than all that were used before."""
    area_km2: float
    longitude: float
    """Of its centroid, in degrees, as the latitude."""
    latitude: float
    path: str
    """Its thumbnail, as `thumbnail.outline_path` draws it."""


AREAS = table_of("library", Entry, folded=str, area=str, size=int)
_SHOWN = [AREAS.c[field.name] for field in fields(Entry)]


class Library:
    """The table. Every method raises StorageError where the database fails."""

    def __init__(self, database: Database, clock: Callable[[], float] = time.time) -> None:
        self._database, self._clock = database, clock

    def save(self, aoi: AOI, actor: Actor) -> Entry:
        """Put the area on top; one whose outline is there already only gets the new name, which is a renaming.

        Raises LibraryError where the name is another outline's, or the library or the outline is too large, and
        NotAllowed.
        """
        actor.require(Role.MEMBER, "save an area")
        name = _named(aoi.name)
        area = json.dumps({"name": name, "polygons": aoi.polygons, "notes": aoi.notes})
        if len(area) > LARGEST:
            raise LibraryError(
                f"The outline has {aoi.vertices:,} vertices, too many for the library.", "Simplify it first."
            )
        longitude, latitude = aoi.centroid
        entry = Entry(
            id=aoi.outline_digest,
            name=name,
            member=actor.name,
            saved=self._clock(),
            used=0.0,
            area_km2=aoi.area_km2,
            longitude=longitude,
            latitude=latitude,
            path=outline_path(aoi),
        )
        with self._database.transaction(write=True) as connection:
            _refuse_taken(connection, entry.id, name)
            before = _entry(connection, entry.id)
            if before is None:
                _refuse_full(connection, len(area))
                kept = {"folded": fold(name), "area": area, "size": len(area)}
                connection.execute(sa.insert(AREAS).values(vars(entry) | kept))
            elif before.name != name:
                _rename(connection, before, name, actor)
            used = self._touch(connection, entry.id)
        return replace(before or entry, name=name, used=used)

    def find(self, aoi: AOI) -> Entry | None:
        """The entry of this outline, whatever either is called."""
        with self._database.transaction() as connection:
            return _entry(connection, aoi.outline_digest)

    def search(self, text: str = "", limit: int = 20) -> tuple[Entry, ...]:
        """Those whose names have every word of the text in them, of any case and accents; the last used first."""
        query = sa.select(*_SHOWN).order_by(AREAS.c.used.desc(), AREAS.c.id).limit(limit)
        for word in fold(clean_name(text)).split():
            query = query.where(AREAS.c.folded.contains(word, autoescape=True))
        with self._database.transaction() as connection:
            return tuple(Entry(**row) for row in connection.execute(query).mappings())

    def open(self, id: str) -> AOI:  # noqa: A002 - what it is called everywhere
        """The area under its present name. Raises LibraryError where it is gone or damaged."""
        with self._database.transaction() as connection:
            row = connection.execute(sa.select(AREAS.c.name, AREAS.c.area).where(AREAS.c.id == id)).one_or_none()
        if row is None:
            raise _gone()
        try:
            aoi = area_of(json.loads(row.area))
        except (ValueError, KeyError, TypeError, RecursionError):
            aoi = None
        if aoi is None or aoi.outline_digest != id:
            raise LibraryError("The area in the library is damaged.", "Delete it, and save it again from its source.")
        return replace(aoi, name=row.name)

    def polygons(self, id: str) -> tuple[Rings, ...] | None:  # noqa: A002 - what it is called everywhere
        """Of that outline; None where it is not there, or damaged."""
        try:
            return self.open(id).polygons
        except LibraryError:
            return None

    def use(self, id: str) -> None:  # noqa: A002 - what it is called everywhere
        """Bring it to the top; nothing where it is gone."""
        with self._database.transaction(write=True) as connection:
            self._touch(connection, id)

    def rename(self, id: str, name: str, actor: Actor) -> None:  # noqa: A002 - what it is called everywhere
        """Raises LibraryError where it is gone, or the name is empty or another's; NotAllowed for another's area."""
        name = _named(name)
        with self._database.transaction(write=True) as connection:
            entry = _entry(connection, id)
            if entry is None:
                raise _gone()
            _refuse_taken(connection, id, name)
            _rename(connection, entry, name, actor)

    def delete(self, id: str, actor: Actor) -> None:  # noqa: A002 - what it is called everywhere
        """Take it out for everybody; nothing where it is gone. Links to the area do not need it.

        Raises NotAllowed for another's area.
        """
        with self._database.transaction(write=True) as connection:
            entry = _entry(connection, id)
            if entry is None:
                return
            actor.require_own(entry.member, "delete the area")
            connection.execute(sa.delete(AREAS).where(AREAS.c.id == id))
            if entry.member != actor.name:
                record(connection, actor, Action.AREA_DELETED, entry.name, f"{entry.member} had saved it.")

    def _touch(self, connection: sa.Connection, key: str) -> float:
        """Make it the last used, also by a clock that was set back; when."""
        last = connection.scalar(sa.select(sa.func.max(AREAS.c.used))) or 0.0
        used = max(self._clock(), last + _TICK)
        connection.execute(_row(key).values(used=used))
        return used


def _row(key: str) -> sa.Update:
    return sa.update(AREAS).where(AREAS.c.id == key)


def _rename(connection: sa.Connection, entry: Entry, name: str, actor: Actor) -> None:
    """Raises NotAllowed."""
    actor.require_own(entry.member, "rename the area")
    connection.execute(_row(entry.id).values(name=name, folded=fold(name)))
    if entry.member != actor.name:
        record(connection, actor, Action.AREA_RENAMED, entry.name, f"Now {name}; {entry.member} had saved it.")


def _entry(connection: sa.Connection, key: str) -> Entry | None:
    row = connection.execute(sa.select(*_SHOWN).where(AREAS.c.id == key)).mappings().one_or_none()
    return None if row is None else Entry(**row)


def _named(name: str) -> str:
    name = clean_name(unicodedata.normalize("NFC", clean_name(name)))  # which may make it longer
    if not name:
        raise LibraryError("An area of the library has a name, and this one has none.", "Write a name.")
    return name


def _refuse_taken(connection: sa.Connection, key: str, name: str) -> None:
    """Not for names that differ by an accent: Öja and Oja are two places."""
    others = sa.select(AREAS.c.name).where(AREAS.c.folded == fold(name), AREAS.c.id != key)
    for other in connection.scalars(others):
        if other.casefold() == name.casefold():
            raise LibraryError(f"Another area of the library is called {other}.", "Choose another name.")


def _refuse_full(connection: sa.Connection, more: int) -> None:
    count, size = connection.execute(sa.select(sa.func.count(), sa.func.sum(AREAS.c.size))).one()
    if count >= MOST:
        raise LibraryError(f"The library is full: it has {MOST:,} areas.", "Delete some that nobody uses.")
    if (size or 0) + more > TOTAL:
        raise LibraryError(
            f"The library is full: its outlines have {size / 1e6:,.0f} million characters.",
            "Delete large ones that nobody uses.",
        )


def _gone() -> LibraryError:
    return LibraryError("The area is not in the library any more: somebody deleted it.", "Choose another one.")
