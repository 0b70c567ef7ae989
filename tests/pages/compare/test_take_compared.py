"""Compare: the difference, both sides and the table as files."""

import io
from pathlib import Path

import numpy as np
import pytest
import rasterio
from PIL import Image
from rio_cogeo.cogeo import cog_validate
from streamlit.testing.v1 import AppTest

from pages.routes.take_compared import compared_address
from pages.state.context import product
from services.composite import INDICES
from tests.pages.routes.test_files import ask
from tests.pages.seen import downloads
from tests.pages.test_compare import cells, fill, known, opened, question, small


def test_a_comparison_is_taken_as_files(frame: AppTest, tmp_path: Path) -> None:
    known(2017, 2018)
    fill(2017, 20)
    fill(2018, 20)
    opened(frame, left="2017,20", right="2018,20", view="ndvi")
    offered = downloads(frame)
    path = tmp_path / "difference.tif"
    answer = ask(offered["Vegetation (NDVI), B minus A, values as COG"])
    assert answer.status_code == 200 and "_minus_2017_cc20_ndvi.tif" in answer.headers["content-disposition"]
    path.write_bytes(answer.content)
    assert cog_validate(path, quiet=True)[0]
    planes = []
    for year in (2017, 2018):
        recipe = question(year, maxcc=20)
        kept, _ = product().preview_service.dates_here(recipe, "ndvi")
        planes.append(product().compositor.image(recipe, kept, (), 1, [INDICES["ndvi"]]).indices["ndvi"])
    with rasterio.open(path) as file:
        np.testing.assert_array_equal(file.read(1), planes[1] - planes[0])
        assert file.tags()["LEFT_INTERVAL"].startswith("2017") and file.tags()["SIMULATED"] == "yes"
    shown = Image.open(io.BytesIO(ask(offered["Vegetation (NDVI), B minus A as PNG with its legend"]).content))
    assert shown.size[1] > planes[0].shape[0] and "Simulated data: " in shown.info["Description"]
    table = Image.open(io.BytesIO(ask(offered["This table as PNG: Vegetation (NDVI)"]).content))
    height, width = planes[0].shape
    factor, places = -(-200 // width), cells(frame)
    across, down = len({limit for _, limit in places}), len({year for year, _ in places})
    assert table.size[0] == 150 + across * (factor * width + 8) and table.size[1] > down * factor * height
    for letter, plane in zip("AB", planes, strict=True):
        path.write_bytes(ask(offered[f"{letter}: NDVI values as COG, 300 m"]).content)
        with rasterio.open(path) as file:
            np.testing.assert_array_equal(file.read(1), plane)


@pytest.mark.parametrize(
    ("name", "texts", "words"),
    [
        ("difference.tif", {}, "of two pictures, got 0"),
        ("difference.png", {"left": "2017,20", "right": "2017,10"}, "is not in the cache"),
        ("matrix.png", {}, "None of these pictures"),
        ("secrets.png", {}, "no such file"),
        ("matrix.png", {"years": "soon"}, "soon"),
    ],
)
def test_what_is_not_there_to_compare_is_told(name: str, texts: dict[str, str], words: str) -> None:
    answer = ask(compared_address(name, small().question() | texts))
    assert answer.status_code in (404, 503) and words in answer.text
