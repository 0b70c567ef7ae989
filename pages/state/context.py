"""The one product, job table, store of areas, library and gallery of this process, shared by all sessions."""

import threading
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

import streamlit as st

from pages.access.door import Door
from services.access import AuditLog, Entrance, LogOuts, Roster
from services.area import AreaStore, Library
from services.gallery import Gallery
from services.jobs import JobStore
from services.ninepatch import Ninepatch
from services.providers import Default, default_provider
from services.runtime import free_address
from services.settings import Settings, load_settings
from services.storage import MemoryCache

T = TypeVar("T")
_MADE: dict[Callable[[], Any], Any] = {}
_MAKING = threading.RLock()
"""What is made asks for others."""
EVERYWHERE = "0.0.0.0"  # noqa: S104 - it is only compared
"""Where Streamlit listens without its option."""


def once(make: Callable[[], T]) -> Callable[[], T]:
    """As `st.cache_resource`, without the lock that it takes at each call, one for all threads: fifty members spent two
    fifths of Python's time at it, for a page asks for what is here a hundred times."""

    @wraps(make)
    def found() -> T:
        if make not in _MADE:
            with _MAKING:
                if make not in _MADE:
                    _MADE[make] = make()
        made: T = _MADE[make]
        return made

    return found


def forget() -> None:
    """Begin as a new process does; for tests."""
    _MADE.clear()


@once
def settings() -> Settings:
    """The configuration as it was when the process started; with the address of the demo archive that it starts."""
    found = load_settings()
    return found.model_copy(update={"demo_url": archive()}) if archive() else found


@once
def archive() -> str:
    """Where the demo archive will be that this process starts; empty where it starts none."""
    found = load_settings()
    return free_address() if found.supervise and not found.demo_url else ""


@once
def entrance() -> Entrance:
    """Where this process is served in truth, and how people prove who they are. Raises SettingsError."""
    return Entrance.of(
        settings(), listen=st.get_option("server.address") or EVERYWHERE, port=st.get_option("server.port")
    )


@once
def door() -> Door:
    """Who comes in, and as what."""
    return Door(settings(), roster(), LogOuts(product().database), audit_log())


@once
def product() -> Ninepatch:
    """What is known without asking anybody; questions and fetches are jobs."""
    return Ninepatch(settings())


@once
def jobs() -> JobStore:
    """The table of jobs that the worker looks at."""
    return JobStore(product().database)


@once
def areas() -> AreaStore:
    """The areas that links name."""
    return AreaStore(settings().home, int(settings().areas_gb * 1e9), library().polygons)


@once
def library() -> Library:
    """The areas that the team has named."""
    return Library(product().database)


def gallery() -> Gallery:
    """What the team has made."""
    return product().gallery


def audit_log() -> AuditLog:
    """Who did what to others' work or to the team's own."""
    return AuditLog(product().database)


def roster() -> Roster:
    """Who has which role."""
    return product().roster


@once
def outlines() -> MemoryCache[Any]:
    """Grids with their areas, lines of grids and outlines as maps draw them: what is shared of them, by digests."""
    return MemoryCache(settings().outline_bytes)


@once
def default() -> Default:
    """Where questions go that name no provider, as it was found when the process started."""
    return default_provider(settings())
