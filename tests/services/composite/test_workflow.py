"""From frames to composites by eo-learn, against numpy on the same planes."""

import logging
import warnings
import weakref
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from eolearn.core.constants import FeatureType
from eolearn.core.eodata import EOPatch
from eolearn.core.exceptions import EODeprecationWarning
from numpy.typing import NDArray

from services.cache import FrameStore, MissingFrame, frame_key
from services.composite import compose, mosaic
from services.errors import Cancelled, StorageError
from services.grid import Tile, TileIndex
from services.recipe import MASKS, Recipe
from services.sentinel2 import DATA_MASK, SCL
from tests.eopatches import loaded
from tests.services.overpasses import MemoryFrames, counting, overpasses, random_frames
from tests.services.scenes import recipe


def by_hand(question: Recipe, tile: Tile, acquisitions: Sequence[Any], frames: MemoryFrames) -> NDArray[np.float32]:
    """np.nanmedian over the observations that count, (height, width, band)."""
    cubes = []
    for acquisition in acquisitions:
        if acquisition.touches(tile):
            planes = frames.planes[frame_key(question, tile.index, acquisition)]
            clear = counting(question, planes)
            reflectance = np.stack([planes[band] / 10_000 for band in question.bands], axis=-1).astype(np.float32)
            cubes.append(np.where(clear[..., np.newaxis], reflectance, np.float32(np.nan)))
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "All-NaN slice")
        median: NDArray[np.float32] = np.nanmedian(np.stack(cubes), axis=0)
    return median


@pytest.mark.parametrize(("workers", "grow"), [(1, 0), (2, 0), (5, 0), (2, 1), (2, 3)])
@pytest.mark.parametrize("mask", sorted(MASKS))
def test_composites_equal_nanmedian_for_every_mask(mask: str, workers: int, grow: int) -> None:
    question = recipe(px=12, height_px=9, mask=mask, grow=grow)
    acquisitions = overpasses(7, [{TileIndex(34, 26), TileIndex(35, 26)}])
    frames = random_frames(question, acquisitions, cloudy=0.02 if grow else 1.0)
    made = compose(question, acquisitions[::-1], frames, workers=workers)
    assert [composite.tile.index for composite in made] == list(question.neighbourhood.indices)
    for composite in made:
        expected = by_hand(question, composite.tile, acquisitions, frames)
        np.testing.assert_array_equal(composite.reflectance, expected)
        np.testing.assert_array_equal(composite.count == 0, np.isnan(expected).all(axis=-1))
        assert len(composite.dates) == (6 if composite.tile.index.y == 26 and composite.tile.index.x < 36 else 7)


@pytest.mark.parametrize(("mask", "grow"), [("clear", 0), ("clear", 2), ("none", 0)])
def test_the_least_cloudy_look_of_each_pixel_is_that_of_a_loop_over_pixels(mask: str, grow: int) -> None:
    question = recipe(px=8, height_px=7, mask=mask, grow=grow, method="least-cloudy", radius=0)
    clouds = [8.0, 3.0, 8.0, 0.5, 3.0]
    acquisitions = [replace(one, cloud_cover=cover) for one, cover in zip(overpasses(5), clouds, strict=True)]
    frames = random_frames(question, acquisitions, cloudy=0.1 if grow else 1.0)
    (made,) = compose(question, acquisitions[::-1], frames, workers=1)
    planes = [frames.planes[frame_key(question, made.tile.index, one)] for one in acquisitions]
    clear = [counting(question, each) for each in planes]
    for y in range(7):
        for x in range(8):
            observations = [(clouds[time], time) for time in range(5) if clear[time][y, x]]
            assert made.count[y, x] == len(observations)
            if observations:
                dn = [int(planes[min(observations)[1]][band][y, x]) for band in question.bands]
                assert [made.dn(band)[y, x] for band in question.bands] == dn
                np.testing.assert_array_equal(made.reflectance[y, x], np.array(dn, np.float32) / np.float32(10_000))
            else:
                assert np.isnan(made.reflectance[y, x]).all()


def test_an_index_is_the_median_of_each_looks_index() -> None:
    question = recipe(px=12, height_px=9, bands=("B04", "B08", "B11"), radius=0)
    acquisitions = overpasses(7)
    frames = random_frames(question, acquisitions)
    (made,) = compose(question, acquisitions, frames, workers=1)
    each = []
    for acquisition in acquisitions:
        planes = frames.planes[frame_key(question, made.tile.index, acquisition)]
        red, infrared = (planes[band].astype(np.float32) for band in ("B04", "B08"))
        each.append(np.where(counting(question, planes), (infrared - red) / (infrared + red), np.float32(np.nan)))
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "All-NaN slice")
        expected = np.nanmedian(np.stack(each), axis=0)
    assert list(made.indices) == ["ndvi"]
    np.testing.assert_array_equal(made.indices["ndvi"], expected)
    red, infrared = made.reflectance[..., 0], made.reflectance[..., 1]
    assert np.nanmax(np.abs(made.indices["ndvi"] - (infrared - red) / (infrared + red))) > 0.05


def test_its_patch_has_the_picture_under_its_own_name_and_what_made_it(tmp_path: Path) -> None:
    """Plain eo-learn and numpy come to the same from what the patch holds."""
    question = recipe(px=6, method="least-cloudy", radius=0)
    clouds = [8.0, 3.0, 0.5]
    acquisitions = [replace(one, cloud_cover=cover) for one, cover in zip(overpasses(3), clouds, strict=True)]
    frames = random_frames(question, acquisitions)
    compose(question, acquisitions, frames, workers=1, keep=lambda _, patch: patch.save(str(tmp_path / "patch")))
    patch = loaded(tmp_path / "patch")
    assert set(patch.data_timeless) == {"LEAST_CLOUDY"} and set(patch.mask_timeless) == {"VALID_COUNT", "DATE"}
    expected = np.full((6, 6, 3), np.nan, np.float32)
    observations = enumerate(observation["cloud_cover"] for observation in patch.meta_info["ACQUISITIONS"])
    for time, _ in sorted(observations, key=lambda observation: -observation[1]):
        clear = patch.mask["CLEAR"][time, ..., 0]
        expected[clear] = (patch.data["BANDS"][time] / 10_000).astype(np.float32)[clear]
    np.testing.assert_array_equal(patch.data_timeless["LEAST_CLOUDY"], expected)
    assert Recipe.from_dict(patch.meta_info["RECIPE"]) == question


def test_a_tile_that_no_acquisition_touches_is_without_data() -> None:
    question = recipe(px=6)
    corner = TileIndex(36, 24)
    acquisitions = overpasses(2, [{corner}, {corner}])
    frames = random_frames(question, acquisitions)
    made = compose(question, acquisitions, frames, workers=2)
    assert np.isnan(made[-1].reflectance).all()
    assert (made[-1].count == 0).all()
    assert made[-1].dates == ()
    assert mosaic(made, 3).dates == ("2017-04-01", "2017-04-06")
    least = compose(question.with_(method="least-cloudy"), acquisitions, frames, workers=2)
    assert np.isnan(least[-1].reflectance).all() and (least[-1].count == 0).all()


def test_the_patch_has_the_features_of_the_contract() -> None:
    question = recipe(px=12, height_px=9)
    acquisitions = overpasses(4)
    frames = random_frames(question, acquisitions)
    patches: dict[TileIndex, EOPatch] = {}
    compose(
        question,
        acquisitions[::-1],
        frames,
        workers=2,
        keep=lambda tile, patch: patches.update({tile.index: patch}),
        meta={"ATTRIBUTION": "Somebody"},
    )
    assert set(patches) == set(question.neighbourhood.indices)
    patch, tile = patches[TileIndex(35, 25)], question.neighbourhood.tiles[4]
    assert patch.bbox == tile.bbox
    times = patch.get_timestamps()
    assert times[0] == datetime(2017, 4, 1, 9, 50, 31)  # noqa: DTZ001 - eo-learn knows UTC without a zone only
    assert times == sorted(times)
    found = {(kind.name, name): (patch[kind, name].dtype, patch[kind, name].shape) for kind, name in arrays(patch)}
    assert found == {
        ("DATA", "BANDS"): (np.uint16, (4, 9, 12, 3)),
        ("MASK", "SCL"): (np.uint8, (4, 9, 12, 1)),
        ("MASK", "dataMask"): (np.uint8, (4, 9, 12, 1)),
        ("MASK", "CLEAR"): (np.bool_, (4, 9, 12, 1)),
        ("DATA_TIMELESS", "MEDIAN"): (np.float32, (9, 12, 3)),
        ("MASK_TIMELESS", "VALID_COUNT"): (np.uint16, (9, 12, 1)),
    }
    for time, acquisition in enumerate(acquisitions):
        planes = frames.planes[frame_key(question, tile.index, acquisition)]
        for position, band in enumerate(question.bands):
            np.testing.assert_array_equal(patch.data["BANDS"][time, ..., position], planes[band])
        np.testing.assert_array_equal(patch.mask["SCL"][time, ..., 0], planes[SCL])
    assert Recipe.from_dict(patch.meta_info["RECIPE"]) == question
    assert patch.meta_info["ATTRIBUTION"] == "Somebody"
    assert [observation["key"] for observation in patch.meta_info["ACQUISITIONS"]] == [
        observation.key for observation in acquisitions
    ]


def arrays(patch: EOPatch) -> list[tuple[FeatureType, str]]:
    """Its raster features."""
    return [(kind, name) for kind, name in patch.get_features() if kind.is_array()]


def test_without_a_mask_the_scene_classification_is_neither_read_nor_kept() -> None:
    question = recipe(px=6, mask="none")
    acquisitions = overpasses(3)
    frames = random_frames(question, acquisitions)
    for planes in frames.planes.values():
        del planes[SCL]
    patches: list[EOPatch] = []
    compose(question, acquisitions, frames, workers=1, keep=lambda tile, patch: patches.append(patch))
    assert all("SCL" not in patch.mask and "CLEAR" in patch.mask for patch in patches)


def test_a_picture_of_fewer_bands_reads_the_same_frames() -> None:
    question = recipe(px=6, bands=("B02", "B03", "B04", "B08"))
    acquisitions = overpasses(3)
    frames = random_frames(question, acquisitions)
    whole = compose(question, acquisitions, frames, workers=2)
    part = compose(question.with_(bands=("B04",)), acquisitions, frames, workers=2)
    np.testing.assert_array_equal(part[0].reflectance[..., 0], whole[0].reflectance[..., 2])


@pytest.mark.parametrize("workers", [1, 2])
def test_no_more_patches_are_alive_than_there_are_workers(workers: int) -> None:
    question = recipe(px=6, radius=2)
    acquisitions = overpasses(2)
    cubes: list[weakref.ref[NDArray[Any]]] = []
    alive: list[int] = []

    def keep(tile: Tile, patch: EOPatch) -> None:
        cubes.append(weakref.ref(patch.data["BANDS"]))
        alive.append(sum(cube() is not None for cube in cubes))

    compose(question, acquisitions, random_frames(question, acquisitions), workers=workers, keep=keep)
    assert len(alive) == 25
    assert max(alive) <= workers


def test_nothing_of_a_patch_but_its_composite_is_held_on_to() -> None:
    question = recipe(px=6, radius=0)
    acquisitions = overpasses(2)
    owners: list[NDArray[Any]] = []
    made = compose(
        question,
        acquisitions,
        random_frames(question, acquisitions),
        workers=2,
        keep=lambda tile, patch: owners.append(patch.data["BANDS"]),
    )
    assert not np.shares_memory(made[0].reflectance, owners[0])
    assert made[0].reflectance.base is None or made[0].reflectance.base.nbytes == made[0].reflectance.nbytes


@pytest.mark.parametrize("workers", [1, 3])
def test_a_frame_that_is_gone_raises_its_own_error_and_stops_the_rest(
    workers: int, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    question = recipe(px=6, radius=2)
    acquisitions = overpasses(3)
    frames = random_frames(question, acquisitions)
    frames.lost = frame_key(question, question.neighbourhood.indices[0], acquisitions[1])
    with caplog.at_level(logging.INFO), pytest.raises(MissingFrame, match="S2A_R079_001 is not there"):
        compose(question, acquisitions, frames, workers=workers)
    assert frames.reads < 25 * 3
    assert not caplog.records
    assert capfd.readouterr() == ("", "")


def test_threads_of_eo_learn_do_not_change_which_warnings_are_shown() -> None:
    """Each hides its own deprecations for the whole process for a moment, and puts back what another had changed."""
    question = recipe(px=2)
    acquisitions = overpasses(1)
    before = list(warnings.filters)

    def keep(tile: Tile, patch: EOPatch) -> None:
        warnings.simplefilter("ignore", BytesWarning)  # put back too late
        warnings.warn("shown because another thread put it back too early", EODeprecationWarning, stacklevel=1)

    compose(question, acquisitions, random_frames(question, acquisitions), workers=2, keep=keep)
    assert list(warnings.filters) == before


def test_what_goes_wrong_while_keeping_is_raised_as_it_is() -> None:
    question = recipe(px=6)
    acquisitions = overpasses(2)

    def keep(tile: Tile, patch: EOPatch) -> None:
        raise StorageError("The disk is full.", "Make space.")

    with pytest.raises(StorageError, match="The disk is full"):
        compose(question, acquisitions, random_frames(question, acquisitions), workers=2, keep=keep)


def test_somebody_who_stops_it_is_told_so_after_the_frame_at_hand() -> None:
    question = recipe(px=6)
    acquisitions = overpasses(4)
    frames = random_frames(question, acquisitions)
    with pytest.raises(Cancelled, match="cancelled"):
        compose(question, acquisitions, frames, workers=1, cancelled=lambda: frames.reads >= 5)
    assert frames.reads == 5


def test_frames_from_the_disk_give_the_same_as_frames_from_memory(tmp_path: Path) -> None:
    question = recipe(px=16)
    acquisitions = overpasses(5)
    frames = random_frames(question, acquisitions)
    store = FrameStore(tmp_path, 10**8)
    for key, planes in frames.planes.items():
        store.write(key, planes)
    for one, other in zip(
        compose(question, acquisitions, store, workers=2),
        compose(question, acquisitions, frames, workers=2),
        strict=True,
    ):
        np.testing.assert_array_equal(one.reflectance, other.reflectance)
        np.testing.assert_array_equal(one.count, other.count)
    store.close()


@pytest.mark.parametrize("mask", ["clear", "none"])
def test_a_real_series_gives_what_nanmedian_gives(shared_data: Path, mask: str, tmp_path: Path) -> None:
    """Nine tiles of a forest in Romania by the whole way: 140 acquisitions, a swath's edge cut into each third."""
    with np.load(shared_data / "real_s2" / "romania_10m" / "data.npz", allow_pickle=False) as series:
        bands, classes = series["bands"][:, :99, :99], series["scl"][:, :99, :99]
    names = ("B02", "B03", "B04", "B08")
    question = recipe(px=33, bands=names, mask=mask)
    acquisitions = overpasses(len(bands))
    valid = np.ones(classes.shape, np.uint8)
    for time in range(0, len(valid), 3):
        valid[time] = np.add.outer(np.arange(99), np.arange(99)) % 198 > time
    store = FrameStore(tmp_path, 10**9)
    for time, acquisition in enumerate(acquisitions):
        for position, index in enumerate(question.neighbourhood.indices):
            row, column = divmod(position, 3)
            place = np.s_[time, row * 33 : (row + 1) * 33, column * 33 : (column + 1) * 33]
            planes: dict[str, NDArray[Any]] = {SCL: classes[place], DATA_MASK: valid[place]}
            planes |= {name: np.where(valid[place], bands[*place, number], 0) for number, name in enumerate(names)}
            store.write(frame_key(question, index, acquisition), planes)
    whole = mosaic(compose(question, acquisitions, store, workers=2), 3)
    store.close()
    cube = (bands / 10_000).astype(np.float32)
    clear = (valid == 1) & ~np.isin(classes, MASKS[mask].invalid)
    cube[~clear] = np.nan
    np.testing.assert_array_equal(whole.reflectance, np.nanmedian(cube, axis=0))
    np.testing.assert_array_equal(whole.count, clear.sum(axis=0))
    if mask == "none":  # and so by the way the picture was made before: the valid looks of a pixel, by np.median
        pixel = cube[:, 50, 50][valid[:, 50, 50] == 1]
        np.testing.assert_array_equal(whole.reflectance[50, 50], np.median(pixel, axis=0))
