"""The question: everything that decides a picture, frozen, hashable and JSON."""

import hashlib
import json
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from services.errors import RecipeError
from services.grid import Lattice, TileBlock, TileIndex
from services.lazy import lazy
from services.recipe.date_rules import DATE_RULES
from services.recipe.interval import Interval
from services.recipe.masks import MASKS, MAX_GROW
from services.recipe.months import months_of, months_text, months_words
from services.recipe.processing import PROCESSINGS
from services.recipe.veto import Veto, check_key, ordered
from services.reducers import METHODS, USUAL, Method
from services.sentinel2 import ANGLES, BANDS, COLLECTION, DATA_MASK, SCRIPT_BANDS

_FIRST_MASKS = ("clear", "strict", "clouds", "none")
"""Names in MASKS that readers of versions 1 to 3 know."""
_NBAR = 1
"""Version of `services.nbar`: counted up where it comes to other pixels, so that nothing cached before is shown."""
_DAY = timedelta(days=1)
SLUG_LENGTH = 120
"""Characters of a slug that stands by itself."""


_FOURTH: dict[str, Callable[[Any], Any]] = {
    "months": lambda months: tuple(map(int, months)),
    "included": lambda keys: tuple(map(str, keys)),
    "percentile": int,
    "nbar": lambda told: told,
    "date_rule": str,
}
"""Fields that came with the fourth version, and how each is read; JSON has those that differ from their default."""
_METHODS_BEFORE = ("median", "least-cloudy")
"""Those that earlier versions can say."""


@dataclass(frozen=True)
class Recipe:
    """Everything that decides the picture. Its digest is job id, folder name and link.

    Raises RecipeError for a choice that is not possible, with the value.
    """

    lattice: Lattice
    centre: TileIndex
    interval: Interval
    provider: str = "demo"
    """Name of the provider, never its account."""
    collection: str = COLLECTION
    area: str = "Area"
    """Name of the area, for titles and file names."""
    radius: int = 1
    """0, 1 or 2 tiles around the centre: 1 × 1, 3 × 3 or 5 × 5."""
    maxcc: int = 10
    """Highest cloud cover of an acquisition, whole percent; kept when <=."""
    bands: tuple[str, ...] = SCRIPT_BANDS
    resolution: int = 10
    """Pixel size in metres."""
    mask: str = "clear"
    """Name in MASKS."""
    method: str = "median"
    """Name in METHODS."""
    grow: int = 0
    """Pixels by which clouds and their shadows grow before they are masked, 0 to MAX_GROW."""
    vetoes: tuple[Veto, ...] = ()
    """Acquisitions that are left out: sorted by acquisition, one for each; `with_` sorts them."""
    least_coverage: int = 0
    """Part of the picture that an acquisition must show, whole percent; 0, as in recipes of before, keeps each one that
    touches a corner."""
    months: tuple[int, ...] = ()
    """Months of the year that count, 1 to 12 in this order, by the day of an acquisition in UTC; empty where all do."""
    included: tuple[str, ...] = ()
    """Keys of acquisitions that are taken although they are over the limit or touch a corner, sorted; a veto wins."""
    percentile: int = USUAL
    """1 to 99, for the method of that name; USUAL for all others."""
    nbar: bool = False
    """Whether observations are normalised to a view from straight above before they become one, see services.nbar."""
    date_rule: str = "picture"
    """Name in DATE_RULES: to what the limits of clouds and coverage are applied."""
    processing: str = "nearest"
    """Name in PROCESSINGS. There is one; JSON leaves it out, so that digests stay."""

    def __post_init__(self) -> None:
        if self.radius not in (0, 1, 2):
            raise RecipeError(f"The radius must be 0, 1 or 2, got {self.radius}.", "Choose one of these.")
        for name, percent in (("max. cloud cover", self.maxcc), ("least coverage", self.least_coverage)):
            if isinstance(percent, bool) or not isinstance(percent, int) or not 0 <= percent <= 100:
                raise RecipeError(f"The {name} must be a whole percent from 0 to 100, got {percent}.", "Correct it.")
        unknown = [band for band in self.bands if band not in BANDS]
        if unknown or not self.bands or len(set(self.bands)) != len(self.bands):
            found = ", ".join(unknown or self.bands) or "none"
            raise RecipeError(
                f"The bands must be different ones of {', '.join(BANDS)}, got {found}.",
                "Level 2A has no B10." if "B10" in unknown else "Correct the list.",
            )
        percentile = self.percentile
        if isinstance(percentile, bool) or not isinstance(percentile, int) or not 1 <= percentile <= 99:
            raise RecipeError(f"The percentile must be a whole number from 1 to 99, got {percentile}.", "Correct it.")
        _ = MASKS[self.mask], METHODS[self.method], PROCESSINGS[self.processing]
        _ = DATE_RULES[self.date_rule]  # raises where there is no such one
        if isinstance(self.grow, bool) or not isinstance(self.grow, int) or not 0 <= self.grow <= MAX_GROW:
            raise RecipeError(
                f"The buffer around clouds is 0 to {MAX_GROW} whole pixels, got {self.grow}.", "Correct it."
            )
        if self.vetoes != ordered(self.vetoes):
            raise RecipeError(
                "The excluded dates must be sorted by acquisition, one for each.", "Give each acquisition once."
            )
        if self.months != months_of(self.months) or not set(self.months) <= set(range(1, 13)):
            raise RecipeError(f"The months must be different ones of 1 to 12, got {self.months}.", "Correct them.")
        if self.included != tuple(sorted(set(self.included))):
            raise RecipeError("The included dates must be sorted, each once.", "Give each acquisition once.")
        for key in self.included:
            check_key(key)
        if not isinstance(self.nbar, bool):
            raise RecipeError(f"NBAR is true or false, got {self.nbar}.", "Correct it.")
        if not 10 <= self.resolution <= 1500:
            raise RecipeError(f"The resolution must be 10 to 1500 m, got {self.resolution}.", "10 is the finest.")
        width, height = self.lattice.size_px(self.resolution)
        if min(width, height) < 1:
            raise RecipeError(
                f"One tile would be {width} × {height} px; it must have 1 px a side at least.", "Choose larger tiles."
            )

    @lazy
    def neighbourhood(self) -> TileBlock:
        """The tiles of the picture."""
        return self.lattice.neighbourhood(self.centre, self.radius)

    @property
    def searched(self) -> Interval:
        """What the catalogue is asked for: a day more at each end where a pass over midnight is of one day in one tile
        and of another day in another."""
        if not DATE_RULES[self.date_rule].by_tile:
            return self.interval
        return Interval(self.interval.start - _DAY, self.interval.end + _DAY)

    @lazy
    def ground(self) -> str:
        """Which pixels of which provider it looks at, in a text that is the same for the same, to look things up by."""
        return repr((self.provider, self.collection, self.lattice, self.centre, self.radius, self.resolution))

    @lazy
    def planes(self) -> tuple[str, ...]:
        """What must be there of each tile at each acquisition: the mask's own plane only where it masks something."""
        preset = MASKS[self.mask]
        return (*dict.fromkeys((*self.bands, *preset.sources)), *preset.planes, *self.angles, DATA_MASK)

    @property
    def angles(self) -> tuple[str, ...]:
        """The planes by which observations are normalised; none where they are not."""
        return ANGLES if self.nbar else ()

    @lazy
    def fetched(self) -> tuple[str, ...]:
        """Those of them that the provider is asked for; the others are computed here."""
        preset = MASKS[self.mask]
        return tuple(plane for plane in self.planes if not (preset.sources and plane == preset.plane))

    @lazy
    def compositing(self) -> Method:
        """The method, at its percentile where it has one."""
        method = METHODS[self.method]
        return method.at(self.percentile) if method.at else method

    def showing(self, bands: tuple[str, ...]) -> "Recipe":
        """What a picture of these bands needs: no others, but for a method that looks at all bands together."""
        return self if self.compositing.way.joint else self.with_(bands=bands)

    @lazy
    def digest(self) -> str:
        """16 hexadecimal characters that are the same for the same question."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()[:16]

    @lazy
    def meaning(self) -> tuple[object, ...]:
        """What the names of its mask and method mean now: a part of the key of all that is cached."""
        return MASKS[self.mask].meaning, METHODS[self.method].version, *((_NBAR,) if self.nbar else ())

    @property
    def slug(self) -> str:
        """Stem of file names: `s2l2a_southern-finland_x35-y25_2017_cc10`."""
        return self.slug_within(SLUG_LENGTH)

    def slug_within(self, length: int) -> str:
        """The same in so many characters, as far as a shorter name of the area makes it."""
        plain = unicodedata.normalize("NFKD", self.area).encode("ascii", "ignore").decode().lower()
        area = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:40] or "area"
        season = f"_m{months_text(self.months).replace(',', '.')}" if self.months else ""
        days = self.interval.label.replace("/", "-to-") + season
        rest = f"_x{self.centre.x}-y{self.centre.y}_{days}_cc{self.maxcc:02d}"
        return f"s2l2a_{area[: max(4, length - len(rest) - 6)].rstrip('-')}{rest}"

    @property
    def when(self) -> str:
        """For people: `2017`, `June to August of 2021 to 2024`; the last day is part of it."""
        season = months_words(self.months)
        return f"{season} of {self.interval.words}" if season else self.interval.words

    def in_season(self, day: date) -> bool:
        """Whether the day's month counts."""
        return not self.months or day.month in self.months

    def with_(self, **changes: Any) -> "Recipe":
        """The same question with other choices; vetoes may come in any order."""
        if "vetoes" in changes:
            changes["vetoes"] = ordered(changes["vetoes"])
        return replace(self, **changes)

    def vetoed(self, key: str) -> Veto | None:
        """The veto of the acquisition with that key, where there is one."""
        return next((veto for veto in self.vetoes if veto.acquisition == key), None)

    def to_dict(self) -> dict[str, Any]:
        """Plain values, in a fixed order; of the earliest version that can say them, so that digests stay."""
        lattice, vetoes = self.lattice, [[veto.acquisition, veto.reason] for veto in self.vetoes]
        later = {"method": self.method, "grow": self.grow, "vetoes": vetoes}
        fourth = {name: _plain(getattr(self, name)) for name in _FOURTH if getattr(self, name) != getattr(Recipe, name)}
        is_fourth = bool(fourth) or self.method not in _METHODS_BEFORE or self.mask not in _FIRST_MASKS
        is_first = later == {"method": "median", "grow": 0, "vetoes": []} and not self.least_coverage and not is_fourth
        return {
            "version": 4 if is_fourth else 3 if self.least_coverage else 1 if is_first else 2,
            "provider": self.provider,
            "collection": self.collection,
            "area": self.area,
            "lattice": {
                "epsg": lattice.epsg,
                "x0": lattice.x0,
                "y0": lattice.y0,
                "dx": lattice.dx,
                "dy": lattice.dy,
            },
            "centre": [self.centre.x, self.centre.y],
            "radius": self.radius,
            "from": self.interval.start.isoformat(),
            "to": self.interval.end.isoformat(),
            "maxcc": self.maxcc,
            "bands": list(self.bands),
            "resolution": self.resolution,
            "mask": self.mask,
            **({} if is_first else later),
            **({"least_coverage": self.least_coverage} if self.least_coverage else {}),
            **fourth,
        }

    def to_json(self) -> str:
        """One line of JSON; the digest is made of it."""
        return json.dumps(self.to_dict(), separators=(",", ":"), ensure_ascii=True)

    @classmethod
    def from_dict(cls, plain: Any) -> "Recipe":
        """Raises RecipeError where `plain` is not what to_dict gives."""
        try:
            version, lattice = plain["version"], plain["lattice"]
            if version not in (1, 2, 3, 4):
                raise RecipeError(f"The recipe has version {version}, and 1 to 4 are known.", "Make it again.")
            return cls(
                lattice=Lattice(int(lattice["epsg"]), *(float(lattice[key]) for key in ("x0", "y0", "dx", "dy"))),
                centre=TileIndex(*(int(part) for part in plain["centre"])),
                interval=Interval(date.fromisoformat(plain["from"]), date.fromisoformat(plain["to"])),
                provider=str(plain["provider"]),
                collection=str(plain["collection"]),
                area=str(plain["area"]),
                radius=int(plain["radius"]),
                maxcc=int(plain["maxcc"]),
                bands=tuple(str(band) for band in plain["bands"]),
                resolution=int(plain["resolution"]),
                mask=str(plain["mask"]),
                least_coverage=int(plain["least_coverage"]) if version == 3 else int(plain.get("least_coverage", 0)),
                processing=str(plain.get("processing", cls.processing)),
                **(_later(plain) if version > 1 else {}),
                **(_fourth(plain) if version > 3 else {}),
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise RecipeError(
                f"This is not a recipe: {type(error).__name__} {error}.",
                "Use a recipe.json that was written here.",
            ) from error

    @classmethod
    def from_json(cls, text: str) -> "Recipe":
        """The same for the same text: that of a job is read at each look. Raises RecipeError where it is no recipe."""
        return _read(text)


@lru_cache(maxsize=512)
def _read(text: str) -> Recipe:
    try:
        plain = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise RecipeError("The recipe is not JSON.", "Use a recipe.json that was written here.") from error
    return Recipe.from_dict(plain)


def _plain(value: Any) -> Any:
    """As JSON has it."""
    return list(value) if isinstance(value, tuple) else value


def _fourth(plain: Any) -> dict[str, Any]:
    """What the fourth version says besides, where it is not as before."""
    return {name: read(plain[name]) for name, read in _FOURTH.items() if name in plain}


def _later(plain: Any) -> dict[str, Any]:
    """What the second version says besides."""
    vetoes = ordered(Veto(str(key), str(reason)) for key, reason in plain["vetoes"])
    return {"method": str(plain["method"]), "grow": int(plain["grow"]), "vetoes": vetoes}
