"""One request of a block, and its answer: checked, then cut."""

import io
import json
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone
from math import ceil
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
import tifffile
from affine import Affine
from numpy.typing import NDArray
from py_mini_racer import MiniRacer
from rasterio.io import MemoryFile
from requests.structures import CaseInsensitiveDict
from sentinelhub.data_collections import DataCollection

from services.catalogue import Acquisition
from services.errors import BadResponse
from services.grid import Lattice, Tile, TileIndex
from services.plan import BlockRequest
from services.providers.http import Answer
from services.providers.sentinelhub import TERMS
from services.providers.sentinelhub.process import download_request, evalscript, read_block, read_tiff
from services.sentinel2 import ANGLES

LATTICE = Lattice(32635, 330_000.0, 6_600_000.0, 200.0, 300.0)
PLANES = ("B04", "B08", "SCL", "dataMask")
COLLECTION = DataCollection.SENTINEL2_L2A.define_from("S2L2A_TEST_SOURCE", service_url="https://example.org")


@dataclass(frozen=True)
class Granule:
    """As much of a granule as a request needs."""

    time: datetime


@dataclass(frozen=True)
class Overpass:
    """As much of an acquisition as a request needs."""

    granules: tuple[Granule, ...] = (Granule(datetime(2017, 6, 7, 9, 53, 40, tzinfo=UTC)),)
    key: str = "S2A_R079_20170607T095031"

    def version(self, tile: Tile) -> str:
        """As of a service that chooses among its products itself."""
        return ""


def asked(planes: tuple[str, ...] = PLANES, columns: int = 3, rows: int = 2, **changes: Any) -> BlockRequest:
    """A block of tiles of 20 × 30 px."""
    whole = BlockRequest(
        provider="demo",
        collection="sentinel-2-l2a",
        lattice=LATTICE,
        lower_left=TileIndex(7, -2),
        columns=columns,
        rows=rows,
        resolution=10,
        acquisition=cast(Acquisition, Overpass()),
        planes=planes,
        terms=TERMS,
    )
    return replace(whole, **changes)


def image(block: BlockRequest) -> NDArray[np.uint16]:
    """Pixels that a service could send, (height, width, band): noise, classes, and a mask."""
    noise = np.random.default_rng(1)
    highest = {"SCL": 12, "dataMask": 2}
    return np.dstack(
        [
            noise.integers(0, highest.get(plane, 65_536), (block.height, block.width), np.uint16)
            for plane in block.planes
        ]
    )


def tiff(pixels: NDArray[Any], **options: Any) -> bytes:
    """As the service writes it: big-endian, Deflate, strips of 8 rows, interleaved by pixel."""
    file = io.BytesIO()
    told: dict[str, Any] = {"byteorder": ">", "compression": "deflate", "rowsperstrip": 8, "planarconfig": "contig"}
    tifffile.imwrite(file, pixels, **(told | {"photometric": "minisblack", "metadata": None} | options))
    return file.getvalue()


def answer(content: bytes, **headers: str) -> Answer:
    """What comes back, with its headers."""
    told = {"Content-Type": "image/tiff", "X-ProcessingUnits-Spent": "1.25"} | headers
    return Answer(200, CaseInsensitiveDict(told), content, 0.1)


@pytest.fixture(scope="module")
def engine() -> Iterator[MiniRacer]:
    racer = MiniRacer()
    yield racer
    racer.close()


def test_the_script_passes_the_planes_through_in_their_order(engine: MiniRacer) -> None:
    script = evalscript(PLANES)
    assert script.startswith("//VERSION=3\n")
    engine.eval(script)
    told = json.loads(cast(str, engine.eval("JSON.stringify(setup())")))
    assert told == {
        "input": [{"bands": list(PLANES), "units": ["DN"] * 4}],
        "output": {"id": "default", "bands": 4, "sampleType": "UINT16"},
        "mosaicking": "SIMPLE",
    }
    sample = json.dumps({"dataMask": 1, "SCL": 4, "B08": 3000, "B04": 500})
    assert json.loads(cast(str, engine.eval(f"JSON.stringify(evaluatePixel({sample}))"))) == [500, 3000, 4, 1]


def test_angles_come_as_hundredths_of_a_degree(engine: MiniRacer) -> None:
    engine.eval(evalscript(ANGLES))
    told = json.loads(cast(str, engine.eval("JSON.stringify(setup())")))
    assert told["input"] == [{"bands": list(ANGLES), "units": ["DEGREES"] * 4}]
    sample = json.dumps(dict(zip(ANGLES, (41.26, 155.5, 9.5, 286.25), strict=True)))
    found = json.loads(cast(str, engine.eval(f"JSON.stringify(evaluatePixel({sample}))")))
    assert found == pytest.approx([4126, 15_550, 950, 28_625])


def test_angles_of_a_block_are_cut_into_few_pixels_a_tile() -> None:
    block = replace(asked(), planes=ANGLES)
    width, height = (block.columns * ceil(block.lattice.dx / 1000), block.rows * ceil(block.lattice.dy / 1000))
    assert (block.width, block.height) == (width, height)
    pixels = np.random.default_rng(1).integers(0, 36_001, (height, width, 4)).astype(np.uint16)
    found = read_block(answer(tiff(pixels)), block).frames
    north_west = next(iter(found))
    assert north_west == block.tiles[0]
    rows, columns = height // block.rows, width // block.columns
    for place, plane in enumerate(ANGLES):
        np.testing.assert_array_equal(found[north_west][plane], pixels[:rows, :columns, place])
    pixels[0, 0, 1] = 36_001
    with pytest.raises(BadResponse, match="sunAzimuthAngles of 36001"):
        read_block(answer(tiff(pixels)), block)


def test_a_request_says_all_that_decides_the_pixels() -> None:
    request = download_request(asked(), COLLECTION)
    assert request.url == "https://example.org/api/v1/process"
    assert request.request_type.value == "POST"
    assert request.headers == {"content-type": "application/json", "accept": "image/tiff"}
    assert request.post_values == {
        "input": {
            "bounds": {
                "bbox": [331_400.0, 6_599_400.0, 332_000.0, 6_600_000.0],
                "properties": {"crs": "http://www.opengis.net/def/crs/EPSG/0/32635"},
            },
            "data": [
                {
                    "type": "sentinel-2-l2a",
                    "dataFilter": {
                        "timeRange": {"from": "2017-06-07T09:53:39Z", "to": "2017-06-07T09:53:41Z"},
                        "mosaickingOrder": "mostRecent",
                    },
                    "processing": {"upsampling": "NEAREST", "downsampling": "NEAREST", "harmonizeValues": True},
                }
            ],
        },
        "evalscript": evalscript(PLANES),
        "output": {
            "responses": [{"identifier": "default", "format": {"type": "image/tiff"}}],
            "width": 60,
            "height": 60,
        },
    }


def test_the_time_covers_all_granules_in_whole_seconds_of_utc() -> None:
    first = datetime(2017, 6, 7, 9, 53, 40, 24_000, tzinfo=UTC)
    helsinki = timezone(timedelta(hours=3))
    granules = tuple(Granule((first + timedelta(seconds=delay)).astimezone(helsinki)) for delay in (14.5, 0, 3))
    block = asked(acquisition=cast(Acquisition, Overpass(granules)))
    values = cast(dict[str, Any], download_request(block, COLLECTION).post_values)
    told = values["input"]["data"][0]["dataFilter"]["timeRange"]
    assert told == {"from": "2017-06-07T09:53:39Z", "to": "2017-06-07T09:53:56Z"}


def test_a_request_leaves_the_clients_configuration_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("SH_PROFILE", "a profile that is not there")
    download_request(asked(), COLLECTION)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"byteorder": "<"},
        {"compression": None},
        {"planarconfig": "separate"},
        {"tile": (16, 16)},
        {"predictor": True},
        {"rowsperstrip": 1},
    ],
    ids=str,
)
def test_an_answer_is_cut_into_the_planes_of_its_tiles(options: dict[str, Any]) -> None:
    block = asked()
    pixels = image(block)
    sent = np.moveaxis(pixels, -1, 0) if options.get("planarconfig") else pixels
    found = read_block(answer(tiff(sent, **options)), block)
    assert (found.units, found.bytes) == (1.25, len(tiff(sent, **options)))
    assert tuple(found.frames) == block.tiles
    for index, frame in found.frames.items():
        assert tuple(frame) == PLANES
        left = (index.x - 7) * 20
        top = 0 if index.y == -1 else 30  # the northern row of tiles is at the top
        for place, plane in enumerate(PLANES):
            assert frame[plane].dtype == (np.uint16 if plane[0] == "B" else np.uint8)
            np.testing.assert_array_equal(frame[plane], pixels[top : top + 30, left : left + 20, place])


def test_a_single_plane_is_an_image_without_a_band_axis() -> None:
    block = asked(("dataMask",), 1, 1)
    frame = read_block(answer(tiff(image(block)[..., 0])), block).frames[TileIndex(7, -2)]
    np.testing.assert_array_equal(frame["dataMask"], image(block)[..., 0])


def test_an_image_by_gdal_is_read_as_rasterio_reads_it() -> None:
    block = asked()
    with MemoryFile() as memory:
        profile = {"driver": "GTiff", "width": 60, "height": 60, "count": 4, "dtype": "uint16", "crs": "EPSG:32635"}
        place = Affine(10, 0, block.bounds[0], 0, -10, block.bounds[3])
        with memory.open(**profile, compress="deflate", interleave="pixel", transform=place) as made:
            made.write(np.moveaxis(image(block), -1, 0))
        content = memory.read()
    np.testing.assert_array_equal(read_tiff(content, (60, 60, 4)), image(block))


def test_a_real_answer_of_the_service_is_read_as_rasterio_reads_it(shared_data: Path) -> None:
    with tarfile.open(shared_data / "real_s2" / "sentinelhub_response" / "img.tar") as tar:
        member = tar.extractfile("default.tif")
        assert member is not None
        content = member.read()
    pixels = read_tiff(content, (856, 512, 3))
    with MemoryFile(content) as memory, memory.open() as opened:
        np.testing.assert_array_equal(np.moveaxis(pixels, -1, 0), opened.read())
    for length in (len(content) - 1, len(content) // 2, 20_000, 1_300):
        with pytest.raises(BadResponse):
            read_tiff(content[:length], (856, 512, 3))


def test_units_are_the_plans_where_the_service_does_not_say() -> None:
    block = asked()
    told = Answer(200, {"content-type": "image/tiff; application=geotiff"}, tiff(image(block)), 0.1)
    assert read_block(told, block).units == block.units


@pytest.mark.parametrize("kind", ["text/html", "application/json", "application/x-tar", "image/png", ""])
def test_another_kind_of_answer_is_refused(kind: str) -> None:
    with pytest.raises(BadResponse, match="where an image was asked for"):
        read_block(answer(tiff(image(asked())), **{"Content-Type": kind}), asked())


@pytest.mark.parametrize(
    "pixels",
    [
        np.zeros((60, 60, 3), np.uint16),
        np.zeros((60, 60, 5), np.uint16),
        np.zeros((61, 60, 4), np.uint16),
        np.zeros((60, 59, 4), np.uint16),
        np.zeros((60, 60, 4), np.uint8),
        np.zeros((60, 60, 4), np.int16),
        np.zeros((60, 60, 4), np.float32),
        np.zeros((60, 60), np.uint16),
        np.zeros((2, 60, 60, 4), np.uint16),
    ],
    ids=lambda pixels: f"{pixels.shape} {pixels.dtype}",
)
def test_an_image_of_another_size_or_type_is_refused(pixels: NDArray[Any]) -> None:
    with pytest.raises(BadResponse, match="where 60 × 60 × 4 of uint16"):
        read_block(answer(tiff(pixels)), asked())


@pytest.mark.parametrize(
    "content",
    [b"", b"II*\0", b"MM\0*", b"<html>maintenance</html>", b"\x89PNG\r\n\x1a\n" + bytes(100), b"MM\0*\0\0\0\x08"],
)
def test_bytes_that_are_no_image_are_refused(content: bytes) -> None:
    with pytest.raises(BadResponse, match="cannot be read"):
        read_block(answer(content), asked())


def test_an_image_that_is_cut_short_anywhere_is_refused() -> None:
    content = tiff(image(asked()))
    for length in range(1, len(content), 97):
        with pytest.raises(BadResponse):
            read_block(answer(content[:length]), asked())


def test_an_image_whose_pixels_are_damaged_is_refused() -> None:
    content = tiff(image(asked()))
    middle = len(content) // 2
    with pytest.raises(BadResponse, match="cannot be read"):
        read_block(answer(content[:middle] + bytes(200) + content[middle + 200 :]), asked())


def test_an_image_that_claims_to_be_huge_is_refused_before_it_is_unpacked() -> None:
    content = bytearray(tiff(image(asked())))
    with tifffile.TiffFile(io.BytesIO(content)) as opened:
        tag = opened.pages.first.tags["ImageWidth"]
    content[tag.valueoffset : tag.valueoffset + 2] = b"\xff\xff"
    with pytest.raises(BadResponse, match="where 60 × 60 × 4"):
        read_block(answer(bytes(content)), asked())


@pytest.mark.parametrize(("plane", "value"), [("dataMask", 2), ("dataMask", 255), ("SCL", 12), ("SCL", 65_535)])
def test_a_class_or_mask_that_there_is_not_is_refused(plane: str, value: int) -> None:
    block = asked()
    pixels = image(block)
    pixels[59, 59, PLANES.index(plane)] = value
    with pytest.raises(BadResponse, match=f"{plane} of {value}"):
        read_block(answer(tiff(pixels)), block)
