"""How a service is asked over HTTP: connections with deadlines, its answers, how hard it is tried, and how fast."""

from services.providers.http.address import check_address, check_name, is_loopback
from services.providers.http.allowance import allowance
from services.providers.http.answer import Answer
from services.providers.http.connection import Connection
from services.providers.http.rate_limit import RateLimiter
from services.providers.http.retry import Postponed, RetryBudget

__all__ = [
    "Answer",
    "Connection",
    "Postponed",
    "RateLimiter",
    "RetryBudget",
    "allowance",
    "check_address",
    "check_name",
    "is_loopback",
]
