"""Budgets: how many units and GB a job may cost, and a member and the team a month; and the account's requests.

Requests have no budget of a member or a job: most cost units too, and those are shared out already.
"""

from dataclasses import dataclass, replace

from services.access import OwnBudget
from services.accounting.entry import Requester
from services.accounting.ledger import Ledger, Spending
from services.accounting.pace import expected_seconds, pace
from services.errors import BudgetReached, MonthReached
from services.plan import Cost
from services.providers import Limits, Provider
from services.settings import Settings
from services.text import megabytes, plural

_SLACK = 1e-6
"""Units that nobody is stopped for: what is left of rounding."""
GB = 10**9
"""Bytes."""


@dataclass(frozen=True)
class Budget:
    """The limits, in processing units and in GB; 0 is none. A month is one of the calendar, UTC, at one provider."""

    job: float = 0.0
    member: float = 0.0
    """Of each member, a month."""
    team: float = 0.0
    """Of all members together, a month."""
    job_gb: float = 0.0
    member_gb: float = 0.0
    team_gb: float = 0.0
    requests: float = 0.0
    """Of all members together, a month: the account's quota."""
    own: OwnBudget = OwnBudget()  # noqa: RUF009 - frozen
    """What of the member's is not as the settings say."""
    capped: bool = False
    """The units of a job are the cap of an order, which whoever goes on with it may raise: no setting is to be."""

    @classmethod
    def of(cls, settings: Settings, limits: Limits, own: OwnBudget) -> "Budget":
        """As it is set, at a provider with these limits, for a member with that own one."""
        whole = limits.units_per_month if settings.logs_in else 0.0
        return cls(
            job=settings.budget_job_units,
            member=settings.budget_member_units if own.units is None else own.units,
            team=whole if settings.budget_team_units is None else settings.budget_team_units,
            job_gb=settings.budget_job_gb,
            member_gb=settings.budget_member_gb if own.gb is None else own.gb,
            team_gb=settings.budget_team_gb,
            requests=limits.requests_per_month,
            own=own,
        )

    @property
    def of_months(self) -> "Budget":
        """Without what limits a single job."""
        return replace(self, job=0.0, job_gb=0.0)

    def check(self, cost: Cost, spent: Spending, member: str) -> None:
        """Raises BudgetReached where so much more would pass a limit."""
        limits = (
            ("job", self.job, self.job_gb, spent.run, "this order" if self.capped else "one job", ""),
            ("member", self.member, self.member_gb, spent.member, member or "a member", " a month"),
            ("team", self.team, self.team_gb, spent.team, "the team", " a month"),
        )
        for name, units, gb, so_far, who, month in limits:
            if units and so_far.units + cost.units > units + _SLACK:
                more, verb = f"{_told(cost.units)} more units", "spend" if month else "cost"
                told = f"{_told(units)} that {who} may {verb}{month}: {_told(so_far.units)} are spent"
                raise _reached(
                    f"{more} would pass the {told}.",
                    self._larger(name, "units"),
                    month,
                )
            if gb and cost.bytes and so_far.bytes + cost.bytes > gb * GB:
                told = f"{megabytes(gb * GB)} that {who} may download{month}: {megabytes(so_far.bytes)} are downloaded"
                raise _reached(
                    f"{megabytes(cost.bytes)} more would pass the {told}.",
                    self._larger(name, "gb"),
                    month,
                )
        asked = spent.team.requests
        if self.requests and cost.requests and asked + cost.requests > self.requests:
            more = plural(cost.requests, "more request")
            told = f"{self.requests:,.0f} that the account may be asked a month: {asked:,} are asked"
            raise _reached(f"{more} would pass the {told}.", "raise the setting requests_per_month", " a month")

    def _larger(self, name: str, counted: str) -> str:
        """How that limit is made a larger one: a cap by who goes on, an own one by an administrator, the others by a
        setting."""
        if name == "job" and counted == "units" and self.capped:
            return "go on with a larger cap"
        if name == "member" and getattr(self.own, counted) is not None:
            return "let an administrator give you a larger budget"
        return f"raise the setting budget_{name}_{counted}"


def _told(units: float) -> str:
    """With as many digits as tell little ones apart: a page of a catalogue costs hundredths."""
    return f"{units:,.2f}" if 0 < units < 1 else f"{units:,.1f}"


def _reached(cause: str, larger: str, month: str) -> BudgetReached:
    kind = MonthReached if month else BudgetReached
    wait = "wait for the next month, " if month else ""
    kept = "what has been fetched is kept and stays usable"
    return kind(cause, f"Ask for less, {wait}or {larger}; {kept}.")


@dataclass(frozen=True)
class CostEstimate:
    """What a fetch would cost, seen from the account."""

    cost: Cost
    """By the provider's terms."""
    spent: Cost
    """What the ledger has for this month, of all members."""
    quota: float
    """Units of the account a month; 0 is no limit."""
    seconds: float
    """How long the account's rate limit makes it last at least, where nobody else asks."""
    confirm: bool
    """More than the settings confirm_units or confirm_gb: whoever asks is to confirm it."""
    refusal: BudgetReached | None
    """Why it would not start; None where it would."""
    budget_bytes: float = 0.0
    """Bytes a month of the budget in GB: the team's, or the member's where the team has none; 0 is no limit."""
    budget_spent: int = 0
    """Bytes of it that are spent."""
    quota_requests: float = 0.0
    """Requests of the account a month; 0 is no limit."""
    expected: float = 0.0
    """Seconds that it takes about, see `expected_seconds`; the composite itself is not in it."""
    measured: bool = False
    """Whether that is by requests that the ledger has; else one is taken to last a second."""

    @property
    def share(self) -> float:
        """Part of the month's quota that it would take, 0 to 1 or more."""
        return self.cost.units / self.quota if self.quota else 0.0

    @property
    def spent_share(self) -> float:
        """Part of the month's quota that is spent, 0 to 1 or more."""
        return self.spent.units / self.quota if self.quota else 0.0

    @property
    def request_share(self) -> float:
        """Part of the month's requests that it would take, 0 to 1 or more."""
        return self.cost.requests / self.quota_requests if self.quota_requests else 0.0

    @property
    def spent_request_share(self) -> float:
        """Part of the month's requests that is spent, 0 to 1 or more."""
        return self.spent.requests / self.quota_requests if self.quota_requests else 0.0


def quote(
    cost: Cost, provider: Provider, settings: Settings, ledger: Ledger, requester: Requester, own: OwnBudget
) -> CostEstimate:
    """What a plan or a search of that cost would mean to a member with that own budget. Raises StorageError."""
    spent, budget = ledger.spending(requester), Budget.of(settings, provider.limits, own)
    try:
        budget.check(cost, spent, requester.member)
    except BudgetReached as error:
        refusal: BudgetReached | None = error
    else:
        refusal = None
    each, least = pace(ledger, provider.name), least_seconds(cost, provider.limits)
    return CostEstimate(
        cost=cost,
        spent=spent.team,
        quota=provider.limits.units_per_month,
        seconds=least,
        confirm=dear(cost, settings),
        refusal=refusal,
        budget_bytes=(budget.team_gb or budget.member_gb) * GB,
        budget_spent=(spent.team if budget.team_gb else spent.member).bytes,
        quota_requests=budget.requests,
        expected=expected_seconds(cost, each, settings.connections, least),
        measured=each is not None,
    )


def dear(cost: Cost, settings: Settings) -> bool:
    """Whether it is to be confirmed."""
    return 0 < settings.confirm_units < cost.units or 0 < settings.confirm_gb * GB < cost.bytes


def least_seconds(cost: Cost, limits: Limits) -> float:
    """Seconds that the rate limit takes: what is beyond the first minute's allowance waits for the next ones'."""
    asked = (cost.requests, limits.requests_per_minute), (cost.units, limits.units_per_minute)
    minutes = max(count / limit if limit else 0.0 for count, limit in asked)
    return max(0.0, minutes - 1) * 60
