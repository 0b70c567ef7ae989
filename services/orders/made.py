"""What is there of an order, and what it lacks: its tiles, outputs and gaps, seen as `services.mosaic` sees them."""

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from services.engines import ORDERS
from services.errors import StorageError
from services.geo import zone_name
from services.grid import TileIndex
from services.mosaic import COLLECTION, ITEMS, OUTPUTS, Area, Gap, Output, TileSet
from services.orders.order import Order, Sheet
from services.orders.rows import Failure, OrderReport, PartRow

VIRTUAL = "mosaic_{epsg}.vrt"
"""Name of a zone's virtual mosaic."""
Box = tuple[int, int, int, int]
"""x and y of the south-western tile, columns and rows."""


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
    named = {name: label for output in written for name, label in _labels(area, output)}
    named |= {
        VIRTUAL.format(epsg=one.epsg): _of_zone("Virtual mosaic (VRT) over the tiles", one, area) for one in area.sets
    }
    named |= {COLLECTION: "STAC collection", ITEMS: "STAC items as one table (GeoParquet)"}
    return {name: label for name, label in named.items() if (area.folder / name).exists()}


def _labels(area: Area, output: Output) -> Iterator[tuple[str, str]]:
    """Name and label of its files: one of all zones, unless it is the one of a zone."""
    yield from ((name, f"{output.label}, all in EPSG:{area.crs}") for name in output.files(area))
    for tiles in area.sets:
        alone = replace(area, sets=(tiles,), crs=0)
        yield from ((name, _of_zone(output.label, tiles, area)) for name in output.files(alone))


def _of_zone(label: str, tiles: TileSet, area: Area) -> str:
    """With the zone where the area has another mosaic besides."""
    return f"{label}, UTM zone {zone_name(tiles.epsg)}" if len(area.sets) > 1 or area.everywhere else label


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
    order, rows = report.row.order, {part.number: part for part in parts}
    return tuple(_gap(failure, order.sheet(failure.epsg), rows) for failure in report.failures)


def _gap(failure: Failure, sheet: Sheet, rows: Mapping[int, PartRow]) -> Gap:
    told = failure.part, sheet.lattice
    if failure.tile:
        x, y = map(int, failure.tile.split(","))
        return Gap(*told, TileIndex(x, y), failure.cause, failure.remedy)
    x, y, columns, rows_high = box_of(rows[failure.part], sheet)
    return Gap(*told, TileIndex(x, y), failure.cause, failure.remedy, columns, rows_high)


def box_of(part: PartRow, sheet: Sheet) -> Box:
    """The part's rectangle as far as the area's goes: parts lie at the same places in every order of a lattice."""
    whole = sheet.rectangle
    x, y = max(part.x, whole.lower_left.x), max(part.y, whole.lower_left.y)
    east = min(part.x + part.columns, whole.lower_left.x + whole.columns)
    north = min(part.y + part.rows, whole.lower_left.y + whole.rows)
    return x, y, east - x, north - y
