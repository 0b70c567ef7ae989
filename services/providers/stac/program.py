"""How the exported program reads open data: the files of the products themselves, with rasterio; no secret is in it."""

import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import replace
from importlib.metadata import version
from itertools import chain

from services.catalogue import Acquisition, Granule
from services.grid import TileIndex
from services.plan import BlockRequest, Terms, one_tile, sum_of_costs
from services.providers.base import Program
from services.providers.stac.profile import REFERENCE
from services.providers.stac.reader import contributors
from services.recipe import Recipe
from services.reducers import Chapter
from services.sentinel2 import SCL

_PACKAGES = tuple(f"{name}=={version(name)}" for name in ("sentinelhub", "rasterio", "pyproj"))
"""Read once: they are found through sys.path, which Streamlit changes while other requests are answered."""

Contributor = tuple[Granule, tuple[TileIndex, ...]]
"""A granule with the tiles that it shows."""

FILES = Chapter(
    "The files",
    "The products of each acquisition, in the order in which a pixel is taken from them: EPSG code of the zone, where "
    "the files lie, and of each plane the file and what is added to its digital numbers, so that all processing "
    "baselines are alike. $access",
    """\
PRODUCTS = {
$products
}
UNSEEN = $unseen  # tiles that a product does not show, as (tile, product)
$signing""",
)

SIGNING = """
SIGN_URL = $sign_url
SIGNATURES, signing = {}, threading.Lock()


def signed(address):
    \"\"\"With a signature, which anyone is given, for a container and for a while.\"\"\"
    host, container = address.split("/")[2:4]
    place = f"{host.partition('.')[0]}/{container}"
    with signing:  # once for all threads
        token, end = SIGNATURES.get(place, ("", 0))
        if time.time() > end - 60:
            with urllib.request.urlopen(f"{SIGN_URL}/{place}", timeout=60) as answer:
                given = json.load(answer)
            token, end = given["token"], datetime.datetime.fromisoformat(given["msft:expiry"]).timestamp()
            SIGNATURES[place] = token, end
    return f"{address}?{token}"
"""

FETCH = Chapter(
    "The pixels",
    "Of each of our pixels the one pixel of the file that holds its centre, by plain arithmetic: no resampling invents "
    "a value. A pixel has data where its class and its raw B04 are not 0, and is of the first product that has some. "
    "What comes is kept in memory, up to $memory MB: neighbouring tiles lie in the same blocks of the files.",
    """\
GDAL = {
    "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR",
    "GDAL_HTTP_MAX_RETRY": "5",
    "GDAL_HTTP_RETRY_DELAY": "2",
    "CPL_VSIL_CURL_CACHE_SIZE": "${memory}000000",
}


def raw_pixels(address, epsg, bounds):
    \"\"\"Digital numbers of a file as they are, (height, width); 0 outside of it.\"\"\"
    west, south, east, north = bounds
    x = west + (np.arange(SIZE[0]) + 0.5) * ((east - west) / SIZE[0])
    y = north + (np.arange(SIZE[1]) + 0.5) * ((south - north) / SIZE[1])
    x, y = np.meshgrid(x, y)
    if epsg != int(EPSG):
        x, y = Transformer.from_crs(int(EPSG), epsg, always_xy=True).transform(x, y)
    with rasterio.Env(**GDAL), rasterio.open(f"/vsicurl/{$address}") as file:
        a, _, c, _, e, f = tuple(file.transform)[:6]
        columns, rows = np.floor((x - c) / a).astype(int), np.floor((y - f) / e).astype(int)
        inside = (columns >= 0) & (columns < file.width) & (rows >= 0) & (rows < file.height)
        found = np.zeros(inside.shape, file.dtypes[0])
        if inside.any():
            rows, columns = rows[inside], columns[inside]
            left, top = columns.min(), rows.min()
            window = Window(left, top, columns.max() - left + 1, rows.max() - top + 1)
            found[inside] = file.read(1, window=window)[rows - top, columns - left]
    return found


class ReadFiles(EOTask):
    \"\"\"One acquisition of one tile.\"\"\"

    def execute(self, *, tile, acquisition):
        \"\"\"Planes that are mosaics of the products, the first ones on top.\"\"\"
        name, begin, *_ = acquisition
        planes = {plane: np.zeros(SIZE[::-1], np.uint16) for plane in BANDS}
        planes |= {mask: np.zeros(SIZE[::-1], np.uint8) for mask in ("SCL", "dataMask")}
        empty = np.ones(SIZE[::-1], bool)
        for product, epsg, folder, files in PRODUCTS[name]:
            if (tile, product) in UNSEEN or not empty.any():
                continue
            raw = {plane: raw_pixels(folder + files[plane][0], epsg, TILES[tile]) for plane in ("SCL", "B04")}
            here = empty & (raw["SCL"] != 0) & (raw["B04"] != 0)
            for plane in (*BANDS, "SCL") if here.any() else ():
                file, offset = files[plane]
                dn = raw[plane] if plane in raw else raw_pixels(folder + file, epsg, TILES[tile])
                planes[plane][here] = np.maximum(dn.astype(np.int32) + offset, 0)[here]
            planes["dataMask"][here] = 1
            empty &= ~here
        patch = EOPatch(bbox=BBox(TILES[tile], CRS(EPSG)), timestamps=[datetime.datetime.fromisoformat(begin)])
        patch.data["BANDS"] = np.stack([planes[band] for band in BANDS], axis=-1)[np.newaxis]
        for mask in ("SCL", "dataMask"):
            patch.mask[mask] = planes[mask][np.newaxis, ..., np.newaxis]
        return patch


def fetch_tile(tile, acquisitions):
    \"\"\"The EOPatch of each acquisition, eight at a time.\"\"\"
    nodes = linearly_connect_tasks(ReadFiles(), OutputTask("patch"))
    questions = [{nodes[0]: {"tile": tile, "acquisition": acquisition}} for acquisition in acquisitions]
    executor = EOExecutor(EOWorkflow(nodes), questions)
    results = executor.run(workers=8, multiprocess=False, desc=tile)
    for number in executor.get_failed_executions():
        raise results[number].stats[results[number].error_node_uid].exception_info.exception
    return [result.outputs["patch"] for result in results]
""",
    imports=("datetime",),
)
_LEAST_MB, _MOST_MB = 250, 4000
"""Of what the program keeps of files in memory."""
_SPARE = 1.5
"""It reads whole blocks, which are more bytes than the price of the rows that are needed. Where less is kept than all
tiles need together, the oldest is dropped, and everything is read again for each tile."""
_OPEN = "Anyone may read them."
_SIGNED = "Anyone may read them with a signature, which is had as the program runs."
_SIGNS = ("datetime", "json", "threading", "time", "urllib.request")


def program_of(sign_url: str, terms: Terms, recipe: Recipe, kept: Sequence[Acquisition]) -> Program:
    """The provider's part of the program; signatures are had at `sign_url`, where files need them."""
    blocks = {one.key: _whole(recipe, one, terms) for one in kept}
    found = {key: contributors(block) for key, block in blocks.items()}
    cost = sum_of_costs(blocks.values())
    return Program(
        packages=_PACKAGES,
        imports=(
            "from eolearn.core import EOPatch, EOTask",
            "from pyproj import Transformer",
            "from rasterio.windows import Window",
            "from sentinelhub import CRS, BBox",
            "import rasterio",
        ),
        needs="",
        account=replace(FILES, imports=_SIGNS if sign_url else ()),
        fetch=FETCH,
        fill={
            "access": _SIGNED if sign_url else _OPEN,
            "products": "\n".join(_products(key, found[key], recipe) for key in found),
            "unseen": _unseen(recipe, chain.from_iterable(found.values())),
            "signing": SIGNING.replace("$sign_url", json.dumps(sign_url)) if sign_url else "",
            "memory": str(min(_MOST_MB, max(_LEAST_MB, round(_SPARE * cost.bytes / 1e6)))),
            "address": "signed(address)" if sign_url else "address",
        },
        cost=cost,
    )


def _whole(recipe: Recipe, one: Acquisition, terms: Terms) -> BlockRequest:
    """Of all tiles."""
    block = recipe.neighbourhood
    corner = TileIndex(min(index.x for index in block.indices), min(index.y for index in block.indices))
    return replace(one_tile(recipe, one, terms), lower_left=corner, columns=block.side, rows=block.side)


def _products(key: str, granules: Sequence[Contributor], recipe: Recipe) -> str:
    """An entry of PRODUCTS."""
    lines = [f"    {json.dumps(key)}: ["]
    for granule, _ in granules:
        files = [file for file in granule.files if file.plane in {SCL, REFERENCE, *recipe.bands}]
        shared = os.path.commonprefix([file.href for file in files])  # noqa: RUF071 - cut at a slash in the next line
        folder = shared[: shared.rindex("/") + 1]
        lines += ["        (", f"            {json.dumps(granule.id)},", f"            {files[0].epsg},"]
        lines += [f"            {json.dumps(folder)},", "            {"]
        for file in files:
            place = json.dumps(file.href.removeprefix(folder))
            lines.append(f"                {json.dumps(file.plane)}: ({place}, {file.offset}),")
        lines += ["            },", "        ),"]
    return "\n".join([*lines, "    ],"])


def _unseen(recipe: Recipe, granules: Iterable[Contributor]) -> str:
    """The set UNSEEN."""
    tiles = recipe.neighbourhood.tiles
    pairs = [(tile.name, granule.id) for granule, shown in granules for tile in tiles if tile.index not in shown]
    said = [f"({json.dumps(tile)}, {json.dumps(product)})" for tile, product in pairs]
    return "".join(["{\n", *(f"    {pair},\n" for pair in said), "}"]) if said else "set()"
