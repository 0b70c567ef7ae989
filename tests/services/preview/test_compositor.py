"""Pictures and numbers from planes in memory, against those of the EOTasks, of numpy, and of counting by hand."""

import threading
import tracemalloc
import warnings
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from services.cache import FrameKey, FrameStore, MissingFrame, frame_key
from services.composite import INDICES, compose, mosaic
from services.grid import Tile, TileIndex
from services.preview import PreviewCompositor
from services.recipe import MASKS, METHODS, Recipe
from services.sentinel2 import DATA_MASK, SCL
from tests.services.overpasses import MemoryFrames, counting, overpasses, random_frames, random_planes
from tests.services.passes import Strict
from tests.services.scenes import RGB, recipe

NORTH = {TileIndex(34, 26), TileIndex(35, 26)}
PLENTY = 10**9


class Watched(MemoryFrames):
    """Frames that know what was read of them, and that tell somebody before they are."""

    def __init__(self, frames: MemoryFrames, before: Callable[[FrameKey], None] = lambda key: None) -> None:
        super().__init__(frames.planes)
        self.asked: list[tuple[FrameKey, tuple[str, ...]]] = []
        self.before = before

    def read(self, key: FrameKey, planes: Collection[str]) -> dict[str, NDArray[Any]]:
        self.asked.append((key, tuple(planes)))
        self.before(key)
        return super().read(key, planes)


def observations(count: int = 7) -> tuple[Any, ...]:
    """Of which two miss tiles, and each has a cloud cover of its own but for two that share one."""
    covers = [8.0, 3.0, 20.0, 3.0, 0.5, 40.0, 12.0]
    made = overpasses(count, [NORTH, {TileIndex(36, 24)}])
    return tuple(replace(observation, cloud_cover=covers[time % 7]) for time, observation in enumerate(made))


def everywhere(question: Recipe, observation: Any, frames: MemoryFrames, plane: str) -> NDArray[Any]:
    """A plane of the neighbourhood by hand, 0 where the observation is not."""
    rows = []
    tiles = question.neighbourhood.tiles
    for row in range(0, 9, 3):
        rows.append(np.hstack([_part(question, observation, frames, tile, plane) for tile in tiles[row : row + 3]]))
    return np.vstack(rows)


def _part(question: Recipe, observation: Any, frames: MemoryFrames, tile: Tile, plane: str) -> NDArray[Any]:
    width, height = question.lattice.size_px(question.resolution)
    if not observation.touches(tile):
        return np.zeros((height, width), np.uint16)
    planes = frames.planes[frame_key(question, tile.index, observation)]
    if plane != "clear":
        return planes[plane]
    return counting(question, planes)


def decimated(whole: NDArray[Any], step: int) -> NDArray[Any]:
    """Every step-th pixel of each of the nine tiles of (9 px, 12 px)."""
    tiles = whole.reshape(3, 9, 3, 12, *whole.shape[2:])[:, ::step, :, ::step]
    return tiles.reshape(3 * tiles.shape[1], 3 * tiles.shape[3], *whole.shape[2:])


@pytest.mark.parametrize("step", [1, 2, 5])
@pytest.mark.parametrize("grow", [0, 2])
@pytest.mark.parametrize(
    ("mask", "method"),
    [
        *((mask, method) for mask in sorted(MASKS) for method in ("median", "best-pixel")),
        *(("clear", method) for method in METHODS if method not in ("median", "best-pixel")),
    ],
)
def test_a_picture_equals_the_composed_one_to_the_last_bit(mask: str, method: str, grow: int, step: int) -> None:
    question = recipe(px=12, height_px=9, mask=mask, method=method, grow=grow)
    frames = random_frames(question, observations(), cloudy=0.1 if grow else 1.0)
    made = PreviewCompositor(frames, PLENTY).image(question, observations()[::-1], question.bands, step)
    whole = mosaic(compose(question, observations(), frames, workers=1), 3)
    np.testing.assert_array_equal(made.reflectance, decimated(whole.reflectance, step))
    np.testing.assert_array_equal(made.count, decimated(whole.count, step))
    assert made.reflectance.dtype == np.float32 and made.count.dtype == np.uint16
    if whole.days is None:
        assert made.days is None
    else:
        np.testing.assert_array_equal(made.days, decimated(whole.days, step))
    assert (made.bands, made.dates, made.bounds, made.epsg) == (whole.bands, whole.dates, whole.bounds, whole.epsg)
    assert (made.side, made.tiles) == (3, whole.tiles)


def test_a_picture_equals_nanmedian() -> None:
    question = recipe(px=12, height_px=9, grow=1)
    frames = random_frames(question, observations(), cloudy=0.1)
    cubes = []
    for observation in observations():
        bands = [everywhere(question, observation, frames, band) / 10_000 for band in question.bands]
        clear = everywhere(question, observation, frames, "clear").astype(np.bool_)
        cubes.append(np.where(clear[..., np.newaxis], np.stack(bands, -1).astype(np.float32), np.float32(np.nan)))
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "All-NaN slice")
        expected = np.nanmedian(np.stack(cubes), axis=0)
    made = PreviewCompositor(frames, PLENTY).image(question, observations(), question.bands)
    np.testing.assert_array_equal(made.reflectance, expected)


@pytest.mark.parametrize("step", [1, 2])
@pytest.mark.parametrize("method", list(METHODS))
def test_an_index_is_of_each_look_and_as_the_composed_one(method: str, step: int) -> None:
    question = recipe(px=12, height_px=9, method=method, bands=("B02", "B04", "B08"))
    frames = random_frames(question, observations())
    room, ndvi = PreviewCompositor(frames, PLENTY), (INDICES["ndvi"],)
    alone, beside = (room.image(question, observations(), bands, step, ndvi) for bands in ((), ("B04",)))
    whole = mosaic(compose(question, observations(), frames, workers=1), 3)
    expected = decimated(whole.indices["ndvi"], step)
    assert alone.reflectance.shape == (*expected.shape, 0)
    np.testing.assert_array_equal(alone.count, decimated(whole.count, step))
    np.testing.assert_array_equal(beside.reflectance, decimated(whole.reflectance[..., 1:2], step))
    for made in (alone, beside):
        np.testing.assert_array_equal(made.indices["ndvi"], expected)
    nothing = room.image(question, (), (), step, ndvi)
    assert np.isnan(nothing.indices["ndvi"]).all()


def test_a_tile_wider_than_a_strip_is_whole() -> None:
    question = recipe(px=260, radius=0)
    frames = random_frames(question, observations(3))
    made = PreviewCompositor(frames, PLENTY).image(question, observations(3), ("B04",))
    whole = mosaic(compose(question.with_(bands=("B04",)), observations(3), frames, workers=1), 1)
    np.testing.assert_array_equal(made.reflectance, whole.reflectance)


def test_what_no_look_touches_or_is_made_of_none_has_no_data() -> None:
    question = recipe(px=6)
    corner = TileIndex(36, 24)
    acquisitions = overpasses(2, [{corner}, {corner}])
    room = PreviewCompositor(random_frames(question, acquisitions), PLENTY)
    for kept, corner_only in ((acquisitions, True), ((), False)):
        made = room.image(question, kept, question.bands)
        assert np.isnan(made.reflectance[12:, 12:]).all()
        assert (made.count[12:, 12:] == 0).all()
        assert made.count.any() == corner_only


def test_frames_from_the_disk_give_the_same(tmp_path: Path) -> None:
    question = recipe(px=16)
    frames = random_frames(question, observations())
    store = FrameStore(tmp_path, 10**8)
    for key, planes in frames.planes.items():
        store.write(key, planes)
    one, other = (PreviewCompositor(source, PLENTY).image(question, observations(), RGB) for source in (store, frames))
    np.testing.assert_array_equal(one.reflectance, other.reflectance)
    store.close()


@pytest.mark.parametrize("step", [1, 4])
def test_planes_and_clear_pixels_of_a_date_lie_where_they_belong(step: int) -> None:
    question = recipe(px=12, height_px=9, grow=1)
    frames = random_frames(question, observations(), cloudy=0.1)
    room = PreviewCompositor(frames, PLENTY)
    for observation in observations(2):
        planes = room.planes(question, observation, ("B04", "B02"), step)
        assert list(planes) == ["B04", "B02"]
        for band, plane in planes.items():
            np.testing.assert_array_equal(plane, decimated(everywhere(question, observation, frames, band), step))
            assert plane.dtype == np.uint16
        clear = room.clear(question, observation, step)
        assert clear.dtype == np.bool_
        np.testing.assert_array_equal(clear, decimated(everywhere(question, observation, frames, "clear"), step))


@pytest.mark.parametrize("mask", ["clear", "none"])
def test_what_a_date_shows_is_counted(mask: str) -> None:
    question = recipe(px=12, height_px=9, mask=mask)
    frames = random_frames(question, observations())
    room = PreviewCompositor(frames, PLENTY)
    for _ in range(2):  # read, and remembered
        for observation in observations(2):
            seen = room.seen(question, observation)
            valid, classes = (everywhere(question, observation, frames, plane) for plane in (DATA_MASK, SCL))
            assert (seen.pixels, seen.data) == (27 * 36, (valid == 1).sum())
            assert seen.clear == everywhere(question, observation, frames, "clear").sum()
            assert seen.classes == tuple(((classes == klass) & (valid == 1)).sum() for klass in range(12))
            assert seen.clouds == (np.isin(classes, (3, 8, 9, 10)) & (valid == 1)).sum()


def test_a_classification_that_no_mask_needs_may_be_missing_and_come_later() -> None:
    question = recipe(px=6, mask="none")
    frames = random_frames(question, observations(1))
    classes = {key: planes.pop(SCL) for key, planes in frames.planes.items()}

    room = PreviewCompositor(Strict(frames.planes), PLENTY)
    seen = room.seen(question, observations(1)[0])
    assert seen.classes is None and seen.clouds is None
    assert seen.clear == seen.data > 0
    with pytest.raises(MissingFrame):
        room.seen(question.with_(mask="clear"), observations(1)[0])
    for key, plane in classes.items():
        frames.planes[key][SCL] = plane
    assert room.seen(question, observations(1)[0]).classes is not None


def test_each_date_gains_the_pixels_that_none_before_it_had() -> None:
    question = recipe(px=12, height_px=9)
    frames = random_frames(question, observations())
    clear = np.stack(
        [everywhere(question, observation, frames, "clear").astype(np.bool_) for observation in observations()]
    )
    first = np.where(clear.any(axis=0), clear.argmax(axis=0), len(clear))
    gained = PreviewCompositor(frames, PLENTY).gains(question, observations())
    assert gained == tuple((first == time).sum() for time in range(len(clear)))


def test_clear_looks_are_counted_at_full_resolution() -> None:
    question = recipe(px=12, height_px=9, grow=1)
    room = PreviewCompositor(random_frames(question, observations(), cloudy=0.1), PLENTY)
    room.image(question, observations(), RGB, 4)
    counted = room.observations_counted(question, observations())
    whole = room.image(question, observations(), RGB)
    np.testing.assert_array_equal(counted, np.bincount(whole.count.ravel(), minlength=8))


def read_since(frames: Watched, before: int) -> tuple[set[str], set[str]]:
    """Acquisitions and planes that were read since so many reads."""
    asked = frames.asked[before:]
    return {key.acquisition for key, _ in asked}, {plane for _, planes in asked for plane in planes}


def test_a_moved_limit_reads_only_the_dates_that_it_adds() -> None:
    question = recipe(px=6)
    frames = Watched(random_frames(question, observations()))
    room = PreviewCompositor(frames, PLENTY)
    room.image(question, observations()[:4], RGB)
    before = len(frames.asked)
    room.image(question.with_(maxcc=40), observations()[:6], RGB)
    assert read_since(frames, before)[0] == {"S2A_R079_004", "S2A_R079_005"}
    before = len(frames.asked)
    room.image(question.with_(maxcc=3), observations()[1:5], RGB[:2])
    room.seen(question, observations()[0])
    room.gains(question, observations()[:6])
    assert len(frames.asked) == before


def test_another_mask_reads_no_band_and_another_step_reads_nothing() -> None:
    question = recipe(px=6)
    frames = Watched(random_frames(question, observations()))
    room = PreviewCompositor(frames, PLENTY)
    room.image(question, observations(), RGB)
    before = len(frames.asked)
    room.image(question, observations(), RGB, 3)
    assert len(frames.asked) == before
    room.image(question.with_(grow=2), observations(), RGB)
    assert read_since(frames, before)[1] == {SCL, DATA_MASK}


def test_a_neighbour_reads_only_the_tiles_that_are_new() -> None:
    question = recipe(px=6)
    nudged = question.with_(centre=TileIndex(36, 25))
    frames = random_frames(question, observations())
    frames.planes |= random_frames(nudged, observations()).planes
    watched = Watched(frames)
    room = PreviewCompositor(watched, PLENTY)
    room.image(question, observations(), RGB)
    before = len(watched.asked)
    room.image(nudged, observations(), RGB)
    wests = {key.bounds[0] for key, _ in watched.asked[before:]}
    assert wests == {question.lattice.bounds(TileIndex(37, 25))[0]}


def test_what_many_threads_ask_for_is_read_once() -> None:
    question = recipe(px=6)
    frames = Watched(random_frames(question, observations()))
    room = PreviewCompositor(frames, PLENTY, workers=3)
    start, made = threading.Barrier(6), []

    def ask() -> None:
        start.wait(20)
        made.append(room.image(question, observations(), RGB))
        room.seen(question, observations()[0])

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(made) == 6
    assert len(frames.asked) == len({key for key, _ in frames.asked})
    for image in made[1:]:
        np.testing.assert_array_equal(image.reflectance, made[0].reflectance)


def test_who_waits_has_a_turn_before_a_large_picture_is_done() -> None:
    question = recipe(px=300, bands=("B04",))
    small = question.with_(centre=TileIndex(40, 40), radius=0)
    frames = random_frames(question, observations(1))
    frames.planes |= random_frames(small, observations(1)).planes
    waiting, done = threading.Event(), threading.Event()
    tiles = [frame_key(question, index, observations(1)[0]) for index in question.neighbourhood.indices]

    def before(key: FrameKey) -> None:
        if key == tiles[3]:
            waiting.set()
            while not room._drawing._next.locked():  # somebody waits for the turn that this read belongs to
                pass
        if key == tiles[6]:
            assert done.is_set()

    room = PreviewCompositor(Watched(frames, before), PLENTY)
    large = threading.Thread(target=room.image, args=(question, observations(1), ("B04",)))
    large.start()
    assert waiting.wait(20)
    room.image(small, observations(1), ("B04",))
    done.set()
    large.join(20)
    assert not large.is_alive()


def test_what_is_counted_waits_for_no_picture() -> None:
    drawn, counted = recipe(px=30, bands=("B04",)), recipe(px=30, bands=("B04",)).with_(centre=TileIndex(40, 40))
    frames = random_frames(drawn, observations(2))
    frames.planes |= random_frames(counted, observations(2)).planes
    tile = frame_key(drawn, drawn.neighbourhood.indices[4], observations(2)[0])
    drawing, done = threading.Event(), threading.Event()

    def before(key: FrameKey) -> None:
        if key == tile:
            drawing.set()
            assert done.wait(20)

    room = PreviewCompositor(Watched(frames, before), PLENTY)
    picture = threading.Thread(target=room.image, args=(drawn, observations(2), ("B04",)))
    picture.start()
    assert drawing.wait(20)
    assert room.seen(counted, observations(2)[0]).data <= 9 * 30 * 30
    assert len(room.gains(counted, observations(2))) == 2
    assert room.observations_counted(counted, observations(2)).sum() == 9 * 30 * 30
    done.set()
    picture.join(20)
    assert not picture.is_alive()


def test_a_missing_frame_is_said_and_the_room_goes_on() -> None:
    question = recipe(px=6)
    frames = random_frames(question, observations())
    frames.lost = frame_key(question, question.neighbourhood.indices[4], observations()[3])
    room = PreviewCompositor(frames, PLENTY)
    asks: Sequence[Callable[[], object]] = (
        lambda: room.image(question, observations(), RGB),
        lambda: room.planes(question, observations()[3], RGB),
        lambda: room.clear(question, observations()[3]),
        lambda: room.seen(question, observations()[3]),
        lambda: room.gains(question, observations()),
    )
    for ask in asks:
        with pytest.raises(MissingFrame, match="S2A_R079_003 is not there"):
            ask()
    frames.lost = None
    for ask in asks:
        ask()


class Endless:
    """Frames that are made when they are read."""

    def __init__(self, question: Recipe) -> None:
        self.question = question

    def read(self, key: FrameKey, planes: Collection[str]) -> dict[str, NDArray[Any]]:
        made = random_planes(self.question, hash(key) % 10**6)
        return {plane: made[plane] for plane in planes}


def test_memory_is_bounded_however_much_is_asked_for() -> None:
    question = recipe(px=200)
    dates = overpasses(40)
    limit = 3 * 10**6
    room = PreviewCompositor(Endless(question), limit)
    room.image(question, dates[:1], RGB)
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        whole = room.image(question, dates, RGB)
        peak = tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()
    everything = 40 * 600 * 600 * 7
    one_group = 40 * 4 * 200 * 200 * 7  # four tiles of this size are worked on together
    assert room.bytes <= limit
    assert peak < limit + one_group + whole.reflectance.nbytes + 2 * 40 * 2 * 3 * 40_000 < everything
    np.testing.assert_array_equal(room.image(question, dates, RGB).reflectance, whole.reflectance)


def test_frames_are_observed_in_their_order_and_few_are_in_use_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    question, many = recipe(px=12, height_px=9, bands=RGB), overpasses(5)
    frames = Watched(random_frames(question, many))
    tile = question.neighbourhood.tiles[4]
    keys = [frame_key(question, tile.index, one) for one in reversed(many)]
    monkeypatch.setattr("services.preview.compositor._READ", 2 * 9 * 12)
    found = PreviewCompositor(frames, 0).observed(question, keys, ("B03", SCL))
    for number, (key, planes) in enumerate(found):
        assert len(frames.asked) == min(len(keys), 2 * (number // 2 + 1)), "the next ones are not read before"
        assert key == keys[number] and planes.step == 1
        for plane, name in zip(planes.planes, ("B03", SCL), strict=True):
            assert np.array_equal(plane, frames.planes[key][name])
