"""What one sees as files of the addresses that pages give: the pixels that are drawn, where they lie."""

import io
import re
from pathlib import Path

import numpy as np
import pytest
import rasterio
from PIL import Image
from rio_cogeo.cogeo import cog_validate

from pages.components.take.links import view_links
from pages.routes.take import KINDS, take_address
from pages.state.choices import Choices
from pages.state.context import product
from services.composite import INDICES
from services.render import draw, view_named
from tests.pages.made import recipe_of
from tests.pages.routes.test_files import ask
from tests.pages.routes.test_series import cached


def taken(chosen: Choices, name: str, view: str) -> bytes:
    """The file of that view, which comes under the recipe's name."""
    answer = ask(take_address(name, {**chosen.question(), "view": view}))
    assert answer.status_code == 200, answer.text
    shown = view_named(view, chosen.bands)
    name = f"{recipe_of(chosen).slug}_{shown.slug}{KINDS[name].ending}"
    assert answer.headers["content-disposition"] == f'attachment; filename="{name}"'
    return answer.content


def image(chosen: Choices, view: str):  # type: ignore[no-untyped-def] # a Mosaic
    """The same from the planes."""
    recipe = recipe_of(chosen)
    shown, dates = view_named(view, recipe.bands), product().preview_service.dates_here(recipe, view)[0]
    indices = (shown.index,) if shown.index else ()
    return product().compositor.image(recipe, dates, () if indices else shown.bands, 1, indices)


@pytest.mark.parametrize("view", ["true", "ndvi"])
def test_a_view_as_cog_has_the_colours_that_are_drawn(view: str, tmp_path: Path) -> None:
    chosen, path = cached(), tmp_path / "view.tif"
    path.write_bytes(taken(chosen, "view.tif", view))
    assert cog_validate(path, quiet=True)[0]
    drawn = draw(view_named(view, chosen.bands), image(chosen, view))
    with rasterio.open(path) as file:
        assert [one.name for one in file.colorinterp] == ["red", "green", "blue", "alpha"]
        np.testing.assert_array_equal(np.moveaxis(file.read(), 0, -1), drawn)
        np.testing.assert_allclose(file.bounds, recipe_of(chosen).neighbourhood.bounds)
        assert file.crs.to_epsg() == recipe_of(chosen).lattice.epsg
        assert (file.tags()["SIMULATED"], file.tags()["VIEW"]) == ("yes", view)


def test_an_index_as_cog_has_its_numbers(tmp_path: Path) -> None:
    chosen, path = cached(), tmp_path / "values.tif"
    path.write_bytes(taken(chosen, "values.tif", "ndvi"))
    assert cog_validate(path, quiet=True)[0]
    with rasterio.open(path) as file:
        assert (file.dtypes, file.descriptions, file.units) == (("float32",), ("NDVI",), ("1",))
        assert np.isnan(file.nodata) and file.tags(1)["FORMULA"] == INDICES["ndvi"].formula
        np.testing.assert_array_equal(file.read(1), image(chosen, "ndvi").indices["ndvi"])


def test_a_view_as_picture_has_every_pixel_and_says_where_they_are_from() -> None:
    chosen = cached()
    picture = Image.open(io.BytesIO(taken(chosen, "view.png", "false")))
    width, height = recipe_of(chosen).lattice.size_px(300)
    assert picture.size == (width, height)
    assert picture.info["Description"].startswith("Simulated data: False colour (B08, B04, B03)")
    assert picture.info["Recipe"] == recipe_of(chosen).with_(bands=("B08", "B04", "B03")).digest


def test_a_figure_is_of_the_view_that_is_shown() -> None:
    chosen = cached()
    said = {view: Image.open(io.BytesIO(taken(chosen, "figure.png", view))).info for view in ("true", "ndvi")}
    assert "True colour" in said["true"]["Description"] and "(B08 − B04)" in said["ndvi"]["Description"]


@pytest.mark.parametrize(
    ("name", "texts", "words"),
    [
        ("values.tif", {"view": "true"}, "colours, not of numbers"),
        ("view.png", {"area": ""}, "names no area"),
        ("view.tif", {"mask": "sunny"}, "sunny"),
        ("secrets.tif", {}, "no such file"),
        ("figure.png", {"year": "2018"}, "Look at the acquisitions first"),
    ],
)
def test_what_cannot_be_taken_is_told(name: str, texts: dict[str, str], words: str) -> None:
    answer = ask(take_address(name, {**cached().question(), **texts}))
    assert answer.status_code in (404, 503) and words in answer.text


def test_links_say_which_view_they_give_at_how_many_metres() -> None:
    chosen = cached()
    links = view_links(recipe_of(chosen), view_named("ndvi", chosen.bands), chosen.question())
    words = [re.sub("<small>.*|<[^>]*>", "", one) for one in links]
    assert words == [
        "Vegetation (NDVI) as PNG",
        "Vegetation (NDVI) in colours as COG, 300 m",
        "NDVI values as COG, 300 m",
        "Vegetation (NDVI) as figure with title and dates",
    ]
