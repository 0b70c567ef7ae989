"""Areas kept by their digest."""

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from services.aoi import parse_aoi
from services.areas import AreaStore
from services.errors import StorageError
from services.examples import EXAMPLES
from services.settings import Settings
from tests.services.shapes import Ring, geojson, outlines

ROOMY = Settings.model_construct(max_area_km2=1e8)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(outlines())
def test_an_area_comes_back_to_the_last_digit(tmp_path: Path, polygons: list[list[Ring]]) -> None:
    aoi = parse_aoi(json.dumps(geojson(polygons)), name="Åland & <b>Öar</b>", limits=ROOMY)
    kept = AreaStore(tmp_path).open(AreaStore(tmp_path).keep(aoi))
    assert kept is not None
    assert (kept.name, kept.polygons) == (aoi.name, aoi.polygons)


def test_an_area_that_is_kept_again_is_one_file(tmp_path: Path) -> None:
    store = AreaStore(tmp_path)
    ids = {store.keep(EXAMPLES[0].aoi) for _ in range(3)}
    assert ids == {EXAMPLES[0].aoi.digest}
    assert [path.name for path in (tmp_path / "areas").iterdir()] == [f"{EXAMPLES[0].aoi.digest}.json"]


@pytest.mark.parametrize(
    "wanted", ["", "0" * 12, "0" * 11, "../areas/x", "A" * 12, "0" * 12 + "\n", "..", "0" * 12 + "/"]
)
def test_what_is_no_id_or_unknown_opens_nothing(tmp_path: Path, wanted: str) -> None:
    assert AreaStore(tmp_path).open(wanted) is None


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", "5", '{"name": "a"}', '{"name": "a", "polygons": 5, "notes": []}', "[" * 100_000]
)
def test_a_damaged_file_opens_nothing_and_is_written_again(tmp_path: Path, text: str) -> None:
    store, aoi = AreaStore(tmp_path), EXAMPLES[0].aoi
    path = tmp_path / "areas" / f"{store.keep(aoi)}.json"
    path.write_text(text)
    assert store.open(aoi.digest) is None
    store.keep(aoi)
    assert store.open(aoi.digest) == aoi


def test_a_file_with_another_area_in_it_opens_nothing(tmp_path: Path) -> None:
    store, aoi = AreaStore(tmp_path), EXAMPLES[0].aoi
    path = tmp_path / "areas" / f"{store.keep(aoi)}.json"
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
