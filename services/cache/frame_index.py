"""Frame index: which frames of which tiles there are, a row for each square of tiles at one acquisition.

It is kept in the transactions that store and remove planes, so that a map of the cache scans no keys.
"""

import struct
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

from services.cache.frame_key import SQUARE, FrameKey
from services.geo import Bounds
from services.recipe import CSMASK
from services.sentinel2 import ANGLES, DATA_MASK, SCL

PLANES = (
    SCL,
    DATA_MASK,
    CSMASK,
    *("B01", "B02", "B03", "B04", "B05", "B06", "B07", "B08", "B8A", "B09", "B11", "B12"),
    *ANGLES,
)
"""Each has a bit in the rows that lie on disks: others are added at the end, and none is taken out."""
BITS = {plane: 1 << number for number, plane in enumerate(PLANES)}
FRAME = np.dtype([("bounds", "<f8", (4,)), ("planes", "<u4")])
"""One frame of a row: minx, miny, maxx, maxy in metres, and the bits of the planes that are there."""
_FRAME = struct.Struct("<4dI")
STEP = 2000
"""Planes that are entered at once where the index is behind: a writer waits for some hundredths of a second."""
Place = tuple[str, int, int, str]
"""Sheet, column and row of a square, and acquisition."""
Squares = tuple[range, range]
"""Columns and rows of squares."""
Row = tuple[str, bytes]
"""Acquisition, and the frames of one square."""
Sql = Callable[..., Any]
"""Runs a statement with its values in the store's open transaction."""
_TABLES = (
    "CREATE TABLE IF NOT EXISTS Frames (sheet TEXT, west INTEGER, south INTEGER, acquisition TEXT, frames BLOB, "
    "PRIMARY KEY (sheet, west, south, acquisition)) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS Indexed (id INTEGER PRIMARY KEY, through INTEGER)",
    "INSERT OR IGNORE INTO Indexed VALUES (0, 0)",
)
_OURS = " FROM Frames WHERE sheet = ? AND west = ? AND south = ? AND acquisition = ?"
_ROWS = (
    "SELECT acquisition, frames FROM Frames WHERE sheet = ? AND west BETWEEN ? AND ? AND south BETWEEN ? AND ?"
    " ORDER BY acquisition"
)


def sheet_of(provider: str, collection: str, epsg: int, size: tuple[int, int]) -> str:
    """What all frames share that one map of tiles may show: width and height are in pixels."""
    return f"{FrameKey.prefix(provider, collection, epsg)}{size[0]}x{size[1]}"


def place_of(key: FrameKey) -> Place:
    """The row of a frame. Raises ValueError where its rectangle is none."""
    west, south, east, north = key.bounds
    try:
        column, row = int(west // (SQUARE * (east - west))), int(south // (SQUARE * (north - south)))
    except (OverflowError, ZeroDivisionError) as error:
        raise ValueError("a rectangle without an extent") from error
    return sheet_of(key.provider, key.collection, key.epsg, (key.width, key.height)), column, row, key.acquisition


def packed(frames: dict[Bounds, int]) -> bytes:
    """Frames with the bits of their planes, as they are stored."""
    return b"".join(_FRAME.pack(*bounds, bits) for bounds, bits in frames.items())


def unpacked(row: bytes) -> dict[Bounds, int]:
    """The frames of a row."""
    return {(west, south, east, north): bits for west, south, east, north, bits in _FRAME.iter_unpack(row)}


class FrameIndex:
    """The index of a byte store of planes, in tables beside its own: see `services.storage.KeyIndex`."""

    def create(self, sql: Sql) -> None:
        """Its tables, where they are not there."""
        for statement in _TABLES:
            sql(statement)

    def behind(self, sql: Sql) -> bool:
        """Whether planes are not entered that a program without an index stored."""
        newest = "SELECT ifnull(max(rowid), 0) > (SELECT through FROM Indexed) FROM Cache"
        return bool(sql(newest).fetchone()[0])

    def follow(self, sql: Sql) -> None:
        """Enter planes that have been stored since the last time, STEP at most."""
        ((through,),) = sql("SELECT through FROM Indexed").fetchall()
        rows = sql("SELECT rowid, key FROM Cache WHERE rowid > ? ORDER BY rowid LIMIT ?", (through, STEP)).fetchall()
        if rows:
            _change(sql, (key for _, key in rows), lambda bits, more: bits | more)
            sql("UPDATE Indexed SET through = ?", (rows[-1][0],))

    def removed(self, sql: Sql, keys: Iterable[str]) -> None:
        """Strike planes out whose rows have just been removed."""
        _change(sql, keys, lambda bits, less: bits & ~less)
        # SQLite gives the number of a last row that is gone to the next one
        sql("UPDATE Indexed SET through = min(through, (SELECT ifnull(max(rowid), 0) FROM Cache))")


def _change(sql: Sql, names: Iterable[str], change: Callable[[int, int], int]) -> None:
    """Change the bits of planes in their rows; a name that is no plane's is left out."""
    for place, frames in _placed(names).items():
        found = sql(f"SELECT frames{_OURS}", place).fetchall()
        there: dict[Bounds, int] = {}
        if found:
            there = {
                (west, south, east, north): bits for west, south, east, north, bits in _FRAME.iter_unpack(found[0][0])
            }
        there |= {bounds: change(there.get(bounds, 0), bits) for bounds, bits in frames.items()}
        there = {bounds: bits for bounds, bits in there.items() if bits}
        if there:
            sql("INSERT OR REPLACE INTO Frames VALUES (?, ?, ?, ?, ?)", (*place, packed(there)))
        else:
            sql(f"DELETE{_OURS}", place)


def _placed(names: Iterable[str]) -> dict[Place, dict[Bounds, int]]:
    """Planes as bits of their frames, by rows."""
    placed: dict[Place, dict[Bounds, int]] = defaultdict(dict)
    for stem, planes in _stems(names):
        try:
            key, _ = FrameKey.of_plane(f"{stem}/")
            place = place_of(key)
        except ValueError:  # no name of ours
            continue
        west, south, east, north = (edge + 0.0 for edge in key.bounds)
        frame = west, south, east, north
        placed[place][frame] = placed[place].get(frame, 0) | planes
    return placed


def _stems(names: Iterable[str]) -> Iterator[tuple[str, int]]:
    """Frames, as all of their names begin, with the bits of their planes."""
    found: dict[str, int] = {}
    for name in names:
        stem, _, plane = str(name).rpartition("/")
        if plane in BITS:
            found[stem] = found.get(stem, 0) | BITS[plane]
    yield from found.items()


def rows_within(sql: Sql, sheet: str, squares: Squares) -> list[Row]:
    """The rows of these squares. Hinders nobody who writes meanwhile."""
    columns, rows = squares
    edges = (columns.start, columns.stop - 1, rows.start, rows.stop - 1)
    found: list[Row] = sql(_ROWS, (sheet, *edges)).fetchall()
    return found
