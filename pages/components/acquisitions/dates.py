"""Which acquisitions count: the days, the max. cloud cover, and what of an observation is taken.

Every widget is given its value twice, as its start and as its state. The state alone may be lost where the browser
puts a widget up while the page runs again: it would then show its lowest value, and say so at the next click.
"""

from calendar import month_abbr
from datetime import UTC, date, datetime
from html import escape

import streamlit as st

from pages.components.shared import messages
from pages.components.shared.glossary import HELP
from pages.state import session
from pages.state.choices import Choices
from services.recipe import (
    DATE_RULES,
    MASKS,
    MAX_GROW,
    METHODS,
    YEAR,
    Interval,
    MaskPreset,
    months_of,
    months_text,
    months_words,
    offered_masks,
)
from services.sentinel2 import BANDS, SCRIPT_BANDS

KINDS = ("Whole year", "Years", "From – to")
PLACE = "dates"
"""Where errors of these inputs are shown."""
FIRST_YEAR = 2015
_KIND, _YEAR, _FROM, _TO = "dates_kind", "dates_year", "dates_from", "dates_to"
_YEARS, _MONTHS, _MOVED = "dates_years", "dates_months", "dates_moved"
SEASONS = ((3, 4, 5), (6, 7, 8), (9, 10, 11), (1, 2, 12))
"""One press each."""
_HELP = {_FROM: "The first day.", _TO: "The last day: it is part of the interval."}
_LIMIT, _METHOD, _MASK, _GROW, _BANDS = "dates_limit", "dates_method", "dates_mask", "dates_grow", "dates_bands"
_LEAST, _PERCENTILE, _NBAR, _RULE = "dates_least", "dates_percentile", "dates_nbar", "dates_rule"


def years() -> tuple[int, ...]:
    """Those that there are pictures of, up to the present one."""
    return tuple(range(FIRST_YEAR, datetime.now(UTC).year + 1))


def dates_picker(chosen: Choices) -> None:
    """Choose a year, several, or days of one's own, and the months of them that count."""
    fits = _fitting(chosen.interval)
    if st.session_state.setdefault(_KIND, fits[0]) not in fits:
        st.session_state[_KIND] = fits[0]
    kind = st.segmented_control(
        "Dates",
        KINDS,
        default=st.session_state[_KIND],
        key=_KIND,
        required=True,
        on_change=_take_kind,
        help="Days are days in UTC.",
    )
    if kind == KINDS[0]:
        year = chosen.interval.start.year
        options = sorted({*years(), year})
        st.pills(
            "Year",
            options,
            default=year,
            key=session.held(_YEAR, year),
            required=True,
            on_change=_take_year,
            label_visibility="collapsed",
            wrap=True,
        )
    elif kind == KINDS[1]:
        _years_picker(chosen.interval)
    else:
        interval = chosen.interval
        start, end = st.columns(2, gap="small")
        earliest = min(date(FIRST_YEAR, 1, 1), interval.start)
        latest = max(date(datetime.now(UTC).year, 12, 31), interval.last)
        for column, key, label, value in ((start, _FROM, "From", interval.start), (end, _TO, "To", interval.last)):
            column.date_input(
                label,
                value,
                key=session.held(key, value),
                min_value=earliest,
                max_value=latest,
                format="YYYY-MM-DD",
                on_change=_take_days,
                args=(key,),
                help=_HELP[key],
            )
    _months_picker(chosen)
    moved = st.session_state.pop(_MOVED, "")
    if moved:
        st.html(f'<p class="np-moved" role="status">{escape(moved)}</p>')
    messages.recall(PLACE)


def _fitting(interval: Interval) -> tuple[str, ...]:
    """The ways in which these days can be chosen, the plainest first."""
    if not interval.of_years:
        return KINDS[2:]
    return KINDS if len(interval.years) == 1 else KINDS[1:]


def _years_picker(interval: Interval) -> None:
    """The first and the last of several calendar years."""
    value = (interval.start.year, interval.last.year)
    options = sorted({*years(), *value})
    st.select_slider(
        "Years",
        options,
        value,
        key=session.held(_YEARS, value),
        on_change=_take_years,
        help="The first and the last year: both are part of it.",
    )


def _months_picker(chosen: Choices) -> None:
    """Behind a button that says what is chosen: the twelve months, and the seasons in one press each."""
    with st.popover(f"Months: {months_words(chosen.months) or 'all'}"):
        shown = list(chosen.months)
        st.pills(
            "Months that count, of each year",
            YEAR,
            selection_mode="multi",
            default=shown,
            key=session.held(_MONTHS, shown),
            format_func=lambda month: month_abbr[month],
            on_change=_take_months,
            wrap=True,
        )
        with st.container(horizontal=True, gap="small"):
            for season in SEASONS:
                words = months_words(season)
                st.button(
                    words, key=f"season_{months_text(season)}", on_click=session.change, kwargs={"months": season}
                )
            st.button("All months", key="season_all", on_click=session.change, kwargs={"months": ()})
        st.caption("None is as all. Other months ask the catalogue nothing: it is asked for all days.")


def limit_picker(chosen: Choices) -> None:
    """Choose the highest scene cloud cover; the answer of the catalogue is the same for every limit."""
    st.slider(
        "Max. cloud cover",
        0,
        100,
        chosen.maxcc,
        key=session.held(_LIMIT, chosen.maxcc),
        step=1,
        format="%d %%",
        on_change=session.take,
        args=("maxcc", _LIMIT),
        help=HELP["limit"],
    )


def mask_picker(chosen: Choices) -> None:
    """Choose which observations of a pixel count: the mask, and its buffer around clouds."""
    possible = [name for name in MASKS if name in offered_masks() or name == chosen.mask]
    mask, grow = st.columns([9, 4], gap="small", vertical_alignment="bottom")
    mask.selectbox(
        "Cloud mask",
        possible,
        possible.index(chosen.mask),
        key=session.held(_MASK, chosen.mask),
        format_func=lambda name: MASKS[name].title,
        on_change=session.take,
        args=("mask", _MASK),
        help="Pixel by pixel, by the scene classification (SCL) that comes with Level 2A, or by a network. "
        + " ".join(f"{MASKS[name].title}: {_classes(MASKS[name])}." for name in possible),
    )
    grow.number_input(
        "Buffer (px) around clouds",
        0,
        MAX_GROW,
        chosen.grow,
        key=session.held(_GROW, chosen.grow),
        disabled=not MASKS[chosen.mask].growing,
        on_change=session.take,
        args=("grow", _GROW),
        help=HELP["buffer"],
    )


def nbar_picker(chosen: Choices) -> None:
    """Choose whether view angles are evened out; not offered where the provider has no angles, unless it is chosen."""
    archive, possible = chosen.archive, chosen.archive.terms.angles
    why = "" if possible else f"{archive.title} has no view angles of its pixels. "
    alike = " A simulated world looks alike from all sides: there it adds what it should take away."
    st.checkbox(
        "Even out view angles (NBAR)",
        chosen.nbar,
        key=session.held(_NBAR, chosen.nbar),
        disabled=not possible and not chosen.nbar,
        on_change=session.take,
        args=("nbar", _NBAR),
        help=why + HELP["nbar"] + alike * archive.simulated,
    )


def least_picker(chosen: Choices) -> None:
    """Choose how much of the picture a date must show."""
    st.number_input(
        "Least coverage, %",
        0,
        100,
        chosen.least_coverage,
        key=session.held(_LEAST, chosen.least_coverage),
        on_change=session.take,
        args=("least_coverage", _LEAST),
        help=HELP["least_coverage"],
    )


def rule_picker(chosen: Choices) -> None:
    """Choose what the limits are applied to; for one tile it is no question."""
    if chosen.radius:
        st.selectbox(
            "Limits are applied to",
            list(DATE_RULES),
            list(DATE_RULES).index(chosen.date_rule),
            key=session.held(_RULE, chosen.date_rule),
            format_func=lambda name: DATE_RULES[name].title,
            on_change=session.take,
            args=("date_rule", _RULE),
            help=HELP["date_rule"],
        )
        st.caption(DATE_RULES[chosen.date_rule].words)


def method_picker(chosen: Choices) -> None:
    """Choose how many observations become one picture, with its percentile where it has one."""
    method = METHODS[chosen.method]
    names, number = st.columns([9, 4], gap="small", vertical_alignment="bottom") if method.at else (st, st)
    names.selectbox(
        "Composite method",
        list(METHODS),
        list(METHODS).index(chosen.method),
        key=session.held(_METHOD, chosen.method),
        format_func=lambda name: METHODS[name].title,
        on_change=session.take,
        args=("method", _METHOD),
        help="How the clear observations of a pixel become one. "
        + " ".join(f"{one.title}: {one.meaning}" for one in METHODS.values()),
    )
    if method.at:
        number.number_input(
            "Percentile",
            1,
            99,
            chosen.percentile,
            key=session.held(_PERCENTILE, chosen.percentile),
            on_change=session.take,
            args=("percentile", _PERCENTILE),
            help=HELP[chosen.method],
        )
    shown = method.at(chosen.percentile) if method.at else method
    st.caption(f"{shown.meaning} {shown.remark}".strip())


def bands_picker(chosen: Choices) -> None:
    """Choose the bands that are fetched; the order is the collection's own."""
    with st.expander("Bands"):  # a label that followed the choice would close it after each
        st.multiselect(
            "Bands",
            list(BANDS),
            list(chosen.bands),
            key=session.held(_BANDS, list(chosen.bands)),
            format_func=lambda band: f"{band} ({BANDS[band]} m)",
            on_change=_take_bands,
            label_visibility="collapsed",
        )
        st.caption("B04, B03 and B02 make the picture. Each band adds to the cost; cached bands are free.")
        if chosen.bands != SCRIPT_BANDS:
            st.button("Back to the six usual bands", on_click=session.change, kwargs={"bands": SCRIPT_BANDS})


def _classes(preset: MaskPreset) -> str:
    return f"{preset.classes} do not count" if preset.invalid else "all count"


def _take_kind() -> None:
    """Back to a year is the one in which the days begin, to years those that they touch; days of one's own begin with
    the present ones."""
    before, kind = session.read().interval, st.session_state[_KIND]
    with messages.caught(PLACE):
        if kind == KINDS[0]:
            _move(Interval.of_year(before.start.year))
        elif kind == KINDS[1]:
            _move(Interval.through(date(before.start.year, 1, 1), date(before.last.year, 12, 31)))


def _move(interval: Interval) -> None:
    """Days that follow from another choice: they never move without a word."""
    before = session.read().interval
    session.change(interval=interval)
    if interval != before:
        st.session_state[_MOVED] = f"The days were {before.words}, and are {interval.words} now."


def _take_years() -> None:
    first, last = st.session_state[_YEARS]
    with messages.caught(PLACE):
        session.change(interval=Interval.through(date(first, 1, 1), date(last, 12, 31)))


def _take_months() -> None:
    session.change(months=months_of(st.session_state[_MONTHS]))


def _take_year() -> None:
    with messages.caught(PLACE):
        session.change(interval=Interval.of_year(st.session_state[_YEAR]))


def _take_days(moved: str) -> None:
    """A start moved past the end takes the end along, and an end moved before the start takes the start along."""
    before = session.read().interval
    first, last = st.session_state[_FROM], st.session_state[_TO]
    with messages.caught(PLACE):
        if first <= last:
            session.change(interval=Interval.through(first, last))
            return
        length = before.last - before.start
        first, last = (first, first + length) if moved == _FROM else (last - length, last)
        session.change(interval=Interval.through(first, last))
        other = f"To moved along, to {last}" if moved == _FROM else f"From moved along, to {first}"
        st.session_state[_MOVED] = f"{other}: it cannot be {'before From' if moved == _FROM else 'after To'}."


def _take_bands() -> None:
    """None at all is no choice: the bands stay as they were."""
    picked = st.session_state[_BANDS]
    if picked:
        session.change(bands=tuple(band for band in BANDS if band in picked))
