"""Files of people's programs, as the terminal reads them: each ends as its manifest says."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import cli

AREAS = Path(__file__).resolve().parents[3] / "shared" / "data" / "areas"
MANIFEST = AREAS / "manifest.json"
ENTRIES = json.loads(MANIFEST.read_text()) if MANIFEST.is_file() else []
FILES = [entry for entry in ENTRIES if (AREAS / entry["file"]).is_file()]


@pytest.mark.skipif(not FILES, reason="the files of people's programs are not beside the project")
@pytest.mark.parametrize("entry", FILES, ids=lambda entry: str(entry["file"]))
def test_a_file_of_people_ends_as_its_manifest_says(
    entry: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NINEPATCH_HOME", str(tmp_path))
    done = CliRunner().invoke(cli.app, ["grid", "--aoi", str(AREAS / entry["file"]), "--json"])
    if entry["expected"].startswith("reject"):
        assert done.exception is not None and "crs" in str(done.exception)
        return
    assert done.exit_code == 0, str(done.exception)
    said = json.loads(done.stdout)
    if "km2" in entry:
        assert said["area_km2"] == pytest.approx(entry["km2"], rel=entry.get("tolerance", 0.002), abs=0.06)
    if "a note must say" in entry["expected"]:
        assert any("datum" in note and "unknown" in note for note in said["notes"])


def test_a_wide_box_has_all_tiles_that_it_touches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NINEPATCH_HOME", str(tmp_path))
    done = CliRunner().invoke(cli.app, ["grid", "--aoi", "20, 60, 30, 62", "--json"])
    assert done.exit_code == 0, str(done.exception)
    assert json.loads(done.stdout)["tiles"] == 11_341, (
        "by its outline in steps of 0.01°; by its corners there are 11,277"
    )
