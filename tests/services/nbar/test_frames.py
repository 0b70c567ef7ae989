"""Normalised frames and what is made of them: pixel by pixel against the oracle, and two orbits without a seam."""

import math
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from services.cache import MissingFrame, frame_key
from services.composite import INDICES, compose, mosaic
from services.geo import to_wgs84
from services.nbar import overpass_zenith, read_frame
from services.preview import PreviewCompositor
from services.recipe import Recipe
from services.sentinel2 import ANGLES, DATA_MASK, SCL
from tests.services.nbar import oracle
from tests.services.overpasses import MemoryFrames, Overpass, random_frames
from tests.services.passes import Strict
from tests.services.scenes import recipe

BANDS = ("B02", "B03", "B04", "B08", "B09")
QUESTION = recipe(px=240, height_px=180, resolution=200, radius=0, bands=BANDS, nbar=True, mask="none")
"""12 pixels wide and 9 high; angles have 3 and 2 there."""
DAY = datetime(2017, 6, 7, 9, 50, 31, tzinfo=UTC)
FROM_WEST: Any = Overpass("S2A_R036_20170607T095031", DAY)
FROM_EAST: Any = Overpass("S2B_R079_20170607T100031", DAY.replace(hour=10))
BOTH: tuple[Any, ...] = (FROM_WEST, FROM_EAST)


def lit(frames: MemoryFrames, question: Recipe, observations: tuple[Any, ...] = BOTH) -> MemoryFrames:
    """With angles: the first from one side, the second from the other, and not known in the north-western corner."""
    across, down = np.meshgrid(np.arange(3), np.arange(2))
    for number, observation in enumerate(observations):
        view = (285.37, 104.11)[number % 2]
        angles = (3900 + 7 * number + across, 15_000 + 31 * down, 900 + 38 * across, round(100 * view) + 11 * down)
        for tile in question.neighbourhood.tiles:
            planes = frames.planes[frame_key(question, tile.index, observation)]
            planes |= {name: plane.astype(np.uint16) for name, plane in zip(ANGLES, angles, strict=True)}
            planes[ANGLES[2]][0, 0] = planes[ANGLES[3]][0, 0] = 0
    return frames


def wanted(question: Recipe) -> float:
    """The sun of the only tile."""
    west, south, east, north = question.neighbourhood.bounds
    longitude, latitude = to_wgs84(question.lattice.epsg, (west + east) / 2, (south + north) / 2)
    found = overpass_zenith(DAY.date(), float(longitude), float(latitude))
    assert found is not None
    return found


def seen_at(planes: dict[str, NDArray[Any]], place: tuple[int, ...]) -> oracle.Angles:
    """Of one of the 9 × 12 pixels, by where its middle lies."""
    row, column = math.floor((place[0] + 0.5) / 9 * 2), math.floor((place[1] + 0.5) / 12 * 3)
    return oracle.Angles(*(float(planes[name][row, column]) / 100 for name in ANGLES))


def by_hand(planes: dict[str, NDArray[Any]], band: str, sun: float) -> NDArray[np.uint16]:
    """Pixel by pixel."""
    made = planes[band].copy()
    for place in np.ndindex(made.shape):
        angles = seen_at(planes, place)
        if band in oracle.WEIGHTS and (angles.view or angles.view_azimuth):
            made[place] = round(float(planes[band][place]) * oracle.factor(band, angles, sun))
    return made


def test_each_pixel_is_multiplied_by_its_own_factor_and_rounded_once() -> None:
    frames = lit(random_frames(QUESTION, BOTH), QUESTION)
    for observation in BOTH:
        key = frame_key(QUESTION, QUESTION.centre, observation)
        found = read_frame(frames, QUESTION, key, (*BANDS, SCL, DATA_MASK))
        for band in BANDS:
            np.testing.assert_array_equal(found[band], by_hand(frames.planes[key], band, wanted(QUESTION)))
            assert found[band].dtype == np.uint16
            assert np.array_equal(found[band], frames.planes[key][band]) == (band == "B09")
        np.testing.assert_array_equal(found["B04"][:4, :4], frames.planes[key]["B04"][:4, :4])
        np.testing.assert_array_equal(found[SCL], frames.planes[key][SCL])


def test_a_dn_that_would_not_fit_is_the_highest() -> None:
    frames = lit(random_frames(QUESTION, BOTH), QUESTION)
    key = frame_key(QUESTION, QUESTION.centre, FROM_WEST)
    frames.planes[key]["B04"][:] = 65_535
    assert read_frame(frames, QUESTION, key, ("B04",))["B04"].max() == 65_535


def test_without_nbar_nothing_is_read_besides_and_nothing_changed() -> None:
    plain, frames = QUESTION.with_(nbar=False), random_frames(QUESTION, BOTH)
    key = frame_key(plain, plain.centre, FROM_WEST)
    found = read_frame(frames, plain, key, BANDS)
    assert all(np.array_equal(found[band], frames.planes[key][band]) for band in BANDS) and set(found) == set(BANDS)


def test_angles_that_are_not_there_are_missed() -> None:
    frames = Strict(random_frames(QUESTION, BOTH).planes)
    with pytest.raises(MissingFrame):
        read_frame(frames, QUESTION, frame_key(QUESTION, QUESTION.centre, FROM_WEST), ("B04",))


def test_the_composite_is_that_of_normalised_frames_and_previews_and_pixels_agree() -> None:
    question = QUESTION.with_(radius=1, mask="clear", grow=1)
    frames = lit(random_frames(question, BOTH), question)
    ready = MemoryFrames({key: dict(planes) for key, planes in frames.planes.items()})
    for key, planes in ready.planes.items():
        planes |= read_frame(frames, question, key, BANDS)
    for method in ("median", "mean", "medoid"):
        asked = question.with_(method=method)
        made = mosaic(compose(asked, BOTH, frames, workers=1), 3)
        plain = mosaic(compose(asked.with_(nbar=False), BOTH, ready, workers=1), 3)
        np.testing.assert_array_equal(made.reflectance, plain.reflectance)
        np.testing.assert_array_equal(made.indices["ndvi"], plain.indices["ndvi"])
        room = PreviewCompositor(frames, 10**8)
        before = room.image(asked.with_(nbar=False), BOTH, BANDS)  # what it keeps of it is not taken for the other
        assert not np.array_equal(before.reflectance, made.reflectance, equal_nan=True)
        shown = room.image(asked, BOTH, BANDS, indices=[INDICES["ndvi"]])
        np.testing.assert_array_equal(shown.reflectance, made.reflectance)
        np.testing.assert_array_equal(shown.indices["ndvi"], made.indices["ndvi"])
        np.testing.assert_array_equal(
            room.image(asked, BOTH, BANDS, 3).reflectance[:3, :4], made.reflectance[:9:3, :12:3]
        )
        pixel = room.pixel(asked, BOTH, (4, 5, 7), [INDICES["ndvi"]])
        np.testing.assert_array_equal(pixel.picture[:, 0, 0], made.reflectance[9 + 5, 12 + 7])


def ground(question: Recipe) -> tuple[MemoryFrames, dict[str, NDArray[np.float64]]]:
    """Frames of land that reflects as the model, from both sides, each of them one half of the tile; and how bright it
    is where both would see it from above."""
    bright = np.random.default_rng(3).integers(2000, 12_000, (9, 12)).astype(np.float64)
    frames = lit(random_frames(question, BOTH), question)
    for number, observation in enumerate(BOTH):
        planes = frames.planes[frame_key(question, question.centre, observation)]
        planes[ANGLES[2]][:], planes[ANGLES[3]][:] = 950, (28_537, 10_411)[number]
        for band in question.bands:
            for place in np.ndindex(bright.shape):
                angles = seen_at(planes, place)
                planes[band][place] = round(float(bright[place]) * oracle.reflectance(band, angles))
        planes[DATA_MASK][:] = np.arange(12) // 6 == number
    nadir = oracle.Angles(wanted(question), 0, 0, 0)
    return frames, {band: bright * oracle.reflectance(band, nadir) for band in question.bands}


def test_two_orbits_over_land_as_the_model_has_it_meet_without_a_seam() -> None:
    question = QUESTION.with_(bands=("B02", "B03", "B04", "B08"))
    frames, above = ground(question)
    evened, plain = (
        compose(question.with_(nbar=nbar), BOTH, frames, workers=1)[0].reflectance * 10_000 for nbar in (True, False)
    )
    for place, band in enumerate(question.bands):
        assert np.abs(evened[..., place] - above[band]).max() <= 1.1, "each DN was rounded twice"
        apart = plain[..., place] / above[band]
        assert apart[:, 6:].mean() - apart[:, :6].mean() > 0.05, "there was a seam of more than 5 %"


def test_a_series_and_the_picture_have_the_same_numbers() -> None:
    """The series of a date is the picture of that date alone."""
    frames = lit(random_frames(QUESTION, BOTH), QUESTION)
    room = PreviewCompositor(frames, 10**8)
    for observation in BOTH:
        ((_, seen),) = room.observed(QUESTION, [frame_key(QUESTION, QUESTION.centre, observation)], ("B04", "B08"))
        alone = room.image(QUESTION, (observation,), ("B04", "B08"))
        there = alone.count == 1
        for place, plane in enumerate(seen.planes):
            np.testing.assert_array_equal(
                plane[there] / np.float32(10_000), alone.reflectance[..., place][there].astype(np.float32)
            )
        assert room.planes(QUESTION, observation, ("B04",))["B04"].tolist() == seen.planes[0].tolist()
