"""Timelapses: a recipe and what the cache has in, animated pictures and videos out; nothing is asked or paid."""

from services.animation.formats import FORMATS, Format
from services.animation.moments import DATES, KINDS, MONTHS, MOST_FRAMES, YEARS, Moment, Storyboard
from services.animation.service import SECONDS, SIDES, AnimationService, Request, Timelapse

__all__ = [
    "DATES",
    "FORMATS",
    "KINDS",
    "MONTHS",
    "MOST_FRAMES",
    "SECONDS",
    "SIDES",
    "YEARS",
    "AnimationService",
    "Format",
    "Moment",
    "Request",
    "Storyboard",
    "Timelapse",
]
