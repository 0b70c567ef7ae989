"""Memory and disk that a picture needs, against what machine and settings have: known before it is paid for."""

from dataclasses import dataclass, replace
from math import ceil
from pathlib import Path

from services.errors import CapacityExceeded
from services.plan import Plan, packed_bytes
from services.recipe import Recipe
from services.settings import Settings
from services.storage import Reservation, disk_state

PROC = Path("/proc/meminfo")
GROUP = Path("/sys/fs/cgroup")
"""Where the kernel says what a container may take."""
SMALL = 10**9
"""Bytes of memory below which nobody is refused: what is free changes from moment to moment."""
_SPARE = 1.3
"""Memory that is asked of the system for each byte of an array: what lies between the blocks, and working memory."""
_PICTURES = 16
"""Bytes a pixel that true colour, figure and counts take while they are drawn."""
TABLES = 24 * 2**20
"""Bytes of the disk that databases and their logs may grow by beside a job."""
_COG = 2.2
"""Bytes on the disk for each byte of a COG's pixels: tiles and mosaic, overviews, compressed."""


@dataclass(frozen=True)
class Room:
    """What there is, in bytes."""

    memory: int
    disk: int
    """Free on the disk of the home folder, beside what is to stay free."""
    cache: int
    """Size limit of the cache of frames."""
    results: int
    """What is left of the size limit of finished results, beside those that stay."""
    taken: int = 0
    """Of the cache's limit, what jobs that run count on."""

    @classmethod
    def here(cls, settings: Settings) -> "Room":
        """Now, on this machine; what running jobs have reserved of the disk is not free."""
        disk = disk_state(settings)
        limits = int(settings.cache_gb * 1e9), int(settings.results_gb * 1e9)
        return cls(free_memory(), max(0, disk.free - disk.kept_free), *limits)


@dataclass(frozen=True)
class Demand:
    """What a picture takes, in bytes."""

    recipe: Recipe
    frames: int
    """One tile at one date, how many of them."""
    workers: int
    """Patches composed at the same time."""
    fetched: int = 0
    """Bytes of frames that are to come to the disk."""
    kept: int = 0
    """Bytes of open data's files that are kept beside them, as far as there is room."""

    @classmethod
    def of(cls, recipe: Recipe, planned: Plan, settings: Settings) -> "Demand":
        """Of all that the picture is made of, fetched or there already."""
        kept = min(planned.kept_bytes, int(settings.blocks_gb * 1e9))
        frames = planned.wanted // max(len(recipe.fetched), 1)
        return cls(recipe, frames, settings.workers, planned.packed_bytes, kept)

    @property
    def dates(self) -> int:
        """Of a tile, on average."""
        return ceil(self.frames / self._tiles)

    @property
    def memory(self) -> int:
        """At the worst moment: composing, where `workers` patches lie beside what is done, or writing the mosaic."""
        bands, pixels = len(self.recipe.bands), self._pixels
        image = 4 * bands + 2
        composing = self._tiles * pixels * image + min(self.workers, self._tiles) * pixels * self._patch(2)
        writing = self._tiles * pixels * (2 * image + 4 * (bands + 1) + _PICTURES)
        return round(_SPARE * max(composing, writing))

    @property
    def cache(self) -> int:
        """Its frames, compressed."""
        return packed_bytes(self.frames * self._pixels, self.recipe.planes)

    @property
    def result(self) -> int:
        """Its files: EOPatches as they are in memory, and the COGs."""
        return round(self._tiles * self._pixels * (self._patch(1) + _COG * 2 * (len(self.recipe.bands) + 1)))

    @property
    def words(self) -> str:
        """What it is made of, with its numbers."""
        width, height = self.recipe.lattice.size_px(self.recipe.resolution)
        bands = len(self.recipe.bands)
        return f"{self._tiles} tiles of {width:,} × {height:,} px with {bands} bands at {self.dates} dates"

    @property
    def _tiles(self) -> int:
        return (2 * self.recipe.radius + 1) ** 2

    @property
    def _pixels(self) -> int:
        """Of one tile."""
        width, height = self.recipe.lattice.size_px(self.recipe.resolution)
        return width * height

    def _patch(self, copies: int) -> int:
        """Bytes a pixel of a tile's EOPatch, with so many copies of its composite: CLEAR, as a mask, is a byte."""
        bands = len(self.recipe.bands)
        masks = len(self.recipe.planes) - len(self.recipe.angles) - bands + 1
        return self.dates * (2 * bands + masks) + copies * 4 * bands + 2


def check_capacity(demand: Demand, room: Room, *, making: bool = True) -> None:
    """Raises CapacityExceeded with the numbers, and what would fit; of a fill of the cache where it is not `making`."""
    for short in _short(demand, room, making=making):
        raise CapacityExceeded(
            f"This picture needs about {_gb(short.wanted)} {short.what}, and {_gb(short.there)} {short.words}: "
            f"{demand.words}.",
            f"{_instead(demand, room, making=making)}, or {short.otherwise}.",
        )


def claim(reserved: Reservation, demand: Demand, room: Room, *, making: bool = True) -> None:
    """Set aside what a job takes, where `room` has it beside what others have; before anything is paid for it.

    Raises CapacityExceeded and StorageError; then nothing is set aside.
    """
    disk = demand.fetched + (demand.result if making else 0)
    reserved.claim(demand.cache, disk, lambda taken: check_capacity(demand, replace(room, taken=taken), making=making))


@dataclass(frozen=True)
class _Short:
    """One thing of which there is not enough."""

    wanted: int
    there: int
    what: str
    words: str
    otherwise: str
    """What would give more."""


def _short(demand: Demand, room: Room, *, making: bool) -> list[_Short]:
    files = demand.result if making else 0
    left, cache = "are its limit", "raise the setting cache_gb"
    if room.taken:
        left = f"are left of its limit beside the {_gb(room.taken)} that running jobs count on"
        cache = f"wait for them, or {cache}"
    kept = "are left of the limit of results beside those that stay"
    disk = "may be taken of the one under NINEPATCH_HOME"
    machine = "are free on this machine"
    limits = [
        _Short(demand.memory if making else 0, max(room.memory, SMALL), "of memory", machine, "free memory on it"),
        _Short(demand.cache, room.cache - room.taken, "of the cache", left, cache),
        _Short(files, room.results, "for its files", kept, "raise the setting results_gb"),
        _Short(demand.fetched + demand.kept + files + TABLES, room.disk, "of disk", disk, "make space on it"),
    ]
    return [limit for limit in limits if limit.wanted > limit.there]


def _instead(demand: Demand, room: Room, *, making: bool) -> str:
    """What fits, with its numbers; in general words where nothing near does."""
    recipe, frames = demand.recipe, demand.frames
    smaller = [
        (f"a radius of {radius}", recipe.with_(radius=radius), frames * (2 * radius + 1) ** 2 // demand._tiles)
        for radius in range(recipe.radius - 1, -1, -1)
    ]
    coarser = [(f"{metres} m a pixel", recipe.with_(resolution=metres), frames) for metres in (20, 60)]
    fits = []
    for words, other, count in (*smaller, *(one for one in coarser if one[1].resolution > recipe.resolution)):
        parts = (part * count // max(frames, 1) for part in (demand.fetched, demand.kept))
        one = Demand(other, count, demand.workers, *parts)
        if not _short(one, room, making=making):
            fits.append(f"{words} ({_gb(one.memory)} of memory, {_gb(one.result)} of files)")
    general = "smaller tiles (more columns × rows), a shorter interval or fewer bands"
    return f"Choose {', '.join([*fits[:2], general])}"


def free_memory(proc: Path = PROC, group: Path = GROUP) -> int:
    """Bytes that a process may still take: of the machine, or of the container where that has less.

    Where the system does not say, there is no limit.
    """
    available = _number(proc, "MemAvailable:")
    found = [available * 1024] if available else []
    for limit, used, statistics, cached in (
        (group / "memory.max", group / "memory.current", group / "memory.stat", "inactive_file"),
        (
            group / "memory/memory.limit_in_bytes",
            group / "memory/memory.usage_in_bytes",
            group / "memory/memory.stat",
            "total_inactive_file",
        ),
    ):
        most, now = _number(limit), _number(used)
        if most and now:
            found.append(max(0, most - now + (_number(statistics, cached) or 0)))
    return min(found, default=2**63)


def _number(path: Path, name: str = "") -> int | None:
    """The first number of the file, or of the line that begins with `name`; None where there is none."""
    try:
        lines = [line.split() for line in path.read_text().splitlines()]
    except OSError:
        return None
    words = next((line[1:] if name else line for line in lines if not name or line[:1] == [name]), [])
    return int(words[0]) if words and words[0].isdigit() else None


def _gb(size: int) -> str:
    if size < 0.9995e9:
        return f"{max(0, size) / 1e6:,.0f} MB"
    return f"{size / 1e9:,.1f} GB" if size < 99.5e9 else f"{size / 1e9:,.0f} GB"
