"""A home folder made before: its jobs, ledger, frames and results, by the terminal and with no archive to ask."""

import json
from pathlib import Path

import numpy as np
import pytest
import rasterio

from tests.compatibility.before import AREA, EXPECTED, MONTH, RESULTS, described, recipe_file
from tests.compatibility.conftest import Terminal

DAYS = ("--from", "2017-07-01", "--to", "2017-07-20", "--maxcc", "20", "--least-coverage", "0")
"""With the coverage that all questions had then."""
SAME = (*("id", "kind", "member", "state", "done", "total", "units", "bytes"), *("cause", "remedy", "created", "what"))
"""Of a job."""


def pixels(file: Path) -> "np.ndarray[tuple[int, int, int], np.dtype[np.uint16]]":
    """Of all bands."""
    with rasterio.open(file) as opened:
        found: np.ndarray[tuple[int, int, int], np.dtype[np.uint16]] = opened.read()
    return found


def test_all_jobs_are_there_as_they_ended(terminal: Terminal) -> None:
    jobs = terminal("jobs")["jobs"]
    assert [{key: job[key] for key in SAME} for job in jobs] == [
        {key: job[key] for key in SAME} for job in EXPECTED["jobs"]
    ]
    assert {job["state"] for job in jobs} == {"done", "failed", "cancelled"}


def test_a_job_that_failed_before_can_go_on(terminal: Terminal) -> None:
    failed = next(job["id"] for job in EXPECTED["jobs"] if job["state"] == "failed")
    assert [job["state"] for job in terminal("jobs", "--resume", failed)["jobs"]] == ["queued"]


def test_the_ledger_has_the_same_sums(terminal: Terminal) -> None:
    said = terminal("ledger", "--month", MONTH)
    before = EXPECTED["ledger"]
    assert {key: said["quota"][key] for key in before["quota"]} == before["quota"]
    assert [{key: now[key] for key in then} for now, then in zip(said["sums"], before["sums"], strict=True)] == [
        pytest.approx(then) for then in before["sums"]
    ]


def test_the_same_question_in_words_finds_the_same_frames_and_result(terminal: Terminal, tmp_path: Path) -> None:
    words = ("--aoi", str(AREA), *DAYS, "--bands", "B02,B03,B04,B08", "--resolution", "60", "--mask", "clear")
    assert terminal("estimate", *words)["planes_cached"] == EXPECTED["estimates"]["first"]["planes_wanted"]
    said = terminal("fetch", *words, "--out", str(tmp_path / "out"))
    assert said["requests"] == 0
    written = json.loads((tmp_path / "out/recipe.json").read_text())
    assert {name: written[name] for name in written if name != "software"} == json.loads(
        recipe_file("first").read_text()
    )


def test_the_catalogue_s_answer_is_kept(home: Path, terminal: Terminal) -> None:
    said = terminal("acquisitions", "--aoi", str(AREA), *DAYS)
    assert (said["kept"], len(said["acquisitions"])) == (4, 8)
    went_in = [look["date"] for look in described(home, "first")["looks"]]
    assert [one["date"] for one in said["acquisitions"] if one["kept"]] == went_in


@pytest.mark.parametrize("name", RESULTS)
def test_a_result_is_made_again_from_the_old_frames_pixel_by_pixel(
    name: str, home: Path, terminal: Terminal, tmp_path: Path
) -> None:
    folder = home / "results" / RESULTS[name]
    (folder / "result.json").unlink()
    kept = pixels(folder / "median.tif")
    said = terminal("fetch", "--recipe", str(recipe_file(name)), "--out", str(tmp_path / "out"))
    assert (said["requests"], said["planes_cached"]) == (0, EXPECTED["estimates"][name]["planes_wanted"])
    (again,) = (path for path in (tmp_path / "out").glob("*.tif") if path.name != "days.tif")
    assert kept.any() and np.array_equal(pixels(again), kept)
