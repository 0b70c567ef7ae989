"""The Sentinel Hub family: searches and block requests in, acquisitions and blocks of pixels out, within limits."""

from services.providers.sentinelhub.catalog import SETTLED, Catalogue, cached_search
from services.providers.sentinelhub.check import check_provider
from services.providers.sentinelhub.client import Account, account_of
from services.providers.sentinelhub.process import Block, fetch_block, window
from services.providers.sentinelhub.response import Answer, quota_spent

__all__ = [
    "SETTLED",
    "Account",
    "Answer",
    "Block",
    "Catalogue",
    "account_of",
    "cached_search",
    "check_provider",
    "fetch_block",
    "quota_spent",
    "window",
]
