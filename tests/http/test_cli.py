"""The whole journey in the terminal, against the demo archive."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest
import rasterio
from PIL import Image
from rio_cogeo.cogeo import cog_validate

from services.recipe import EXAMPLES
from tests.eopatches import loaded
from tests.services.overpasses import near

ROOT = Path(__file__).resolve().parent.parent.parent
DAYS = ("--from", "2018-06-01", "--to", "2018-07-31", "--maxcc", "40")
EVERY_DATE = {"NINEPATCH_LEAST_COVERAGE": "0"}
"""Settings under which each date counts that touches a corner."""


@pytest.fixture
def area(tmp_path: Path) -> Path:
    """The example's area as a file."""
    file = tmp_path / "finland.geojson"
    file.write_text(json.dumps(EXAMPLES[0].aoi.to_geojson()))
    return file


def run(
    archive: str,
    home: Path,
    *words: str,
    status: int = 0,
    columns: int = 200,
    settings: Mapping[str, str] = MappingProxyType(EVERY_DATE),
) -> "subprocess.CompletedProcess[str]":
    """The program as people start it."""
    done = subprocess.run(
        [sys.executable, "cli.py", *words],
        cwd=ROOT,
        env=os.environ
        | {"NINEPATCH_HOME": str(home), "NINEPATCH_DEMO_URL": archive, "COLUMNS": str(columns)}
        | dict(settings),
        capture_output=True,
        text=True,
        timeout=280,
    )
    assert done.returncode == status, done.stderr
    return done


def last(done: "subprocess.CompletedProcess[str]") -> dict[str, Any]:
    """The object that ends a machine's answer."""
    plain: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return plain


def test_a_fetch_writes_the_files_of_the_contract_and_the_second_pays_nothing(
    archive: str, area: Path, tmp_path: Path
) -> None:
    home, out = tmp_path / "home", tmp_path / "out"
    question = ("--aoi", str(area), "--split", "540x390", "--centre", "350,250", *DAYS)
    estimated = last(run(archive, home, "estimate", *question, "--json"))
    assert estimated["within_budget"] is True
    assert (estimated["catalogue_requests"], estimated["month_requests_percent"]) == (1, None)
    assert estimated["month_quota_percent"] == pytest.approx(estimated["units"] / 100, abs=0.01), "of 10,000 units"
    plain = last(run(archive, home, "fetch", *question, "--out", str(out), "--member", "anna", "--json"))
    assert plain["acquisitions"] == plain["requests"] == estimated["requests"] > 2
    assert plain["units"] == pytest.approx(estimated["units"], rel=0.02)
    assert (plain["planes_fetched"], plain["planes_cached"]) == (estimated["planes_wanted"], 0)
    assert all(Path(name).exists() for name in plain["files"])

    mosaic = out / "median.tif"
    assert cog_validate(mosaic, strict=True)[0]
    with rasterio.open(mosaic) as opened:
        assert (opened.width, opened.height, opened.crs.to_epsg()) == (99, 99, 32635)
        assert opened.descriptions[:6] == ("B02", "B03", "B04", "B08", "B11", "B12")
        assert "Simulated" in opened.tags()["TIFFTAG_COPYRIGHT"]
    patch = loaded(out / "patches" / "x350_y250")
    assert patch.data["BANDS"].shape == (plain["acquisitions"], 33, 33, 6)
    with Image.open(out / "median.png") as figure:
        assert figure.width > 500
    assert len(list((out / "tiles").iterdir())) == 9

    again = run(archive, home, "fetch", "--recipe", str(out / "recipe.json"), "--out", str(out), "--json")
    assert (last(again)["requests"], last(again)["units"], last(again)["planes_fetched"]) == (0, 0, 0)

    (total,) = last(run(archive, home, "ledger", "--by", "recipe", "--json"))["sums"]
    assert (total["failed"], total["saved"]) == (0, plain["planes_fetched"])
    assert (total["requests"], total["catalogue"]) == (plain["requests"] + 1, 1)
    assert 0.01 <= total["units"] - plain["units"] < 0.05, "of a page of the catalogue"
    assert "anna" in run(archive, home, "ledger").stdout


def test_a_fetch_over_a_budget_is_status_6_and_the_estimate_says_so_before(archive: str, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "settings.toml").write_text("budget_team_units = 0.03\n")
    words = ("--aoi", "24.0, 60.5, 24.1, 60.6", "--tile-size", "600", "--radius", "0", *DAYS, "--bands", "B04")
    estimated = run(archive, home, "estimate", *words, "--json")
    assert last(estimated)["within_budget"] is False
    done = run(archive, home, "fetch", *words, "--out", str(tmp_path / "out"), status=6)
    assert "budget_team_units" in done.stderr
    assert not (tmp_path / "out").exists()


def test_people_see_progress_and_the_attribution(archive: str, tmp_path: Path) -> None:
    words = ("--aoi", "24.0, 60.5, 24.1, 60.6", "--tile-size", "600", "--radius", "0", *DAYS, "--bands", "B04")
    done = run(archive, tmp_path / "home", "fetch", *words, "--out", str(tmp_path / "out"))
    assert "units" in done.stderr
    assert "Simulated data" in done.stdout
    assert str(tmp_path / "out" / "median.png") in done.stdout


def test_a_date_can_be_left_out_the_mask_grown_and_each_pixel_be_of_one_date(archive: str, tmp_path: Path) -> None:
    home, out = tmp_path / "home", tmp_path / "out"
    area = ("--aoi", "24.0, 60.5, 24.1, 60.6", "--tile-size", "600", "--radius", "0")
    rows = last(run(archive, home, "acquisitions", *area, *DAYS, "--json"))["acquisitions"]
    first, second = [row for row in rows if row["kept"]][:2]
    vetoes = ("--veto", f"{first['date']}:haze over the bay", "--veto", second["key"])
    listed = last(run(archive, home, "acquisitions", *area, *DAYS, *vetoes, "--json"))
    left_out = {row["key"]: row["reason"] for row in listed["acquisitions"] if row["vetoed"]}
    assert left_out == {first["key"]: "excluded: haze over the bay", second["key"]: "excluded: no reason given"}
    shown = run(archive, home, "acquisitions", *area, *DAYS, *vetoes, columns=80).stdout
    assert all(row["key"] in shown and row["date"] in shown for row in rows), "what --veto needs is never cut"
    assert "haze over the bay" in shown and second["key"] in shown and "2 excluded" in shown

    words = (*area, *DAYS, *vetoes, "--bands", "B04,B03,B02", "--method", "least-cloudy", "--grow", "2")
    plain = last(run(archive, home, "fetch", *words, "--out", str(out), "--json"))
    assert plain["acquisitions"] == listed["kept"] == sum(row["kept"] for row in rows) - 2
    (folder,) = (out / "patches").iterdir()
    patch = loaded(folder)
    kept = [row for row in listed["acquisitions"] if row["kept"]]
    assert [observation["key"] for observation in patch.meta_info["ACQUISITIONS"]] == [row["key"] for row in kept]
    masked = np.isin(patch.mask["SCL"][..., 0], (0, 1, 3, 7, 8, 9, 10))
    cloudy = np.isin(patch.mask["SCL"][..., 0], (3, 7, 8, 9, 10))
    grown = np.stack([near(plane, 2, disk=True) for plane in cloudy])
    clear = (patch.mask["dataMask"][..., 0] == 1) & ~masked & ~grown
    expected = np.full(patch.data["BANDS"].shape[1:], np.nan, np.float32)
    clouds = [observation["cloud_cover"] for observation in patch.meta_info["ACQUISITIONS"]]
    for time in sorted(range(len(clouds)), key=lambda time: (clouds[time], time), reverse=True):
        expected[clear[time]] = (patch.data["BANDS"][time][clear[time]] / 10_000).astype(np.float32)
    np.testing.assert_array_equal(patch.data_timeless["LEAST_CLOUDY"], expected)
    np.testing.assert_array_equal(patch.mask_timeless["VALID_COUNT"][..., 0], clear.sum(axis=0))
    assert (clear.sum(axis=0) > 0).any()

    recipe = json.loads((out / "recipe.json").read_text())
    assert recipe["version"] == 4 and recipe["vetoes"] == sorted(
        [[first["key"], "haze over the bay"], [second["key"], "no reason given"]]
    )
    again = run(archive, home, "fetch", "--recipe", str(out / "recipe.json"), "--out", str(out), "--json")
    assert last(again)["requests"] == 0

    done = run(archive, home, "estimate", *area, *DAYS, "--veto", "2017-01-01", status=2)
    assert "--veto '2017-01-01' is no acquisition" in done.stderr


def test_dates_that_touch_a_corner_are_neither_fetched_nor_in_the_files_unless_they_are_asked_for(
    archive: str, area: Path, tmp_path: Path
) -> None:
    """The swath of orbit 122 ends 52 m within the picture of tile 33,25, half a percent of it."""
    home, out = tmp_path / "home", tmp_path / "out"
    place = ("--aoi", str(area), "--split", "54x39", "--centre", "33,25", *DAYS)
    picture = ("--resolution", "60", "--bands", "B04,B03,B02", "--out", str(out), "--json")
    rows = last(run(archive, home, "acquisitions", *place, "--json", settings={}))["acquisitions"]
    under = [row for row in rows if row["cloud_cover"] <= 40]
    small = [row for row in under if row["coverage"] < 0.01]
    assert {row["orbit"] for row in small} == {122} and len(under) > len(small) > 0
    assert [row for row in rows if row["kept"]] == [row for row in under if row not in small]
    assert [row for row in rows if row["sliver"]] == small
    assert {row["reason"] for row in small} == {"covers 0.5 % < 1 %"}
    said = f"{len(under) - len(small)} dates; {len(small)} more touch a corner"
    assert said in run(archive, home, "acquisitions", *place, settings={}).stdout

    fetched = run(archive, home, "fetch", *place, *picture, settings={})
    assert said in fetched.stderr and "--least-coverage 0" in fetched.stderr
    plain = last(fetched)
    assert plain["acquisitions"] == len(under) - len(small)
    recipe = json.loads((out / "recipe.json").read_text())
    assert (recipe["version"], recipe["least_coverage"]) == (4, 1)
    assert "at most 40 % that show 1 % of the picture or more" in (out / "reproduce.py").read_text()
    for folder in (out / "patches").iterdir():
        looks = loaded(folder).meta_info["ACQUISITIONS"]
        assert {look["key"] for look in looks} == {row["key"] for row in under if row not in small}

    more = last(run(archive, home, "fetch", *place, *picture, "--least-coverage", "0", settings={}))
    assert more["acquisitions"] == len(under)
    assert more["requests"] == len(small), "what was there already is not asked for again"


def test_where_all_dates_touch_a_corner_it_is_status_3_with_the_way_to_take_them(
    archive: str, area: Path, tmp_path: Path
) -> None:
    place = ("--aoi", str(area), "--split", "54x39", "--centre", "33,25")
    words = (*place, *DAYS, "--maxcc", "100", "--json")
    rows = last(run(archive, tmp_path, "acquisitions", *words))["acquisitions"]
    day = next(date.fromisoformat(row["date"]) for row in rows if row["coverage"] < 0.01)
    days = ("--from", str(day), "--to", str(day), "--maxcc", "100")
    done = run(archive, tmp_path, "estimate", *place, *days, status=3, settings={})
    assert "1 of 1 date only touches a corner of the picture, less than 1 % of it." in done.stderr
    assert "least coverage to 0" in done.stderr
    run(archive, tmp_path, "estimate", *place, *days, "--least-coverage", "0", settings={})


def test_nothing_under_the_limit_is_status_3_with_the_clearest(archive: str, tmp_path: Path) -> None:
    home, area = tmp_path / "home", ("--aoi", "24.0, 60.5, 24.1, 60.6", "--tile-size", "600")
    listed = last(run(archive, home, "acquisitions", *area, *DAYS, "--json"))["acquisitions"]
    cloudiest = max(listed, key=lambda observation: observation["cloud_cover"])["date"]
    days = ("--from", cloudiest, "--to", cloudiest, "--maxcc", "0")
    done = run(archive, home, "fetch", *area, *days, "--out", str(tmp_path / "out"), status=3)
    assert "0 of 1 date" in done.stderr
    assert not (tmp_path / "out").exists()


def test_the_providers_check_says_what_works(archive: str, tmp_path: Path) -> None:
    done = run(archive, tmp_path, "providers", "--check", "--json")
    checked = last(done)["check"]
    assert [step["ok"] for step in checked] == [True, True]
    assert "catalogue" in [step["step"] for step in checked]
