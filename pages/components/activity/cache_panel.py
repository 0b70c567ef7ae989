"""The cache that the team shares: how full it is, how often it helps, and how to clear a part of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import streamlit as st

from pages.components.activity.meter import meter
from pages.components.shared import messages
from pages.components.shared.confirm import second_press
from pages.components.shared.definition_list import definition_list, heading
from pages.state import session
from pages.state.context import jobs, product, settings
from pages.state.member import actor, may
from services.access import Role
from services.area import AOI
from services.cache import Amount
from services.jobs import SPENDING
from services.plan import Cost
from services.providers import all_providers
from services.sentinel2 import FIRST_DATE
from services.text import megabytes

PLACE = "stock"
_YEAR, _HERE, _ASKED, _DONE = "stock_year", "stock_here", "stock_asked", "stock_done"
_ALL = "all years"


@dataclass(frozen=True)
class ClearRequest:
    """What somebody is asked to confirm; it stays the same wherever they go meanwhile."""

    year: int | None
    aoi: AOI | None
    amount: Amount
    again: str
    """What it would cost to fetch it again, a sentence."""


def cache_panel() -> None:
    """Size, entries, how many planes it spared, its oldest; and the way to clear a part."""
    found = product().frames.stock()
    heading("Cache")
    size = f"{megabytes(found.bytes)} of {megabytes(found.limit)}"
    meter("Size", found.bytes / found.limit, size)
    sums = product().ledger.sums("month", actor())
    saved, asked = sum(one.saved for one in sums), sum(one.planes for one in sums)
    rate = f"{100 * saved / (saved + asked):.0f} %: {saved:,} of {saved + asked:,} bands" if saved + asked else "–"
    stored = product().frames.stored()
    orders = f", and {megabytes(product().orders.stored())} of orders" if stored else ""
    far = (("Store of all machines", f"{megabytes(stored.bytes)} of bands{orders}"),) if stored else ()
    definition_list(
        (
            ("Cached bands", f"{found.planes:,}"),
            *far,
            ("Hit rate" if may(Role.ADMINISTRATOR) else "Your hit rate", rate),
            ("Oldest", f"stored {found.oldest:%Y-%m-%d %H:%M} UTC" if found.oldest else "–"),
        )
    )
    if may(Role.ADMINISTRATOR):
        with st.expander("Clear a part of it"):
            _clear()
    else:
        st.caption("An administrator may clear a part of it.")


def _clear() -> None:
    messages.recall(PLACE)
    done: Amount | None = st.session_state.pop(_DONE, None)
    if done is not None:
        messages.say("Cleared", f"{done.planes:,} cached bands and {_size(done)} were removed.")
    asked: ClearRequest | None = st.session_state.get(_ASKED)
    if asked is None:
        st.button("Clear…", key="stock_clear", on_click=_ask, args=_picker())
    else:
        _confirm(asked)


def _picker() -> tuple[int | None, AOI | None]:
    """Which year and which area; None is all."""
    years = [str(year) for year in range(datetime.now(UTC).year, FIRST_DATE.year - 1, -1)]
    year = st.selectbox("Acquired in", [_ALL, *years], key=_YEAR)
    aoi = session.read().aoi
    here = st.checkbox("Only in the area that is chosen now", key=_HERE, disabled=aoi is None)
    if aoi is not None:
        st.text(aoi.name)
    return None if year == _ALL else int(year), aoi if here else None


def _confirm(asked: ClearRequest) -> None:
    running = jobs().recent(*SPENDING, limit=1, states=("queued", "running"))
    time, place = f"in {asked.year}" if asked.year else "in any year", asked.aoi.name if asked.aoi else ""
    second_press(
        f"Remove {asked.amount.planes:,} cached bands, {_size(asked.amount)}?",
        f"All that was acquired {time}, {f'in {place}' if place else 'everywhere'}.",
        f"{asked.again} Finished pictures stay.",
        "A job is under way: what it lacks then, it fetches again." if running else "",
        "It is written to the audit log in your name.",
        yes="Remove",
        state=_ASKED,
        act=_remove,
        args=(asked,),
    )


def _ask(year: int | None, aoi: AOI | None) -> None:
    with messages.caught(PLACE):
        amount, again = product().clearing(year, aoi)
        st.session_state[_ASKED] = ClearRequest(year, aoi, amount, _price(again))


def _size(amount: Amount) -> str:
    """On this machine, and in the store that it shares with others."""
    far = f" here and {megabytes(amount.stored)} in the store of all machines" if amount.stored else ""
    return megabytes(amount.bytes) + far


def _price(again: Mapping[str, Cost]) -> str:
    """By the ledger; of a provider that it knows nothing of, nothing."""
    known = [(one.words, again[one.name]) for one in all_providers(settings()) if one.name in again]
    parts = [f"{cost.units:,.1f} {told.units}" if told.units else megabytes(cost.bytes) for told, cost in known]
    if not parts:
        return "Whoever needs them again fetches and pays them again."
    return f"To fetch them again would cost about {' and '.join(parts)}, by what such bands have cost."


def _remove(asked: ClearRequest) -> None:
    st.session_state.pop(_ASKED, None)
    with messages.caught(PLACE):
        st.session_state[_DONE] = product().clear_cache(asked.year, asked.aoi, actor())
