"""Budgets: how many processing units a job may cost, and a member and the team a month."""

from dataclasses import dataclass

from services.accounting.ledger import Ledger, Requester, Spending
from services.errors import BudgetReached
from services.plan import Plan
from services.providers import Limits, Provider
from services.settings import Settings

_SLACK = 1e-6
"""Units that nobody is stopped for: what is left of rounding."""


@dataclass(frozen=True)
class Budget:
    """The limits, in processing units; 0 is none. A month is one of the calendar, UTC, at one provider."""

    job: float = 0.0
    member: float = 0.0
    """Of each member, a month."""
    team: float = 0.0
    """Of all members together, a month."""

    @classmethod
    def of(cls, settings: Settings) -> "Budget":
        """As it is set."""
        return cls(settings.budget_job_units, settings.budget_member_units, settings.budget_team_units)

    def check(self, units: float, spent: Spending, member: str) -> None:
        """Raises BudgetReached where so many units more would pass a limit."""
        limits = (
            ("job", self.job, spent.run, "one job may cost"),
            ("member", self.member, spent.member, f"{member or 'a member'} may spend a month"),
            ("team", self.team, spent.team, "the team may spend a month"),
        )
        for name, limit, so_far, words in limits:
            if limit and so_far + units > limit + _SLACK:
                raise BudgetReached(
                    f"{units:,.1f} more units would pass the {limit:,.1f} that {words}: {so_far:,.1f} are spent.",
                    f"Ask for less, {'' if name == 'job' else 'wait for the next month, '}or raise the setting "
                    f"budget_{name}_units; what has been fetched is kept and stays usable.",
                )


@dataclass(frozen=True)
class CostEstimate:
    """What a fetch would cost, seen from the account."""

    units: float
    """Processing units by the service's formula."""
    spent: float
    """Units that the ledger has for this month, of all members."""
    quota: float
    """Units of the account a month; 0 is no limit."""
    seconds: float
    """How long the account's rate limit makes it last at least, where nobody else asks."""
    confirm: bool
    """More than the setting confirm_units: whoever asks is to confirm it."""
    refusal: BudgetReached | None
    """Why it would not start; None where it would."""

    @property
    def share(self) -> float:
        """Part of the month's quota that it would take, 0 to 1 or more."""
        return self.units / self.quota if self.quota else 0.0

    @property
    def spent_share(self) -> float:
        """Part of the month's quota that is spent, 0 to 1 or more."""
        return self.spent / self.quota if self.quota else 0.0


def quote(planned: Plan, provider: Provider, settings: Settings, ledger: Ledger, requester: Requester) -> CostEstimate:
    """What a plan would cost a member. Raises StorageError."""
    spent = ledger.spending(requester)
    try:
        Budget.of(settings).check(planned.units, spent, requester.member)
    except BudgetReached as error:
        refusal: BudgetReached | None = error
    else:
        refusal = None
    return CostEstimate(
        units=planned.units,
        spent=spent.team,
        quota=provider.limits.units_per_month,
        seconds=least_seconds(planned, provider.limits),
        confirm=0 < settings.confirm_units < planned.units,
        refusal=refusal,
    )


def least_seconds(planned: Plan, limits: Limits) -> float:
    """Seconds that the rate limit takes: what is beyond the first minute's allowance waits for the next ones'."""
    asked = (planned.requests, limits.requests_per_minute), (planned.units, limits.units_per_minute)
    minutes = max(count / limit if limit else 0.0 for count, limit in asked)
    return max(0.0, minutes - 1) * 60
