"""Everybody who is named or has spent something: role, what this month cost, and the budget that counts."""

from collections.abc import Iterator, Sequence

import streamlit as st

from pages.components.shared.definition_list import heading
from pages.components.shared.html_table import html_table
from pages.state.context import product, roster, settings
from pages.state.member import actor, logged_in
from services.access import Member, OwnBudget
from services.accounting import GB
from services.text import megabytes

_COLUMNS = ("Who", "Role", "Units this month", "Received this month", "Budget a month")


def member_table() -> Sequence[str]:
    """The table, and the rules of the settings below it; gives the names. Raises NotAllowed and StorageError."""
    ledger = product().ledger
    heading(f"Members and what they spent in {ledger.month}")
    spent = {one.key: one for one in ledger.sums("member", actor(), ledger.month)}
    named = {one.id: one for one in roster().listed(actor())}
    rows, names = [], sorted(named.keys() | spent.keys())
    for name in names:
        one = spent.get(name)
        cost = (f"{one.units:,.1f}", megabytes(one.bytes)) if one else ("0.0", megabytes(0))
        rows.append(((name or "–", _role(name, named.get(name)), *cost, _budget(roster().budget(name))), None))
    if rows:
        html_table("Members", _COLUMNS, rows)
    else:
        st.caption("Nobody is named yet, and nobody has spent anything.")
    for sentence in _rules():
        st.caption(sentence)
    return names


def _role(name: str, row: Member | None) -> str:
    """Somebody who only spent something came by a list of the settings, or by a name that was typed."""
    if row is not None:
        return row.role
    found = roster().role(name) if logged_in() else None
    return found.title if found else "–"


def _budget(own: OwnBudget) -> str:
    """The own one, else the setting's: `50 units, 2.0 GB`."""
    units = settings().budget_member_units if own.units is None else own.units
    gb = settings().budget_member_gb if own.gb is None else own.gb
    parts = (f"{units:,g} units" if units else "", megabytes(gb * GB) if gb else "")
    told = ", ".join(filter(None, parts)) or "no limit"
    return told if own == OwnBudget() else f"{told} (own)"


def _rules() -> Iterator[str]:
    if not logged_in():
        yield "Nobody logs in at this server: names are typed, and everybody is an administrator."
    named = [f"{word} ({role.title})" for role, word in roster().rules]
    if named:
        yield f"Besides, by the settings: {', '.join(named)}."
