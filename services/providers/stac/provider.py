"""A catalogue of open data as a Provider: it needs no account, counts no units, and costs nothing."""

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from typing import Any
from urllib.parse import urlsplit

from services.catalogue import Acquisition
from services.errors import SettingsError
from services.grid import TileBlock
from services.plan import Cost, Terms
from services.providers.base import AskPage, Limits, Program, Step, Words, directly
from services.providers.item_search import expected_pages
from services.providers.stac.check import check_catalogue
from services.providers.stac.cost import terms
from services.providers.stac.profile import EARTH_SEARCH, PLANETARY_COMPUTER, PROFILES, Profile
from services.providers.stac.program import program_of
from services.providers.stac.source import OpenCatalogue, source_of
from services.recipe import Interval, Recipe
from services.settings import ProviderSettings, Settings, load_settings
from services.text import quoted

KNOWN = tuple(ProviderSettings(name=one.name, kind="stac") for one in (EARTH_SEARCH, PLANETARY_COMPUTER))
"""Catalogues that need no description."""
WORDS = Words(free=", free")
_GIVEN = ("title", "base_url", "collection", "assets", "hosts", "sign_url", "requests_per_minute", "simulated")
"""Settings of a provider that take the place of its profile's facts."""


@dataclass(frozen=True)
class OpenData(Profile):
    """One catalogue, as the Provider that the product asks."""

    settings: Settings = field(default_factory=load_settings, repr=False, compare=False)
    """Of whom it is asked: they say where blocks of files are kept, which cost nothing again."""

    @property
    def about(self) -> str:
        """Of pixels that cost nothing."""
        if self.simulated:
            return f"Simulated pixels of {self.host}, no real place."
        return "Real Sentinel-2: free, and without an account. A year is about 1 GB."

    @property
    def open_data(self) -> bool:
        """Anyone may have its pixels, and they are real."""
        return not self.simulated

    @property
    def ready(self) -> bool:
        """It needs no account."""
        return True

    @property
    def terms(self) -> Terms:
        """Of the files' blocks."""
        return terms(self.settings)

    @property
    def limits(self) -> Limits:
        """Only our own pace."""
        return Limits(self.requests_per_minute)

    @property
    def words(self) -> Words:
        """Bytes and requests."""
        return WORDS

    def search_cost(self, neighbourhood: TileBlock, interval: Interval) -> Cost:
        """Requests, which cost nothing: a search for each side of the 180th meridian."""
        west, _, east, _ = neighbourhood.bounds_wgs84
        return Cost(requests=expected_pages(neighbourhood, interval) + (west > east))

    def granule_href(self, granule: str) -> str:
        """A name in place of an address: catalogues have ids of their own, which are not the product's name."""
        return f"urn:ninepatch:{self.name}:{self.collection}:{granule}"

    def program(self, recipe: Recipe, kept: Sequence[Acquisition]) -> Program:
        """Of plain eo-learn and rasterio."""
        return program_of(self.sign_url, self.terms, recipe, kept)

    def open(self, settings: Settings) -> OpenCatalogue:
        """The one source of this process."""
        return source_of(self, settings)

    def check(self, settings: Settings, ask: AskPage = directly) -> list[Step]:
        """A signature where files need one, a page, a header, and a block."""
        return check_catalogue(self, settings, ask)


def open_data(given: ProviderSettings, settings: Settings) -> OpenData:
    """The catalogue that the settings describe. Raises SettingsError."""
    like = given.profile or given.name
    if given.profile and given.profile not in PROFILES:
        raise SettingsError(
            f"The provider {given.name} is said to be like {quoted(given.profile)}; known are {', '.join(PROFILES)}.",
            "Correct its profile in the settings, or leave it out.",
        )
    facts: dict[str, Any] = {name: getattr(given, name) for name in _GIVEN}
    if like in PROFILES:
        known = {one.name: getattr(PROFILES[like], one.name) for one in fields(Profile)}
        facts = known | {name: value for name, value in facts.items() if name in given.model_fields_set and value}
        if facts["base_url"] != known["base_url"]:  # what a catalogue lacks is true of it alone
            facts["holes"] = ()
    base_url = facts["base_url"].rstrip("/")
    hosts = tuple(host.lower() for host in facts["hosts"]) or (urlsplit(base_url).netloc,)
    title = given.title or (facts["title"] if given.name in PROFILES else given.name)
    return OpenData(
        **facts | {"name": given.name, "title": title, "base_url": base_url, "hosts": hosts, "settings": settings}
    )
