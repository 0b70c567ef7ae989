"""Finished pictures on disk: whole or not there."""

import json
import os
from datetime import date
from pathlib import Path

import pytest

from services.catalogue import SourceProduct
from services.errors import RecipeError
from services.export import Observation, Result, ResultFile, ResultStore, stem
from services.export.result_store import DESCRIPTION, UNKNOWN_CRC
from services.grid import TileIndex
from services.recipe import Interval
from services.storage import write_beside
from tests.services.scenes import recipe

DIGEST = "0123456789abcdef"


def made(store: ResultStore, digest: str = DIGEST, size: int = 10) -> Result:
    """A result with one file."""
    folder = store.folder(digest)
    write_beside(folder / "median.tif", lambda path: path.write_bytes(b"x" * size))
    file = ResultFile("median.tif", "s2.tif", "Mosaic", "mosaic", "image/tiff", size)
    products = SourceProduct("S2A_1", None), SourceProduct("S2A_2", -1000)
    observation = Observation("2017-06-07", "S2A", 79, 3.25, 1.0, products)
    result = Result(
        recipe={"maxcc": 10},
        observations=(observation,),
        acquisitions=4,
        requests=1,
        units=8.7,
        planes_fetched=72,
        planes_cached=0,
        seconds=1.5,
        no_data=0.0,
        median_observations=1.0,
        width=990,
        height=990,
        simulated=True,
        attribution="Simulated data",
        files=(file,),
    )
    store.finish(digest, result)
    return result


def test_a_finished_result_comes_back_as_it_was(tmp_path: Path) -> None:
    store = ResultStore(tmp_path, 10**9)
    result = made(store)
    assert ResultStore(tmp_path, 10**9).open(DIGEST) == result
    assert result.of_kind("mosaic")[0].download == "s2.tif"
    assert result.of_kind("patch") == ()


def test_a_result_of_before_products_were_noted_opens(tmp_path: Path) -> None:
    store = ResultStore(tmp_path, 10**9)
    assert len(made(store).products) == 2
    path = store.folder(DIGEST) / "result.json"
    plain = json.loads(path.read_text())
    del plain["looks"][0]["products"]
    path.write_text(json.dumps(plain))
    found = store.open(DIGEST)
    assert found is not None and found.products == () and found.dates == 1


def test_a_result_without_its_last_mark_or_a_file_is_not_there(tmp_path: Path) -> None:
    store = ResultStore(tmp_path, 10**9)
    made(store)
    (store.folder(DIGEST) / "median.tif").unlink()
    assert store.open(DIGEST) is None
    made(store)
    for text in ("", "{", "[]", '{"looks": []}'):
        (store.folder(DIGEST) / DESCRIPTION).write_text(text)
        assert store.open(DIGEST) is None
    (store.folder(DIGEST) / DESCRIPTION).unlink()
    assert store.open(DIGEST) is None


@pytest.mark.parametrize(
    "name", ["../secret", "/etc/passwd", "..", ".hidden", "a/../b", "a//b", "a/b/c", "%2e%2e", "", "median.tif\0"]
)
def test_no_path_leads_out_of_the_folder(tmp_path: Path, name: str) -> None:
    store = ResultStore(tmp_path, 10**9)
    made(store)
    (tmp_path / "results" / "secret").write_text("secret")
    assert store.file(DIGEST, name) is None
    assert store.file("../" + DIGEST, "median.tif") is None
    assert store.file(DIGEST, "median.tif") == store.folder(DIGEST) / "median.tif"


def test_a_result_that_is_made_again_is_not_whole_and_keeps_what_is_seen(tmp_path: Path) -> None:
    store = ResultStore(tmp_path, 10**9)
    made(store)
    store.reopen(DIGEST)
    assert store.open(DIGEST) is None
    assert store.file(DIGEST, "median.tif") is not None
    store.reopen("f" * 16)  # one that was never there


def test_a_result_of_before_opens_without_what_it_did_not_say(tmp_path: Path) -> None:
    store = ResultStore(tmp_path, 10**9)
    plain = made(store).to_dict()
    for name in ("least_looks", "most_looks"):
        del plain[name]
    for file in plain["files"]:
        del file["crc"]
    (store.folder(DIGEST) / DESCRIPTION).write_text(json.dumps(plain))
    result = store.open(DIGEST)
    assert result is not None
    assert (result.files[0].crc, result.files[0].download) == (UNKNOWN_CRC, "s2.tif")


def test_a_name_in_the_bundle_has_the_folder_of_the_file() -> None:
    assert ResultFile("median.tif", "s2.tif", "", "mosaic", "", 1).member == "s2.tif"
    assert ResultFile("tiles/x1_y1.tif", "s2_x1.tif", "", "tile", "", 1).member == "tiles/s2_x1.tif"


def test_what_is_no_digest_is_not_found(tmp_path: Path) -> None:
    store = ResultStore(tmp_path, 10**9)
    made(store)
    assert store.find(DIGEST) == store.open(DIGEST)
    assert store.find("..") is None and store.find("f" * 16) is None


@pytest.mark.parametrize("digest", ["", "..", "0123456789ABCDEF", "0" * 15, "0" * 17, "0/1"])
def test_what_is_no_digest_opens_nothing(tmp_path: Path, digest: str) -> None:
    with pytest.raises(RecipeError):
        ResultStore(tmp_path, 1).open(digest)


def test_the_oldest_results_make_room_and_the_newest_stays(tmp_path: Path) -> None:
    store = ResultStore(tmp_path, 5_000)
    digests = [f"{number:016x}" for number in range(4)]
    for age, digest in enumerate(digests[:3]):
        made(store, digest, size=2_000)
        os.utime(store.folder(digest), (1_000_000 + age, 1_000_000 + age))
    made(store, digests[3], size=4_500)
    assert [store.open(digest) is not None for digest in digests] == [False, False, False, True]


@pytest.mark.parametrize(
    "area",
    ["Southern Finland", "x" * 255, "🌲" * 60, "Ä" * 200, "a-" * 100],
    ids=["usual", "long", "emoji", "umlaut", "hyphen"],
)
def test_a_stem_is_short_whatever_the_area_is_called(area: str) -> None:
    interval = Interval(date(2017, 4, 15), date(2018, 10, 31))
    long = recipe(area=area, method="least-cloudy", maxcc=100, interval=interval).with_(
        centre=TileIndex(1_234, -1_234), radius=2
    )
    assert len(stem(long).encode()) <= 80 and stem(long).endswith("_cc100_5x5_least-cloudy")
    assert "2017-04-15-to-2018-10-31" in stem(long) and "x1234-y-1234" in stem(long)


def test_a_usual_stem_is_as_it_was() -> None:
    assert stem(recipe()) == "s2l2a_southern-finland_x35-y25_2017_cc10_3x3_median"
    assert stem(recipe(area="y" * 99, radius=0)) == f"s2l2a_{'y' * 40}_x35-y25_2017_cc10_median"


def aged(home: Path, digests: list[str]) -> None:
    """Results of 20,000 bytes and a description, the first that was made first, long ago."""
    store = ResultStore(home, 10**9)
    for age, digest in enumerate(digests):
        made(store, digest, size=20_000)
        os.utime(store.folder(digest), (1_000_000 + age, 1_000_000 + age))


DIGESTS = [f"{number:016x}" for number in range(4)]


def test_what_made_room_is_told_and_forgotten_once_it_is_made_again(tmp_path: Path) -> None:
    store = ResultStore(tmp_path, 80_000)
    aged(tmp_path, DIGESTS[:2])
    made(store, DIGESTS[2], size=50_000)
    gone = store.room.removals(DIGESTS[2])
    assert [(one.digest, one.by, one.bytes > 20_000) for one in gone] == [(DIGESTS[0], DIGESTS[2], True)]
    assert store.room.removal(DIGESTS[0]) == gone[0]
    assert store.room.removal(DIGESTS[1]) is None
    made(ResultStore(tmp_path, 10**9), DIGESTS[0])
    assert store.room.removal(DIGESTS[0]) is None and store.room.removals(DIGESTS[2]) == ()


def test_results_that_somebody_keeps_sees_or_makes_stay(tmp_path: Path) -> None:
    store = ResultStore(tmp_path, 50_000)
    aged(tmp_path, DIGESTS[:3])
    other = ResultStore(tmp_path, 50_000)
    other.room.keep(DIGESTS[0])
    other.room.show(DIGESTS[1])
    with other.room.making(DIGESTS[2]):
        made(store, DIGESTS[3], size=45_000)
        assert all(store.open(digest) for digest in DIGESTS)
        assert store.room.left(DIGESTS[3]) < 0, "a next one that needs room is refused before it is made"
    other.room.keep(DIGESTS[0], kept=False)
    made(store, DIGESTS[3], size=45_000)
    assert [store.open(digest) is not None for digest in DIGESTS] == [False, True, False, True]


def test_what_was_seen_lately_goes_last(tmp_path: Path) -> None:
    store = ResultStore(tmp_path, 80_000)
    aged(tmp_path, DIGESTS[:2])
    store.room.show(DIGESTS[0])
    os.utime(tmp_path / "results" / ".shown" / DIGESTS[0], (2_000_000, 2_000_000))
    made(store, DIGESTS[2], size=50_000)
    assert [store.open(digest) is not None for digest in DIGESTS[:3]] == [True, False, True]


def test_room_is_what_the_limit_leaves_beside_those_that_stay(tmp_path: Path) -> None:
    store = ResultStore(tmp_path, 100_000)
    aged(tmp_path, DIGESTS[:2])
    assert store.room.left(DIGEST) == 100_000
    store.room.keep(DIGESTS[0])
    assert 70_000 < store.room.left(DIGEST) < 80_000
    assert store.room.left(DIGESTS[0]) == 100_000, "it is replaced itself"
