"""What reading will cost, said beforehand: within 15 % of what is then read."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from rasterio.warp import transform

from services.catalogue import Acquisition
from services.grid import Lattice
from services.providers.stac import cost as costs
from services.providers.stac.blocks import FileBlocks
from services.providers.stac.cost import cost, terms, total
from services.providers.stac.reader import read_block
from services.settings import load_settings
from tests.services.providers.stac.made_files import (
    BLOCK,
    EPSG,
    ORIGIN,
    LocalRanges,
    Planes,
    acquisition,
    granule,
    request,
    texture,
)

PLANES = ("B04", "B08", "B11", "SCL", "dataMask")
SPOT = Lattice(EPSG, ORIGIN[0] + 1260, ORIGIN[1] - 12_000, 1200, 1200)


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """As the files of these tests have them."""
    monkeypatch.setattr(costs, "BLOCK_PIXELS", BLOCK)
    costs._expected.cache_clear()


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Acquisition:
    """One granule of 1400 × 1400 px."""
    classes = np.kron(np.random.default_rng(9).integers(1, 12, (70, 70)), np.ones((10, 10))).astype(np.uint8)
    planes: Planes = {
        "B04": (texture(1400, 1400, 1), 10),
        "B08": (texture(1400, 1400, 2), 10),
        "B11": (texture(700, 700, 3), 20),
        "SCL": (classes, 20),
    }
    return acquisition(granule(tmp_path_factory.mktemp("scene"), planes))


@pytest.fixture
def blocks(tmp_path: Path) -> Iterator[FileBlocks]:
    """Empty."""
    made = FileBlocks(tmp_path / "blocks", 10**9, 4)
    yield made
    made.close()


@pytest.mark.parametrize("place", [(0, 0), (1, 3), (4, 2), (6, 6)])
@pytest.mark.parametrize("resolution", [10, 60, 300])
def test_the_estimate_is_within_15_percent_of_what_is_read(
    found: Acquisition, blocks: FileBlocks, place: tuple[int, int], resolution: int
) -> None:
    block = request(SPOT, found, PLANES, lower_left=place, resolution=resolution)
    told, together = cost(block), total(lambda: blocks, [block])
    came = read_block(block, LocalRanges(), blocks)
    assert told == together
    assert told.bytes == pytest.approx(came.bytes, rel=0.15)
    assert told.units == 0


def test_coarser_pixels_cost_as_much_as_fine_ones(found: Acquisition) -> None:
    """Overviews are not read, so that a coarse preview of open data is no cheap one."""
    coarse, fine = (cost(request(SPOT, found, PLANES, resolution=metres)) for metres in (60, 10))
    assert coarse.bytes == pytest.approx(fine.bytes, rel=0.1)


def test_known_headers_make_it_nearly_exact(found: Acquisition, blocks: FileBlocks) -> None:
    read_block(request(SPOT, found, PLANES, lower_left=(6, 6), columns=1, rows=1), LocalRanges(), blocks)
    block = request(SPOT, found, PLANES, lower_left=(0, 0))
    told = total(lambda: blocks, [block])
    came = read_block(block, LocalRanges(), blocks)
    assert told.bytes == pytest.approx(came.bytes, rel=0.03)
    assert told.requests <= came.requests


def test_what_is_kept_costs_nothing(found: Acquisition, blocks: FileBlocks) -> None:
    block = request(SPOT, found, PLANES)
    read_block(block, LocalRanges(), blocks)
    again = total(lambda: blocks, [block])
    assert (again.bytes, again.requests) == (0, 0)
    assert cost(block).bytes > 0
    nudged = request(SPOT, found, PLANES, lower_left=(1, 0))
    told = total(lambda: blocks, [nudged]).bytes
    came = read_block(nudged, LocalRanges(), blocks).bytes
    assert told == pytest.approx(came, rel=0.15, abs=5000)


def test_blocks_of_a_plan_share_what_they_read(found: Acquisition, blocks: FileBlocks) -> None:
    early = request(SPOT, found, ("B04", "SCL", "dataMask"))
    late = request(SPOT, found, ("B08", "B11"))
    whole = request(SPOT, found, PLANES)
    assert total(lambda: blocks, [early, late]) == total(lambda: blocks, [whole]) == cost(whole)
    assert cost(early) + cost(late) != cost(whole)
    assert total(lambda: blocks, []).bytes == 0


def test_files_whose_size_is_not_said_are_told_by_their_band(found: Acquisition, blocks: FileBlocks) -> None:
    (one,) = found.granules
    silent = acquisition(replace(one, files=tuple(replace(file, size=0) for file in one.files)))
    told, known = cost(request(SPOT, silent, PLANES)), cost(request(SPOT, found, PLANES))
    assert told.requests == known.requests
    assert told.bytes == pytest.approx(known.bytes, rel=0.3)


def test_a_granule_that_is_half_empty_is_priced_by_the_half_that_is_not(tmp_path: Path, blocks: FileBlocks) -> None:
    b04, classes = texture(1400, 1400, 1), np.full((700, 700), 4, np.uint8)
    b04[:, 700:], classes[:, 350:] = 0, 0
    west, north = ORIGIN
    half = granule(
        tmp_path, {"B04": (b04, 10), "SCL": (classes, 20)}, footprint=(west, north - 14_000, west + 7000, north)
    )
    block = request(SPOT, acquisition(half), ("B04", "dataMask"))
    told = cost(block)
    assert told.bytes == pytest.approx(read_block(block, LocalRanges(), blocks).bytes, rel=0.15)


def test_a_second_granule_is_priced_where_the_first_shows_too_little(tmp_path: Path, blocks: FileBlocks) -> None:
    planes: Planes = {"B04": (texture(1400, 1400, 1), 10), "SCL": (np.full((700, 700), 4, np.uint8), 20)}
    west, north = ORIGIN
    cut = {plane: (pixels.copy(), size) for plane, (pixels, size) in planes.items()}
    for pixels, size in cut.values():
        pixels[:, 3000 // size :] = 0
    first = granule(tmp_path, cut, made="20220608T000000", footprint=(west, north - 14_000, west + 3000, north))
    second = granule(tmp_path, planes)
    block = request(SPOT, acquisition(first, second), ("B04", "dataMask"))
    assert cost(block).bytes > cost(request(SPOT, acquisition(second), ("B04", "dataMask"))).bytes
    assert cost(block).bytes == pytest.approx(read_block(block, LocalRanges(), blocks).bytes, rel=0.15)
    east = request(SPOT, acquisition(first, second), ("B04", "dataMask"), lower_left=(4, 4))
    assert cost(east) == cost(request(SPOT, acquisition(second), ("B04", "dataMask"), lower_left=(4, 4)))


def test_across_zones_it_is_told_too(found: Acquisition, blocks: FileBlocks) -> None:
    x, y = transform("EPSG:32634", "EPSG:32635", [ORIGIN[0] + 5000], [ORIGIN[1] - 9000])
    lattice = Lattice(32635, x[0], y[0], 1200, 1200)
    block = request(lattice, found, PLANES)
    told = cost(block).bytes
    assert told == pytest.approx(read_block(block, LocalRanges(), blocks).bytes, rel=0.15)


def test_terms_of_the_same_settings_are_the_same(tmp_path: Path) -> None:
    settings = load_settings(home=tmp_path)
    assert terms(settings) is terms(load_settings(home=tmp_path))
    assert not (tmp_path / "blocks").exists()
