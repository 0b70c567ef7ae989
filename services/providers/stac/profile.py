"""Catalogues of open data: where each is, what it calls the bands, where files may lie, and which years it lacks."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from services.errors import SettingsError
from services.lazy import lazy
from services.providers.http import check_address, check_name, is_loopback
from services.recipe import Interval
from services.sentinel2 import BANDS, SCL

REFERENCE = "B04"
"""The band of 10 m whose file says, with SCL's, where there are data; no catalogue is of use without both."""
PER_MINUTE = 6000.0
"""Questions that are asked in a minute where nobody names a limit: a hundred a second, more than 16 connections do."""


@dataclass(frozen=True)
class Hole:
    """Years of which a catalogue has little."""

    first: int
    last: int
    """The last year of them."""
    sentence: str
    """For people."""


@dataclass(frozen=True)
class Profile:
    """One collection of one catalogue. Raises SettingsError where it could not be used safely."""

    name: str
    """Part of cache keys and recipes."""
    title: str
    """What people read."""
    base_url: str
    """Of the STAC API, without a slash at the end."""
    collection: str
    assets: tuple[tuple[str, str], ...]
    """Planes, each with the name of its asset."""
    hosts: tuple[str, ...]
    """Where files may lie: `host`, or `host:port` where it is no usual one."""
    sign_url: str = ""
    """Where signatures are had, followed by `/account/container`; empty where files need none."""
    declares_offset: bool = False
    """Whether an asset without a declared offset has none; else it follows from the processing baseline alone."""
    holes: tuple[Hole, ...] = ()
    requests_per_minute: float = PER_MINUTE
    simulated: bool = False
    """Whether no satellite made its pixels: a world that the demo archive published."""

    def __post_init__(self) -> None:
        check_name(self.name)
        check_address(self.name, "base_url", self.base_url)
        if self.sign_url:
            check_address(self.name, "sign_url", self.sign_url)
        lacking = [plane for plane in (REFERENCE, SCL) if not self.asset_of.get(plane)]
        unknown = [plane for plane in self.asset_of if plane not in (*BANDS, SCL)]
        if lacking or unknown or not self.collection:
            said = f"lacks {lacking[0]}" if lacking else f"names {unknown[0]}" if unknown else "is for no collection"
            raise SettingsError(
                f"The catalogue {self.name} {said}.",
                "Set its collection, and in assets the asset's name of B04, SCL and the other bands that it has; or "
                f"name a profile that it is like: {', '.join(PROFILES)}.",
            )

    @lazy
    def asset_of(self) -> Mapping[str, str]:
        """The asset's name of each plane."""
        return dict(self.assets)

    @property
    def host(self) -> str:
        """Where the catalogue is, as people are told."""
        return urlsplit(self.base_url).netloc

    def may_read(self, href: str) -> bool:
        """Whether a file may be asked for: encrypted, on a host that is listed; this machine may do without.

        Nothing but its path is said of it: no name and password, query or fragment, which a signature would follow.
        """
        try:
            parts = urlsplit(href)
            plain = href.isascii() and href.isprintable() and parts.path.strip("/") and parts.username is None
            if not plain or parts.query or parts.fragment:
                return False
            if is_loopback(href):
                return parts.scheme in ("http", "https") and parts.hostname in self._own_names
            return parts.scheme == "https" and parts.netloc.lower() in self.hosts
        except ValueError:
            return False

    @lazy
    def _own_names(self) -> frozenset[str]:
        return frozenset(host.partition(":")[0] for host in self.hosts)

    def attribution(self, years: Iterable[int]) -> str:
        """The sentence that the data's licence asks for, or the one that says that the data are simulated."""
        if self.simulated:
            return "Simulated data, published by the demo archive of Ninepatch; no satellite data"
        return f"Contains modified Copernicus Sentinel data [{', '.join(map(str, sorted(set(years))))}]"

    def gaps(self, interval: Interval) -> str:
        """What the catalogue lacks of the interval, in sentences; empty where nothing is known to be missing."""
        first, last = interval.start.year, interval.last.year
        return " ".join(hole.sentence for hole in self.holes if hole.first <= last and first <= hole.last)


_COMMON_NAMES = (
    *(("B01", "coastal"), ("B02", "blue"), ("B03", "green"), ("B04", "red"), ("B05", "rededge1")),
    *(("B06", "rededge2"), ("B07", "rededge3"), ("B08", "nir"), ("B8A", "nir08"), ("B09", "nir09")),
    *(("B11", "swir16"), ("B12", "swir22"), (SCL, "scl")),
)
_EARTH_SEARCH_FILES = ("e84-earth-search-sentinel-data.s3.us-west-2.amazonaws.com",)
_EARTH_SEARCH_HOLES = (
    Hole(2015, 2017, "Earth Search has next to nothing of 2015 to 2017."),
    Hole(2022, 2022, "Earth Search has a hole in 2022: about one acquisition in fifteen."),
)
EARTH_SEARCH = Profile(
    name="earth-search",
    title="Earth Search",
    base_url="https://earth-search.aws.element84.com/v1",
    collection="sentinel-2-c1-l2a",
    assets=_COMMON_NAMES,
    hosts=_EARTH_SEARCH_FILES,
    declares_offset=True,
    holes=_EARTH_SEARCH_HOLES,
)
EARTH_SEARCH_V2 = Profile(
    name="earth-search-v2",
    title="Earth Search v2 (beta)",
    base_url="https://earth-search.aws.element84.com/v2",
    collection="sentinel-2-l2a",
    assets=_COMMON_NAMES,
    hosts=_EARTH_SEARCH_FILES,
    declares_offset=True,
    holes=_EARTH_SEARCH_HOLES,
)
PLANETARY_COMPUTER = Profile(
    name="planetary-computer",
    title="Planetary Computer",
    base_url="https://planetarycomputer.microsoft.com/api/stac/v1",
    collection="sentinel-2-l2a",
    assets=tuple((plane, plane) for plane in (*BANDS, SCL)),
    hosts=("sentinel2l2a01.blob.core.windows.net",),
    sign_url="https://planetarycomputer.microsoft.com/api/sas/v1/token",
)
PROFILES = {one.name: one for one in (EARTH_SEARCH, EARTH_SEARCH_V2, PLANETARY_COMPUTER)}
"""By the names that the settings use."""
