"""Costs: requests in, ledger, budgets and cost estimates out."""

from services.accounting.activity import ProviderActivity, activity, outcomes
from services.accounting.budget import GB, Budget, CostEstimate, dear, least_seconds, quote
from services.accounting.entry import Requester
from services.accounting.ledger import GROUPS, Ledger, UsageSummary
from services.accounting.metering import MeteredSource, RequestMeter, unheard
from services.accounting.pace import expected_seconds, pace

__all__ = [
    "GB",
    "GROUPS",
    "Budget",
    "CostEstimate",
    "Ledger",
    "MeteredSource",
    "ProviderActivity",
    "RequestMeter",
    "Requester",
    "UsageSummary",
    "activity",
    "dear",
    "expected_seconds",
    "least_seconds",
    "outcomes",
    "pace",
    "quote",
    "unheard",
]
