"""Where the application is on its server: the base path, which Streamlit puts before its routes and not before ours.

A proxy may stand between that serves it below a prefix and takes the prefix off: then a browser asks at another path.
"""

import os
from urllib.parse import urlsplit

import streamlit as st

from services.access import FORWARDED_VARIABLE, PATH, Entrance, Login
from services.errors import SettingsError

BASE = (st.get_option("server.baseUrlPath") or "").strip("/")
PREFIX = f"/{BASE}" if BASE else ""
"""Of our routes on this server."""
PAGES = ("area", "acquisitions", "results", "compare", "masks", "gallery", "orders", "activity", "help", "members")
"""Last parts of the addresses of pages."""


def require_served(entrance: Entrance) -> None:
    """Raises SettingsError where the application was started otherwise than its settings say.

    That is at another path than the public address has, or where a login hangs on the other end of the socket, and
    the server would believe anybody at this machine what it is.
    """
    if entrance.login is Login.PROXY and os.environ.get(FORWARDED_VARIABLE) != "":
        raise SettingsError(
            "With a proxy that says who people are, the application is to see whom a connection comes from.",
            f"Start it by `python cli.py serve`, or with {FORWARDED_VARIABLE} set to nothing.",
        )
    if entrance.public is not None and entrance.path != PREFIX:
        raise SettingsError(
            f"The application is served below {PREFIX or '/'}, and its public address is {entrance.public}.",
            "Start it by `python cli.py serve`, and let the proxy pass the path on as it is.",
        )


def prefix() -> str:
    """What stands before our routes for the browser that is answered: what the address of its page begins with."""
    url = st.context.url
    return PREFIX if url is None else prefix_of(url)


def prefix_of(url: str) -> str:
    """The same of the address of a page; PREFIX where a path has signs that ours never have."""
    path = urlsplit(url).path.rstrip("/")
    above, _, page = path.rpartition("/")
    before = above if page in PAGES else path
    return before if PATH.fullmatch(before) else PREFIX
