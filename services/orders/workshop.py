"""Workshop: what orders are worked with, the same for the bill and for the worker."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from services.accounting import Budget, Ledger
from services.cache import FrameStore
from services.providers import Provider
from services.recipe import Recipe
from services.settings import Settings
from services.storage import Database


@dataclass(frozen=True)
class Workshop:
    """The parts of the product that orders need."""

    settings: Settings
    database: Database
    frames: FrameStore
    ledger: Ledger
    provider: Callable[[Recipe], Provider]
    """Where a recipe's pixels come from. Raises RecipeError."""
    budget: Callable[[Provider, str], Budget]
    """What a member may spend there."""
    clock: Callable[[], float] = time.time
    """Seconds since 1970, by which months begin."""
