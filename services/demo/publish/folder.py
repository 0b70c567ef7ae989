"""A static folder, in the layout of the real archive, which any server of files or STAC catalogue can show."""

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from shapely.geometry.base import BaseGeometry

from services.demo.orbits import Granule, granules_over
from services.demo.publish.cog import Level, Place, cog
from services.demo.publish.items import ASSETS, Json, asset, collection, folder_of, item
from services.demo.publish.pixels import SIDES, blocks_of
from services.demo.world import CLASSES, SIMULATED, native_metres


def publish(
    folder: Path,
    area: BaseGeometry,
    begin: datetime,
    end: datetime,
    root: str,
    assets: tuple[str, ...] = tuple(ASSETS),
    report: Callable[[str], None] = lambda _: None,
) -> list[Json]:
    """Files and items of all granules over an area (degrees) between two times, both inclusive; the items.

    `root` is the address at which the folder will be found. Beside the files lie `collection.json`, and `items.ndjson`
    with an item a line. `report` hears the id of each granule that is done.
    """
    items = []
    for granule in granules_over(area, begin, end):
        described = _files(folder, granule, area, root, assets)
        items.append(item(granule, described, root))
        (folder / folder_of(granule) / "item.json").write_text(json.dumps(items[-1], indent=1))
        report(granule.id)
    whole = collection(area, begin, end, root)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "collection.json").write_text(json.dumps(whole, indent=1))
    (folder / "items.ndjson").write_text("".join(f"{json.dumps(one)}\n" for one in items))
    return items


def _files(folder: Path, granule: Granule, area: BaseGeometry, root: str, assets: tuple[str, ...]) -> Json:
    """Write the files of a granule; their assets."""
    west, south, _, north = granule.view.tile.bounds
    planes = blocks_of(granule, area, tuple(ASSETS[name] for name in assets))
    described: Json = {}
    for name in assets:
        plane, metres = ASSETS[name], native_metres(ASSETS[name])
        picture = Level(round((north - south) / metres), SIDES[metres], planes[plane])
        place = Place(granule.view.tile.epsg, west, north, metres, SIMULATED)
        content = cog(picture, place, classes=plane == CLASSES)
        path = f"{folder_of(granule)}/{plane}.tif"
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
        described[name] = asset(granule, name, content, f"{root}/{path}")
    return described
