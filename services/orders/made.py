"""What is there of an order, and what it lacks: its tiles, outputs and gaps, seen as `services.mosaic` sees them."""

import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from services.engines import ORDERS
from services.errors import StorageError
from services.grid import Lattice, TileIndex
from services.mosaic import COLLECTION, OUTPUTS, Area, Gap, TileSet
from services.orders.order import Order, Sheet
from services.orders.rows import Failure, OrderReport, PartRow

VIRTUAL = "mosaic_{epsg}.vrt"
"""Name of a zone's virtual mosaic."""


def made_area(order: Order, home: Path, tags: Mapping[str, str] | None = None) -> Area:
    """The order's tiles and outputs below the home, there or not; `tags` are those of files that are to be made."""
    folder, recipe = home / ORDERS / order.digest, order.recipe
    sets = (TileSet(folder, one.lattice, one.tiles, recipe.resolution, recipe.bands) for one in order.sheets)
    outline = json.loads(order.outline) if order.outline else None
    return Area(tuple(sets), tags or {}, outline, order.crs)


def made_tile(order: Order, home: Path, sheet: Sheet, index: TileIndex) -> Path | None:
    """The GeoTIFF of a tile; None where it is not made yet."""
    sets = made_area(order, home).sets
    path = next(one for one in sets if one.lattice == sheet.lattice).path(index)
    return path if path.is_file() else None


def whole_files(order: Order, home: Path) -> dict[str, str]:
    """What is there of the whole area: names of files and folders below the order's folder, and what people read."""
    area = made_area(order, home)
    written = [output for output in (OUTPUTS[name] for name in order.outputs) if output.write]
    named = {name: output.label for output in written for name in output.files(area)}
    named |= {VIRTUAL.format(epsg=tiles.epsg): "Virtual mosaic (VRT) over the tiles" for tiles in area.sets}
    named[COLLECTION] = "STAC collection"
    return {name: label for name, label in named.items() if (area.folder / name).exists()}


def tile_files(order: Order, home: Path, output: str) -> tuple[str, ...]:
    """Names below the order's folder of an output with a file for each tile, and the STAC items beside GeoTIFFs."""
    area = made_area(order, home)
    named = OUTPUTS[output].files(area)
    items = (name.removesuffix(".tif") + ".json" for name in named if name.endswith(".tif"))
    return tuple(name for name in (*named, *items) if (area.folder / name).exists())


def copy_order(order: Order, home: Path, out: Path) -> list[Path]:
    """Copy all that is made into a folder of the user's, and the order as `order.json`; where each file lies then.

    Raises StorageError where the disk refuses.
    """
    folder = made_area(order, home).folder
    names = [*whole_files(order, home), *(name for one in order.outputs for name in tile_files(order, home, one))]
    try:
        out.mkdir(parents=True, exist_ok=True)
        (out / "order.json").write_text(order.to_json() + "\n", encoding="utf-8")
        return [out / "order.json", *(_copied(folder / name, out / name) for name in dict.fromkeys(names))]
    except OSError as error:
        raise StorageError(
            f"The files cannot be written: {error.strerror}.", "Make space, or name another folder.", out
        ) from error


def _copied(source: Path, target: Path) -> Path:
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target, dirs_exist_ok=True)
    else:
        shutil.copyfile(source, target)
    return target


def gaps_of(report: OrderReport, parts: Sequence[PartRow]) -> tuple[Gap, ...]:
    """Of each failure its part or tile. Raises OrderError where another version of the program wrote the order."""
    lattices = {sheet.lattice.epsg: sheet.lattice for sheet in report.row.order.sheets}
    rows = {part.number: part for part in parts}
    return tuple(_gap(failure, lattices, rows) for failure in report.failures)


def _gap(failure: Failure, lattices: Mapping[int, Lattice], rows: Mapping[int, PartRow]) -> Gap:
    told = failure.part, lattices[failure.epsg]
    if failure.tile:
        x, y = map(int, failure.tile.split(","))
        return Gap(*told, TileIndex(x, y), failure.cause, failure.remedy)
    part = rows[failure.part]
    return Gap(*told, TileIndex(part.x, part.y), failure.cause, failure.remedy, part.columns, part.rows)
