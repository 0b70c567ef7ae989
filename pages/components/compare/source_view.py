"""Two sources of the same question: is it the land, or the provider? A sentence, the numbers, and each date."""

from collections.abc import Iterable, Sequence
from html import escape

import streamlit as st

from pages.components.compare.comparison_side import ComparisonSide
from pages.components.compare.difference_view import every
from pages.components.compare.guard import guard
from pages.components.shared.definition_list import heading
from pages.components.shared.html_table import html_table
from pages.state.context import product
from services.cache import MissingFrame
from services.compare import (
    EQUAL,
    STEPS,
    SourceDate,
    SourcePair,
    SourceReport,
    conclusion,
    part,
    source_csv,
    source_report,
)
from services.text import plural

_COMMON = "guard_common"
_BANDS = ("Band", "Equal", "Bias, DN", "Median, DN", "95 %, DN", *(f"> {step} DN" for step in STEPS))
_DATES_MEAN = (
    "Equal and median: of the pixels of that date that count under the mask in both, exactly equal in all bands shown, "
    "and the difference without its sign in the band that differs most. In one only: of the pixels that count in at "
    "least one. Baseline: of the processing of the products. Where A and B differ, A / B."
)
_DATES = ("Date, UTC", "Equal", "Median, DN", "In one only", "Clouds", "Baseline", "Used")


def source_pair(left: ComparisonSide, right: ComparisonSide) -> SourcePair | None:
    """The question, where the two sides are of two sources and all else is the same."""
    return SourcePair.of(product(), left.cell, right.cell)


def report_of(pair: SourcePair) -> SourceReport | None:
    """The answer; None where the cache has lost something of it. Raises StorageError."""
    try:
        with st.spinner("Comparing the sources …"):
            return source_report(product(), pair)
    except MissingFrame:
        return None


def source_box(pair: SourcePair, report: SourceReport, *, equal: bool, refused: str = "") -> None:
    """What it comes to, in a calm box, and the switch; `refused` says why no date is left."""
    left, right = pair.left.source, pair.right.source
    sentences = [conclusion(report, left, right), dates_words(report, left, right), pixels_words(report)]
    if refused:
        sentences.insert(0, refused)
    verdict, *rest = sentences
    guard(
        "Is it the land, or the provider?",
        f'<p class="np-verdict">{escape(verdict)}</p>',
        rest,
        "Only the dates both have",
        _COMMON,
        on=equal or bool(refused),
        help="Both pictures are made of the overpasses that both sources keep, and of no other. An overpass is known "
        "by its satellite, orbit and start of the datatake. Nothing is fetched for it.",
    )


def dates_words(report: SourceReport, left: str, right: str) -> str:
    """`12 dates are in both, 2 in Earth Search only, 1 in Demo archive only.`"""
    alone = ((report.only_left, left), (report.only_right, right))
    only = "".join(f", {count} in {source} only" for count, source in alone if count)
    verb = "is" if report.shared == 1 else "are"
    return f"{plural(report.shared, 'date')} {verb} in both{only or ', and none in one only'}."


def pixels_words(report: SourceReport) -> str:
    """Of the two pictures."""
    picture = report.picture
    return (
        f"{part(picture.equal)} of the pixels that have data in both pictures are exactly equal in all bands shown; "
        f"{part(picture.one)} of the pixels with data have them in one picture only."
    )


def source_numbers(pair: SourcePair, report: SourceReport) -> None:
    """Of each band and of each date, with what they mean, and as a file."""
    heading("How far the sources differ")
    html_table("How far the sources differ", _BANDS, [(row, None) for row in band_rows(report)])
    st.html(f'<p class="np-greys">{escape(meaning(pair, report))}</p>')
    with st.expander(f"Date by date: {plural(len(report.dates), 'date')}"):
        html_table("The dates of both sources", _DATES, [(_date_row(date), None) for date in report.dates])
        st.html(f'<p class="np-greys">{escape(_DATES_MEAN)}</p>')
    st.download_button(
        "Numbers and dates as CSV",
        source_csv(report),
        file_name=f"sources_{pair.left.recipe.provider}_{pair.right.recipe.provider}_{pair.left.recipe.slug}.csv",
        mime="text/csv",
        key="sources_csv",
        on_click="ignore",
    )


def band_rows(report: SourceReport) -> list[Sequence[str]]:
    """Of the two pictures, in the order of _BANDS."""
    return [
        (
            *(band.band, part(band.equal), dn(band.bias, sign=True), dn(band.median), dn(band.p95)),
            *map(part, band.beyond),
        )
        for band in report.picture.bands
    ]


def meaning(pair: SourcePair, report: SourceReport) -> str:
    """What the numbers of the bands are, and of which pixels."""
    return (
        f"{pair.right.source} (B) minus {pair.left.source} (A), over the pixels that have data in both pictures: "
        f"{part(report.picture.both)} of all, counted on {every(report.step)}. 10,000 DN are a reflectance of 1. "
        "Equal: exactly the same DN. Bias: median of the difference. Median, 95 %: of the difference without its "
        "sign, which half and 95 % of the pixels do not pass. The last columns: the pixels that differ by more. "
        f"Sources count as one where {part(EQUAL)} of these pixels are equal, and at most {part(1 - EQUAL)} of those "
        "with data have them in one picture only."
    )


def _date_row(date: SourceDate) -> Sequence[str]:
    found = date.agreement
    numbers = (part(found.equal), dn(found.worst.median), part(found.one)) if found else ("–",) * 3
    clouds = _both("–" if one is None else f"{one:.1f} %" for one in (date.left_clouds, date.right_clouds))
    baselines = _both(one or "–" for one in (date.left_baselines, date.right_baselines))
    alone = f"A only; B: {date.right}" if date.right else f"B only; A: {date.left}"
    return date.time, *numbers, clouds, baselines, "both" if date.shared else alone


def _both(values: Iterable[str]) -> str:
    """One where both are the same, else that of A and of B."""
    return " / ".join(dict.fromkeys(values))


def dn(number: float, *, sign: bool = False) -> str:
    """`12`, `0.5`, `−3`; `–` where it is not known."""
    if number != number:
        return "–"
    text = f"{number:+,.1f}" if sign and number else f"{number:,.1f}"
    return text.removesuffix(".0").replace("-", "−")
