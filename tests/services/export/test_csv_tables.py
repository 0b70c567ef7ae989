"""Tables read back by the csv module, against numpy on the files of the same result."""

import csv
import io
import zipfile
from pathlib import Path

import numpy as np
import pytest
import rasterio
from numpy.typing import NDArray

from services.catalogue import choose
from services.export.csv_tables import DATE_COLUMNS, STATISTICS_COLUMNS, Shares, dates_csv, statistics_csv
from services.recipe import Veto
from tests.services.published import passes, published, read_here
from tests.services.scenes import recipe, scene


def read(text: str) -> list[dict[str, str]]:
    """Rows by their columns' names."""
    return list(csv.DictReader(io.StringIO(text, newline="")))


def medians(folder: Path, side: int, feature: str) -> NDArray[np.float32]:
    """(height, width, band) of all EOPatches of a result, unzipped by hand; the tiles' names sort from the west."""
    tiles = {}
    for path in folder.glob("patches/*.zip"):
        x, y = (int(part[1:]) for part in path.stem.split("_"))
        with zipfile.ZipFile(path) as opened:
            tiles[x, y] = np.load(io.BytesIO(opened.read(f"data_timeless/{feature}.npy")))
    xs, ys = sorted({x for x, _ in tiles}), sorted({y for _, y in tiles}, reverse=True)
    assert len(tiles) == side * side
    return np.concatenate([np.concatenate([tiles[x, y] for x in xs], axis=1) for y in ys], axis=0)


def test_each_acquisition_of_the_interval_has_a_row_with_what_became_of_it() -> None:
    question = recipe(px=12, maxcc=10)
    found = passes(question, (3.25, 10, 10.25, 0.5, 55), reach=(0.5,))
    haze = Veto(found[3].key, "=HYPERLINK(haze), still")
    rows = read(
        dates_csv(choose(reversed(found), question.with_(vetoes=(haze,))), {found[0].key: Shares(0.5, 0.123456789)})
    )
    assert list(rows[0]) == list(DATE_COLUMNS)
    assert [row["acquisition"] for row in rows] == [one.key for one in found]
    assert [row["kept"] for row in rows] == ["yes", "yes", "no", "no", "no"]
    assert [row["reason"] for row in rows] == ["", "", "10.2 % > 10 %", f"excluded: {haze.reason}", "55 % > 10 %"]
    assert [float(row["cloud_cover_percent"]) for row in rows] == [3.25, 10, 10.25, 0.5, 55]
    assert (rows[0]["date"], rows[0]["time_utc"]) == ("2017-06-07", "09:53:40")
    assert (rows[0]["satellite"], rows[0]["relative_orbit"]) == ("S2A", "79")
    assert float(rows[0]["coverage_percent"]) == pytest.approx(50, abs=1)
    assert [row["clear_percent"] for row in rows] == ["12.3457", "", "", "", ""]
    assert [row["data_percent"] for row in rows] == ["50", "", "", "", ""]


def test_a_date_that_shows_too_little_says_so() -> None:
    question = recipe(px=12, least_coverage=60)
    rows = read(dates_csv(choose(passes(question, (1, 2), reach=(0.5,)), question), {}))
    assert [row["kept"] for row in rows] == ["no", "yes"]
    words = rows[0]["reason"].split()
    assert [words[0], *words[2:]] == ["covers", "%", "<", "60", "%"]
    assert float(words[1]) == pytest.approx(50, abs=1)


def test_each_date_has_its_products_baselines_and_the_offset_that_was_added() -> None:
    question = recipe(px=12)
    first, second, third = passes(question, (1, 2, 3))
    found = first, read_here(second, -1000), read_here(third, 0)
    rows = read(dates_csv(choose(found, question), {}))
    assert [row["source_products"].split() for row in rows] == [[one.granules[0].id] for one in found]
    assert [row["processing_baselines"] for row in rows] == ["02.05"] * 3
    assert [row["offset_applied"] for row in rows] == ["DN harmonised by the service", "-1000", "0"]


def test_a_reason_is_no_formula_in_a_spreadsheet() -> None:
    question = recipe(px=12, vetoes=(Veto("S2A_R079_20170607T095340", "=1+1"),))
    text = dates_csv(choose(passes(question, (1,)), question), {})
    assert all(not cell.startswith(("=", "+", "-", "@")) for row in csv.reader(io.StringIO(text)) for cell in row)


def test_the_statistics_are_those_of_the_eopatches(tmp_path: Path) -> None:
    question = recipe(px=16, bands=("B02", "B04", "B08", "B12"))
    published(tmp_path, question, passes(question, (1, 2, 3, 4)))
    rows = {row["name"]: row for row in read((tmp_path / "statistics.csv").read_bytes().decode())}
    assert list(rows) == ["B02", "B04", "B08", "B12", "ndvi", "nbr"]
    cube = medians(tmp_path, 3, "MEDIAN")
    planes = {band: cube[..., place].astype(np.float64) for place, band in enumerate(question.bands)}
    planes |= {name: medians(tmp_path, 3, name.upper())[..., 0].astype(np.float64) for name in ("ndvi", "nbr")}
    assert all("of each observation" in rows[name]["title"] for name in ("ndvi", "nbr"))
    for name, row in rows.items():
        plane = planes[name]
        assert int(row["pixels"]) == np.isfinite(plane).sum()
        assert float(row["no_data_percent"]) == pytest.approx(100 * np.isnan(plane).mean(), abs=1e-4)
        assert len(row["source_products"].split()) == 4
        assert (row["processing_baselines"], row["offset_applied"]) == ("02.05", "DN harmonised by the service")
        wanted = {
            "mean": np.nanmean(plane),
            "median": np.nanmedian(plane),
            "std": np.nanstd(plane),
            "min": np.nanmin(plane),
            "max": np.nanmax(plane),
        } | {f"p{percent}": np.nanpercentile(plane, percent) for percent in (5, 25, 75, 95)}
        for column, value in wanted.items():
            assert float(row[column]) == pytest.approx(value, abs=2e-6), (name, column)


def test_the_statistics_agree_with_the_mosaic_within_its_rounding(tmp_path: Path) -> None:
    question = recipe(px=16)
    published(tmp_path, question, passes(question, (1, 2, 3)))
    rows = {row["name"]: row for row in read((tmp_path / "statistics.csv").read_bytes().decode())}
    with rasterio.open(tmp_path / "median.tif") as dataset:
        for number, band in enumerate(question.bands, 1):
            values = dataset.read(number, masked=True).compressed() * dataset.scales[number - 1]
            assert int(rows[band]["pixels"]) == values.size
            for column, value in (("mean", values.mean()), ("min", values.min()), ("p95", np.percentile(values, 95))):
                assert float(rows[band][column]) == pytest.approx(value, abs=0.6e-4)


def test_where_there_is_no_data_the_numbers_are_empty() -> None:
    rows = read(statistics_csv(scene(recipe(px=5), empty=1.0)))
    assert list(rows[0]) == list(STATISTICS_COLUMNS)
    assert [row["name"] for row in rows] == ["B02", "B03", "B04"]
    assert all((row["pixels"], row["no_data_percent"]) == ("0", "100") for row in rows)
    assert all(row["mean"] == row["max"] == row["p5"] == "" for row in rows)
