"""Blocks of files: each byte comes once, whatever is asked and by how many; what is damaged is not kept."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import pairwise, product
from pathlib import Path

import numpy as np
import pytest

from services.cancellation import never
from services.catalogue import Granule
from services.errors import AcquisitionGone, BadResponse, Cancelled
from services.grid import Lattice
from services.plan import BlockRequest
from services.providers.stac.blocks import FileBlocks, Want, file_blocks, ranges_of
from services.providers.stac.decode import Coding
from services.providers.stac.header import Header
from services.providers.stac.reader import read_block
from services.settings import load_settings
from tests.services.providers.stac.made_files import (
    EPSG,
    ORIGIN,
    LocalRanges,
    Planes,
    acquisition,
    granule,
    request,
    texture,
)

LATTICE = Lattice(EPSG, ORIGIN[0] + 600, ORIGIN[1] - 10_200, 1200, 1200)


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Granule:
    """One granule of 1100 × 1100 px."""
    classes = np.full((550, 550), 4, np.uint8)
    planes: Planes = {"B04": (texture(1100, 1100, 1), 10), "B08": (texture(1100, 1100, 2), 10), "SCL": (classes, 20)}
    return granule(tmp_path_factory.mktemp("scene"), planes)


@pytest.fixture
def blocks(tmp_path: Path) -> Iterator[FileBlocks]:
    """Empty."""
    made = FileBlocks(tmp_path / "blocks", 10**9, 4)
    yield made
    made.close()


def asked_for(scene: Granule, lower_left: tuple[int, int], columns: int = 3, rows: int = 3) -> BlockRequest:
    """Some tiles."""
    return request(
        LATTICE, acquisition(scene), ("B04", "SCL", "dataMask"), lower_left=lower_left, columns=columns, rows=rows
    )


def spans(ranges: LocalRanges, ending: str) -> list[tuple[int, int]]:
    """First byte and the one behind the last of each read of the files that end so, in the order of the file."""
    return sorted((start, start + length) for name, start, length in ranges.asked if name.endswith(ending))


def test_the_same_again_asks_nothing(scene: Granule, blocks: FileBlocks) -> None:
    ranges = LocalRanges()
    first = read_block(asked_for(scene, (1, 1)), ranges, blocks)
    assert first.bytes == ranges.bytes > 0
    assert first.requests == len(ranges.asked)
    again = read_block(asked_for(scene, (1, 1)), ranges, blocks)
    assert (again.bytes, again.requests) == (0, 0)
    assert all(np.array_equal(planes["B04"], again.frames[index]["B04"]) for index, planes in first.frames.items())


def test_another_process_finds_what_is_kept(scene: Granule, tmp_path: Path) -> None:
    first, second = (FileBlocks(tmp_path / "blocks", 10**9, 2) for _ in range(2))
    ranges = LocalRanges()
    read_block(asked_for(scene, (1, 1)), ranges, first)
    assert read_block(asked_for(scene, (1, 1)), ranges, second).requests == 0


@pytest.mark.parametrize("order", [[(1, 4), (1, 3), (1, 0)], [(0, 0), (1, 4), (3, 2)]])
def test_no_byte_of_a_block_comes_twice(scene: Granule, blocks: FileBlocks, order: list[tuple[int, int]]) -> None:
    ranges = LocalRanges()
    for place in order:
        read_block(asked_for(scene, place), ranges, blocks)
    found = spans(ranges, "B04.tif")[1:]
    assert all(stop <= start for (_, stop), (start, _) in pairwise(found))


def test_lowest_blocks_are_read_as_far_as_they_are_needed(scene: Granule, blocks: FileBlocks) -> None:
    ranges = LocalRanges()
    read_block(asked_for(scene, (0, 7), 1, 1), ranges, blocks)
    whole = LocalRanges()
    read_block(asked_for(scene, (0, 5), 1, 3), whole, blocks)
    assert 0 < ranges.bytes < 0.8 * (ranges.bytes + whole.bytes)
    assert read_block(asked_for(scene, (0, 7), 1, 1), LocalRanges(), blocks).bytes == 0


def test_many_threads_read_a_file_once(scene: Granule, blocks: FileBlocks) -> None:
    alone, together = LocalRanges(), LocalRanges()
    other = FileBlocks(Path(scene.files[0].href.removeprefix("https://files.example/")).parent / "alone", 10**9, 4)
    read_block(asked_for(scene, (1, 1)), alone, other)
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: read_block(asked_for(scene, (1, 1)), together, blocks), range(8)))
    assert sorted(together.asked) == sorted(alone.asked)
    assert sum(one.bytes for one in found) == alone.bytes
    assert sum(one.requests for one in found) == len(alone.asked)


def test_every_try_is_heard_one_after_the_other(scene: Granule, blocks: FileBlocks) -> None:
    heard: list[int] = []
    found = read_block(
        asked_for(scene, (1, 1)), LocalRanges(), blocks, heard=lambda one: heard.append(one.bytes if one else 0)
    )
    assert sum(heard) == found.bytes
    assert len(heard) == found.requests


def test_a_damaged_block_is_told_and_not_kept(scene: Granule, blocks: FileBlocks) -> None:
    spoilt = LocalRanges(damage=lambda name, start, content: content if start == 0 else bytes(len(content)))
    with pytest.raises(BadResponse, match=rf"unpacked \((B04|SCL) of {scene.id}\)\."):
        read_block(asked_for(scene, (1, 1)), spoilt, blocks)
    sound = LocalRanges()
    read_block(asked_for(scene, (1, 1)), sound, blocks)
    assert any(name.endswith("B04.tif") and start for name, start, _ in sound.asked)


def test_a_short_answer_is_no_block(scene: Granule, blocks: FileBlocks) -> None:
    short = LocalRanges(damage=lambda name, start, content: content if start == 0 else content[:100])
    with pytest.raises(BadResponse):
        read_block(asked_for(scene, (1, 1)), short, blocks)


def test_a_file_that_changes_meanwhile_is_a_bad_answer(scene: Granule, blocks: FileBlocks) -> None:
    ranges = LocalRanges()
    read_block(asked_for(scene, (1, 1), 1, 1), ranges, blocks)
    ranges.etags[f"{scene.id}_B04.tif"] = '"later"'
    with pytest.raises(BadResponse, match="another version"):
        read_block(asked_for(scene, (1, 5), 3, 3), ranges, blocks)


def test_a_header_of_an_earlier_day_is_read_anew_where_the_file_has_changed(scene: Granule, tmp_path: Path) -> None:
    ranges = LocalRanges()
    read_block(asked_for(scene, (1, 1), 1, 1), ranges, FileBlocks(tmp_path / "blocks", 10**9, 2))
    ranges.etags[f"{scene.id}_B04.tif"] = '"later"'
    later = read_block(asked_for(scene, (1, 1), 5, 5), ranges, FileBlocks(tmp_path / "blocks", 10**9, 2))
    fresh = read_block(asked_for(scene, (1, 1), 5, 5), ranges, FileBlocks(tmp_path / "fresh", 10**9, 2))
    assert all(np.array_equal(planes["B04"], later.frames[index]["B04"]) for index, planes in fresh.frames.items())


def test_a_product_made_again_does_not_use_the_old_header(scene: Granule, blocks: FileBlocks) -> None:
    ranges = LocalRanges()
    read_block(asked_for(scene, (1, 1)), ranges, blocks)
    again = Granule(scene.id.replace("T125000", "T235959"), scene.time, 1.0, scene.footprint, scene.files)
    before = len(ranges.asked)
    read_block(asked_for(again, (1, 1)), ranges, blocks)
    assert [start for _, start, _ in ranges.asked[before:]] == [0, 0]


def test_what_is_kept_of_a_file_without_versions_goes_where_it_does_not_fit(tmp_path: Path) -> None:
    classes = np.full((550, 550), 4, np.uint8)
    old, new = (
        granule(tmp_path, {"B04": (texture(1100, 1100, seed), 10), "SCL": (classes, 20)}, made=made, blocksize=512)
        for seed, made in enumerate(("20220607T125000", "20220607T130000"))
    )
    paths = [Path(one.files[0].href.removeprefix("https://files.example/")) for one in (old, new)]
    for path in paths:
        path.write_bytes(path.read_bytes().ljust(3_000_000, b"\0"))
    old, new = (replace(one, files=(replace(one.files[0], size=3_000_000), *one.files[1:])) for one in (old, new))
    ranges = LocalRanges(etags={paths[0].name: ""})
    read_block(asked_for(old, (0, 7), 1, 1), ranges, FileBlocks(tmp_path / "blocks", 10**9, 2))
    paths[0].write_bytes(paths[1].read_bytes())
    later = read_block(asked_for(old, (0, 3), 5, 5), ranges, FileBlocks(tmp_path / "blocks", 10**9, 2))
    fresh = read_block(asked_for(new, (0, 3), 5, 5), ranges, FileBlocks(tmp_path / "fresh", 10**9, 2))
    assert all(np.array_equal(planes["B04"], later.frames[index]["B04"]) for index, planes in fresh.frames.items())


def test_who_waits_for_another_reader_of_a_file_can_be_stopped(scene: Granule, blocks: FileBlocks) -> None:
    reading, go_on = threading.Event(), threading.Event()

    def slowly() -> int:
        reading.set()
        go_on.wait(60)
        return 1

    first = blocks.reading(scene.files[0], slowly, never)
    reading.wait(60)
    second = blocks.reading(scene.files[0], lambda: 2, lambda: True)
    try:
        with pytest.raises(Cancelled):
            second.result(20)
    finally:
        go_on.set()
    assert first.result(60) == 1


def test_a_file_that_is_gone_says_so(scene: Granule, blocks: FileBlocks) -> None:
    files = tuple(replace(file, href=f"{file.href}.gone") for file in scene.files)
    with pytest.raises(AcquisitionGone):
        read_block(asked_for(replace(scene, files=files), (1, 1)), LocalRanges(), blocks)


def test_a_signature_is_no_part_of_the_name(scene: Granule, blocks: FileBlocks) -> None:
    ranges = LocalRanges()
    read_block(asked_for(scene, (1, 1)), ranges, blocks)
    files = tuple(replace(file, href=f"{file.href}?sig=other") for file in scene.files)
    assert read_block(asked_for(replace(scene, files=files), (1, 1)), ranges, blocks).requests == 0


def test_a_stopped_job_reads_nothing_more(scene: Granule, blocks: FileBlocks) -> None:
    ranges = LocalRanges()
    with pytest.raises(Cancelled):
        read_block(asked_for(scene, (1, 1)), ranges, blocks, cancelled=lambda: len(ranges.asked) > 2)
    assert len(ranges.asked) <= 3 + 4


def header(sizes: list[int], compression: int = 8) -> Header:
    """Of blocks of 100 rows, one after another from 1000 on."""
    offsets = tuple((1000 + np.cumsum([0, *sizes[:-1]])).tolist())
    coding = Coding(100, 100, 2, False, compression, 2)
    return Header(100 * len(sizes), 100, coding, (10, 0, 0, 0, -10, 0), 10**9, offsets, tuple(sizes), "")


def test_blocks_side_by_side_are_one_range() -> None:
    runs = ranges_of(header([500_000] * 4), {0: 100, 1: 100, 3: 100}, {})
    assert runs == [[Want(0, 1000, 501_000), Want(1, 501_000, 1_001_000)], [Want(3, 1_501_000, 2_001_000)]]


def test_what_is_held_is_not_read() -> None:
    runs = ranges_of(header([500_000] * 3), {0: 100, 1: 100, 2: 100}, {0: 500_000, 1: 200_000})
    assert runs == [[Want(1, 701_000, 1_001_000), Want(2, 1_001_000, 1_501_000)]]


def test_a_prefix_grows_with_its_rows_and_ends_with_the_block() -> None:
    stops = [ranges_of(header([500_000]), {0: rows}, {})[0][0].stop - 1000 for rows in range(1, 101)]
    assert stops == sorted(stops)
    assert stops[0] < 30_000
    assert stops[-1] == 500_000
    assert all(stop >= 5000 * rows for rows, stop in enumerate(stops, 1))


def test_a_stream_that_gives_no_rows_early_is_read_whole() -> None:
    assert ranges_of(header([500_000], compression=5), {0: 1}, {}) == [[Want(0, 1000, 501_000)]]


def window(x: int, y: int) -> dict[int, int]:
    """Rows that 990 × 990 px need of the blocks of a 10 m file, from this pixel on."""
    rows = {down: min(1024, y + 990 - 1024 * down) for down in range(y // 1024, (y + 989) // 1024 + 1)}
    return {
        11 * down + along: count for down, count in rows.items() for along in range(x // 1024, (x + 989) // 1024 + 1)
    }


def test_wherever_it_lies_a_neighbourhood_is_read_and_nudged_for_less() -> None:
    size = 1_450_000
    coding, offsets = Coding(1024, 1024, 2, False, 8, 2), tuple(range(20_000, 20_000 + 121 * size, size))
    file = Header(10_980, 10_980, coding, (10, 0, 0, 0, -10, 0), 10**9, offsets, (size,) * 121, "")
    first, nudged, whole = 0, 0, 0
    for x, y in product(range(340, 9500, 330), repeat=2):
        runs = ranges_of(file, window(x, y), {})
        first += sum(run[-1].stop - run[0].start for run in runs)
        whole += size * len(window(x, y))
        held = {want.number: want.stop - offsets[want.number] for run in runs for want in run}
        for right, down in ((330, 0), (-330, 0), (0, 330), (0, -330)):
            more = ranges_of(file, window(x + right, y + down), held)
            nudged += sum(run[-1].stop - run[0].start for run in more)
    assert first / whole < 0.77
    assert nudged / 4 / first < 0.2


def test_one_cache_serves_all_threads_of_a_process(tmp_path: Path) -> None:
    settings = load_settings(home=tmp_path)
    assert file_blocks(settings) is file_blocks(load_settings(home=tmp_path))
    assert (tmp_path / "blocks").is_dir()
