"""The engine of one process, against plain composition of each tile by itself."""

import json
import zlib
from dataclasses import replace
from pathlib import Path
from zipfile import ZipFile

import numpy as np
import pytest

from services.engines import PartReceipt, engine_of
from services.errors import Cancelled, StoreUnreachable
from services.recipe import Recipe
from services.settings import load_settings
from services.storage.objects import s3
from tests.eopatches import loaded
from tests.ports import free_port
from tests.services.buckets import store_variables
from tests.services.engine_parts import bands, expected, files, five_by_five, store, told


@pytest.mark.parametrize("workers", [1, 3])
def test_each_tile_is_stored_as_its_own_picture_and_its_receipt_tells_what_is_there(
    workers: int, tmp_path: Path
) -> None:
    question, parts, frames = five_by_five()
    store(tmp_path, frames, question=question)
    receipts = told(engine_of(load_settings(home=tmp_path, workers=workers)), parts)
    assert [receipt.number for receipt in receipts] == [0, 1, 2]
    for part, receipt in zip(parts, receipts, strict=True):
        assert [tile.index for tile in receipt.tiles] == list(part.tiles) and not receipt.failed
        for tile in receipt.tiles:
            made, found = expected(question, part, frames, tile.index), bands(tmp_path, part, tile.index)
            np.testing.assert_array_equal(found[:-1], [made.dn(band) for band in question.bands])
            np.testing.assert_array_equal(found[-1], made.count)
            data = (tmp_path / part.file(tile.index)).read_bytes()
            assert (tile.bytes, tile.crc) == (len(data), zlib.crc32(data))
            seen = made.count[made.count > 0]
            assert (tile.least, tile.most) == (seen.min(), seen.max())
            assert (tile.median, tile.no_data) == (np.median(made.count), np.mean(made.count == 0))
            assert tile.dates == (4 if tile.y == 23 else 6), "two passes miss the southern row"


def test_a_tile_that_is_made_again_is_the_same_file(tmp_path: Path) -> None:
    question, parts, frames = five_by_five()
    store(tmp_path, frames, question=question)
    engine = engine_of(load_settings(home=tmp_path))
    first, before = told(engine, parts), files(tmp_path, parts)
    assert told(engine, parts) == first and files(tmp_path, parts) == before


def test_a_tile_whose_frames_are_gone_is_told_and_the_others_are_made(tmp_path: Path) -> None:
    question, parts, frames = five_by_five()
    lost = parts[0].tiles[3]
    store(tmp_path, frames, question=question, without=[lost])
    first, *others = told(engine_of(load_settings(home=tmp_path)), parts)
    (failed,) = first.failed
    assert (failed.index, failed.lost, failed.bytes) == (lost, True, 0)
    assert "no longer in the cache" in failed.cause and failed.remedy == "Fetch them again."
    assert not (tmp_path / parts[0].file(lost)).exists()
    assert not any(receipt.failed for receipt in others)
    assert sum(tile.bytes > 0 for tile in first.tiles) == len(parts[0].tiles) - 1


def test_a_disk_that_refuses_is_told_in_the_receipt(tmp_path: Path) -> None:
    question, parts, frames = five_by_five()
    store(tmp_path, frames, question=question)
    (tmp_path / "orders").write_text("a file where the folder should be")
    receipts = told(engine_of(load_settings(home=tmp_path)), parts[1:2])
    (failed,) = receipts[0].failed
    assert "cannot be written" in failed.cause and failed.remedy and not failed.lost


def test_a_store_that_is_gone_is_no_fault_of_a_tile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    question, parts, frames = five_by_five()
    store(tmp_path, frames, question=question)
    monkeypatch.setattr(s3, "_RETRIED", 0)
    for name, value in store_variables(f"http://127.0.0.1:{free_port()}").items():
        monkeypatch.setenv(name, value)
    with pytest.raises(StoreUnreachable):
        told(engine_of(load_settings(home=tmp_path)), parts)


def test_who_stops_it_is_told_so_and_what_was_ready_stays(tmp_path: Path) -> None:
    question, parts, frames = five_by_five()
    store(tmp_path, frames, question=question)
    heard: list[PartReceipt] = []
    with pytest.raises(Cancelled):
        engine_of(load_settings(home=tmp_path)).run(parts, heard.append, lambda: bool(heard))
    assert [receipt.number for receipt in heard] == [0]
    assert len(list((tmp_path / "orders").rglob("*.tif"))) == len(parts[0].tiles)


def test_the_patch_of_a_tile_is_kept_on_request_and_names_its_own_place(tmp_path: Path) -> None:
    question, parts, frames = five_by_five()
    store(tmp_path, frames, question=question)
    part = replace(parts[0], tiles=parts[0].tiles[:2], patches=True)
    told(engine_of(load_settings(home=tmp_path)), [part])
    for index in part.tiles:
        with ZipFile(tmp_path / part.file(index, ".zip")) as archive:
            archive.extractall(tmp_path / str(index))
        patch = loaded(tmp_path / str(index))
        assert Recipe.from_dict(patch.meta_info["RECIPE"]) == question.with_(radius=0, centre=index)
        made = expected(question, part, frames, index)
        np.testing.assert_array_equal(patch.data_timeless["MEDIAN"], made.reflectance)


def test_a_receipt_is_the_same_after_its_way_through_the_database(tmp_path: Path) -> None:
    question, parts, frames = five_by_five()
    store(tmp_path, frames, question=question, without=parts[0].tiles[:1])
    (receipt,) = told(engine_of(load_settings(home=tmp_path)), parts[:1])
    assert PartReceipt.from_json(receipt.to_json()) == receipt
    assert len(json.dumps(receipt.to_json())) < 250 * len(receipt.tiles)
