"""Timelapses: a recipe and what the cache has in, animated pictures and videos out; nothing is asked or paid."""

from services.animation.formats import FORMATS
from services.animation.moments import DATES, KINDS, MONTHS, YEARS
from services.animation.service import SECONDS, SIDES, AnimationService, Request, Timelapse

__all__ = [
    "DATES",
    "FORMATS",
    "KINDS",
    "MONTHS",
    "SECONDS",
    "SIDES",
    "YEARS",
    "AnimationService",
    "Request",
    "Timelapse",
]
