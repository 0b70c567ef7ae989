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
from typing import Any

import nbclient
import nbformat
import numpy as np
import pytest
from numpy.typing import NDArray

from services.grid import Lattice, TileIndex
from services.ninepatch import Ninepatch
from services.recipe import MASKS, METHODS, Interval, Recipe, Veto
from services.sentinel2 import SCRIPT_BANDS
from services.settings import ProviderSettings, load_settings
from tests.eopatches import loaded
from tests.http.test_two_ways import BESIDE, published

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
        patch = loaded(f"zip://{self.folder / 'patches' / name}.zip")
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
    return lambda recipe: fetched(product, recipe, tmp_path, SH_BASE_URL=archive)


def fetched(product: Ninepatch, recipe: Recipe, folder: Path, **environment: str) -> Made:
    """A result, with folders of its own for who runs its program."""
    product.fetch(recipe)
    home, place = folder / "user", folder / "elsewhere"
    for one in (home, place):
        one.mkdir()
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "LD_LIBRARY_PATH") if name in os.environ}
    environment = kept | environment | {"HOME": str(home), "MPLCONFIGDIR": str(folder / "fonts")}
    return Made(product.results.folder(recipe.digest), recipe, environment, place)


def run(made: Made, **changes: str) -> "subprocess.CompletedProcess[str]":
    """The program, from its file."""
    command = [sys.executable, str(made.folder / "reproduce.py")]
    environment = {**made.environment, **changes}
    return subprocess.run(command, cwd=made.place, env=environment, capture_output=True, text=True)


USUAL = ("median", "least-cloudy")
LATER = [(method, "clear", 2, 0) for method in METHODS if method not in USUAL]


@pytest.mark.parametrize(
    ("method", "mask", "grow", "radius"),
    [*((method, *mask, 1) for method in USUAL for mask in (("clear", 2), ("none", 0))), *LATER],
)
def test_the_program_makes_the_pixels_of_the_result(make: Make, method: str, mask: str, grow: int, radius: int) -> None:
    """Of each method; those that came later have one tile here, for the ways beside the method are the same."""
    made = make(RECIPE.with_(method=method, mask=mask, grow=grow, radius=radius))
    done = run(made)
    assert done.returncode == 0, done.stderr
    assert "the same pixels as the result" in done.stdout
    assert made.compare() == (2 * radius + 1) ** 2
    assert (made.place / f"reproduced_{made.recipe.digest}" / "figure.png").stat().st_size > 10_000
    assert [path.name for path in made.place.iterdir()] == [f"reproduced_{made.recipe.digest}"]
    assert list(Path(made.environment["HOME"]).rglob("*")) == [], "nothing is written where the user has his own"


@pytest.mark.parametrize("method", [method for method, *_ in LATER])
def test_the_notebook_makes_them_too(make: Make, method: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """By each method that came later; a few dates of one tile."""
    made = make(RECIPE.with_(method=method, radius=0, interval=Interval(date(2018, 6, 5), date(2018, 6, 12))))
    assert "the same pixels as the result" in str(executed(made, monkeypatch).cells)
    assert made.compare() == 1


@pytest.mark.parametrize("mask", ["cautious", "csmask"])
def test_the_program_masks_as_we_do(make: Make, mask: str) -> None:
    """With a disk around clouds, and by the network, which it runs itself; a few dates of one tile."""
    if not MASKS[mask].is_here:
        pytest.skip("requirements-csmask.txt is not installed")
    days = Interval(date(2018, 6, 5), date(2018, 6, 12))
    made = make(RECIPE.with_(radius=0, interval=days, maxcc=100, bands=SCRIPT_BANDS, mask=mask, grow=2))
    done = run(made)
    assert done.returncode == 0, done.stderr
    assert "the same pixels as the result" in done.stdout
    assert made.compare() == 1
    patch = loaded(f"zip://{made.folder / 'patches' / 'x1_y1'}.zip")
    assert not patch.mask["CLEAR"].all() or mask == "csmask", "something is masked"


def test_a_veto_and_a_split_grid_and_the_notebook(make: Make, archive: str, monkeypatch: pytest.MonkeyPatch) -> None:
    bare = make(RECIPE.with_(radius=0, interval=Interval(date(2018, 6, 5), date(2018, 6, 8))))
    acquisitions = json.loads((bare.folder / "item.json").read_text())["properties"]["ninepatch:acquisitions"]
    assert len(acquisitions) >= 2
    for folder in (bare.place, Path(bare.environment["HOME"])):
        folder.rmdir()
    made = make(bare.recipe.with_(vetoes=(Veto(acquisitions[0], "haze"),), grow=3))
    text = (made.folder / "reproduce.ipynb").read_text()
    assert "haze" in text and f'("{acquisitions[0]}"' not in text
    notebook = executed(made, monkeypatch)
    outputs = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    assert any("the same pixels as the result" in output.get("text", "") for output in outputs)
    assert any("image/png" in output.get("data", {}) for output in outputs), "the figure is in it"
    assert made.compare() == 1


def executed(made: Made, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The notebook, run as people run it."""
    notebook = nbformat.reads((made.folder / "reproduce.ipynb").read_text(), as_version=4)  # type: ignore[no-untyped-call]
    for name, value in made.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("MPLBACKEND", raising=False)  # Streamlit sets it in a process that imports it; people have none
    resources = {"metadata": {"path": str(made.place)}}
    return nbclient.NotebookClient(notebook, timeout=120, kernel_name="python3", resources=resources).execute()


def test_program_and_notebook_of_open_data_make_the_pixels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of two zones; the catalogue is not asked again."""
    with published(BESIDE, tmp_path / "world") as stac:
        facts = {
            "kind": "stac",
            "profile": "earth-search",
            "base_url": stac.url,
            "hosts": ("127.0.0.1",),
            "simulated": True,
        }
        here = ProviderSettings.model_validate({"name": "here", **facts})
        product = Ninepatch(load_settings(home=tmp_path / "home", provider="here", providers=(here,)))
        made = fetched(product, BESIDE.with_(provider="here", maxcc=100), tmp_path)
        asked = len(stac.of("/search"))
        done = run(made)
        assert done.returncode == 0, done.stderr
        assert "the same pixels as the result" in done.stdout
        assert made.compare() == 9
        assert "the same pixels as the result" in str(executed(made, monkeypatch).cells)
        assert len(stac.of("/search")) == asked
    assert "DN offset -1000 applied by Ninepatch to all products" in (made.folder / "item.json").read_text()


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
    assert loaded(made.place / "patch").meta_info["RECIPE_DIGEST"] == made.recipe.digest
    assert run(made).returncode == 0
    assert made.compare() == 1
