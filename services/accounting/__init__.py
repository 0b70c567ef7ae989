"""Units: requests in, ledger, budgets and cost estimates out."""

from services.accounting.budget import Budget, CostEstimate, quote
from services.accounting.ledger import GROUPS, Ledger, Requester, UsageSummary
from services.accounting.metering import RequestMeter

__all__ = [
    "GROUPS",
    "Budget",
    "CostEstimate",
    "Ledger",
    "RequestMeter",
    "Requester",
    "UsageSummary",
    "quote",
]
