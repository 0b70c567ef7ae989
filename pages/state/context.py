"""The one product, job table, store of areas, library and gallery of this process, shared by all sessions."""

from typing import Any

import streamlit as st

from pages.access.door import Door
from services.access import AuditLog, Entrance, LogOuts, Roster
from services.area import AreaStore, Library
from services.gallery import Gallery
from services.jobs import JobStore
from services.ninepatch import Ninepatch
from services.providers import Default, default_provider
from services.settings import Settings, load_settings
from services.storage import MemoryCache

EVERYWHERE = "0.0.0.0"  # noqa: S104 - it is only compared
"""Where Streamlit listens without its option."""


@st.cache_resource(show_spinner=False)
def settings() -> Settings:
    """The configuration as it was when the process started."""
    return load_settings()


@st.cache_resource(show_spinner=False)
def entrance() -> Entrance:
    """Where this process is served in truth, and how people prove who they are. Raises SettingsError."""
    return Entrance.of(
        settings(), listen=st.get_option("server.address") or EVERYWHERE, port=st.get_option("server.port")
    )


@st.cache_resource(show_spinner=False)
def door() -> Door:
    """Who comes in, and as what."""
    return Door(settings(), roster(), LogOuts(product().database), audit_log())


@st.cache_resource(show_spinner=False)
def product() -> Ninepatch:
    """What is known without asking anybody; questions and fetches are jobs."""
    return Ninepatch(settings())


@st.cache_resource(show_spinner=False)
def jobs() -> JobStore:
    """The table of jobs that the worker looks at."""
    return JobStore(product().database)


@st.cache_resource(show_spinner=False)
def areas() -> AreaStore:
    """The areas that links name."""
    return AreaStore(settings().home, int(settings().areas_gb * 1e9), library().polygons)


@st.cache_resource(show_spinner=False)
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


@st.cache_resource(show_spinner=False)
def outlines() -> MemoryCache[Any]:
    """Grids with their areas, lines of grids and outlines as maps draw them: what is shared of them, by digests."""
    return MemoryCache(settings().outline_bytes)


@st.cache_resource(show_spinner=False)
def default() -> Default:
    """Where questions go that name no provider, as it was found when the process started."""
    return default_provider(settings())
