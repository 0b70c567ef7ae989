"""The program and the notebook of a result, run where this project is not: they make the same pixels, bit for bit."""

import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import nbclient
import nbformat
import numpy as np
import pytest
from eolearn.core import EOPatch
from numpy.typing import NDArray

from services.grid import Lattice, TileIndex
from services.ninepatch import Ninepatch
from services.recipe import METHODS, Interval, Recipe, Veto
from services.settings import load_settings

LATTICE = Lattice(32635, 390_000.0, 6_738_000.0, 241.7, 300.0)
JUNE = Interval(date(2018, 6, 5), date(2018, 6, 21))
RECIPE = Recipe(
    LATTICE, TileIndex(1, 1), JUNE, maxcc=60, bands=("B08", "B04", "B03", "B11"), area='Meadow "$x$" \\ %s {y}'
)


@dataclass(frozen=True)
class Made:
    """A result on the disk."""

    folder: Path
    recipe: Recipe
    environment: Mapping[str, str]
    """For a program that asks the same archive, and finds nothing of this project nor of the user."""
    place: Path
    """An empty folder to run it in."""

    def tile(self, name: str) -> NDArray[np.float32]:
        """The picture of a tile as its EOPatch has it."""
        patch = EOPatch.load(f"zip://{self.folder / 'patches' / name}.zip")
        picture: NDArray[np.float32] = patch.data_timeless[METHODS[self.recipe.method].feature]
        return picture

    def compare(self) -> int:
        """How many tiles were written; each must be the EOPatch's, bit for bit."""
        written = sorted((self.place / f"reproduced_{self.recipe.digest}").glob("*.npy"))
        for path in written:
            found, wanted = np.load(path), self.tile(path.stem)
            assert (found.dtype, found.shape) == (wanted.dtype, wanted.shape)
            np.testing.assert_array_equal(found, wanted)
        assert {path.stem for path in written} == {tile.name for tile in self.recipe.neighbourhood.tiles}
        return len(written)


Make = Callable[[Recipe], Made]


@pytest.fixture
def make(archive: str, tmp_path: Path) -> Make:
    """Fetches a recipe into a product of its own."""
    product = Ninepatch(load_settings(home=tmp_path / "home", provider="demo", demo_url=archive))

    def made(recipe: Recipe) -> Made:
        product.fetch(recipe)
        home, place = tmp_path / "user", tmp_path / "elsewhere"
        for folder in (home, place):
            folder.mkdir()
        kept = {name: os.environ[name] for name in ("PATH", "LANG", "LD_LIBRARY_PATH") if name in os.environ}
        environment = kept | {"SH_BASE_URL": archive, "HOME": str(home), "MPLCONFIGDIR": str(tmp_path / "fonts")}
        return Made(product.results.folder(recipe.digest), recipe, environment, place)

    return made


def run(made: Made, **changes: str) -> "subprocess.CompletedProcess[str]":
    """The program, from its file."""
    command = [sys.executable, str(made.folder / "reproduce.py")]
    environment = {**made.environment, **changes}
    return subprocess.run(command, cwd=made.place, env=environment, capture_output=True, text=True)


@pytest.mark.parametrize("method", list(METHODS))
@pytest.mark.parametrize(("mask", "grow"), [("clear", 2), ("none", 0)])
def test_the_program_makes_the_pixels_of_the_result(make: Make, method: str, mask: str, grow: int) -> None:
    made = make(RECIPE.with_(method=method, mask=mask, grow=grow))
    done = run(made)
    assert done.returncode == 0, done.stderr
    assert "the same pixels as the result" in done.stdout
    assert made.compare() == 9
    assert (made.place / f"reproduced_{made.recipe.digest}" / "figure.png").stat().st_size > 10_000
    assert [path.name for path in made.place.iterdir()] == [f"reproduced_{made.recipe.digest}"]
    assert list(Path(made.environment["HOME"]).rglob("*")) == [], "nothing is written where the user has his own"


def test_a_veto_and_a_split_grid_and_the_notebook(make: Make, archive: str, monkeypatch: pytest.MonkeyPatch) -> None:
    bare = make(RECIPE.with_(radius=0, interval=Interval(date(2018, 6, 5), date(2018, 6, 8))))
    acquisitions = json.loads((bare.folder / "item.json").read_text())["properties"]["ninepatch:acquisitions"]
    assert len(acquisitions) >= 2
    for folder in (bare.place, Path(bare.environment["HOME"])):
        folder.rmdir()
    made = make(bare.recipe.with_(vetoes=(Veto(acquisitions[0], "haze"),), grow=3))
    text = (made.folder / "reproduce.ipynb").read_text()
    assert "haze" in text and f'("{acquisitions[0]}"' not in text
    notebook = nbformat.reads(text, as_version=4)  # type: ignore[no-untyped-call]
    for name, value in made.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("MPLBACKEND", raising=False)  # Streamlit sets it in a process that imports it; people have none
    resources = {"metadata": {"path": str(made.place)}}
    client = nbclient.NotebookClient(notebook, timeout=120, kernel_name="python3", resources=resources)
    client.execute()
    outputs = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    assert any("the same pixels as the result" in output.get("text", "") for output in outputs)
    assert any("image/png" in output.get("data", {}) for output in outputs), "the figure is in it"
    assert made.compare() == 1


def test_other_pixels_are_told(make: Make) -> None:
    made = make(RECIPE.with_(radius=0, interval=Interval(date(2018, 6, 5), date(2018, 6, 8))))
    path = made.folder / "reproduce.py"
    program = path.read_text().replace("MASKED = [0, 1, 3, 8, 9, 10]", "MASKED = [5, 6]")
    path.write_text(program)
    done = run(made)
    assert done.returncode == 0, done.stderr
    assert "not the result's pixels" in done.stdout


def test_an_account_that_is_refused_ends_it_with_the_reason(make: Make) -> None:
    made = make(RECIPE.with_(radius=0, interval=Interval(date(2018, 6, 5), date(2018, 6, 8))))
    refused = run(made, SH_CLIENT_SECRET="wrong")
    assert refused.returncode != 0
    assert "invalid_client" in refused.stderr or "401" in refused.stderr, refused.stderr[-500:]
    nowhere = run(made, SH_BASE_URL="")
    assert nowhere.returncode == 1
    assert "SH_BASE_URL" in nowhere.stderr


def test_the_eopatches_of_the_zip_are_those_of_the_program(make: Make) -> None:
    made = make(RECIPE.with_(radius=0, maxcc=20))
    with zipfile.ZipFile(made.folder / "patches" / "x1_y1.zip") as opened:
        opened.extractall(made.place / "patch")
    assert EOPatch.load(str(made.place / "patch")).meta_info["RECIPE_DIGEST"] == made.recipe.digest
    assert run(made).returncode == 0
    assert made.compare() == 1
