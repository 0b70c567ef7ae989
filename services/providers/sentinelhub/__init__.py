"""The Sentinel Hub family: searches and block requests in, acquisitions and blocks of pixels out, within limits."""

from services.providers.sentinelhub.account import Account, account_of
from services.providers.sentinelhub.catalog import Catalogue
from services.providers.sentinelhub.check import check_provider
from services.providers.sentinelhub.cost import TERMS, processing_units
from services.providers.sentinelhub.process import fetch_block
from services.providers.sentinelhub.program import DEMO_TOKEN_PATH
from services.providers.sentinelhub.provider import KNOWN, SentinelHub, demo_archive, described

__all__ = [
    "DEMO_TOKEN_PATH",
    "KNOWN",
    "TERMS",
    "Account",
    "Catalogue",
    "SentinelHub",
    "account_of",
    "check_provider",
    "demo_archive",
    "described",
    "fetch_block",
    "processing_units",
]
