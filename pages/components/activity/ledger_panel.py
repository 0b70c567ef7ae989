"""What was spent and what the cache saved: the month against quota and budgets, and the ledger's sums."""

from collections.abc import Iterable, Sequence
from html import escape

import streamlit as st

from pages.components.activity.meter import meter
from pages.components.shared.definition_list import heading
from pages.components.shared.format import recipe_json_label
from pages.components.shared.html_table import html_table
from pages.routes.tables.csv import address
from pages.state import session
from pages.state.context import jobs, product, settings
from pages.state.member import actor, may
from services.access import Role
from services.accounting import GB, GROUPS, Requester, UsageSummary
from services.jobs import LOOK
from services.providers import all_providers
from services.text import megabytes, plural

_BY, _MONTH, _ALL = "ledger_by", "ledger_month", "all months"
_TITLES = {"member": "By member", "month": "By month", "recipe": "By picture"}
_COLUMNS = ("Requests", "Unanswered", "Received", "Bands fetched", "Cached bands", "Download saved")
_OF_UNITS = ("Units", "Units saved")


def month() -> None:
    """The present month against the account's quota and the budgets that are set."""
    ledger, source, who = product().ledger, session.provider(), actor()
    budget = product().budget(source, who.name)
    spent = ledger.spending(Requester(source.name, who.name, "", ""))
    heading(f"Spent in {ledger.month}")
    if source.words.units:
        _meter(f"Quota of {source.title}", spent.team.units, source.limits.units_per_month)
        _meter("Budget of the team", spent.team.units, budget.team)
        if may():
            _meter("Your budget", spent.member.units, budget.member)
    else:
        st.caption(f"{source.title}: {source.words.price(spent.team)}.")
    _meter_of_requests(f"Requests to {source.title}", spent.team.requests, source.limits.requests_per_month)
    _meter_of_bytes("Download budget of the team", spent.team.bytes, budget.team_gb)
    if may():
        _meter_of_bytes("Your download budget", spent.member.bytes, budget.member_gb)
    if source.words.units and budget.job:
        st.caption(f"One job may cost at most {budget.job:,.0f} units.")
    if budget.job_gb:
        st.caption(f"One job may download at most {megabytes(budget.job_gb * GB)}.")
    for other in all_providers(settings()):
        cost = ledger.month_cost(other.name)
        if other.name != source.name and cost.requests:
            st.caption(f"{other.title}: {other.words.price(cost)}.")


def ledger() -> None:
    """Sums of a month, or of all, by what is chosen; and the same and each request as files."""
    everybody = may(Role.ADMINISTRATOR)
    heading("Usage" if everybody else "Your usage")
    by, month = _choose(GROUPS if everybody else GROUPS[1:])
    found = product().ledger.sums(by, actor(), month)
    if found:
        first = {"member": "Member", "month": "Month", "recipe": "Picture"}[by]
        units = bool(session.provider().words.units) or any(one.counts_units for one in found)
        columns = (first, *_COLUMNS, *(_OF_UNITS if units else ()))
        html_table("Usage", columns, [((_name(by, one.key), *_cells(one, units=units)), None) for one in found])
        if asked := sum(one.catalogue for one in found):
            st.caption(f"{plural(asked, 'request')} of them went to the catalogue.")
    else:
        st.caption("Nothing was asked for, and nothing saved.")
    links = ((address(by, month), "These sums as CSV"), (address("requests", month), "Each request as CSV"))
    items = "".join(f'<a href="{escape(link)}" download>{escape(words)}</a>' for link, words in links)
    st.html(f'<p class="np-links">{items}</p>')


def _choose(groups: Sequence[str]) -> tuple[str, str]:
    """By which of them, and which month; empty for all."""
    months = [one.key for one in product().ledger.sums("month", actor())]
    way, which = st.columns([3, 2], vertical_alignment="center")
    by = way.segmented_control(
        "Sums",
        groups,
        default=groups[0],
        format_func=_TITLES.__getitem__,
        key=_BY,
        required=True,
        label_visibility="collapsed",
    )
    month = which.selectbox("Month", [_ALL, *months], key=_MONTH, label_visibility="collapsed")
    return by or groups[0], "" if month == _ALL else month


def _meter(label: str, spent: float, limit: float) -> None:
    if limit:
        meter(label, spent / limit, f"{spent:,.1f} of {limit:,.0f} units, {100 * spent / limit:.1f} %")


def _meter_of_requests(label: str, asked: int, limit: float) -> None:
    """Of pixels and of the catalogue."""
    if limit:
        meter(label, asked / limit, f"{asked:,} of {limit:,.0f} requests, {100 * asked / limit:.1f} %")


def _meter_of_bytes(label: str, spent: int, gb: float) -> None:
    if gb:
        part, limit = spent / (gb * GB), megabytes(gb * GB)
        meter(label, part, f"{megabytes(spent)} of {limit}, {100 * part:.1f} %")


def _name(by: str, key: str) -> str:
    """Of a picture its place and days; of a question to the catalogue alone those too."""
    found = (jobs().get(name) for name in (key, f"{LOOK}-{key}")) if by == "recipe" else ()
    job = next(filter(None, found), None)
    return recipe_json_label(job.recipe) if job else key or "–"


def _cells(one: UsageSummary, *, units: bool) -> Iterable[str]:
    requests, failed, planes, saved = (f"{count:,}" for count in (one.requests, one.failed, one.planes, one.saved))
    plain = (requests, failed, megabytes(one.bytes), planes, saved, megabytes(one.saved_bytes))
    counted = (f"{count:,.1f}" if count else "–" for count in (one.units, one.saved_units))
    return (*plain, *(counted if units else ()))
