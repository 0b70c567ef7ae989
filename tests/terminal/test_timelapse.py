"""The command that writes a timelapse: the file of the service, with the same choices as the page."""

import json
from pathlib import Path

import av
import pytest
from PIL import Image
from typer.testing import CliRunner, Result

import cli
from services.errors import NinepatchError
from services.ninepatch import Ninepatch
from tests.services.animation.test_timelapse import FOUND, QUESTION, animations


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Four of five dates are in the cache, and the catalogue's answer is kept."""
    monkeypatch.setenv("NINEPATCH_HOME", str(tmp_path))
    monkeypatch.setenv("NINEPATCH_PROVIDER", "demo")
    monkeypatch.setattr(Ninepatch, "known", lambda self, recipe: FOUND)
    animations(tmp_path)
    (tmp_path / "recipe.json").write_text(QUESTION.to_json())
    return tmp_path


def run(home: Path, *words: str) -> Result:
    return CliRunner().invoke(cli.app, ["timelapse", "--recipe", str(home / "recipe.json"), *words])


def test_the_dates_that_are_cached_become_a_file_that_moves(home: Path) -> None:
    done = run(home, "--view", "ndvi", "--seconds", "0.2", "--size", "330", "--out", str(home / "x.webp"))
    assert done.exit_code == 0, done.output
    assert f"4 pictures, {FOUND[0].date} to {FOUND[3].date}" in done.stdout and "Simulated data." in done.stdout
    assert f"Left out, for they are not cached: {FOUND[4].date}." in done.stderr
    with Image.open(home / "x.webp") as moving:
        assert (moving.n_frames, moving.info["loop"]) == (4, 0)  # type: ignore[attr-defined]


def test_a_video_of_the_months_is_told_to_machines(home: Path) -> None:
    done = run(home, "--each", "months", "--out", str(home / "x.mp4"), "--json")
    told = json.loads(done.stdout)
    with av.open(str(home / "x.mp4")) as video:
        frames = list(video.decode(video=0))
    assert len(frames) == len(told["labels"]) and (frames[0].width, frames[0].height) == (told["width"], told["height"])
    assert told["bytes"] == (home / "x.mp4").stat().st_size


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (("--out", "x.avi"), "webp"),
        (("--each", "weeks"), "dates, months, years"),
        (("--size", "5000"), "330, 660, 990 px"),
        (("--out", "/nowhere/at/all.gif"), "cannot be written"),
    ],
)
def test_what_is_not_possible_is_said_with_what_is(home: Path, words: tuple[str, ...], named: str) -> None:
    done = run(home, *words)
    assert isinstance(done.exception, NinepatchError) and named in str(done.exception)
