"""The files of a result in one table: where each lies, what it is called, who writes it, and where it is offered.

A new download is an entry and its writer: the result, the page, the zip of everything and the STAC item read the table.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from services.catalogue import Acquisition, choose
from services.composite import Composite, Image, Mosaic, indices_of
from services.export.csv_tables import Shares, dates_csv, statistics_csv
from services.export.eopatch_zip import write_patch_zip
from services.export.result_store import COUNTS, FIGURE, INDEX_FILE, MOSAIC, PICTURE, ResultFile, recipe_text, stem
from services.export.script import Script, checksum
from services.export.stac import bands_of, day_bands_of, index_bands_of, stac_item
from services.grid import Tile
from services.providers import Provider
from services.recipe import Recipe
from services.registry import Registry
from services.render import Provenance, counts_picture, render_picture
from services.storage import write_beside

if TYPE_CHECKING:
    from eolearn.core import EOPatch

TIFF = "image/tiff; application=geotiff; profile=cloud-optimized"
"""Media type of a COG (OGC 21-026, § 10)."""


@dataclass(frozen=True, eq=False)
class Made:
    """What came out, and what it was made of: all that a writer has to go by."""

    provenance: Provenance
    provider: Provider
    kept: Sequence[Acquisition]
    """What went into the picture."""
    found: Sequence[Acquisition]
    """All acquisitions of the interval."""
    whole: Mosaic
    composites: Sequence[Composite] = ()
    """Its tiles, in display order; none while the picture grows."""
    shares: Mapping[str, Shares] = field(default_factory=dict)
    """What each acquisition that was kept shows of the picture."""

    @property
    def recipe(self) -> Recipe:
        """What it answers."""
        return self.provenance.recipe


@dataclass(frozen=True, kw_only=True)
class Download:
    """A kind of file: one of the whole, or one of each tile."""

    name: str
    """Its kind in result.json."""
    path: str
    """Below the result's folder; `{tile}` stands for the name of a tile."""
    ending: str
    """Of the name that the user's disk sees."""
    title: str
    """What people read."""
    media_type: str
    roles: tuple[str, ...]
    """In the STAC item."""
    write: Callable[[Made, Path], object] | None = None
    """The writer of a file of the whole."""
    write_tile: Callable[[Made, Composite, Path], object] | None = None
    """The writer of a file of a tile, of its composite."""
    write_patch: "Callable[[Path, EOPatch, Provenance], object] | None" = None
    """The same, of its EOPatch as it passes through the workflow."""
    grows: bool = False
    """Whether it is written as soon as there is anything, and again as dates arrive."""
    on_page: bool = True
    label: str = ""
    """On the page where a tile lies; a file of the whole has its title there."""
    asset: str = ""
    """Its name in the STAC item; its kind unless given."""
    bands: Callable[[Mosaic], list[dict[str, Any]]] | None = None
    """Those of a GeoTIFF, for the STAC item."""
    needed: Callable[[Recipe], object] = lambda _: True
    """Whether a recipe has it."""
    note: str = ""
    """What one must know to read it, for the zip of everything."""
    unpacked: bool = False
    """Whether it is unpacked in a folder of the user's."""

    @property
    def of_tiles(self) -> bool:
        """Whether there is one of each tile."""
        return self.write is None

    def file(self, recipe: Recipe, tile: Tile | None = None) -> ResultFile:
        """Unmeasured; of a tile, where it is of tiles."""
        if tile is None:
            return ResultFile(self.path, stem(recipe) + self.ending, self.title, self.name, self.media_type, 0)
        path, name = self.path.format(tile=tile.name), stem(recipe.with_(centre=tile.index, radius=0))
        return ResultFile(path, name + self.ending, self.title, self.name, self.media_type, 0, str(tile.index))


def files_of(recipe: Recipe) -> list[ResultFile]:
    """All that a result of the recipe has, unmeasured: those of the whole, then tile by tile."""
    there = [one for one in DOWNLOADS.values() if one.needed(recipe)]
    whole = [one.file(recipe) for one in there if not one.of_tiles]
    tiles = recipe.neighbourhood.tiles
    return whole + [one.file(recipe, tile) for tile in tiles for one in there if one.of_tiles]


def _text(content: Callable[[Made], str]) -> Callable[[Made, Path], object]:
    """As UTF-8, with its line ends as they are."""
    return lambda made, path: write_beside(path, lambda beside: beside.write_bytes(content(made).encode()))


def _cog(path: Path, image: Image, provenance: Provenance) -> None:
    from services.export.cog import write_cog  # GDAL, which only those need who make files

    write_cog(path, image, provenance)


def _index_cog(made: Made, path: Path) -> None:
    from services.export.cog import write_index_cog

    write_index_cog(path, made.whole, made.provenance)


def _date_cog(made: Made, path: Path) -> None:
    from services.export.cog import write_date_cog

    write_date_cog(path, made.whole, made.provenance)


def _figure(made: Made, path: Path) -> None:
    from services.render import draw_figure  # matplotlib, for the figure alone

    draw_figure(made.whole, path, made.provenance)


def _script(made: Made) -> Script:
    return Script(made.provenance, made.provider, made.kept, checksum(made.composites))


def _item(made: Made) -> str:
    identity = f"{stem(made.recipe)}_{made.recipe.digest}"
    others = [(file, DOWNLOADS[file.kind]) for file in files_of(made.recipe) if file.kind != "item"]
    described = stac_item(identity, made.whole, made.provenance, made.provider, made.kept, others)
    return json.dumps(described, indent=1, ensure_ascii=False) + "\n"


DOWNLOADS = Registry(
    "download",
    (
        Download(
            name="mosaic",
            path=MOSAIC,
            ending=".tif",
            title="Mosaic, Cloud Optimized GeoTIFF",
            media_type=TIFF,
            roles=("data",),
            write=lambda made, path: _cog(path, made.whole, made.provenance),
            bands=partial(bands_of, statistics=True),
            note="GeoTIFFs: reflectance is the number × 0.0001, 65535 is no data; the last band counts the clear "
            "observations.",
        ),
        Download(
            name="indices",
            path=INDEX_FILE,
            ending="_indices.tif",
            title="Indices, Cloud Optimized GeoTIFF",
            media_type=TIFF,
            roles=("data",),
            write=_index_cog,
            bands=index_bands_of,
            needed=lambda recipe: indices_of(recipe.bands),
        ),
        Download(
            name="days",
            path="days.tif",
            ending="_days.tif",
            title="Day of each pixel, Cloud Optimized GeoTIFF",
            media_type=TIFF,
            roles=("data", "date"),
            write=_date_cog,
            bands=day_bands_of,
            needed=lambda recipe: recipe.compositing.dated,
            note="Days: of the observation that a pixel is of, in UTC, as the number YYYYMMDD; 0 where there is none.",
        ),
        Download(
            name="figure",
            path=FIGURE,
            ending=".png",
            title="Figure with title and dates",
            media_type="image/png",
            roles=("overview",),
            write=_figure,
        ),
        Download(
            name="picture",
            path=PICTURE,
            ending="_picture.png",
            title="Picture alone",
            media_type="image/png",
            roles=("overview", "visual"),
            write=lambda made, path: render_picture(made.whole, path, made.provenance),
            grows=True,
        ),
        Download(
            name="looks",
            path=COUNTS,
            ending="_looks.png",
            title="Count of clear observations",
            media_type="image/png",
            roles=("metadata", "overview"),
            write=lambda made, path: counts_picture(made.whole, path, made.provenance),
            grows=True,
        ),
        Download(
            name="statistics",
            path="statistics.csv",
            ending="_statistics.csv",
            title="Statistics of bands and indices",
            media_type="text/csv",
            roles=("metadata",),
            write=_text(lambda made: statistics_csv(made.whole, made.provenance.sources)),
            note="Statistics: of the pixels with data, in reflectance; std is of the population.",
        ),
        Download(
            name="dates",
            path="dates.csv",
            ending="_dates.csv",
            title="Dates, used or excluded, and why",
            media_type="text/csv",
            roles=("metadata",),
            write=_text(lambda made: dates_csv(choose(made.found, made.recipe), made.shares)),
            note="Dates: cloud_cover_percent is of the whole granules, coverage_percent the part of the picture in the "
            "swath,\ndata_percent and clear_percent the parts of all its pixels that have data and that count, of the "
            "kept dates.",
        ),
        Download(
            name="script",
            path="reproduce.py",
            ending="_reproduce.py",
            title="Program that makes it again",
            media_type="text/x-python",
            roles=("metadata", "code"),
            write=_text(lambda made: _script(made).program()),
        ),
        Download(
            name="notebook",
            path="reproduce.ipynb",
            ending="_reproduce.ipynb",
            title="The same as a notebook",
            media_type="application/x-ipynb+json",
            roles=("metadata", "code"),
            write=_text(lambda made: _script(made).notebook()),
        ),
        Download(
            name="item",
            path="item.json",
            ending="_item.json",
            title="STAC item",
            media_type="application/geo+json",
            roles=("metadata",),
            write=_text(_item),
        ),
        Download(
            name="recipe",
            path="recipe.json",
            ending="_recipe.json",
            title="Recipe",
            media_type="application/json",
            roles=("metadata",),
            write=_text(lambda made: recipe_text(made.recipe)),
        ),
        Download(
            name="tile",
            path="tiles/{tile}.tif",
            ending=".tif",
            title="Patch, GeoTIFF",
            label="GeoTIFF",
            media_type=TIFF,
            roles=("data",),
            write_tile=lambda made, composite, path: _cog(path, composite, made.provenance),
            bands=partial(bands_of, statistics=False),
        ),
        Download(
            name="patch",
            path="patches/{tile}.zip",
            ending="_eopatch.zip",
            title="EOPatch",
            label="EOPatch",
            media_type="application/zip",
            roles=("data",),
            write_patch=write_patch_zip,
            asset="eopatch",
            unpacked=True,
            note="EOPatches: unzip one, and `EOPatch.load` of eo-learn opens the folder.",
        ),
    ),
)
"""In the order in which people want them."""
