"""The words of a command line, understood."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

from services.area import AOI, parse_aoi, read_aoi
from services.errors import AreaError, RecipeError
from services.formats import looks_like_dms, looks_like_wkt
from services.grid import STEP, Grid, TileIndex, zone_grids
from services.places import area_of_words, brought, geocoder_of
from services.providers import default_provider, find_provider
from services.recipe import BEGINNING, MASKS, METHODS, USUAL, Interval, Recipe, build_recipe, typed_months
from services.settings import AUTO, OPEN, Settings
from services.text import quoted
from terminal.output import people


@dataclass(frozen=True)
class Question:
    """What somebody typed; its properties raise InputError with the word that is wrong."""

    settings: Settings
    aoi: str = ""
    split: str = ""
    tile_size: int | None = None
    centre: str = ""
    radius: int = 1
    year: int | None = None
    from_: str = ""
    to: str = ""
    months: str = ""
    """`6-8`, `12-2`; empty is all of them."""
    maxcc: int = 10
    least_coverage: int | None = None
    """Whole percent; None is the setting's."""
    veto: Sequence[str] | None = None
    """`KEY:reason` or `2017-06-07:reason`; which acquisitions are meant is known where these are."""
    include: Sequence[str] | None = None
    """`KEY` or `2017-06-07`, likewise."""
    recipe_file: Path | None = None
    bands: str = "B02,B03,B04,B08,B11,B12"
    resolution: int = 10
    mask: str = BEGINNING
    grow: int | None = None
    """Pixels; None is what is usual for the mask."""
    method: str = "median"
    percentile: int = USUAL
    nbar: bool = False
    date_rule: str = Recipe.date_rule
    provider: str = ""
    """A name, `auto` or `open`; empty is the setting's."""
    whole: bool = False
    """Whether all of the area is meant: then it is named beside a recipe file, which says what is asked of it."""
    given: frozenset[str] = frozenset()
    """Names of the options that were typed; beside a recipe file they count in its place."""

    @cached_property
    def area(self) -> AOI:
        """The area, from a file where one has that name, else from the text itself."""
        if not self.aoi.strip():
            raise AreaError(
                "No area is given.",
                "Add --aoi with a file, GeoJSON, WKT, 'west, south, east, north', a point like 52.37, 4.89 or a place.",
            )
        path = Path(self.aoi)
        try:
            is_file = path.is_file()
        except (OSError, ValueError):  # a long text is no file name
            is_file = False
        if not is_file:
            if path.suffix and not re.search(r"[\s,{(:+]", self.aoi):
                raise AreaError(f"There is no file {self.aoi}.", "Correct the path.")
            return self._written_area
        try:
            return read_aoi(path.read_bytes(), path.name, limits=self.settings)
        except OSError as error:
            raise AreaError(
                f"The file {path} cannot be read: {error.strerror}.", "Check that you may read it."
            ) from error

    @property
    def _written_area(self) -> AOI:
        """Of what stands there itself: a point, a name, or an outline; how the first two were read is said."""
        size = self.settings.tile_size if self.tile_size is None else self.tile_size
        found = brought(self.aoi, self.settings, tile_size=size)
        text = self.aoi.strip()
        if found is None and _NAME.match(text) and not (looks_like_wkt(text) or looks_like_dms(text)):
            found = area_of_words(text, self.settings, tile_size=size, geocoder=geocoder_of(self.settings))
        if found is None:
            return parse_aoi(self.aoi, limits=self.settings)
        people.print(*found.notes, sep="\n", markup=False, highlight=False, soft_wrap=True)
        return found

    @cached_property
    def grid(self) -> Grid:
        """The grid: columns × rows where --split is given, else the team grid."""
        if not self.split:
            return Grid.team(self.area, self._size, self.settings)
        if self.tile_size is not None:
            raise RecipeError("Both --split and --tile-size are given.", "Give one of them.")
        match = re.fullmatch(r"(\d{1,6})[x×](\d{1,6})", self.split.strip())
        if match is None:
            raise RecipeError(f"--split must be like 54x39, got {quoted(self.split)}.", "Give columns, x, rows.")
        return Grid.split(self.area, int(match[1]), int(match[2]), self.settings)

    @cached_property
    def grids(self) -> tuple[Grid, ...]:
        """The team grid of each UTM zone of the area."""
        if self.split:
            raise RecipeError("Columns × rows cut one UTM zone.", "Leave --split out, or --zones.")
        return zone_grids(self.area, self._size, self.settings)

    @property
    def _size(self) -> int:
        """Metres of the team grid's tiles; those of the recipe file where all of an area is asked its question."""
        if self.tile_size is not None:
            return self.tile_size
        if not self.whole or self.recipe_file is None:
            return self.settings.tile_size
        lattice = self._file.lattice
        if (lattice.x0, lattice.y0, lattice.dx % STEP) != (0, 0, 0) or lattice.dx != lattice.dy:
            raise RecipeError(
                "The recipe's tiles are columns × rows of its own area.",
                "Add --split, or --tile-size for the team grid.",
            )
        return int(lattice.dx)

    @cached_property
    def centre_index(self) -> TileIndex:
        """The centre tile; a member near the middle where none is given. One far outside is taken, and is said."""
        if not self.centre:
            return self.grid.middle()
        index, radius = self._typed_centre, min(max(self.radius, 0), 2)  # another one is refused by itself
        self.grid.tile(index)
        reach = range(-radius, radius + 1)
        around = (TileIndex(index.x + i, index.y + j) for i in reach for j in reach)
        if all(self.grid.number(one) is None for one in around):
            people.print(
                f"--centre {index} is outside the area, and so are the tiles around it; {self.grid.middle()} is in "
                "its middle.",
                markup=False,
                highlight=False,
                soft_wrap=True,
            )
        return index

    @property
    def _typed_centre(self) -> TileIndex:
        match = re.fullmatch(r"(-?\d{1,7})\s*,\s*(-?\d{1,7})", self.centre.strip())
        if match is None:
            raise RecipeError(
                f"--centre must be like 35,25, got {quoted(self.centre)}.",
                "Give x from the west, y from the south.",
            )
        return TileIndex(int(match[1]), int(match[2]))

    @property
    def interval(self) -> Interval:
        """The days: a year, or from and to, which are both part of it."""
        if self.year is not None and (self.from_ or self.to):
            raise RecipeError("Both --year and --from/--to are given.", "Give one of them.")
        if self.year is not None:
            return Interval.of_year(self.year)
        if not (self.from_ and self.to):
            raise RecipeError("No dates are given.", "Add --year 2017, or --from and --to.")
        try:
            return Interval.through(date.fromisoformat(self.from_), date.fromisoformat(self.to))
        except ValueError as error:
            raise RecipeError(f"A day must be like 2017-05-01: {error}.", "Correct --from or --to.") from error

    @property
    def recipe(self) -> Recipe:
        """The whole question but for `veto` and `include`; from the recipe file where one is given, with what was
        typed besides."""
        if self.recipe_file is not None:
            return self._file.with_(**self._changes)
        return self._built(self.grid, self.centre_index)

    def recipe_over(self, grid: Grid) -> Recipe:
        """The same for an order of all tiles of that grid, whatever place the recipe file has."""
        if self.recipe_file is not None:
            return self._file.with_(**self._changes, area=self.area.name)
        return self._built(grid, grid.middle())

    def _built(self, grid: Grid, centre: TileIndex) -> Recipe:
        return build_recipe(
            find_provider(self.settings, self.provider),
            grid,
            centre,
            self.interval,
            area=self.area.name,
            radius=self.radius,
            maxcc=self.maxcc,
            least_coverage=self.settings.least_coverage if self.least_coverage is None else self.least_coverage,
            bands=self._bands,
            resolution=self.resolution,
            mask=self.mask,
            method=self.method,
            percentile=self.percentile,
            nbar=self.nbar,
            date_rule=self.date_rule,
            grow=self._grow,
            months=typed_months(self.months),
        )

    @property
    def _grow(self) -> int:
        return MASKS[self.mask].usual_grow if self.grow is None else self.grow

    @property
    def replaced(self) -> tuple[str, ...]:
        """What options say in the place of the recipe file, a sentence for each; raises as `recipe`."""
        if self.recipe_file is None:
            return ()
        recipe = self._file
        return tuple(
            f"{_option(name)} counts: {_shown(value)} in the place of the recipe's {_shown(getattr(recipe, name))}."
            for name, value in self._changes.items()
            if name != "collection" and value != getattr(recipe, name)
        )

    @property
    def found(self) -> tuple[str, ...]:
        """Which provider was found at the start and why, a sentence; none where it is named. Raises SettingsError."""
        named = self.recipe_file is not None and not self.provider
        if named or (self.provider or self.settings.provider) not in (AUTO, OPEN):
            return ()
        return (default_provider(self.settings, self.provider).why,)

    @cached_property
    def _file(self) -> Recipe:
        path = self.recipe_file or Path()
        try:
            return Recipe.from_json(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            raise RecipeError(f"The file {path} cannot be read.", "Correct the path.") from error

    @property
    def _bands(self) -> tuple[str, ...]:
        return tuple(band.strip() for band in self.bands.split(",") if band.strip())

    @property
    def _changes(self) -> dict[str, Any]:
        """Choices of a recipe file that options replace; raises RecipeError where they are of another area."""
        typed = self.given | {one.name for one in fields(self) if getattr(self, one.name) != one.default}
        other = [_option(name) for name in ("aoi", "split", "tile_size") if name in typed]
        if other and not self.whole:
            raise RecipeError(
                f"Both --recipe and {' and '.join(other)} are given, and a recipe has its own area and grid.",
                "Leave one of them out.",
            )
        changes: dict[str, Any] = {name: getattr(self, name) for name in _SAME if name in typed}
        if not METHODS[changes.get("method", self._file.method)].at:
            changes["percentile"] = USUAL
        if not changes.get("radius", self._file.radius):
            changes["date_rule"] = Recipe.date_rule
        if "provider" in typed:
            found = find_provider(self.settings, self.provider)
            changes |= {"provider": found.name, "collection": found.collection}
        if "bands" in typed:
            changes["bands"] = self._bands
        if typed & {"year", "from_", "to"}:
            changes["interval"] = self.interval
        if "months" in typed:
            changes["months"] = typed_months(self.months)
        if "centre" in typed:
            changes["centre"] = self._typed_centre
        return changes


_NAME = re.compile(r"[^\W\d_][^{}<>\[\]]*$")
"""What may be the name of a place: it begins with a letter, and has none of the signs of a format."""
_SAME = ("radius", "maxcc", "least_coverage", "resolution", "mask", "grow", "method", "percentile", "nbar", "date_rule")
"""Options that are called as in a recipe and say it in the same way."""


def _option(name: str) -> str:
    """As it is typed."""
    return {"interval": "--year or --from/--to"}.get(name, f"--{name.replace('_', '-')}")


def _shown(value: object) -> str:
    """For people."""
    if isinstance(value, Interval):
        return value.words
    return ",".join(map(str, value)) or "all" if isinstance(value, tuple) else str(value)
