"""The page's pictures, read back by Pillow."""

from pathlib import Path

import matplotlib
import numpy as np
import pytest
from PIL import Image as Pillow

from services.errors import StorageError
from services.render import looks, picture
from services.stretch import rgba
from tests.services.scenes import provenance, recipe, scene


def test_the_picture_has_the_colours_of_the_stretch_one_pixel_a_pixel(tmp_path: Path) -> None:
    whole = scene()
    picture(whole, tmp_path / "picture.png", provenance(recipe()))
    with Pillow.open(tmp_path / "picture.png") as read:
        assert read.mode == "RGBA"
        np.testing.assert_array_equal(np.asarray(read), rgba(whole))


def test_the_picture_carries_its_attribution(tmp_path: Path) -> None:
    picture(scene(), tmp_path / "picture.png", provenance(recipe(area="Åland $x$ <b>")))
    with Pillow.open(tmp_path / "picture.png") as read:
        assert read.info["Copyright"] == "Contains modified Copernicus Sentinel data [2017]"
        assert read.info["Title"] == "Åland $x$ <b>"
        assert "Simulated" not in read.info["Description"]


@pytest.mark.parametrize("draw", [picture, looks])
def test_simulated_pixels_are_stamped_and_the_rest_is_left_alone(draw: object, tmp_path: Path) -> None:
    question = recipe(px=120)
    for simulated in (False, True):
        draw(scene(question), tmp_path / f"{simulated}.png", provenance(question, simulated=simulated))  # type: ignore[operator]
    with Pillow.open(tmp_path / "False.png") as plain, Pillow.open(tmp_path / "True.png") as stamped:
        assert stamped.info["Description"].startswith("Simulated data")
        changed = (np.asarray(plain) != np.asarray(stamped)).any(axis=-1)
        assert changed[-120:, :160].any()
        assert not changed[:200].any()
        assert not changed[:, 250:].any()


def test_counts_have_the_colours_of_viridis_from_the_least_to_the_greatest(tmp_path: Path) -> None:
    whole = scene(recipe(px=150), empty=0.2)
    looks(whole, tmp_path / "looks.png", provenance(recipe()))
    with Pillow.open(tmp_path / "looks.png") as read:
        drawn = np.asarray(read)[: whole.height]
    low, high = whole.count[whole.count > 0].min(), whole.count.max()
    for count in (low, (low + high) // 2, high):
        expected = matplotlib.colormaps["viridis"](float(count - low) / float(high - low), bytes=True)[:3]
        found = drawn[whole.count == count].astype(int)
        assert np.abs(found - np.asarray(expected, int)).max() <= 2
    grey = drawn[whole.count == 0]
    assert (grey[:, 0] == grey[:, 1]).all()
    assert grey.min() > 150


def test_a_small_picture_of_counts_is_enlarged_so_that_its_legend_has_room(tmp_path: Path) -> None:
    whole = scene(recipe(px=2))
    looks(whole, tmp_path / "looks.png", provenance(recipe()))
    with Pillow.open(tmp_path / "looks.png") as read:
        assert read.width >= 360
        assert read.width % whole.width == 0


@pytest.mark.parametrize("empty", [0.0, 1.0], ids=["everything", "nothing"])
def test_counts_that_are_all_alike_are_drawn_too(empty: float, tmp_path: Path) -> None:
    whole = scene(empty=empty)
    whole.count[whole.count > 0] = 7
    looks(whole, tmp_path / "looks.png", provenance(recipe()))
    with Pillow.open(tmp_path / "looks.png") as read:
        read.verify()


def test_the_same_picture_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a.png", "b.png"):
        picture(scene(), tmp_path / name, provenance(recipe(), simulated=True))
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


def test_a_folder_that_is_a_file_is_said_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StorageError, match=r"picture\.png cannot be written"):
        picture(scene(), tmp_path / "file" / "picture.png", provenance(recipe()))
