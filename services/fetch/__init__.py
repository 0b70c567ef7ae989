"""Fetching: a plan in, its frames in the cache out, each the moment it arrives."""

from services.fetch.download import Arrivals, Ask, DownloadStats, gather

__all__ = [
    "Arrivals",
    "Ask",
    "DownloadStats",
    "gather",
]
