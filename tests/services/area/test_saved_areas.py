"""Areas kept by their digest."""

import json
import math
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from services.area import AOI, AreaStore, Library, check_stored, parse_aoi
from services.area.saved_areas import RECENT_SECONDS, area_of
from services.errors import AreaError, StorageError
from services.recipe import EXAMPLES
from services.settings import Settings
from services.storage import Database
from tests.actors import a_member
from tests.services.shapes import Ring, geojson, outlines

ROOMY = Settings.model_construct(max_area_km2=1e8)


def outline_of(home: Path, aoi: AOI) -> Path:
    """The file of its polygons."""
    return home / "areas" / "outlines" / f"{aoi.outline_digest}.json"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(outlines())
def test_an_area_comes_back_to_the_last_digit(tmp_path: Path, polygons: list[list[Ring]]) -> None:
    aoi = parse_aoi(json.dumps(geojson(polygons)), name="Åland & <b>Öar</b>", limits=ROOMY)
    kept = AreaStore(tmp_path).open(AreaStore(tmp_path).keep(aoi))
    assert kept is not None
    assert (kept.name, kept.polygons) == (aoi.name, aoi.polygons)
    assert outline_of(tmp_path, aoi).read_text() == json.dumps(aoi.polygons)


def test_an_area_that_is_kept_again_is_one_file(tmp_path: Path) -> None:
    store = AreaStore(tmp_path)
    ids = {store.keep(EXAMPLES[0].aoi) for _ in range(3)}
    assert ids == {EXAMPLES[0].aoi.digest}
    assert store.holds(EXAMPLES[0].aoi.digest)
    assert [path.name for path in (tmp_path / "areas").glob("*.json")] == [f"{EXAMPLES[0].aoi.digest}.json"]
    assert list((tmp_path / "areas" / "outlines").iterdir()) == [outline_of(tmp_path, EXAMPLES[0].aoi)]


@pytest.mark.parametrize(
    "wanted", ["", "0" * 12, "0" * 11, "../areas/x", "A" * 12, "0" * 12 + "\n", "..", "0" * 12 + "/"]
)
def test_what_is_no_id_or_unknown_opens_nothing(tmp_path: Path, wanted: str) -> None:
    assert AreaStore(tmp_path).open(wanted) is None
    assert not AreaStore(tmp_path).holds(wanted)


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", "5", '{"name": "a"}', '{"name": "a", "polygons": 5, "notes": []}', "[" * 100_000]
)
def test_a_damaged_file_opens_nothing_and_is_written_again(tmp_path: Path, text: str) -> None:
    store, aoi = AreaStore(tmp_path), EXAMPLES[0].aoi
    for path in (tmp_path / "areas" / f"{store.keep(aoi)}.json", outline_of(tmp_path, aoi)):
        path.write_text(text)
        assert store.open(aoi.digest) is None
        store.keep(aoi)
        assert store.open(aoi.digest) == aoi


def test_a_file_with_another_area_in_it_opens_nothing(tmp_path: Path) -> None:
    store, aoi = AreaStore(tmp_path), EXAMPLES[0].aoi
    store.keep(aoi)
    path = outline_of(tmp_path, aoi)
    path.write_text(path.read_text().replace("26.5", "26.4"))
    assert store.open(aoi.digest) is None


def test_a_disk_that_refuses_is_said(tmp_path: Path) -> None:
    (tmp_path / "areas").write_text("a file where the folder should be")
    with pytest.raises(StorageError, match="cannot be written"):
        AreaStore(tmp_path).keep(EXAMPLES[0].aoi)


def test_the_notes_are_kept_with_the_area(tmp_path: Path) -> None:
    taveuni = EXAMPLES[-1].aoi
    kept = AreaStore(tmp_path).open(AreaStore(tmp_path).keep(taveuni))
    assert kept == taveuni
    assert taveuni.notes


def forged(polygons: str, home: Path, name: str = "A") -> AOI:
    """Somebody wrote a file of their own into the folder, under the digest that it has."""
    text = f'{{"name": "{name}", "polygons": {polygons}, "notes": []}}'
    aoi = area_of(json.loads(text))
    (home / "areas").mkdir(exist_ok=True)
    (home / "areas" / f"{aoi.digest}.json").write_text(text)
    kept = AreaStore(home).open(aoi.digest)
    assert kept is not None, "the digest is right"
    return kept


@pytest.mark.parametrize(
    ("polygons", "words"),
    [
        ("[[[[0, 0], [20, 0], [20, 20], [0, 20], [0, 0]]]]", "at most 500,000 km²"),
        ("[[[[24, 85], [24.1, 85], [24.1, 85.1], [24, 85]]]]", "84° N"),
        ("[[[[24, 60], [24.00001, 60], [24.00001, 60.00001], [24, 60]]]]", "one pixel"),
        ("[[[[24, 60], [25, 61], [25, 60], [24, 61], [24, 60]]]]", "damaged"),
        ("[[[[24, 60], [25, 60], [25, 61], [24, 60]]], [[[24, 60], [25, 60], [25, 61], [24, 60]]]]", "damaged"),
        ("[[[[24, 60], [25, 60]]]]", "damaged"),
        ("[[[]]]", "damaged"),
        ("[[]]", "damaged"),
        ("[[[[24, 60], [25, 60], [25, 61], [24, 60]], []]]", "damaged"),
        ("[[[[24, 60], [25, 60], [25, 61], [24.5, 61]]]]", "damaged"),
        ("[]", "damaged"),
        ("[[[[181, 60], [182, 60], [182, 61], [181, 60]]]]", "damaged"),
        ("[[[[24, 60], [24, 190], [25, 61], [24, 60]]]]", "not on Earth"),
        ("[[[[24, 60], [NaN, 60], [25, 61], [24, 60]]]]", "not on Earth"),
        ("[[[[24, 60], [24, Infinity], [25, 61], [24, 60]]]]", "not on Earth"),
    ],
)
def test_a_forged_file_does_not_pass_the_validator(tmp_path: Path, polygons: str, words: str) -> None:
    with pytest.raises(AreaError, match=words):
        check_stored(forged(polygons, tmp_path), Settings.model_construct())


@settings(max_examples=40)
@given(outlines())
def test_what_the_validator_made_passes_it_again(polygons: list[list[Ring]]) -> None:
    check_stored(parse_aoi(json.dumps(geojson(polygons)), limits=ROOMY), ROOMY)


def test_limits_that_became_narrower_hold_for_kept_areas(tmp_path: Path) -> None:
    kept = forged("[[[[24, 60], [25, 60], [25, 61], [24, 60]]]]", tmp_path)
    check_stored(kept, Settings.model_construct())
    with pytest.raises(AreaError, match="at most 10 km²"):
        check_stored(kept, Settings.model_construct(max_area_km2=10.0))
    with pytest.raises(AreaError, match="at most 3 are accepted"):
        check_stored(kept, Settings.model_construct(max_vertices=3))


def test_a_forged_name_opens_nothing(tmp_path: Path) -> None:
    ring = ((24.0, 60.0), (25.0, 60.0), (25.0, 61.0), (24.0, 60.0))
    evil = AOI("A\u202e" + "x" * 1000, ((ring,),))
    store = AreaStore(tmp_path)
    store.keep(evil)
    assert store.open(evil.digest) is None


def test_two_hundred_names_of_one_outline_are_one_outline(tmp_path: Path) -> None:
    store = AreaStore(tmp_path)
    ring = tuple((24 + math.cos(step / 1e2), 60 + math.sin(step / 1e2) / 2) for step in range(628))
    large = AOI("Lake", (((*ring, ring[0]),),))
    ids = [store.keep(large.called(f"Lake {number}", ())) for number in range(200)]
    used = sum(path.stat().st_size for path in (tmp_path / "areas").rglob("*.json"))
    assert used < 200 * 200 + len(json.dumps(large.polygons)), "a name takes less than 200 bytes"
    assert [store.open(ids[number]) for number in (0, 199)] == [large.called(f"Lake {n}", ()) for n in (0, 199)]


def square(number: int) -> AOI:
    """Another one for each number."""
    west = 20 + number / 100
    ring = ((west, 60.0), (west + 1, 60.0), (west + 1, 61.0), (west, 61.0), (west, 60.0))
    return AOI(f"Square {number}", ((ring,),))


def grow_old(home: Path, seconds: float) -> None:
    """All files of areas were used so long before."""
    for path in (home / "areas").rglob("*.json"):
        moment = path.stat().st_mtime - seconds
        os.utime(path, (moment, moment))


def test_the_areas_that_were_not_used_for_longest_make_room(tmp_path: Path) -> None:
    store = AreaStore(tmp_path, 100_000)
    kept = []
    for number in range(100):
        grow_old(tmp_path, RECENT_SECONDS)
        kept.append(store.keep(square(number)))
        assert store.open(kept[0]) == square(0), "it is used all the time"
        assert sum(path.stat().st_size + 2048 for path in (tmp_path / "areas").rglob("*.json")) <= 100_000
    there = [store.open(one) is not None for one in kept]
    assert there.index(True, 1) > 50 and all(there[there.index(True, 1) :])


def test_what_was_used_just_now_stays_and_the_next_one_is_refused(tmp_path: Path) -> None:
    store, kept = AreaStore(tmp_path, 50_000), []
    with pytest.raises(StorageError, match="full") as raised:
        for number in range(100):
            kept.append(store.keep(square(number)))
    assert "areas_gb" in raised.value.remedy
    assert len(kept) > 5 and None not in map(store.open, kept)
    grow_old(tmp_path, 2 * RECENT_SECONDS)
    assert store.open(store.keep(square(99))) == square(99), "an hour later there is room"


def test_a_link_to_an_area_of_the_library_opens_after_its_outline_made_room(tmp_path: Path) -> None:
    library = Library(Database(tmp_path))
    aoi = EXAMPLES[0].aoi
    library.save(aoi, a_member())
    store = AreaStore(tmp_path, elsewhere=library.polygons)
    store.keep(aoi)
    outline_of(tmp_path, aoi).unlink()
    assert store.open(aoi.digest) == aoi
    library.delete(aoi.outline_digest, a_member())
    assert store.open(aoi.digest) is None


def test_an_area_of_an_older_version_opens(tmp_path: Path) -> None:
    aoi = EXAMPLES[0].aoi
    (tmp_path / "areas").mkdir()
    text = json.dumps({"name": aoi.name, "polygons": aoi.polygons, "notes": aoi.notes})
    (tmp_path / "areas" / f"{aoi.digest}.json").write_text(text)
    assert AreaStore(tmp_path).open(aoi.digest) == aoi
