"""The words of the field in one place, each with one or two sentences; and those of a page at its foot.

Fields, buttons and tables take their help from here (`HELP["tile"]`), so that a word means the same on every page.
"""

from dataclasses import dataclass
from html import escape

import streamlit as st

from pages.state import session
from services.composite import INDICES, Index
from services.mask_comparison import FLOOR, LEAST_OTHERS, SCATTERS
from services.recipe import BEGINNING, MASKS, METHODS
from services.render import EACH_OBSERVATION


@dataclass(frozen=True)
class Term:
    """A word and what it means here."""

    title: str
    """As people read it on a page."""
    words: str
    """One or two sentences, as plain text."""


def _left_out() -> str:
    """`0, 1, 3, 8, 9, 10`: of the mask at the start."""
    return ", ".join(map(str, MASKS[BEGINNING].invalid))


def _index(index: Index) -> str:
    """Where an index is from and how it is made, as its legend says it."""
    low, high = f"{index.ticks[0]:g}", f"{index.ticks[-1]:g}"
    return f"{index.formula}, shown from {low} to {high}, {EACH_OBSERVATION}; after {index.source}."


TERMS: dict[str, Term] = {
    # where
    "area": Term(
        "Area of interest (AOI)",
        "The place that the grid is laid over: one or several polygons in degrees of longitude and latitude (WGS 84), "
        "with a name.",
    ),
    "utm": Term(
        "UTM zone, EPSG",
        "The Earth in 60 strips of 6° of longitude, each with a map in metres; the grid is laid out in the zone of the "
        "area's centroid. EPSG is the zone's number in lists: 326 and the zone in the north, 327 and the zone in the "
        "south.",
    ),
    "grid": Term("Grid", "The area cut in rectangles of one size, in one UTM zone."),
    "split": Term(
        "Columns × rows, BBoxSplitter",
        "The area's extent cut in so many columns and rows, as BBoxSplitter of the sentinelhub package does: from the "
        "south-western corner, without the tiles that the area does not touch.",
    ),
    "team_grid": Term(
        "Team grid",
        "Square tiles whose corners are multiples of their size in metres of the UTM zone, wherever the area lies. So "
        "everybody's tiles coincide, and what one member has fetched is there for all.",
    ),
    "tile": Term(
        "Tile",
        "One rectangle of the grid. Its name is x, counted from the west, and y, counted from the south; its number is "
        "its place in BBoxSplitter's list, from 0.",
    ),
    "neighbourhood": Term(
        "Neighbourhood",
        "What a picture shows: the centre tile and those around it, 3 × 3 unless chosen otherwise. It is always whole: "
        "tiles outside the area are pictured too.",
    ),
    # when
    "acquisition": Term(
        "Acquisition, date",
        "One overpass of a satellite over the tiles of the picture, with its time in UTC. What is seconds apart in one "
        "orbit is one acquisition.",
    ),
    "granule": Term(
        "Granule",
        "The pieces of 110 km that Sentinel-2 pictures come in. The catalogue has one cloud cover for each whole one.",
    ),
    "limit": Term(
        "Max. cloud cover (maxcc)",
        "Acquisitions with at most this scene cloud cover are used. It is that of the whole granules of 110 km, "
        "weighted by the part of the picture that each covers; what is clear in this picture is another number.",
    ),
    "least_coverage": Term(
        "Least coverage",
        "The part of the picture that a date must show to count. A swath that ends at a corner shows next to nothing, "
        "and would cost requests and room as a whole date does; 0 counts it all the same.",
    ),
    "veto": Term(
        "Excluded date",
        "A date that somebody does not want in the picture although it is under the max. cloud cover, with the reason.",
    ),
    # what
    "band": Term(
        "Band",
        "Light of one range of wavelengths: B02 is blue, B03 green, B04 red and B08 near infrared, in pixels of 10 m; "
        "B11 and B12 are short-wave infrared, in pixels of 20 m.",
    ),
    "l2a": Term(
        "Level 2A, reflectance",
        "Pictures with the haze of the air taken out as far as it can be: the part of the light that the ground throws "
        "back. In files it is a whole number (DN), 10,000 times the reflectance.",
    ),
    "scl": Term(
        "Scene classification (SCL)",
        "Comes with Level 2A, with pixels of 20 m, and sorts each in one of 12 classes, such as cloud, cloud shadow, "
        f"vegetation, water or snow. The mask at the start excludes the classes {_left_out()}.",
    ),
    "clear": Term(
        "Clear observation",
        "A pixel at one date that has data and is of no class that the mask excludes. The more clear observations a "
        "place has, the less a single date can spoil it. How clear a date is, is a part of all pixels of the picture, "
        "also of those without data.",
    ),
    **{name: Term(method.title, f"{method.meaning} {method.remark}".strip()) for name, method in METHODS.items()},
    "no_data": Term("Without data", "Pixels without a single clear observation; they stay empty, which is not black."),
    "buffer": Term(
        "Buffer around clouds",
        "Clouds and their shadows are masked together with what lies so many pixels around them: their rims are often "
        "hazy although they are classified as clear. Round by the masks with which one begins, square by older ones.",
    ),
    "nbar": Term(
        "View angles evened out (NBAR)",
        "Neighbouring orbits see a place from east and west, which may show as a seam. Each date becomes a view from "
        "straight above (nadir BRDF-adjusted reflectance), by one model of all lands, but not in B09 and previews at "
        "60 m. It takes a small request more a date.",
    ),
    "csmask": Term(
        "ukis-csmask",
        "A network of the German Aerospace Center that finds clouds and their shadows in six bands. It is run here, "
        "once for each tile at each date, and what it finds stays in the cache; snow and water are clear to it.",
    ),
    "residual": Term(
        "Too bright for its ground",
        f"A clear observation whose blue (or shortest band) is more than {FLOOR:g} above the median of at least "
        f"{LEAST_OTHERS} others of its pixel, and by more than {SCATTERS:g} times their scatter. Cloud that a mask "
        "lets in is mostly found so; haze, shadows, lasting cloud are not, and snow may be.",
    ),
    "knee": Term("Knee", "The max. cloud cover after which a higher one adds little."),
    **{name: Term(index.title, _index(index)) for name, index in INDICES.items()},
    # the price
    "request": Term(
        "Request",
        "One question to the provider for pixels: a rectangle of tiles at one date, in some bands. The account has so "
        "many a minute.",
    ),
    "unit": Term(
        "Processing unit",
        "What the provider counts: 1 unit is 512 × 512 pixels of 3 bands of 16 bit at one date; larger rectangles and "
        "more bands cost in proportion. The account has so many a month and a minute.",
    ),
    "rate": Term(
        "Rate limit",
        "The requests and units that the account may use a minute; what is beyond them waits for the next minute.",
    ),
    "plane": Term(
        "Cached bands",
        "What the cache keeps and counts: one band, the SCL or the mask of data, of one tile at one acquisition.",
    ),
    "cache": Term(
        "Cache",
        "The bands that anybody of the team has fetched, on this server. What is there is neither fetched nor paid "
        "for again.",
    ),
    "quota": Term("Quota", "The processing units that the account has in a month, for all members together."),
    "budget": Term("Budget", "A limit in units or GB that is set here, for a job, a member or the team."),
    "job": Term("Job", "A picture that is being fetched. It goes on without the browser, and also after a restart."),
    "ledger": Term("Usage", "The book of all requests: who asked, for which picture, what it cost and what was saved."),
    "hit_rate": Term("Hit rate", "How many of the bands that pictures needed were cached already."),
    # comparing
    "sampling": Term(
        "Sampling",
        "Which dates a picture is made of, and how many. Two pictures of the same land differ where their dates do.",
    ),
    "significance": Term(
        "Significance threshold (× scatter)",
        "A difference of two pictures counts where it is more than so many standard errors of the two medians, the "
        "season taken out. Beside it stands how many pixels noise alone colours where nothing changed.",
    ),
    # the files
    "cog": Term(
        "Cloud Optimized GeoTIFF (COG)",
        "A picture with its place on Earth, laid out so that programs read the part they need. It holds whole numbers, "
        "10,000 times the reflectance, and says where there is no data.",
    ),
    "eopatch": Term(
        "EOPatch",
        "All observations of one tile with masks and picture in one folder, as the eo-learn package loads it.",
    ),
    "stac": Term(
        "STAC", "A common form for describing pictures of the Earth: where, when, and from which acquisitions."
    ),
    "recipe": Term(
        "Recipe", "Everything that decides the picture, as a small file; the same recipe, the same picture."
    ),
    # the team
    "order": Term(
        "Order",
        "One picture of all tiles of an area. It goes on for hours or months without a browser, pauses where a limit "
        "of the account is reached, and is one picture at the end.",
    ),
    "part": Term(
        "Part",
        "Up to 7 × 7 tiles of an order that lie together: they are fetched by the fewest requests, and made or tried "
        "again together.",
    ),
    "date_rule": Term(
        "Dates of each tile",
        "In an order the limits of clouds and coverage are applied to each tile by itself, so that its dates do not "
        "depend on which tiles it is fetched with, and no seam shows.",
    ),
    "cap": Term("Hard cap", "Units that an order may spend in all: it stops before it would spend more."),
    "reserve": Term(
        "Left for the team",
        "Part of the account's month that an order does not touch: it pauses until the 1st of the next month instead.",
    ),
    "role": Term(
        "Role",
        "What somebody may do here: a viewer looks and downloads; a member fetches within a budget and saves areas; an "
        "administrator may cancel everybody's jobs, clear the cache and say who is a member.",
    ),
}
"""By the name that the code calls it, in the order of the work."""

HELP: dict[str, str] = {name: term.words for name, term in TERMS.items()}
"""The words alone, for `help=` of a field or a button."""

_OF_UNITS = ("unit", "quota", "cap")
"""The terms of a provider that counts units."""
_OF_FILES = {
    "request": Term(
        "Request", "One question to the provider over HTTP: the head of a file, or some of the pixels of one band."
    ),
    "rate": Term("Rate limit", "The requests that are sent a minute at most; what is beyond them waits."),
    "budget": Term("Budget", "A limit in GB that is set here, for a job, a member or the team."),
}
"""What the same words mean where a provider counts none."""
_PRICE = ("request", "unit", "rate", "plane", "cache", "quota")
PAGES: dict[str, tuple[str, ...]] = {
    "area": ("area", "utm", "grid", "team_grid", "split", "tile", "neighbourhood"),
    "acquisitions": (
        *(
            "acquisition",
            "granule",
            "limit",
            "least_coverage",
            "veto",
            "l2a",
            "scl",
            "clear",
            "buffer",
            "nbar",
            *METHODS,
            "band",
        ),
        *_PRICE,
    ),
    "results": (
        *("limit", "knee", "clear", "no_data", *METHODS, "nbar", "l2a", "scl", "band", "veto", "tile", "utm"),
        *(*INDICES, *_PRICE, "cog", "eopatch", "stac", "recipe"),
    ),
    "compare": (
        *("limit", "sampling", "acquisition", "clear", "no_data", "nbar", "significance", "band"),
        *(*INDICES, "request", "unit", "cache"),
    ),
    "masks": ("scl", "csmask", "clear", "buffer", "nbar", "residual", "cache"),
    "gallery": ("tile", "limit", *METHODS, *INDICES, "cog", "recipe", "cache"),
    "orders": (
        *("order", "part", "date_rule", "cap", "reserve", "tile", "limit", "least_coverage", "acquisition", "no_data"),
        *("nbar", *_PRICE, "cog", "stac", "eopatch"),
    ),
    "members": ("role", "budget", "unit"),
    "activity": ("role", "job", "ledger", "request", "unit", "quota", "budget", "cache", "plane", "hit_rate"),
}
"""The terms that are read on each page, in the order of the page."""


def words_on(page: str) -> None:
    """At the foot of a page: its terms and what they mean, closed until somebody opens it."""
    counts = session.provider().words.units
    known = TERMS if counts else {**TERMS, **_OF_FILES}
    terms = (known[name] for name in PAGES[page] if name not in _OF_UNITS or counts)
    pairs = "".join(f"<div><dt>{escape(term.title)}</dt><dd>{escape(term.words)}</dd></div>" for term in terms)
    with st.container(key="words"), st.expander("Words on this page"):
        st.html(f'<dl class="np-words">{pairs}</dl>')
