"""Whether two sides can be compared: what differs besides the land, and a switch that evens it out."""

from collections import Counter
from collections.abc import Sequence
from html import escape
from itertools import groupby

import streamlit as st

from pages.components.compare.comparison_side import ComparisonSide
from pages.state import comparison
from services.catalogue import Acquisition
from services.compare import MONTHS, caveats
from services.text import plural

_EQUAL = "guard_equal"
ALIKE = "Both sides are of the same months, satellites and orbits, with about as many dates and clear observations."


def comparability_box(left: ComparisonSide, right: ComparisonSide, *, equal: bool, refused: str = "") -> None:
    """The sentences in a calm box, and the switch; `refused` says why they could not be evened out."""
    observations = left.preview.numbers.median_observations, right.preview.numbers.median_observations
    found = caveats(left.cell.kept, right.cell.kept, *observations)
    sentences = [caveat.words for caveat in found] or ([] if equal else [ALIKE])
    if refused:
        sentences.insert(0, f"They cannot be evened out. {refused}")
    elif equal:
        sentences.insert(0, evened_words(left.cell.kept))
    title = "What differs besides the land" if found else "The sampling is alike"
    items = "".join(f"<li>{escape(words)}</li>" for words in sentences)
    with st.container(key="guard", gap=None):
        st.html(f'<h2 class="np-heading np-heading-2">{title}</h2><ul>{items}</ul>')
        st.session_state[_EQUAL] = equal or bool(refused)
        st.toggle(
            "Equalise: same months, same number of dates",
            key=_EQUAL,
            on_change=comparison.take,
            args=("equal", _EQUAL),
            help="In each month of the year both sides keep as many dates as the poorer one has, the least cloudy. "
            "Nothing is fetched for it.",
        )


def evened_words(kept: Sequence[Acquisition]) -> str:
    """`12 dates on each side, May to September.`"""
    return f"{plural(len(kept), 'date')} on each side, {months_of(kept)}."


def months_of(kept: Sequence[Acquisition]) -> str:
    """`May to September`, `January, May and June`; `none` where there are none."""
    present = sorted(Counter(observation.time.month for observation in kept))
    runs: list[str] = []
    for _, group in groupby(enumerate(present), key=lambda pair: pair[1] - pair[0]):
        months = [MONTHS[month - 1] for _, month in group]
        runs += [f"{months[0]} to {months[-1]}"] if len(months) > 2 else months
    return " and ".join(filter(None, (", ".join(runs[:-1]), *runs[-1:]))) or "none"
