"""The text of the program that reproduces a result with plain eo-learn, in chapters; `script` fills it.

`$names` are literals of Python that are put in their places. The program knows nothing of this project.
"""

from services.reducers import Chapter

IMPORTS = Chapter(
    "Libraries",
    "Plain eo-learn and what comes with it.",
    """\
${plain}from pathlib import Path

${cv2}import numpy as np
$imports
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
    "The acquisitions that were used: name, from when to when (UTC), and cloud cover of "
    "its granules in percent. Granules of one overpass are seconds apart and are one picture. They are all here, so "
    "that the catalogue is not asked.",
    """\
ACQUISITIONS = [
$acquisitions
]
BEYOND = $beyond  # tiles that an acquisition does not reach, as (tile, acquisition)
""",
)

CLEAR = Chapter(
    "Which observations count",
    "An observation counts where the service has data$clear_words.",
    """\
$mask_constants
def clear_look(patch):
    \"\"\"True where an observation counts, (height, width).\"\"\"
    clear = patch.mask["dataMask"][0, ..., 0] == 1
$mask_code    return clear
""",
)

MASK = """\
    classes = $classes
    clear &= ~np.isin(classes, MASKED)
"""
GROWTH = """\
    near = cv2.dilate(np.isin(classes, GROWING).astype(np.uint8), $kernel)
    clear &= near == 0
"""
SQUARE = "np.ones((2 * GROW + 1, 2 * GROW + 1), np.uint8)"
DISK = """\
AWAY = np.arange(-GROW, GROW + 1) ** 2
DISK = (AWAY[:, np.newaxis] + AWAY <= GROW**2).astype(np.uint8)  # so many pixels from middle to middle"""
COMPUTED = """\
NAMES = {"B02": "blue", "B03": "green", "B04": "red", "B08": "nir", "B11": "swir16", "B12": "swir22"}


def cloud_classes(patch):
    \"\"\"0 clear, 1 cloud, 2 cloud shadow by ukis-csmask, from six bands, (height, width).\"\"\"
    bands = patch.data["BANDS"][0][..., [BANDS.index(band) for band in NAMES]]
    reflectance = bands.astype(np.float32) / np.float32(10_000)
    found = CSmask(reflectance, list(NAMES.values()), "l2a", intra_op_num_threads=1, providers=["CPUExecutionProvider"])
    return found.csm[..., 0]"""

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
        dn = np.concatenate([$observations])
        clear = np.stack([clear_look(patch) for patch in patches])
        picture = reduce(dn, clear, wanted)
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
