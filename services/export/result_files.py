"""Result files: written in a result's folder as they are made, the picture first; and laid out in one of the user's."""

import json
import os
import shutil
import threading
import zipfile
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from services.catalogue import Acquisition, kept_or_raise, products_of
from services.composite import Composite, Mosaic, mosaic
from services.errors import StorageError
from services.export.csv_tables import Shares
from services.export.downloads import DOWNLOADS, Made, files_of
from services.export.result_store import FIGURE, MOSAIC, Result, ResultFile, crc_of
from services.export.script import Script, checksum
from services.export.stac import relocated
from services.grid import Tile
from services.providers import Provider
from services.recipe import Recipe
from services.render import Provenance
from services.storage import write_beside

if TYPE_CHECKING:
    from eolearn.core import EOPatch


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
        self.provenance = Provenance(
            recipe, provider.title, provider.attribution(years), provider.simulated, products=products_of(kept)
        )
        self._provider, self._kept, self._found = provider, tuple(kept), tuple(found or kept)
        self._clear: dict[str, dict[str, tuple[int, int]]] = {}
        self._crcs: dict[str, int] = {}
        self._lock = threading.Lock()

    @property
    def kept(self) -> tuple[Acquisition, ...]:
        """What goes into the picture."""
        return self._kept

    def without(self, gone: Mapping[str, str]) -> "ResultWriter":
        """The same of the acquisitions that are left, where some (by key, with the reason) turn out to be gone.

        Raises NothingUnderLimitError where none is.
        """
        found = tuple(replace(one, gone=gone.get(one.key, one.gone)) for one in self._found)
        return ResultWriter(self.recipe, self._provider, kept_or_raise(found, self.recipe), self.folder, found)

    def keep(self, tile: Tile, patch: "EOPatch") -> None:
        """The EOPatch of a tile, as it passes through the workflow; in many threads at once."""
        clear = _counted(patch)
        for download in DOWNLOADS.values():
            if download.write_patch:
                path = download.path.format(tile=tile.name)
                download.write_patch(self.folder / path, patch, self.provenance)
                crc = crc_of(self.folder / path)
                with self._lock:
                    self._crcs[path] = crc
        with self._lock:
            self._clear[tile.name] = clear

    def show(self, whole: Mosaic) -> None:
        """The picture and its count of clear observations, as soon as they can be had; again as they grow."""
        self._write(self._made(whole), grows=True)

    def write(self, composites: Sequence[Composite]) -> Mosaic:
        """All other files, and the mosaic that they show."""
        whole = mosaic(composites, self.recipe.neighbourhood.side)
        self.show(whole)
        self._write(self._made(whole, composites), grows=False)
        return whole

    def program(self, composites: Sequence[Composite]) -> str:
        """The program that makes these composites again, alone; nothing is written."""
        return Script(self.provenance, self._provider, self._kept, checksum(composites)).program()

    def _made(self, whole: Mosaic, composites: Sequence[Composite] = ()) -> Made:
        shares = self.shares() if composites else {}  # while it grows, patches may still come
        return Made(self.provenance, self._provider, self._kept, self._found, whole, composites, shares)

    def _write(self, made: Made, *, grows: bool) -> None:
        """By the table: what grows, or the others."""
        for download in DOWNLOADS.values():
            if download.grows != grows or not download.needed(self.recipe):
                continue
            if download.write:
                download.write(made, self.folder / download.path)
            if download.write_tile:
                for composite in made.composites:
                    path = self.folder / download.path.format(tile=composite.tile.name)
                    download.write_tile(made, composite, path)

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
        return tuple(self._measured(file) for file in files_of(self.recipe))

    def _measured(self, file: ResultFile) -> ResultFile:
        path = self.folder / file.path
        crc = self._crcs[file.path] if file.path in self._crcs else crc_of(path)
        return ResultFile(**(vars(file) | {"size": path.stat().st_size, "crc": crc}))


def _counted(patch: "EOPatch") -> dict[str, tuple[int, int]]:
    """For each acquisition the pixels of a tile that count, and those with data."""
    from services.composite import CLEAR, VALID

    counts_picture = patch.meta_info["ACQUISITIONS"]
    return {
        observation["key"]: (int(np.count_nonzero(patch[CLEAR][time])), int(np.count_nonzero(patch[VALID][time])))
        for time, observation in enumerate(counts_picture)
    }


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
            if DOWNLOADS[file.kind].unpacked:
                written.append(_unpack(source, target))
            elif file.kind == "item":
                described = relocated(json.loads(source.read_bytes()), places)
                text = json.dumps(described, indent=1, ensure_ascii=False) + "\n"
                written.append(write_beside(target, lambda path, text=text: path.write_bytes(text.encode())))  # type: ignore[misc] # mypy does not infer a lambda's default
            else:
                written.append(write_beside(target, lambda path, source=source: shutil.copyfile(source, path)))  # type: ignore[misc] # the same
    except (OSError, ValueError, zipfile.BadZipFile) as error:
        raise StorageError(
            f"The files cannot be written: {getattr(error, 'strerror', None) or type(error).__name__}.",
            "Choose another folder with --out, or make space.",
            out,
        ) from error
    return tuple(written)


def _place(file: ResultFile, result: Result) -> str:
    """Where a file lies in the user's folder."""
    if DOWNLOADS[file.kind].unpacked:
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
