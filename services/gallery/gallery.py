"""The gallery: what the team has made, in its database. A result has one entry, whatever becomes of its files."""

import hashlib
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any
from urllib.parse import urlencode

import sqlalchemy as sa

from services.access import Action, Actor, Role, record
from services.errors import GalleryError, RecipeError
from services.export import Result, ResultStore
from services.gallery.entry import (
    ASKED,
    GALLERY,
    KEPT,
    LONGEST_QUESTION,
    REMOVED,
    Entry,
    named,
    plain_notes,
    searched,
    sorted_by,
    usual_name,
)
from services.recipe import Recipe
from services.storage import Database, table_of
from services.text import clean_name, fold

MOST = 5_000
"""Entries that are shown; results beyond it have none, and nothing more is saved."""
AT_ONCE = 24
"""Entries that a page shows before somebody asks for more."""
SORTS: Mapping[str, tuple[str, tuple[Any, ...]]] = {
    "newest": ("Newest", (GALLERY.c.made.desc(),)),
    "oldest": ("Oldest", (GALLERY.c.made,)),
    "name": ("Name", (GALLERY.c.folded,)),
    "place": ("Place", (GALLERY.c.place, GALLERY.c.begins)),
    "interval": ("Interval", (GALLERY.c.begins.desc(), GALLERY.c.place)),
}
"""By name: what people read, and the order."""


@dataclass(frozen=True)
class Star:
    """A favourite of a member."""

    id: str
    """Digest of the other two."""
    entry: str
    member: str


STARS = table_of("gallery_stars", Star)
_SHOWN = [GALLERY.c[field.name] for field in fields(Entry)]


class Gallery:
    """The tables. Every method raises StorageError where the database fails."""

    def __init__(self, database: Database, clock: Callable[[], float] = time.time) -> None:
        self._database, self._clock = database, clock

    def ask(self, recipe: Recipe, question: Mapping[str, str], actor: Actor) -> None:
        """Note the link of a result that is asked for: its entry is shown once the result is there.

        Raises NotAllowed.
        """
        actor.require(Role.MEMBER, "make a picture")
        entry = self._result(recipe, actor.name, _query(question), question.get("view", ""))
        with self._database.transaction(write=True) as connection:
            if _state(connection, entry.id) is None:
                _insert(connection, entry, recipe, ASKED)
                return
            row = _row(entry.id)
            connection.execute(row.where(GALLERY.c.state == REMOVED).values(state=ASKED))
            connection.execute(row.where(GALLERY.c.question == "").values(question=entry.question, view=entry.view))

    def enter(self, recipe: Recipe, result: Result, member: str, made: float | None = None) -> None:
        """A result is there: it has its entry from now on; where the gallery is full, or somebody took it out, none."""
        entry = self._result(recipe, member, "", "")
        values = {"made": self._clock() if made is None else made, "simulated": result.simulated}
        with self._database.transaction(write=True) as connection:
            state = _state(connection, entry.id)
            if state in (KEPT, REMOVED) or _count(connection) >= MOST:
                return
            if state is None:
                _insert(connection, entry, recipe, KEPT)
            connection.execute(_row(entry.id).values(state=KEPT, **values))

    def gather(self, results: ResultStore, member_of: Callable[[str], str]) -> None:
        """Enter the results that have no entry yet: those of before there was a gallery."""
        with self._database.transaction() as connection:
            known = set(connection.scalars(sa.select(GALLERY.c.id).where(GALLERY.c.state != ASKED)))
        for digest, made in results.finished().items():
            result = None if digest in known else results.open(digest)
            if result is not None:
                self.enter(Recipe.from_dict(result.recipe), result, member_of(digest), made)

    def save(
        self,
        recipe: Recipe,
        question: Mapping[str, str],
        actor: Actor,
        *,
        name: str,
        notes: str = "",
        simulated: bool,
    ) -> Entry:
        """A picture that somebody names. Raises GalleryError without a name and where the gallery is full."""
        actor.require(Role.MEMBER, "save a picture")
        entry = Entry(
            id=uuid.uuid4().hex,
            digest=recipe.digest,
            name=named(name),
            notes=plain_notes(notes),
            member=actor.name,
            made=self._clock(),
            recipe=recipe.to_json(),
            question=_query(question),
            view=question.get("view", ""),
            simulated=simulated,
        )
        with self._database.transaction(write=True) as connection:
            if _count(connection) >= MOST:
                raise GalleryError(f"The gallery is full: it has {MOST:,} pictures.", "Remove some that nobody opens.")
            _insert(connection, entry, recipe, KEPT)
        return entry

    def find(self, id: str) -> Entry | None:  # noqa: A002 - what it is called everywhere
        """The entry, where it is shown."""
        with self._database.transaction() as connection:
            return _entry(connection, id)

    def search(
        self, text: str, actor: Actor, *, sort: str = "newest", favourites: bool = False, limit: int = AT_ONCE
    ) -> tuple[Entry, ...]:
        """Those that have every word of the text in name, notes, area or days, of any case and accents; or only the
        actor's favourites of them. Raises NotAllowed."""
        actor.require(Role.VIEWER, "look at the gallery")
        query = sa.select(*_SHOWN).where(GALLERY.c.state == KEPT).order_by(*SORTS[sort][1], GALLERY.c.id).limit(limit)
        if favourites:
            query = query.where(GALLERY.c.id.in_(_starred(actor)))
        for word in fold(clean_name(text)).split():
            query = query.where(GALLERY.c.found.contains(word, autoescape=True))
        with self._database.transaction() as connection:
            return tuple(Entry(**row) for row in connection.execute(query).mappings())

    def favourites(self, actor: Actor) -> frozenset[str]:
        """Ids of the actor's own."""
        with self._database.transaction() as connection:
            return frozenset(connection.scalars(_starred(actor)))

    def star(self, id: str, actor: Actor, *, on: bool) -> None:  # noqa: A002 - what it is called everywhere
        """Make it a favourite of the actor's, or no more. Raises GalleryError where it is gone, NotAllowed."""
        actor.require(Role.VIEWER, "choose favourites")
        star = Star(hashlib.sha256(f"{id}\n{actor.name}".encode()).hexdigest()[:32], id, actor.name)
        with self._database.transaction(write=True) as connection:
            if _entry(connection, id) is None:
                raise _gone()
            connection.execute(sa.delete(STARS).where(STARS.c.id == star.id))
            if on:
                connection.execute(sa.insert(STARS).values(vars(star)))

    def change(self, id: str, name: str, notes: str, actor: Actor) -> None:  # noqa: A002 - what it is called everywhere
        """Another name, other notes. Raises GalleryError where it is gone or has no name; NotAllowed for another's."""
        name, notes = named(name), plain_notes(notes)
        with self._database.transaction(write=True) as connection:
            entry = _entry(connection, id)
            if entry is None:
                raise _gone()
            actor.require_own(entry.member, "change the picture")
            recipe = Recipe.from_json(entry.recipe)
            besides = sorted_by(name, recipe) | {"found": searched(name, notes, recipe)}
            connection.execute(_row(id).values(name=name, notes=notes, **besides))
            if entry.member != actor.name:
                record(connection, actor, Action.PICTURE_CHANGED, entry.name, f"Now {name}; it was {_whose(entry)}.")

    def remove(self, id: str, actor: Actor) -> None:  # noqa: A002 - what it is called everywhere
        """Take it out for everybody, nothing where it is gone; the files of a result stay. Raises NotAllowed for
        another's."""
        with self._database.transaction(write=True) as connection:
            entry = _entry(connection, id)
            if entry is None:
                return
            actor.require_own(entry.member, "remove the picture")
            connection.execute(sa.delete(STARS).where(STARS.c.entry == id))
            if entry.is_result:
                connection.execute(_row(id).values(state=REMOVED, notes=""))
            else:
                connection.execute(sa.delete(GALLERY).where(GALLERY.c.id == id))
            if entry.member != actor.name:
                record(connection, actor, Action.PICTURE_REMOVED, entry.name, f"It was {_whose(entry)}.")

    def _result(self, recipe: Recipe, member: str, question: str, view: str) -> Entry:
        return Entry(
            id=recipe.digest,
            digest=recipe.digest,
            name=usual_name(recipe),
            notes="",
            member=member,
            made=self._clock(),
            recipe=recipe.to_json(),
            question=question,
            view=view,
            simulated=False,
        )


def _insert(connection: sa.Connection, entry: Entry, recipe: Recipe, state: str) -> None:
    besides = sorted_by(entry.name, recipe) | {"found": searched(entry.name, entry.notes, recipe), "state": state}
    connection.execute(sa.insert(GALLERY).values(vars(entry) | besides))


def _query(question: Mapping[str, str]) -> str:
    """Raises RecipeError where it is longer than a browser's address."""
    query = urlencode(question)
    if len(query) > LONGEST_QUESTION:
        raise RecipeError(f"The link has {len(query):,} characters, too many to keep.", "Exclude fewer dates by hand.")
    return query


def _row(key: str) -> sa.Update:
    return sa.update(GALLERY).where(GALLERY.c.id == key)


def _entry(connection: sa.Connection, key: str) -> Entry | None:
    query = sa.select(*_SHOWN).where(GALLERY.c.id == key, GALLERY.c.state == KEPT)
    row = connection.execute(query).mappings().one_or_none()
    return None if row is None else Entry(**row)


def _state(connection: sa.Connection, key: str) -> str | None:
    state: str | None = connection.scalar(sa.select(GALLERY.c.state).where(GALLERY.c.id == key))
    return state


def _count(connection: sa.Connection) -> int:
    return connection.scalar(sa.select(sa.func.count()).where(GALLERY.c.state == KEPT)) or 0


def _starred(actor: Actor) -> "sa.Select[tuple[str]]":
    return sa.select(STARS.c.entry).where(STARS.c.member == actor.name)


def _whose(entry: Entry) -> str:
    return f"{entry.member}'s" if entry.member else "nobody's"


def _gone() -> GalleryError:
    return GalleryError("The picture is not in the gallery any more: somebody removed it.", "Choose another one.")
