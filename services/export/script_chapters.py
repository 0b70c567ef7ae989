"""The text of the program that reproduces a result with plain eo-learn, in chapters; services/script.py fills it.

`$names` are literals of Python that are put in their places. The program knows nothing of this project.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Chapter:
    """A part of the program: a cell of the notebook."""

    heading: str
    words: str
    """What it does and why, for people."""
    code: str


IMPORTS = Chapter(
    "Libraries",
    "Plain eo-learn and what comes with it.",
    """\
import hashlib
import os
${warnings}from pathlib import Path

${cv2}import numpy as np
from eolearn.core import EOExecutor, EOWorkflow, FeatureType, OutputTask, linearly_connect_tasks
from eolearn.io import SentinelHubInputTask
from matplotlib import pyplot as plt
from sentinelhub import CRS, BBox, DataCollection, MosaickingOrder, ResamplingType, SHConfig
""",
)

CHOICES = Chapter(
    "The picture",
    "The bands, the size of a tile in pixels, and where each tile lies: west, south, east, north in metres of the UTM "
    "zone, from north-west to south-east. The edges are exact: other edges would be other pixels.",
    """\
TITLE = (
$title
)
BANDS = $bands
EPSG = $epsg
SIZE = $size  # width, height
TILES = {
$tiles
}
OUT = Path($out)
""",
)

DATES = Chapter(
    "The dates",
    "The acquisitions that were kept: name, from when to when (UTC) the service is asked for it, and cloud cover of "
    "its granules in percent. Granules of one overpass are seconds apart and are one picture; so each acquisition is "
    "asked for with a window of its own, which needs no question to the catalogue.",
    """\
ACQUISITIONS = [
$acquisitions
]
BEYOND = $beyond  # tiles that an acquisition does not reach, as (tile, acquisition)
""",
)

ACCOUNT = Chapter(
    "The account",
    "Who asks, from the environment: SH_CLIENT_ID and SH_CLIENT_SECRET, and for another deployment SH_BASE_URL and "
    "SH_TOKEN_URL. The configuration is made of defaults: no file of yours is read or written. The client's own "
    "collection is bound to services.sentinel-hub.com, so any other deployment needs a definition of its own.",
    """\
BASE_URL = $base_url
TOKEN_URL = $token_url
if not BASE_URL:
    raise SystemExit($no_address)
if BASE_URL.startswith(("http://127.0.0.1:", "http://localhost:")):
    os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"  # on this machine, without TLS

config = SHConfig(
    use_defaults=True,
    sh_client_id=$client_id,
    sh_client_secret=$client_secret,
    sh_base_url=BASE_URL,
    sh_token_url=TOKEN_URL,
)
collection = DataCollection.SENTINEL2_L2A
if BASE_URL != collection.service_url or $collection != collection.api_id:
    collection = collection.define_from("SENTINEL2_L2A_THERE", api_id=$collection, service_url=BASE_URL)
""",
)

FETCH = Chapter(
    "The pixels",
    "Sixteen-bit digital numbers, 10000 times the reflectance: half the price of floats, and exact. `harmonizeValues` "
    "makes them the same for all processing baselines; no resampling invents a value.",
    """\
fetch = SentinelHubInputTask(
    data_collection=collection,
    size=SIZE,
    bands_feature=(FeatureType.DATA, "BANDS"),
    bands=BANDS,
    bands_dtype=np.uint16,
    additional_data=$masks,
    single_scene=True,  # one picture of the window, of the newest granule at each place
    mosaicking_order=MosaickingOrder.MOST_RECENT,
    upsampling=ResamplingType.NEAREST,
    downsampling=ResamplingType.NEAREST,
    aux_request_args={"processing": {"harmonizeValues": True}},
    config=config,
    max_threads=1,
)


def fetch_tile(tile, acquisitions):
    \"\"\"The EOPatch of each acquisition, four at a time.\"\"\"
    nodes = linearly_connect_tasks(fetch, OutputTask("patch"))
    bbox = BBox(TILES[tile], CRS(EPSG))
    questions = [{nodes[0]: {"bbox": bbox, "time_interval": window}} for _, *window, _ in acquisitions]
    executor = EOExecutor(EOWorkflow(nodes), questions)
    results = executor.run(workers=4, multiprocess=False, desc=tile)
    for number in executor.get_failed_executions():
        raise results[number].stats[results[number].error_node_uid].exception_info.exception
    return [result.outputs["patch"] for result in results]
""",
)

CLEAR = Chapter(
    "Which looks count",
    "A look counts where the service has data$clear_words.",
    """\
$mask_constants
def clear_look(patch):
    \"\"\"True where an observation counts, (height, width).\"\"\"
    clear = patch.mask["dataMask"][0, ..., 0] == 1
$mask_code    return clear
""",
)

MASK = """\
    classes = patch.mask["SCL"][0, ..., 0]
    clear &= ~np.isin(classes, MASKED)
"""
GROWTH = """\
    near = cv2.dilate(np.isin(classes, GROWING).astype(np.uint8), np.ones((2 * GROW + 1, 2 * GROW + 1), np.uint8))
    clear &= near == 0
"""

MEDIAN = Chapter(
    "The median",
    "Over the observations that count, pixel by pixel and band by band; where none counts there is no number. A few "
    "rows at "
    "a time: the float32 cube of all dates may not fit into memory.",
    """\
def reduce(dn, clear, clouds):
    \"\"\"Reflectance, (height, width, band), of DN (time, height, width, band) and clear (time, height, width).\"\"\"
    strips = []
    for top in range(0, dn.shape[1], 64):
        reflectance = dn[:, top : top + 64] / np.float32(10_000)
        reflectance[~clear[:, top : top + 64]] = np.nan
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # no clear observation: NaN, as it should be
            strips.append(np.nanmedian(reflectance, axis=0))
    return np.concatenate(strips)
""",
)

LEAST_CLOUDY = Chapter(
    "The least cloudy observation",
    "Of the observations that count, each pixel has the one of the acquisition with the lowest cloud cover, the "
    "earlier of "
    "equal ones; where none counts there is no number.",
    """\
def reduce(dn, clear, clouds):
    \"\"\"Reflectance, (height, width, band), of DN (time, height, width, band) and clear (time, height, width).\"\"\"
    order = np.argsort(clouds, kind="stable")
    first = order[np.argmax(clear[order], axis=0)]
    picture = np.take_along_axis(dn, first[np.newaxis, ..., np.newaxis], axis=0)[0] / np.float32(10_000)
    picture[~clear.any(axis=0)] = np.nan
    return picture
""",
)

RUN = Chapter(
    "Run",
    "Tile after tile: fetch, reduce, save as `.npy`. At the end the pixels of all tiles are compared with those of the "
    "result by a checksum. It differs where the service has processed its data again meanwhile.",
    """\
EXPECTED = $expected

OUT.mkdir(parents=True, exist_ok=True)
pictures, found = [], hashlib.sha256()
for tile in TILES:
    wanted = [acquisition for acquisition in ACQUISITIONS if (tile, acquisition[0]) not in BEYOND]
    picture = np.full((SIZE[1], SIZE[0], len(BANDS)), np.nan, np.float32)
    if wanted:
        patches = fetch_tile(tile, wanted)
        dn = np.concatenate([patch.data["BANDS"] for patch in patches])
        clear = np.stack([clear_look(patch) for patch in patches])
        picture = reduce(dn, clear, [acquisition[3] for acquisition in wanted])
    np.save(OUT / f"{tile}.npy", picture)
    found.update(np.where(np.isnan(picture), np.float32(-1), picture).astype("<f4").tobytes())
    pictures.append(picture)
print("checksum", found.hexdigest())
print("the same pixels as the result" if found.hexdigest() == EXPECTED else f"not the result's pixels: {EXPECTED}")
""",
)

FIGURE = Chapter(
    "The figure",
    "The tiles side by side in one fixed stretch; grey where there is no clear observation.",
    """\
ATTRIBUTION = $attribution
SHOWN = $shown  # as red, green and blue
WHITE = $white  # the reflectance that is full brightness
side = round(len(pictures) ** 0.5)
mosaic = np.concatenate([np.concatenate(pictures[row : row + side], axis=1) for row in range(0, side**2, side)])
colours = np.clip(mosaic[..., [BANDS.index(band) for band in SHOWN]] / WHITE, 0, 1) ** (1 / $gamma)
colours[np.isnan(colours).any(axis=2)] = 0.9
height, width = colours.shape[:2]
figure, axes = plt.subplots(figsize=(9, 9 * height / width + 0.6))
axes.imshow(colours, interpolation="nearest")
axes.set_title(TITLE, fontsize=9, parse_math=False)
axes.set_xlabel(ATTRIBUTION, fontsize=8, parse_math=False)
axes.set(xticks=[], yticks=[])
figure.savefig(OUT / "figure.png", dpi=150, bbox_inches="tight", metadata={"Copyright": ATTRIBUTION})
""",
)
