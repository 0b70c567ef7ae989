"""What keeps one visitor from stopping the others: rates, threads by turns, budgets of uploads, patience with peers."""

from pages.limits.connections import guard_connections, raise_file_limit
from pages.limits.lanes import Busy, Lane, in_lane
from pages.limits.pace import every, patience, turn
from pages.limits.rates import RateLimit
from pages.limits.shutdown import end_in_time
from pages.limits.sweep import swept
from pages.limits.uploads import UploadBudget, give_back, refusal

__all__ = [
    "Busy",
    "Lane",
    "RateLimit",
    "UploadBudget",
    "end_in_time",
    "every",
    "give_back",
    "guard_connections",
    "in_lane",
    "patience",
    "raise_file_limit",
    "refusal",
    "swept",
    "turn",
]
