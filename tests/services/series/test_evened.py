"""Series with view angles evened out: the sheets say so, and have what the oracle makes of the planes by hand."""

import csv
import io
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pytest
import shapely

from services.cache import FrameStore, frame_key
from services.geo import to_wgs84
from services.nbar import overpass_zenith
from services.sentinel2 import ANGLES, DATA_MASK, SCL
from services.series import SeriesService
from tests.services.nbar.oracle import Angles, factor
from tests.services.overpasses import random_frames
from tests.services.passes import passes
from tests.services.series.caching import EAST, NORTH, QUESTION, SOUTH, WEST, service
from tests.services.series.test_polygons import SHAPES, file_of

EVENED = QUESTION.with_(nbar=True, grow=1)
YEAR = passes(QUESTION, [9.0] * 35)
DATES = (YEAR[0], *YEAR[28:33])
"""One of January, whose sun is too low, and some of May and June."""
FRAMES = random_frames(QUESTION, DATES)
SEEN = Angles(41.5, 160.25, 9.5, 285.0)
"""Of every pixel at every date."""


def lit(home: Path) -> SeriesService:
    """The usual cache, with angles."""
    made, _ = service(home, DATES)
    store = FrameStore(home / "frames", 10**8)
    planes = {name: np.full((1, 1), round(100 * angle), np.uint16) for name, angle in zip(ANGLES, SEEN, strict=True)}
    for key, frame in FRAMES.planes.items():
        store.write(key, frame | planes)
    return made


def by_hand(one: Any, band: str) -> int:
    """Of the pixel in the third row and fourth column of the middle tile."""
    tile = QUESTION.neighbourhood.tiles[4]
    west, south, east, north = tile.bounds
    sun = overpass_zenith(one.time.date(), *map(float, to_wgs84(tile.epsg, (west + east) / 2, (south + north) / 2)))
    assert sun is not None
    dn = int(FRAMES.planes[frame_key(QUESTION, tile.index, one)][band][2, 3])
    return round(dn * factor(band, SEEN, sun)) if sun < 80 else dn


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_a_pixel_s_sheet_names_its_choices_and_has_evened_values(tmp_path: Path) -> None:
    made = lit(tmp_path)
    for quantity, question, said in (("B04", EVENED, "yes"), ("ndvi", EVENED, "yes"), ("B04", QUESTION, "no")):
        found = rows(made.pixel_series(question, WEST + 155, NORTH - 115, quantity).to_csv())
        assert {(row["mask"], row["buffer_px"], row["nbar"]) for row in found} == {("clear", str(question.grow), said)}
        for row, one in zip(found, DATES, strict=True):
            frame = FRAMES.planes[frame_key(QUESTION, QUESTION.neighbourhood.tiles[4].index, one)]
            red, infrared = (by_hand(one, band) for band in ("B04", "B08"))
            evened = red / 10_000 if quantity == "B04" else (infrared - red) / (infrared + red)
            wanted = evened if question.nbar else int(frame["B04"][2, 3]) / 10_000
            if frame[DATA_MASK][2, 3]:
                assert float(row["value"]) == pytest.approx(wanted, abs=1e-6)
            assert int(row["scl"]) == frame[SCL][2, 3]


def test_sheets_of_polygons_say_it_in_both_formats(tmp_path: Path) -> None:
    made = lit(tmp_path)
    one = made.polygon_series(EVENED, shapely.box(WEST, SOUTH, EAST, NORTH), "ndvi")
    assert {(row["mask"], row["buffer_px"], row["nbar"]) for row in rows(one.to_csv())} == {("clear", "1", "yes")}
    for question in (EVENED, QUESTION):
        many, path = made.many(question, file_of(SHAPES), "B04"), tmp_path / "many.parquet"
        path.write_bytes(many.to_geoparquet())
        read = geopandas.read_parquet(path)
        assert (read["nbar"].dtype, set(read["nbar"])) == (bool, {question.nbar}), "also where a polygon has no pixel"
        assert (set(read["mask"]), set(read["buffer_px"])) == ({"clear"}, {question.grow})
        assert {row["nbar"] for row in rows(many.to_csv())} == {"yes" if question.nbar else "no"}


def test_a_band_without_a_model_is_not_said_to_be_evened_out(tmp_path: Path) -> None:
    question = EVENED.with_(bands=(*QUESTION.bands, "B09"), mask="none", grow=0)
    made, store = lit(tmp_path), FrameStore(tmp_path / "frames", 10**8)
    for key, planes in FRAMES.planes.items():
        store.write(key, {"B09": planes["B08"]})
    of_vapour, of_red = (rows(made.pixel_series(question, WEST, NORTH, band).to_csv()) for band in ("B09", "B04"))
    assert {row["nbar"] for row in of_vapour} == {"no"} and {row["nbar"] for row in of_red} == {"yes"}
