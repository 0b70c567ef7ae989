"""The terminal: sentences on standard error, and the exit status of the contract."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import cli

ROOT = Path(__file__).resolve().parent.parent
BOX = "24.0, 60.5, 24.4, 60.7"


def run(*words: str, home: Path, **environment: str) -> "subprocess.CompletedProcess[str]":
    """The program as people start it, without an account of this machine's."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("NINEPATCH_")}
    return subprocess.run(
        [sys.executable, "cli.py", *words],
        cwd=ROOT,
        env=clean | {"NINEPATCH_HOME": str(home), "NINEPATCH_PROVIDER": "demo", "COLUMNS": "200"} | environment,
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_the_grid_of_southern_finland_has_the_numbers_of_the_splitter(tmp_path: Path) -> None:
    from services.recipe import EXAMPLES

    file = tmp_path / "finland.geojson"
    file.write_text(json.dumps(EXAMPLES[0].aoi.to_geojson()))
    done = run("grid", "--aoi", str(file), "--split", "54x39", "--centre", "35,25", "--json", home=tmp_path)
    plain = json.loads(done.stdout)
    assert (done.returncode, plain["tiles"], plain["centre_number"]) == (0, 1947, 1330)
    assert plain["neighbourhood"] == [[1292, 1331, 1370], [1291, 1330, 1369], [1290, 1329, 1368]]
    assert (plain["tile_metres"], plain["tile_pixels"]) == ("3,302 × 3,301", "330 × 330")


def test_people_see_the_neighbourhood_as_it_lies(tmp_path: Path) -> None:
    done = run("grid", "--aoi", BOX, "--split", "3x3", "--centre", "0,0", home=tmp_path)
    rows = [line.split() for line in done.stdout.splitlines()[-3:]]
    assert rows == [["outside", "1", "4"], ["outside", "0", "3"], ["outside", "outside", "outside"]]


@pytest.mark.parametrize(
    ("words", "status", "named"),
    [
        (("grid", "--aoi", "POINT (24 60)"), 2, "Point"),
        (("grid", "--aoi", "missing.geojson"), 2, "missing.geojson"),
        (("grid",), 2, "--aoi"),
        (("grid", "--aoi", BOX, "--radius", "many"), 2, "--radius"),
        (("fetch", "--aoi", BOX, "--year", "1999"), 2, "2015"),
        (("estimate", "--recipe", "missing.json"), 2, "missing.json"),
        (("nonsense",), 2, "nonsense"),
    ],
)
def test_wrong_input_is_one_sentence_and_status_2(
    words: tuple[str, ...],
    status: int,
    named: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """In this process: a process for each would only start again; what it hands on to the shell is tested below."""
    monkeypatch.setenv("NINEPATCH_HOME", str(tmp_path))
    monkeypatch.setattr("sys.argv", ["cli.py", *words])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    said = capsys.readouterr()
    assert ended.value.code == status
    assert named in said.err
    assert not said.out


def test_a_provider_without_an_account_is_status_4_and_says_what_to_set(tmp_path: Path) -> None:
    words = ("estimate", "--aoi", BOX, "--year", "2017")
    done = run(*words, home=tmp_path, NINEPATCH_PROVIDER="copernicus")
    assert done.returncode == 4
    assert "NINEPATCH_CLIENT_ID" in done.stderr


def test_an_unreachable_provider_is_status_4_without_its_secret(tmp_path: Path) -> None:
    dead = "http://127.0.0.1:9"
    account = {
        "NINEPATCH_PROVIDER": "private",
        "NINEPATCH_BASE_URL": dead,
        "NINEPATCH_TOKEN_URL": f"{dead}/token",
        "NINEPATCH_CLIENT_ID": "somebody",
        "NINEPATCH_CLIENT_SECRET": "hush-hush",
        "NINEPATCH_TRIES": "1",
    }
    for words in (("acquisitions", "--aoi", BOX, "--year", "2017"), ("providers", "--check")):
        done = run(*words, home=tmp_path, **account)
        assert done.returncode == 4, words
        assert "127.0.0.1:9" in done.stderr + done.stdout
        assert "hush" not in done.stderr + done.stdout


def test_a_wrong_setting_is_status_2_and_named(tmp_path: Path) -> None:
    done = run("providers", home=tmp_path, NINEPATCH_TILE_SIZE="3301")
    assert done.returncode == 2
    assert "tile_size" in done.stderr


def test_the_demo_s_world_is_published_as_files_of_an_area(tmp_path: Path) -> None:
    words = ("demo", "--publish", str(tmp_path / "world"), "--area", "24.7, 60.2, 24.71, 60.21")
    done = run(*words, "--from", "2024-06-05", "--to", "2024-06-05", home=tmp_path)
    items = [json.loads(line) for line in (tmp_path / "world" / "items.ndjson").read_text().splitlines()]
    assert (done.returncode, len(items)) == (0, 2), done.stderr
    assert done.stdout.split() == [item["properties"]["s2:product_uri"].removesuffix(".SAFE") for item in items]
    assert all(len(item["assets"]) == 13 and Path(item["assets"]["red"]["href"]).is_file() for item in items)


def test_publishing_without_days_or_an_area_says_what_is_missing(tmp_path: Path) -> None:
    words = ("demo", "--publish", str(tmp_path / "world"))
    undated = run(*words, "--aoi", BOX, home=tmp_path)
    nowhere = run(*words, "--year", "2024", home=tmp_path)
    assert (undated.returncode, nowhere.returncode) == (2, 2)
    assert undated.stderr.startswith("No dates are given.")
    assert nowhere.stderr.startswith("No area is given.")
    assert not (tmp_path / "world").exists()
