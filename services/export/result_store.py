"""Finished pictures on disk: one folder a recipe, with a description written last as the mark that it is whole.

A recipe's digest and folder stay for ever, and what its names mean may change: a result that was made before is
outdated. Neither it nor any of its files is handed out; it is made again from the cache.
"""

import json
import re
import shutil
import zlib
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from services import __version__
from services.catalogue import SourceProduct
from services.errors import NinepatchError, RecipeError
from services.export.meaning import changed
from services.export.result_room import Removal, ResultRoom
from services.recipe import Recipe
from services.storage import write_beside
from services.text import quoted

DESCRIPTION = "result.json"
CLEAR_OBSERVATIONS = "clear observations"
"""Description of the last band of a COG."""
DAY, DAY_UNIT = "day of observation", "YYYYMMDD"
"""Description and unit of the band of a file of days."""
DAY_WORDS = "Day (UTC) of the observation that the pixel is of, as YYYYMMDD; 0 where no observation is clear."
"""For its tags, in ASCII."""
PICTURE = "picture.png"
"""The picture of the page: true colour, no data transparent. It is there before the result is whole."""
FIGURE = "median.png"
COUNTS = "looks.png"
MOSAIC = "median.tif"
INDEX_FILE = "indices/indices.tif"
STEM = 80
"""Characters of a file's name before what says which of the files it is."""
UNKNOWN_CRC = -1
"""Of files that were written before their checksum was noted."""
_CHUNK = 1 << 20
_DIGEST = re.compile(r"[0-9a-f]{16}")
_NAME = re.compile(r"[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)?")


@dataclass(frozen=True)
class ResultFile:
    """One file that can be downloaded."""

    path: str
    """Below the result's folder, with `/`."""
    download: str
    """The name that the user's disk sees."""
    title: str
    """What people read."""
    kind: str
    """Name of its entry in the table of downloads."""
    media_type: str
    size: int
    """Bytes."""
    tile: str = ""
    """Index of the tile, `35,25`; empty for the whole."""
    crc: int = UNKNOWN_CRC
    """CRC-32 of its bytes, as zip files have it."""

    @property
    def member(self) -> str:
        """Its name in the bundle of everything: that of the user's disk, in the folder that it has here."""
        folder, slash, _ = self.path.rpartition("/")
        return f"{folder}{slash}{self.download}"


@dataclass(frozen=True)
class Observation:
    """One acquisition that went into the picture."""

    date: str
    """ISO day, UTC."""
    satellite: str
    orbit: int
    """Relative orbit."""
    cloud_cover: float
    """Percent of the granules, weighted by the part of the neighbourhood that each covers."""
    coverage: float
    """Part of the neighbourhood inside the swath, 0 to 1."""
    products: tuple[SourceProduct, ...] = ()
    """What its pixels are made of; empty where that was not noted yet."""

    @classmethod
    def from_dict(cls, plain: dict[str, Any]) -> "Observation":
        """Raises KeyError or TypeError where `plain` is not what asdict gives."""
        products = tuple(SourceProduct(**product) for product in plain.get("products", ()))
        return cls(**(plain | {"products": products}))


_WRITTEN = {
    "observations": "looks",
    "median_observations": "median_looks",
    "least_observations": "least_looks",
    "most_observations": "most_looks",
}
"""Fields as result.json has called them since its first version."""
_READ = {written: name for name, written in _WRITTEN.items()}


@dataclass(frozen=True)
class Result:
    """What a recipe came to."""

    recipe: dict[str, Any]
    """As Recipe.to_dict gives it."""
    observations: tuple[Observation, ...]
    """Oldest first."""
    acquisitions: int
    """In the interval, kept or not."""
    requests: int
    """Questions over HTTP that this result needed."""
    units: float
    """Processing units that this result cost; 0 where the provider counts none."""
    planes_fetched: int
    planes_cached: int
    seconds: float
    """From the start of the job to the last file."""
    no_data: float
    """Part of the picture without a clear observation, 0 to 1."""
    median_observations: float
    """Median count of clear observations over the picture."""
    width: int
    """Pixels of the mosaic, west to east."""
    height: int
    simulated: bool
    attribution: str
    files: tuple[ResultFile, ...]
    least_observations: int = 0
    """Lowest count of clear observations where there is any, as on the picture of counts."""
    most_observations: int = 0
    """Highest count."""
    meaning: dict[str, str] = field(default_factory=dict)
    """What the names of its recipe meant when it was made, see `meaning_of`; empty where that was not noted yet."""
    bytes: int = 0
    """Bytes that came for it; 0 where that was not noted yet."""

    @property
    def changed(self) -> tuple[str, ...]:
        """Which of the definitions that it was made with are others now; empty where it is the present result."""
        return changed(self.recipe, self.meaning)

    @property
    def dates(self) -> int:
        """How many acquisitions went into it."""
        return len(self.observations)

    @property
    def products(self) -> tuple[SourceProduct, ...]:
        """What went into it; empty where that was not noted yet."""
        return tuple(product for one in self.observations for product in one.products)

    def of_kind(self, kind: str) -> tuple[ResultFile, ...]:
        """The files of one kind."""
        return tuple(file for file in self.files if file.kind == kind)

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        plain = asdict(self)
        return {_WRITTEN.get(name, name): value for name, value in plain.items()}

    @classmethod
    def from_dict(cls, plain: dict[str, Any]) -> "Result":
        """Raises KeyError or TypeError where `plain` is not what to_dict gives."""
        read = {_READ.get(name, name): plain[name] for name in plain}
        observations = tuple(map(Observation.from_dict, read["observations"]))
        files = tuple(ResultFile(**file) for file in read["files"])
        return cls(**(read | {"observations": observations, "files": files}))


class ResultStore:
    """The folders of results under `home`."""

    def __init__(self, home: Path, size_limit: int) -> None:
        self._root = home / "results"
        self.room = ResultRoom(self._root, size_limit)
        """Which of them stay."""

    def folder(self, digest: str) -> Path:
        """Where the files of that recipe are; raises RecipeError for what is no digest."""
        if not _DIGEST.fullmatch(digest):
            raise RecipeError(f"{quoted(digest)} is not the number of a result.", "Open it from a link made here.")
        return self._root / digest

    def open(self, digest: str) -> Result | None:
        """The finished result, or None where it is not there, not whole or outdated."""
        result = self._read(digest)
        return result if result is not None and not result.changed else None

    def outdated(self, digest: str) -> Result | None:
        """The finished result that was made with other definitions than the present ones, or None."""
        result = self._read(digest)
        return result if result is not None and result.changed else None

    def _read(self, digest: str) -> Result | None:
        """What is there, whole."""
        try:
            plain = json.loads((self.folder(digest) / DESCRIPTION).read_text())
            result = Result.from_dict(plain)
        except (FileNotFoundError, ValueError, KeyError, TypeError, AttributeError):
            return None
        folder = self.folder(digest)
        whole = all((folder / file.path).is_file() for file in result.files)
        return result if whole else None

    def finished(self) -> dict[str, float]:
        """When each result that is there was finished, in seconds since 1970, by digest; outdated ones are among it."""
        found = dict[str, float]()
        for path in self._root.glob(f"*/{DESCRIPTION}"):
            with suppress(FileNotFoundError):  # it has just been discarded
                found[path.parent.name] = path.stat().st_mtime
        return {digest: when for digest, when in found.items() if _DIGEST.fullmatch(digest)}

    def find(self, digest: str) -> Result | None:
        """The same, and None for what is no digest."""
        return self.open(digest) if _DIGEST.fullmatch(digest) else None

    def file(self, digest: str, name: str) -> Path | None:
        """A file of a result, finished or growing, or None; never a path outside its folder, nor what is outdated."""
        if not _DIGEST.fullmatch(digest) or not _NAME.fullmatch(name) or ".." in name or name.startswith("."):
            return None
        path = self._root / digest / name
        return path if path.is_file() and self.outdated(digest) is None else None

    def stamp(self, digest: str, name: str) -> str:
        """Changes whenever that file is written anew, finished or growing; empty where it is not there."""
        path = self.file(digest, name)
        try:
            return f"{path.stat().st_mtime_ns:x}" if path else ""
        except FileNotFoundError:  # it has just been discarded
            return ""

    def finish(self, digest: str, result: Result) -> tuple[Removal, ...]:
        """Write the description, the mark of a whole result, and make room if there is too much; what made room."""
        text = json.dumps(result.to_dict(), indent=1)
        write_beside(self.folder(digest) / DESCRIPTION, lambda path: path.write_text(text))
        self.room.forget(digest)
        return self.room.make(digest, self._name, self.discard)

    def reopen(self, digest: str) -> None:
        """The result is to be made again: it is not whole until then; pictures of before stay where they are seen, but
        for those of an outdated one."""
        if self.outdated(digest) is not None:
            self.discard(digest)
        (self.folder(digest) / DESCRIPTION).unlink(missing_ok=True)

    def discard(self, digest: str) -> None:
        """Remove a result; its frames stay in the cache."""
        folder = self.folder(digest)
        (folder / DESCRIPTION).unlink(missing_ok=True)
        shutil.rmtree(folder, ignore_errors=True)

    def _name(self, digest: str) -> str:
        """What the files of a result are called after, where it says so."""
        try:
            return stem(Recipe.from_dict(json.loads((self._root / digest / DESCRIPTION).read_text())["recipe"]))
        except (OSError, ValueError, KeyError, TypeError, NinepatchError):
            return digest


def crc_of(path: Path) -> int:
    """CRC-32 of a file's bytes."""
    crc = 0
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            crc = zlib.crc32(chunk, crc)
    return crc


def stem(recipe: Recipe) -> str:
    """How the names of a result's files begin: `s2l2a_southern-finland_x35-y25_2017_cc10_3x3_median`.

    At most STEM characters, so that no path of theirs is too long for Windows.
    """
    side = recipe.neighbourhood.side
    end = "_".join(["", *([f"{side}x{side}"] if side > 1 else []), _method(recipe)])
    return recipe.slug_within(STEM - len(end)) + end


def _method(recipe: Recipe) -> str:
    """`percentile40`, where it has one."""
    return f"{recipe.method}{recipe.percentile if recipe.compositing.at else ''}"


def recipe_text(recipe: Recipe) -> str:
    """The recipe as the file that the terminal takes again."""
    return json.dumps(recipe.to_dict() | {"software": f"Ninepatch {__version__}"}, indent=2) + "\n"
