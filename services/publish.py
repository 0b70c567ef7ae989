"""The files of one result, written under its folder as they are made: the picture first, the recipe last."""

from collections.abc import Sequence
from pathlib import Path

from eolearn.core import EOPatch

from services.acquisitions import Acquisition
from services.composite import Composite, Mosaic, mosaic
from services.export import write_cog
from services.figure import figure
from services.files import write_beside
from services.lattice import Tile
from services.provenance import Provenance
from services.providers import Provider
from services.recipe import Recipe
from services.render import looks, picture
from services.results import COUNTS, FIGURE, MOSAIC, PICTURE, RECIPE, ResultFile, recipe_text
from services.zips import write_patch_zip

TIFF = "image/tiff; application=geotiff; profile=cloud-optimized"
"""Media type of a COG (OGC 21-026, § 10)."""


class Publication:
    """Writes the files of one recipe. Every method raises StorageError where the disk refuses."""

    def __init__(self, recipe: Recipe, provider: Provider, kept: Sequence[Acquisition], folder: Path) -> None:
        years = sorted({acquisition.time.year for acquisition in kept})
        self.recipe, self.folder = recipe, folder
        self.provenance = Provenance(recipe, provider.title, provider.attribution(years), provider.simulated)
        side = recipe.neighbourhood.side
        self._stem = f"{recipe.slug}_{side}x{side}" if side > 1 else recipe.slug

    def keep(self, tile: Tile, patch: EOPatch) -> None:
        """The EOPatch of a tile, as it passes through the workflow."""
        write_patch_zip(self.folder / _patch(tile), patch, self.provenance)

    def show(self, whole: Mosaic) -> None:
        """The picture and its count of clear looks, as soon as they can be had; again as they grow."""
        picture(whole, self.folder / PICTURE, self.provenance)
        looks(whole, self.folder / COUNTS, self.provenance)

    def write(self, composites: Sequence[Composite]) -> Mosaic:
        """All other files, and the mosaic that they show."""
        whole = mosaic(composites, self.recipe.neighbourhood.side)
        self.show(whole)
        figure(whole, self.folder / FIGURE, self.provenance)
        write_cog(self.folder / MOSAIC, whole, self.provenance)
        for composite in composites:
            write_cog(self.folder / _cog(composite.tile), composite, self.provenance)
        text = recipe_text(self.recipe)
        write_beside(self.folder / RECIPE, lambda path: path.write_text(text))
        return whole

    def files(self) -> tuple[ResultFile, ...]:
        """What there is to download, once `keep` and `write` have written it."""
        whole = (
            (FIGURE, "median.png", "Figure with title and dates", "figure", "image/png"),
            (MOSAIC, "median.tif", "Mosaic, Cloud Optimized GeoTIFF", "mosaic", TIFF),
            (PICTURE, "picture.png", "Picture alone", "picture", "image/png"),
            (COUNTS, "looks.png", "Count of clear looks", "looks", "image/png"),
            (RECIPE, "recipe.json", "Recipe", "recipe", "application/json"),
        )
        files = [
            self._file(path, f"{self._stem}_{name}", title, kind, media) for path, name, title, kind, media in whole
        ]
        for tile in self.recipe.neighbourhood.tiles:
            stem = self.recipe.with_(centre=tile.index, radius=0).slug
            files.append(self._file(_cog(tile), f"{stem}_median.tif", "Patch, GeoTIFF", "tile", TIFF, tile))
            zipped = self._file(_patch(tile), f"{stem}_eopatch.zip", "EOPatch", "patch", "application/zip", tile)
            files.append(zipped)
        return tuple(files)

    def _file(self, path: str, name: str, title: str, kind: str, media: str, tile: Tile | None = None) -> ResultFile:
        size = (self.folder / path).stat().st_size
        return ResultFile(path, name, title, kind, media, size, str(tile.index) if tile else "")


def _cog(tile: Tile) -> str:
    return f"tiles/{tile.name}.tif"


def _patch(tile: Tile) -> str:
    return f"patches/{tile.name}.zip"
