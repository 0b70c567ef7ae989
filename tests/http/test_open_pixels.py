"""Pixels of open data over HTTP: the same as from the disk, each byte once, and what a host of files may do to them."""

import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
import pytest

from services.cancellation import never
from services.catalogue import Acquisition
from services.errors import AcquisitionGone, BadResponse
from services.grid import Lattice
from services.plan import BlockRequest
from services.providers.stac.blocks import FileBlocks
from services.providers.stac.reader import read_block
from tests.http.farend import reply
from tests.services.providers.stac.made_files import EPSG, ORIGIN, LocalRanges, acquisition, granule, request, texture
from tests.stac_archive import Open, StacArchive

PLANES = ("B04", "SCL", "dataMask")
LATTICE = Lattice(EPSG, ORIGIN[0] + 600, ORIGIN[1] - 6000, 1200, 1200)


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> Acquisition:
    """On the disk."""
    classes = np.random.default_rng(2).integers(1, 12, (300, 300)).astype(np.uint8)
    return acquisition(
        granule(tmp_path_factory.mktemp("scene"), {"B04": (texture(600, 600, 1), 10), "SCL": (classes, 20)})
    )


@pytest.fixture
def served(local: Acquisition, stac: StacArchive) -> BlockRequest:
    """The same as the host has it."""
    (one,) = local.granules
    files = []
    for file in one.files:
        path = f"/files/{file.plane}.tif"
        stac.files[path] = Path(urlsplit(file.href).path).read_bytes()
        files.append(replace(file, href=stac.url + path))
    return request(LATTICE, acquisition(replace(one, files=tuple(files))), PLANES)


@pytest.fixture
def blocks(tmp_path: Path) -> Iterator[FileBlocks]:
    """Empty."""
    made = FileBlocks(tmp_path / "blocks", 10**9, 8)
    yield made
    made.close()


@pytest.mark.parametrize("signed", [False, True])
def test_pixels_are_those_of_the_files_and_come_once(
    local: Acquisition, served: BlockRequest, stac: StacArchive, opening: Open, tmp_path: Path, signed: bool
) -> None:
    alone, kept = (FileBlocks(tmp_path / name, 10**9, 4) for name in ("alone", "kept"))
    wanted = read_block(request(LATTICE, local, PLANES), LocalRanges(), alone)
    client = opening(signed=signed)
    found = read_block(served, client, kept)
    for index, planes in wanted.frames.items():
        assert all(np.array_equal(found.frames[index][plane], pixels) for plane, pixels in planes.items())
    assert (found.bytes, found.requests) == (wanted.bytes, wanted.requests)
    assert len(stac.of("/files/")) == found.requests
    assert read_block(served, client, kept).requests == 0
    alone.close()
    kept.close()


def test_no_signature_is_kept_with_the_blocks(
    served: BlockRequest, stac: StacArchive, opening: Open, blocks: FileBlocks, tmp_path: Path
) -> None:
    read_block(served, opening(signed=True), blocks)
    with sqlite3.connect(tmp_path / "blocks" / "cache.db") as table:
        keys = [key for (key,) in table.execute("SELECT key FROM Cache")]
    table.close()
    assert keys
    assert stac.tokens
    assert not any("sig=" in key or "hush" in key for key in keys)


def test_many_block_requests_share_the_connections(
    served: BlockRequest, stac: StacArchive, opening: Open, blocks: FileBlocks
) -> None:
    client = opening(connections=3)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda planes: read_block(replace(served, planes=planes), client, blocks), [PLANES] * 8))
    asked = stac.of("/files/")
    assert len({one.port for one in asked}) <= 3
    assert len({(one.path, one.headers["Range"]) for one in asked}) == len(asked)


def test_a_passing_fault_is_asked_again_and_each_try_heard(
    served: BlockRequest, stac: StacArchive, opening: Open, blocks: FileBlocks
) -> None:
    stac.reads += [reply(503, b"<Error><Code>InternalError</Code></Error>")]
    heard: list[int] = []
    found = read_block(served, opening(), blocks, never, lambda one: heard.append(one.status if one else 0))
    assert sorted(heard) == [206] * found.requests + [503]


def test_a_file_of_two_that_is_gone_leaves_the_date_out(
    served: BlockRequest, stac: StacArchive, opening: Open, blocks: FileBlocks
) -> None:
    del stac.files["/files/SCL.tif"]
    with pytest.raises(AcquisitionGone, match="SCL"):
        read_block(served, opening(), blocks)


def test_bytes_that_are_no_block_are_told_and_not_kept(
    served: BlockRequest, stac: StacArchive, opening: Open, blocks: FileBlocks
) -> None:
    sound = stac.files["/files/B04.tif"]
    stac.files["/files/B04.tif"] = sound[:16_384] + bytes(len(sound) - 16_384)
    with pytest.raises(BadResponse, match="unpacked"):
        read_block(served, opening(), blocks)
    stac.files["/files/B04.tif"] = sound
    found = read_block(served, opening(), blocks)
    assert all(planes["dataMask"].all() for planes in found.frames.values())


def test_a_file_that_is_replaced_in_the_middle_is_a_bad_answer(
    served: BlockRequest, stac: StacArchive, opening: Open, blocks: FileBlocks
) -> None:
    client = opening()
    read_block(replace(served, columns=1, rows=1), client, blocks)
    stac.etag = '"two"'
    with pytest.raises(BadResponse, match="replaced"):
        read_block(served, client, blocks)
