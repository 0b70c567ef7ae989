"""The page's pictures, read back by Pillow."""

from pathlib import Path

import matplotlib
import numpy as np
import pytest
from PIL import Image as Pillow

from services.catalogue import SourceProduct
from services.errors import StorageError
from services.reducers import LOW
from services.render import (
    VIEWS,
    counts_legend,
    counts_picture,
    counts_range,
    counts_rgba,
    default_view,
    draw,
    render_picture,
    save_png,
)
from tests.services.scenes import provenance, recipe, scene


def test_the_picture_has_the_colours_of_the_stretch_one_pixel_a_pixel(tmp_path: Path) -> None:
    whole = scene()
    render_picture(whole, tmp_path / "picture.png", provenance(recipe()))
    with Pillow.open(tmp_path / "picture.png") as read:
        assert read.mode == "RGBA"
        np.testing.assert_array_equal(np.asarray(read), draw(default_view(whole.bands), whole))


def test_the_picture_carries_its_attribution(tmp_path: Path) -> None:
    render_picture(scene(), tmp_path / "picture.png", provenance(recipe(area="Åland $x$ <b>")))
    with Pillow.open(tmp_path / "picture.png") as read:
        assert read.info["Copyright"] == "Contains modified Copernicus Sentinel data [2017]"
        assert read.info["Title"] == "Åland $x$ <b>"
        assert "Simulated" not in read.info["Description"]


@pytest.mark.parametrize("draw", [render_picture, counts_picture])
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


def test_counts_have_the_colours_of_viridis_from_none_to_the_greatest(tmp_path: Path) -> None:
    whole = scene(recipe(px=150), empty=0.2)
    counts_picture(whole, tmp_path / "looks.png", provenance(recipe()))
    with Pillow.open(tmp_path / "looks.png") as read:
        drawn = np.asarray(read)[: whole.height]
    high = whole.count.max()
    for count in (LOW, high // 2, high):
        expected = matplotlib.colormaps["viridis"](0.75 * float(count) / float(high), bytes=True)[:3]
        found = drawn[whole.count == count].astype(int)
        assert np.abs(found - np.asarray(expected, int)).max() <= 2
    grey = drawn[whole.count == 0]
    assert (grey[:, 0] == grey[:, 1]).all()
    assert grey.min() > 150


def test_fewer_than_three_looks_are_hatched_over_their_colour_and_the_rest_is_not() -> None:
    whole = scene(recipe(px=150), empty=0.2)
    whole.count[:200, :200] = 2
    pixels = counts_rgba(whole, 1, 29)
    plain = np.asarray(matplotlib.colormaps["viridis"](0.75 * (whole.count.astype(float) - 1) / 28, bytes=True))
    lined = (np.abs(pixels.astype(int) - plain) > 2).any(axis=-1)
    assert not lined[whole.count >= LOW].any()
    assert 0.1 < lined[:200, :200].mean() < 0.4
    assert {tuple(pixel) for pixel in pixels[lined & (whole.count > 0)].tolist()} == {
        (0, 0, 0, 255),
        (255, 255, 255, 255),
    }
    np.testing.assert_array_equal(pixels[..., 3] == 0, whole.count == 0)


def test_seven_of_seven_everywhere_is_a_calm_green_on_a_scale_from_none() -> None:
    whole = scene(recipe(px=150), empty=0)
    whole.count[:] = 7
    assert counts_range(whole) == (7, 7)
    red, green, blue, _ = counts_rgba(whole, 0, 7)[0, 0]
    assert green > max(red, blue) and red < 128, "neither red nor yellow"


def test_the_hatching_changes_neither_size_nor_legend_of_other_pictures(tmp_path: Path) -> None:
    sizes, strips = set(), []
    for name, least in (("few", 1), ("many", 5)):
        whole = scene(recipe(px=150), empty=0)
        whole.count[:] = np.maximum(whole.count, 5)
        whole.count[0, 0] = least
        counts_picture(whole, tmp_path / f"{name}.png", provenance(recipe()))
        with Pillow.open(tmp_path / f"{name}.png") as read:
            sizes.add(read.size)
            strips.append(np.asarray(read)[-64:])
    assert sizes == {(450, 514)}
    said = [(strip[:28, 300:] < 128).any() for strip in strips]
    assert said == [True, False], "what is hatched is said where there is some"


def test_the_numbers_for_a_page_are_those_of_the_picture() -> None:
    scale = counts_legend(1, 30)
    assert (scale.low, scale.high, scale.unit) == (1, 30, "clear observations")
    assert list(scale.ticks) == [1, 6, 11, 16, 21, 26]
    assert scale.colours[0] == "#440154"
    assert scale.colours[-1].startswith("#5e"), "its green: what is seen best is no alarm"
    assert "hatched: fewer than 3" in scale.words
    assert counts_legend(7, 7).ticks == (7,)
    assert counts_legend(0, 0).ticks == (0,)


def test_a_small_picture_of_counts_is_enlarged_so_that_its_legend_has_room(tmp_path: Path) -> None:
    whole = scene(recipe(px=2))
    counts_picture(whole, tmp_path / "looks.png", provenance(recipe()))
    with Pillow.open(tmp_path / "looks.png") as read:
        assert read.width >= 360
        assert read.width % whole.width == 0


@pytest.mark.parametrize("empty", [0.0, 1.0], ids=["everything", "nothing"])
def test_counts_that_are_all_alike_are_drawn_too(empty: float, tmp_path: Path) -> None:
    whole = scene(empty=empty)
    whole.count[whole.count > 0] = 7
    counts_picture(whole, tmp_path / "looks.png", provenance(recipe()))
    with Pillow.open(tmp_path / "looks.png") as read:
        read.verify()


def test_the_same_picture_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a.png", "b.png"):
        render_picture(scene(), tmp_path / name, provenance(recipe(), simulated=True))
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


@pytest.mark.parametrize("name", ["false", "ndvi"])
def test_a_picture_can_show_any_view_and_says_which(name: str, tmp_path: Path) -> None:
    whole = scene(recipe(bands=("B03", "B04", "B08")))
    render_picture(whole, tmp_path / "picture.png", provenance(recipe()), VIEWS[name])
    with Pillow.open(tmp_path / "picture.png") as read:
        np.testing.assert_array_equal(np.asarray(read), draw(VIEWS[name], whole))
        assert read.info["Description"] == VIEWS[name].words


def test_a_picture_of_two_results_names_both_and_says_once_that_one_is_simulated(tmp_path: Path) -> None:
    real, made = provenance(recipe()), provenance(recipe(maxcc=20), simulated=True)
    save_png(Pillow.new("RGB", (9, 9)), tmp_path / "both.png", real, "Both", made)
    with Pillow.open(tmp_path / "both.png") as read:
        assert read.info["Description"] == "Simulated data: Both"
        assert read.info["Copyright"] == f"{real.attribution}; {made.attribution}"
        assert read.info["Recipe"] == f"{real.recipe.digest}; {made.recipe.digest}"
        assert read.info["Title"] == "Southern Finland"


def test_a_picture_says_what_it_was_made_of(tmp_path: Path) -> None:
    one = SourceProduct("S2A_MSIL2A_20170607T095031_N0510_R079_T35VLG_20230607T095340", -1000)
    render_picture(scene(), tmp_path / "picture.png", provenance(recipe(), products=(one,)))
    render_picture(scene(), tmp_path / "before.png", provenance(recipe()))
    with Pillow.open(tmp_path / "picture.png") as read, Pillow.open(tmp_path / "before.png") as before:
        assert (read.info["Source products"], read.info["Processing baselines"]) == (one.id, "05.10")
        assert read.info["Offset applied"] == "DN offset -1000 applied by Ninepatch to all products"
        assert not {"Source products", "Offset applied"} & set(before.info)


def test_a_folder_that_is_a_file_is_said_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StorageError, match=r"picture\.png cannot be written"):
        render_picture(scene(), tmp_path / "file" / "picture.png", provenance(recipe()))
