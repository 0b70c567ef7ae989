"""A catalogue of open data with its files and signatures, on this machine, which misbehaves as it is told."""

from collections.abc import Callable

from services.providers.stac import Client
from tests.stac_archive.server import FILE, StacArchive, stac_archive

Open = Callable[..., Client]
"""Makes clients of it; `signed` where files need a signature, else keywords of the settings."""

__all__ = ["FILE", "Open", "StacArchive", "stac_archive"]
