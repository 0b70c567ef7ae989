"""The files of one result, written under its folder as they are made: the picture first, the recipe last.

The files of a result, laid out in a folder of the user's: pictures, COGs, and EOPatches unpacked.
"""

import json
import os
import shutil
import threading
import zipfile
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from eolearn.core import EOPatch

from services.catalogue import Acquisition, choose
from services.composite import CLEAR, VALID, Composite, Mosaic, indices_of, mosaic
from services.errors import StorageError
from services.export.cog import write_cog, write_index_cog
from services.export.csv_tables import Shares, dates_csv, statistics_csv
from services.export.eopatch_zip import write_patch_zip
from services.export.result_store import (
    COUNTS,
    DATES,
    FIGURE,
    INDEX_FILE,
    ITEM,
    MOSAIC,
    NOTEBOOK,
    PICTURE,
    RECIPE,
    SCRIPT,
    STATISTICS,
    Result,
    ResultFile,
    crc_of,
    recipe_text,
    stem,
)
from services.export.script import Script, checksum
from services.export.stac import relocated, stac_item
from services.grid import Tile
from services.providers import Provider
from services.recipe import Recipe
from services.render import Provenance, counts_picture, draw_figure, render_picture
from services.storage import write_beside

TIFF = "image/tiff; application=geotiff; profile=cloud-optimized"
"""Media type of a COG (OGC 21-026, § 10)."""
_WHOLE = (
    (MOSAIC, ".tif", "Mosaic, Cloud Optimized GeoTIFF", "mosaic", TIFF),
    (INDEX_FILE, "_indices.tif", "Indices, Cloud Optimized GeoTIFF", "indices", TIFF),
    (FIGURE, ".png", "Figure with title and dates", "figure", "image/png"),
    (PICTURE, "_picture.png", "Picture alone", "picture", "image/png"),
    (COUNTS, "_looks.png", "Count of clear observations", "looks", "image/png"),
    (STATISTICS, "_statistics.csv", "Statistics of bands and indices", "statistics", "text/csv"),
    (DATES, "_dates.csv", "Dates, kept or not, and why", "dates", "text/csv"),
    (SCRIPT, "_reproduce.py", "Program that makes it again", "script", "text/x-python"),
    (NOTEBOOK, "_reproduce.ipynb", "The same as a notebook", "notebook", "application/x-ipynb+json"),
    (ITEM, "_item.json", "STAC item", "item", "application/geo+json"),
    (RECIPE, "_recipe.json", "Recipe", "recipe", "application/json"),
)
"""Files of the whole: where they are, how their names end, what people read, kind and media type."""


class ResultWriter:
    """Writes the files of one recipe. Every method raises StorageError where the disk refuses."""

    def __init__(
        self,
        recipe: Recipe,
        provider: Provider,
        kept: Sequence[Acquisition],
        folder: Path,
        found: Sequence[Acquisition] = (),
    ) -> None:
        """`found` are all acquisitions of the interval, for the table of dates; without it, those that are kept."""
        years = sorted({acquisition.time.year for acquisition in kept})
        self.recipe, self.folder = recipe, folder
        self.provenance = Provenance(recipe, provider.title, provider.attribution(years), provider.simulated)
        self._provider, self._kept, self._found = provider, tuple(kept), tuple(found or kept)
        self._clear: dict[str, dict[str, tuple[int, int]]] = {}
        self._crcs: dict[str, int] = {}
        self._lock = threading.Lock()

    def keep(self, tile: Tile, patch: EOPatch) -> None:
        """The EOPatch of a tile, as it passes through the workflow; in many threads at once."""
        write_patch_zip(self.folder / _patch(tile), patch, self.provenance)
        crc, clear = crc_of(self.folder / _patch(tile)), _counted(patch)
        with self._lock:
            self._crcs[_patch(tile)] = crc
            self._clear[tile.name] = clear

    def show(self, whole: Mosaic) -> None:
        """The picture and its count of clear observations, as soon as they can be had; again as they grow."""
        render_picture(whole, self.folder / PICTURE, self.provenance)
        counts_picture(whole, self.folder / COUNTS, self.provenance)

    def write(self, composites: Sequence[Composite]) -> Mosaic:
        """All other files, and the mosaic that they show."""
        whole = mosaic(composites, self.recipe.neighbourhood.side)
        self.show(whole)
        draw_figure(whole, self.folder / FIGURE, self.provenance)
        write_cog(self.folder / MOSAIC, whole, self.provenance)
        if whole.indices:
            write_index_cog(self.folder / INDEX_FILE, whole, self.provenance)
        for composite in composites:
            write_cog(self.folder / _cog(composite.tile), composite, self.provenance)
        self._write(DATES, dates_csv(choose(self._found, self.recipe), self.shares()))
        self._write(STATISTICS, statistics_csv(whole))
        script = Script(self.provenance, self._provider, self._kept, checksum(composites))
        self._write(SCRIPT, script.program())
        self._write(NOTEBOOK, script.notebook())
        identity = f"{stem(self.recipe)}_{self.recipe.digest}"
        described = stac_item(identity, whole, self.provenance, self._provider, self._kept, self._assets())
        self._write(ITEM, json.dumps(described, indent=1, ensure_ascii=False) + "\n")
        self._write(RECIPE, recipe_text(self.recipe))
        return whole

    def shares(self) -> dict[str, Shares]:
        """What each acquisition that was kept shows of the picture."""
        clear: dict[str, int] = defaultdict(int)
        data: dict[str, int] = defaultdict(int)
        for counts in self._clear.values():
            for key, (counted, valid) in counts.items():
                clear[key] += counted
                data[key] += valid
        width, height = self.recipe.lattice.size_px(self.recipe.resolution)
        pixels = width * height * len(self.recipe.neighbourhood.tiles)
        return {key: Shares(valid / pixels, clear[key] / pixels) for key, valid in data.items()}

    def files(self) -> tuple[ResultFile, ...]:
        """What there is to download, once `keep` and `write` have written it."""
        return tuple(self._measured(file) for file in self._listed())

    def _listed(self) -> list[ResultFile]:
        """All files, unmeasured."""
        name = stem(self.recipe)
        there = [one for one in _WHOLE if one[0] != INDEX_FILE or indices_of(self.recipe.bands)]
        files = [ResultFile(path, name + end, title, kind, media, 0) for path, end, title, kind, media in there]
        for tile in self.recipe.neighbourhood.tiles:
            name, index = stem(self.recipe.with_(centre=tile.index, radius=0)), str(tile.index)
            files.append(ResultFile(_cog(tile), f"{name}.tif", "Patch, GeoTIFF", "tile", TIFF, 0, index))
            zipped = ResultFile(_patch(tile), f"{name}_eopatch.zip", "EOPatch", "patch", "application/zip", 0, index)
            files.append(zipped)
        return files

    def _assets(self) -> list[ResultFile]:
        return [file for file in self._listed() if file.kind != "item"]

    def _measured(self, file: ResultFile) -> ResultFile:
        path = self.folder / file.path
        crc = self._crcs[file.path] if file.path in self._crcs else crc_of(path)
        return ResultFile(**(vars(file) | {"size": path.stat().st_size, "crc": crc}))

    def _write(self, name: str, text: str) -> None:
        """As UTF-8, with its line ends as they are."""
        write_beside(self.folder / name, lambda path: path.write_bytes(text.encode()))


def _counted(patch: EOPatch) -> dict[str, tuple[int, int]]:
    """For each acquisition the pixels of a tile that count, and those with data."""
    counts_picture = patch.meta_info["ACQUISITIONS"]
    return {
        observation["key"]: (int(np.count_nonzero(patch[CLEAR][time])), int(np.count_nonzero(patch[VALID][time])))
        for time, observation in enumerate(counts_picture)
    }


def _cog(tile: Tile) -> str:
    return f"tiles/{tile.name}.tif"


def _patch(tile: Tile) -> str:
    return f"patches/{tile.name}.zip"


def copy_result(folder: Path, result: Result, out: Path) -> tuple[Path, ...]:
    """Copy the files of `result` from `folder` to `out` and unpack the EOPatches to `out/patches/<tile>`.

    The figure and the mosaic are called after the method, `median.tif`; the STAC item links to what lies beside it.
    Returns what was written. An EOPatch of an earlier run in the same place is replaced whole.
    Raises StorageError where `out` cannot be written.
    """
    written: list[Path] = []
    places = {file.member: _place(file, result) for file in result.files}
    try:
        out.mkdir(parents=True, exist_ok=True)
        for file in result.files:
            source, target = folder / file.path, out / places[file.member]
            if file.kind == "patch":
                written.append(_unpack(source, target))
            elif file.kind == "item":
                described = relocated(json.loads(source.read_bytes()), places)
                text = json.dumps(described, indent=1, ensure_ascii=False) + "\n"
                written.append(write_beside(target, lambda path, text=text: path.write_bytes(text.encode())))  # type: ignore[misc] # mypy does not infer a lambda's default
            else:
                written.append(write_beside(target, lambda path, source=source: shutil.copyfile(source, path)))  # type: ignore[misc] # the same
    except (OSError, ValueError, zipfile.BadZipFile) as error:
        raise StorageError(
            f"The files cannot be written to {out}: {error}.",
            "Choose another folder with --out, or make space.",
        ) from error
    return tuple(written)


def _place(file: ResultFile, result: Result) -> str:
    """Where a file lies in the user's folder."""
    if file.kind == "patch":
        return file.path.removesuffix(".zip")
    if file.path in (FIGURE, MOSAIC):
        return f"{result.recipe.get('method', 'median')}{Path(file.path).suffix}"
    return file.path


def _unpack(archive: Path, target: Path) -> Path:
    """Unpack beside, then rename, so that a patch is there whole or not at all."""
    beside = target.with_name(f".{os.getpid()}-{target.name}")
    shutil.rmtree(beside, ignore_errors=True)
    with zipfile.ZipFile(archive) as opened:
        opened.extractall(beside)
    shutil.rmtree(target, ignore_errors=True)
    beside.replace(target)
    return target
