"""The choices as one value, and as the texts of a link.

``area=<id>&grid=54x39&centre=35,25&radius=1&year=2017&maxcc=10&mask=clear``; the area itself stays on the server.
What is as at the start may be left out: ``method=least-cloudy&grow=3&veto=<key>~<reason>|<key>~<reason>&view=ndvi``.
``months=6-8&include=<key>|<key>`` are the months that count and the dates that are taken whatever the limits say;
``nbar=1`` evens out view angles; ``rule=tile`` applies the limits to each tile by itself, as an order does.
So may ``coverage=1``, which means 0 then: links of before counted each date that touches a corner. A link without
``provider=`` is for the one that the settings name, or that was found when the server started.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from urllib.parse import unquote

from pages.state.address import Problems, from_link, one_of, within
from pages.state.context import areas, default, outlines, settings
from services.area import AOI, check_stored
from services.errors import AreaError, RecipeError
from services.geo import to_wgs84
from services.grid import Grid, TileIndex, largest_zone, linked
from services.lazy import lazy
from services.providers import Provider, all_providers, provider_named
from services.recipe import (
    BEGINNING,
    DATE_RULES,
    MASKS,
    MAX_GROW,
    METHODS,
    USUAL,
    Interval,
    Recipe,
    Veto,
    build_recipe,
    check_key,
    months_text,
    months_words,
    ordered,
    typed_months,
)
from services.render import parse_view
from services.sentinel2 import BANDS, SCRIPT_BANDS
from services.storage import OVERHEAD
from services.text import quoted

KEYS = (
    *("area", "grid", "centre", "radius", "year", "from", "to", "maxcc", "mask", "bands", "resolution"),
    *("method", "percentile", "grow", "coverage", "veto", "view", "provider", "months", "include", "nbar", "rule"),
)
"""Names in a link, in this order."""


def last_year() -> Interval:
    """The last calendar year that is over."""
    return Interval.of_year(datetime.now(UTC).year - 1)


@dataclass(frozen=True)
class Choices:
    """Everything that is chosen. Where there is an area there is its grid and a centre tile."""

    aoi: AOI | None = None
    grid: Grid | None = None
    centre: TileIndex | None = None
    radius: int = 1
    interval: Interval = field(default_factory=last_year)
    maxcc: int = 10
    mask: str = "clear"
    bands: tuple[str, ...] = SCRIPT_BANDS
    resolution: int = 10
    """Metres a pixel."""
    method: str = "median"
    """Name in METHODS."""
    percentile: int = USUAL
    """1 to 99, for the method that has one."""
    grow: int = 0
    """Pixels by which the cloud mask grows."""
    least_coverage: int = 0
    """Percent of the picture that a date must show; whoever comes without a link begins with the setting's."""
    nbar: bool = False
    """Whether view angles are evened out."""
    vetoes: tuple[Veto, ...] = ()
    """Acquisitions to leave out, of whatever year; those of the interval are in the recipe."""
    months: tuple[int, ...] = ()
    """Months of the year that count, 1 to 12 in this order; empty where all do."""
    included: tuple[str, ...] = ()
    """Keys of acquisitions that are taken whatever the limits say, sorted, of whatever year."""
    date_rule: str = "picture"
    """Name in DATE_RULES: to what the limits are applied."""
    view: str = "true"
    """Name of a View: what the picture shows, in which stretch. No part of the recipe."""
    provider: str = field(default_factory=lambda: default().provider.name)
    """Name of the provider whose pixels are asked for."""

    @property
    def archive(self) -> Provider:
        """The provider itself. Raises RecipeError where it is not known here."""
        return provider_named(self.provider, settings())

    @property
    def when(self) -> str:
        """As the recipe's."""
        season = months_words(self.months)
        return f"{season} of {self.interval.words}" if season else self.interval.words

    def recipe(self) -> Recipe | None:
        """The question that they ask, or None while there is no area. Raises RecipeError and GridError."""
        return self._recipe

    @lazy
    def _recipe(self) -> Recipe | None:
        """Made once: a page asks for it dozens of times."""
        if self.aoi is None or self.grid is None or self.centre is None:
            return None
        return build_recipe(
            self.archive,
            self.grid,
            self.centre,
            self.interval,
            area=self.aoi.name,
            radius=self.radius,
            maxcc=self.maxcc,
            least_coverage=self.least_coverage,
            bands=self.bands,
            resolution=self.resolution,
            mask=self.mask,
            method=self.method,
            percentile=self.percentile,
            grow=self.grow,
            nbar=self.nbar,
            vetoes=self.vetoes,
            months=self.months,
            included=self.included,
            date_rule=self.date_rule,
        )

    def question(self) -> dict[str, str]:
        """As the texts of a link, without what is as at the start."""
        return dict(self._question)

    @lazy
    def _question(self) -> dict[str, str]:
        interval, start = self.interval, Choices(interval=self.interval)
        whole = "/" not in interval.label
        texts = {
            "area": self.aoi.digest if self.aoi else "",
            "grid": self.grid.link if self.grid else "",
            "centre": str(self.centre) if self.centre else "",
            "radius": str(self.radius),
            "year": interval.label if whole else "",
            "from": "" if whole else interval.start.isoformat(),
            "to": "" if whole else interval.end.isoformat(),
            "maxcc": str(self.maxcc),
            "mask": self.mask,
            "bands": ",".join(self.bands) if self.bands != start.bands else "",
            "resolution": str(self.resolution) if self.resolution != start.resolution else "",
            "method": self.method if self.method != start.method else "",
            "percentile": str(self.percentile) if self.percentile != start.percentile else "",
            "grow": str(self.grow) if self.grow != MASKS[self.mask].usual_grow else "",
            "coverage": str(self.least_coverage) if self.least_coverage else "",
            "veto": _veto_text(self.vetoes),
            "view": self.view if self.view != start.view else "",
            "provider": self.provider if self.provider != settings().provider else "",
            "months": months_text(self.months),
            "include": "|".join(self.included),
            "nbar": "1" if self.nbar else "",
            "rule": self.date_rule if self.date_rule != start.date_rule else "",
        }
        return {key: text for key, text in texts.items() if text}

    def with_area(self, aoi: AOI, spec: str = "") -> "Choices":
        """In another area, around its middle, with that grid, or the team grid in use; its dates by hand are of others.

        Whatever way an area comes, also by a link or out of the library, it passes the limits here.
        Raises AreaError and GridError.
        """
        _check(aoi)
        team = self.grid.cut if self.grid is not None and "x" not in self.grid.spec else str(settings().tile_size)
        grid = make_grid(aoi, spec or _fitting(aoi, team))
        return replace(self, aoi=_shared(aoi, grid), grid=grid, centre=grid.middle(), vetoes=(), included=())

    def with_outline(self, aoi: AOI) -> "Choices":
        """In the same area, drawn anew or named anew: grid and centre stay where they can. Raises GridError."""
        if self.grid is None:
            return self.with_area(aoi)
        if self.aoi is not None and self.aoi.outline_digest == aoi.outline_digest:
            return replace(self, aoi=aoi, grid=make_grid(aoi, self.grid.spec))
        grid = make_grid(aoi, _fitting(aoi, self.grid.cut))
        centre = self._centre_in(grid)
        return replace(self, aoi=aoi, grid=grid, centre=grid.middle() if grid.number(centre) is None else centre)

    def with_grid(self, spec: str) -> "Choices":
        """With another grid, around the tile at the same place. Raises GridError."""
        if self.aoi is None:
            return self
        grid = make_grid(self.aoi, _fitting(self.aoi, spec))
        return replace(self, grid=grid, centre=self._centre_in(grid))

    def _centre_in(self, grid: Grid) -> TileIndex:
        """The tile of another grid at the middle of the present centre."""
        if self.grid is None or self.centre is None:
            return grid.middle()
        west, south, east, north = self.grid.lattice.bounds(self.centre)
        longitude, latitude = to_wgs84(self.grid.lattice.epsg, (west + east) / 2, (south + north) / 2)
        return grid.tile_at(float(longitude), float(latitude))


def _check(aoi: AOI) -> None:
    """Once for each area, whoever opens a link to it: its number tells the same outline. Raises AreaError."""

    def check() -> bool:
        check_stored(aoi, settings())
        return True

    outlines().made(("checked", aoi.digest, settings()), check, lambda _: OVERHEAD)


def make_grid(aoi: AOI, spec: str) -> Grid:
    """The grid, made once for all sessions. Raises GridError."""

    def make() -> Grid:
        return Grid.from_spec(aoi, spec, settings())

    grid: Grid = outlines().made(("grid", aoi.digest, spec), make, lambda made: made.memory_bytes)
    return grid


def _fitting(aoi: AOI, spec: str) -> str:
    """The same, of an area that is too wide for one zone over its part in the zone that has most of it: of such a grid
    an order goes on to all of them."""
    is_wide = spec.isdecimal() and aoi.reach_km > settings().max_reach_km
    return f"{spec}z{largest_zone(aoi) % 100:02d}" if is_wide else spec


def _shared(aoi: AOI, grid: Grid) -> AOI:
    """The grid's own area where it is the same: so that sessions that look at one area hold it once."""
    return grid.aoi if grid.aoi.notes == aoi.notes else aoi


def choices_of(question: Mapping[str, str]) -> tuple[Choices, Problems]:
    """The choices of a link; what cannot be used is left as at the start, and the reasons come with them.

    A link says all that is not as it was in the first version; whoever comes without one has what the settings say.
    """
    linked_before = any(question.get(key) for key in KEYS)
    return from_link(Choices() if linked_before else beginning(), question, _READERS)


def beginning() -> Choices:
    """Of whoever comes without a link."""
    return Choices(least_coverage=settings().least_coverage, mask=BEGINNING, grow=MASKS[BEGINNING].usual_grow)


def _area(chosen: Choices, text: str) -> Choices:
    aoi = areas().open(text)
    if aoi is None:
        raise AreaError("The area of this link is not on this server.", "Choose an area here, or ask for its file.")
    return chosen.with_area(aoi)


def _centre(chosen: Choices, text: str) -> Choices:
    if chosen.grid is None:
        return chosen
    x, y = (int(part) for part in text.split(","))
    chosen.grid.tile(TileIndex(x, y))  # refuses what is not on Earth
    return replace(chosen, centre=TileIndex(x, y))


def _days(chosen: Choices, text: str) -> Choices:
    start, end = (date.fromisoformat(day) for day in text.split("/"))
    return replace(chosen, interval=Interval(start, end))


def _bands(chosen: Choices, text: str) -> Choices:
    bands = tuple(text.split(","))
    if not set(bands) <= set(BANDS) or len(set(bands)) != len(bands):
        raise ValueError(text)
    return replace(chosen, bands=bands)


def _mask(chosen: Choices, text: str) -> Choices:
    mask = one_of(text, MASKS)
    MASKS[mask].require(SCRIPT_BANDS)  # those of the link are judged with the whole recipe
    return replace(chosen, mask=mask, grow=MASKS[mask].usual_grow)


def _provider(chosen: Choices, text: str) -> Choices:
    known = [one.name for one in all_providers(settings())]
    if text not in known:
        raise RecipeError(
            f"The link is for the provider {quoted(text)}; known here are {', '.join(known)}.",
            f"{chosen.archive.title} is asked instead; the rest of the link is used.",
        )
    return replace(chosen, provider=text)


def _included(text: str) -> tuple[str, ...]:
    keys = text.split("|")
    for key in keys:
        check_key(key)
    return tuple(sorted(set(keys)))


def _veto_text(vetoes: Iterable[Veto]) -> str:
    """`<key>~<reason>|<key>~<reason>`, with % before what would end a reason."""
    return "|".join(f"{veto.acquisition}~{_escaped(veto.reason)}" for veto in ordered(vetoes))


def _escaped(reason: str) -> str:
    return reason.replace("%", "%25").replace("~", "%7E").replace("|", "%7C")


def _vetoes(text: str) -> tuple[Veto, ...]:
    pairs = (part.split("~") for part in text.split("|"))
    return ordered(Veto(key, unquote(reason)) for key, reason in pairs)


_READERS: dict[str, Callable[[Choices, str], Choices]] = {
    "area": _area,
    "grid": lambda chosen, text: chosen.with_area(chosen.aoi, linked(chosen.aoi, text)) if chosen.aoi else chosen,
    "centre": _centre,
    "radius": lambda chosen, text: replace(chosen, radius=within(text, range(3))),
    "year": lambda chosen, text: replace(chosen, interval=Interval.of_year(int(text))),
    "from+to": _days,
    "maxcc": lambda chosen, text: replace(chosen, maxcc=within(text, range(101))),
    "mask": _mask,
    "bands": _bands,
    "resolution": lambda chosen, text: replace(chosen, resolution=within(text, range(10, 1501))),
    "method": lambda chosen, text: replace(chosen, method=one_of(text, METHODS)),
    "percentile": lambda chosen, text: replace(chosen, percentile=within(text, range(1, 100))),
    "grow": lambda chosen, text: replace(chosen, grow=within(text, range(MAX_GROW + 1))),
    "coverage": lambda chosen, text: replace(chosen, least_coverage=within(text, range(101))),
    "veto": lambda chosen, text: replace(chosen, vetoes=_vetoes(text)),
    "view": lambda chosen, text: replace(chosen, view=parse_view(text, chosen.bands).name),
    "provider": _provider,
    "months": lambda chosen, text: replace(chosen, months=typed_months(text)),
    "include": lambda chosen, text: replace(chosen, included=_included(text)),
    "nbar": lambda chosen, text: replace(chosen, nbar=bool(within(text, range(2)))),
    "rule": lambda chosen, text: replace(chosen, date_rule=one_of(text, DATE_RULES)),
}
