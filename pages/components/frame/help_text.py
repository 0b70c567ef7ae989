"""The text of the page of help, in sentences of ours."""

from datetime import UTC, datetime
from html import escape

import streamlit as st

from pages.components.shared.definition_list import definition_list, heading
from services import __version__
from services.providers import all_providers
from services.recipe import EXAMPLES
from services.settings import Settings

WHAT = (
    "Ninepatch makes cloud-free Sentinel-2 composites of an area: it looks up which acquisitions there are, takes "
    "those that are clear enough, masks clouds pixel by pixel, and makes one picture of the clear observations. "
    "What anybody of the team has fetched is kept, and never fetched or paid for again."
)
STEPS = (
    ("1 Area", "Choose a place and the tile in the middle. The picture covers 1 × 1, 3 × 3 or 5 × 5 tiles around it."),
    ("2 Acquisitions", "Choose the days and how cloudy a scene may be; see dates, cost and what is cached already."),
    ("3 Results", "See the picture, its clear observations and its dates; change what it shows; take its files."),
    ("4 Compare", "Put years, limits and sources beside each other, and see whether a difference is the land."),
)
SIMULATED = (
    "Simulated data are made by a program on this server, so that everything can be tried without an account: land, "
    "clouds, haze and orbits follow plausible rules, and the answers have the form of the real service's. No satellite "
    "made those pixels, and they say nothing of the place. Every page and every file of such a picture says so."
)
KEYS = (
    ("Tab, Enter", "go from field to field, and press"),
    ("Map", "arrow keys move the centre tile, with Shift the map; + and − zoom; Escape ends a drawing"),
    ("Dates", "arrow keys go from date to date, Home and End to the first and the last; Enter picks one"),
    ("Comparison, table", "arrow keys go from cell to cell, Enter chooses"),
    ("Comparison, pictures", "+ and − zoom, 0 shows all, arrow keys move the picture or the line, Space flickers"),
)


def help_text(settings: Settings) -> None:
    """The page, part by part."""
    _part("What it is", WHAT)
    heading("The steps")
    definition_list(STEPS)
    heading("Where pixels come from")
    years = [datetime.now(UTC).year]
    definition_list((one.title, f"{one.about} {one.attribution(years)}") for one in all_providers(settings))
    _part("What simulated means", SIMULATED)
    heading("Keyboard")
    definition_list(KEYS)
    _part(
        "Attributions",
        "Names of places, borders and coasts: Natural Earth, public domain; of cities: GeoNames, CC BY 4.0; of parks: "
        "Wikidata, CC0, and UNESCO’s World Heritage List. Maps: Leaflet (BSD-2-Clause) and "
        "Leaflet.draw (MIT). Where this server allows the online map: © OpenStreetMap contributors.",
    )
    _part("Version", f"Ninepatch {__version__}; {len(EXAMPLES)} examples to start from are on the page of the area.")


def _part(title: str, words: str) -> None:
    heading(title)
    st.html(f"<p>{escape(words)}</p>")
