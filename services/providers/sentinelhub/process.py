"""Where pixels come from: one Process request of a block, its answer checked and cut into tiles and planes."""

import io
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import tifffile
from numpy.typing import NDArray

from services.cache import plane_type
from services.catalogue import window
from services.errors import BadResponse
from services.grid import TileIndex
from services.plan import BlockRequest
from services.providers.base import Block, ignore
from services.providers.http import Answer
from services.providers.sentinelhub.client import AnswerCallback, Client
from services.sentinel2 import ANGLES, DATA_MASK, PER_DEGREE, SCL
from services.text import shorten

if TYPE_CHECKING:  # sentinelhub takes a third of a second, which only those spend who ask
    from sentinelhub.data_collections import DataCollection
    from sentinelhub.download.models import DownloadRequest

TIFF = "image/tiff"
HIGHEST = {SCL: 11, DATA_MASK: 1, **dict.fromkeys(ANGLES, 360 * PER_DEGREE)}
"""Highest values that these planes can have; there are 12 classes."""
_AGAIN = "Fetch it again; if it happens again, the service has changed."


def fetch_block(
    account: Client, block: BlockRequest, cancelled: Callable[[], bool], heard: AnswerCallback = ignore
) -> Block:
    """Ask for a block and wait for its pixels; `heard` hears of each try. Raises what `Client.send` does."""
    request = download_request(block, account.provider.data_collection)
    return account.send(
        request, lambda answer: read_block(answer, block), units=block.units, cancelled=cancelled, heard=heard
    )


def evalscript(planes: tuple[str, ...]) -> str:
    """A script that passes the planes through as digital numbers, in this order, in one 16-bit image; of degrees it
    makes hundredths, which the service rounds."""
    bands = ", ".join(f'"{plane}"' for plane in planes)
    units = ", ".join('"DEGREES"' if plane in ANGLES else '"DN"' for plane in planes)
    samples = ", ".join(f"{PER_DEGREE} * sample.{plane}" if plane in ANGLES else f"sample.{plane}" for plane in planes)
    return f"""//VERSION=3
function setup() {{
  return {{
    input: [{{bands: [{bands}], units: [{units}]}}],
    output: {{id: "default", bands: {len(planes)}, sampleType: "UINT16"}},
    mosaicking: "SIMPLE"
  }};
}}
function evaluatePixel(sample) {{
  return [{samples}];
}}
"""


def download_request(block: BlockRequest, collection: "DataCollection") -> "DownloadRequest":
    """The block as sentinelhub's own request: acquisition, rectangle, planes, one TIFF."""
    from sentinelhub.api.process import SentinelHubRequest
    from sentinelhub.config import SHConfig
    from sentinelhub.constants import CRS, MimeType, MosaickingOrder, ResamplingType
    from sentinelhub.geometry import BBox

    request = SentinelHubRequest(
        evalscript=evalscript(block.planes),
        input_data=[
            SentinelHubRequest.input_data(
                collection,
                time_interval=window(block.acquisition),
                mosaicking_order=MosaickingOrder.MOST_RECENT,
                upsampling=ResamplingType.NEAREST,
                downsampling=ResamplingType.NEAREST,
                other_args={"processing": {"harmonizeValues": True}},
            )
        ],
        responses=[SentinelHubRequest.output_response("default", MimeType.TIFF)],
        bbox=BBox(block.bounds, CRS(str(block.lattice.epsg))),
        size=(block.width, block.height),
        config=SHConfig(use_defaults=True),  # reads and writes no file; address and account are not taken from it
    )
    return request.download_list[0]


def read_block(answer: Answer, block: BlockRequest) -> Block:
    """The answer, checked against its request and cut. Raises BadResponse, before anything of it is kept."""
    if answer.content_type != TIFF:
        kind = shorten(answer.content_type or "no type")
        raise BadResponse(f"The service answered with {kind} where an image was asked for.", _AGAIN)
    image = read_tiff(answer.content, (block.height, block.width, len(block.planes)))
    for place, plane in enumerate(block.planes):
        found = int(image[..., place].max()) if plane in HIGHEST else 0
        if found > HIGHEST.get(plane, 0):
            raise BadResponse(f"The service's image has a {plane} of {found}; {HIGHEST[plane]} is the highest.", _AGAIN)
    units = block.units if answer.units is None else answer.units
    return Block(_cut(image, block), units, len(answer.content))


def read_tiff(content: bytes, shape: tuple[int, int, int]) -> NDArray[np.uint16]:
    """The pixels of a TIFF of one image, (height, width, band) as `shape` says, uint16. Raises BadResponse.

    Size and type are checked before anything is unpacked, and every strip must lie inside the bytes.
    """
    try:
        with tifffile.TiffFile(io.BytesIO(content)) as tiff:
            page = tiff.pages.first
            planar = page.samplesperpixel > 1 and page.planarconfig == tifffile.PLANARCONFIG.SEPARATE
            told = (page.imagelength, page.imagewidth, page.samplesperpixel)
            if told != shape or page.dtype != np.uint16 or len(tiff.pages) != 1 or page.imagedepth != 1:
                asked = " × ".join(map(str, shape))
                raise BadResponse(
                    f"The service's image has {' × '.join(map(str, told))} of {page.dtype} where {asked} of uint16 "
                    "were asked for.",
                    _AGAIN,
                )
            ends = [start + size for start, size in zip(page.dataoffsets, page.databytecounts, strict=True)]
            if not ends or max(ends) > len(content) or not all(page.databytecounts):
                raise BadResponse("The service's image is cut short.", _AGAIN)
            pixels = page.asarray(maxworkers=1)
    except BadResponse:
        raise
    except Exception as error:  # a decoder of foreign bytes raises whatever its codecs raise
        raise BadResponse(f"The service's image cannot be read: {type(error).__name__}.", _AGAIN) from error
    if planar:
        pixels = np.moveaxis(pixels, 0, -1)
    return pixels.reshape(shape)


def _cut(image: NDArray[np.uint16], block: BlockRequest) -> dict[TileIndex, dict[str, NDArray[Any]]]:
    """Planes of the block's tiles; the image has north up, the block counts its rows from the south."""
    width, height = block.tile_px
    frames = {}
    for index in block.tiles:
        left = (index.x - block.lower_left.x) * width
        top = (block.rows - 1 - (index.y - block.lower_left.y)) * height
        part = image[top : top + height, left : left + width]
        frames[index] = {plane: part[..., place].astype(plane_type(plane)) for place, plane in enumerate(block.planes)}
    return frames
