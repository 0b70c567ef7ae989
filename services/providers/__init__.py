"""Where pixels come from: settings in, providers out; of those, acquisitions and blocks of pixels within limits."""

from services.providers.agreement import agreement
from services.providers.base import (
    AskPage,
    Block,
    Limits,
    Page,
    Program,
    Provider,
    Source,
    Step,
    Try,
    TryCallback,
    Words,
    directly,
    ignore,
)
from services.providers.choice import Default, default_provider, find_provider, without_gaps
from services.providers.item_search import MAX_PAGES, PAGE
from services.providers.kept_answers import (
    SETTLED,
    cached_search,
    keep_search,
    marked,
    offer_search,
    remember_gone,
    search_notes,
)
from services.providers.registry import all_providers, provider_named

__all__ = [
    "MAX_PAGES",
    "PAGE",
    "SETTLED",
    "AskPage",
    "Block",
    "Default",
    "Limits",
    "Page",
    "Program",
    "Provider",
    "Source",
    "Step",
    "Try",
    "TryCallback",
    "Words",
    "agreement",
    "all_providers",
    "cached_search",
    "default_provider",
    "directly",
    "find_provider",
    "ignore",
    "keep_search",
    "marked",
    "offer_search",
    "provider_named",
    "remember_gone",
    "search_notes",
    "without_gaps",
]
