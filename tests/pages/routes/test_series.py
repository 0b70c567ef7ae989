"""Series as files of the addresses that pages give: the whole question is in them, and a wrong one is told."""

import csv
import io
from urllib.parse import parse_qsl, urlencode, urlsplit

import numpy as np
import pytest
import shapely

from pages.routes.tables.series import LONGEST, series_address
from pages.state.choices import Choices
from pages.state.context import product
from services.cache import frame_key
from services.geo import to_wgs84
from tests.pages.made import choices, keep_answer, recipe_of
from tests.pages.routes.test_files import ask
from tests.services.overpasses import random_planes


def cached() -> Choices:
    """Three dates of one coarse tile; of a fourth there is nothing."""
    chosen = choices(radius=0, resolution=300, maxcc=40)
    recipe = recipe_of(chosen)
    for number, one in enumerate(keep_answer(recipe, (2.0, 30.0, 61.0, 90.0))[:3]):
        product().frames.write(frame_key(recipe, recipe.centre, one), random_planes(recipe, number))
    return chosen


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def field(chosen: Choices, part: float = 1.0) -> str:
    """A rectangle of the picture from its south-western corner, so much of it."""
    west, south, east, north = recipe_of(chosen).neighbourhood.bounds
    box = shapely.box(west, south, west + part * (east - west), south + part * (north - south))
    epsg = recipe_of(chosen).lattice.epsg
    turned: shapely.Geometry = shapely.transform(box, lambda xy: np.column_stack(to_wgs84(epsg, *xy.T)))
    return shapely.to_wkt(turned, rounding_precision=9)


def changed(address: str, **texts: str) -> str:
    """With other texts in the query."""
    return f"{urlsplit(address).path}?{urlencode({**dict(parse_qsl(urlsplit(address).query)), **texts})}"


def polygon_address(chosen: Choices, polygon: str) -> str:
    address = series_address(chosen, "B04", 0, 0).replace("pixel.csv", "polygon.csv")
    return changed(address, polygon=polygon)


def test_a_pixel_s_series_is_a_sheet_that_says_that_it_is_simulated() -> None:
    chosen = cached()
    west, south, *_ = recipe_of(chosen).neighbourhood.bounds
    answer = ask(series_address(chosen, "ndvi", west + 700, south + 700))
    assert answer.status_code == 200 and answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert f'{recipe_of(chosen).slug}_ndvi_pixel.csv"' in answer.headers["content-disposition"]
    found = rows(answer.text)
    series = product().series_service.pixel_series(recipe_of(chosen), west + 700, south + 700, "ndvi")
    assert [row["acquisition"] for row in found] == [point.acquisition for point in series.points]
    assert [row["used"] for row in found] == ["yes", "yes", "no"]
    assert {row["simulated"] for row in found} == {"yes"} and found[0]["attribution"].startswith("Simulated data")


def test_a_polygon_s_series_is_that_of_its_outline_in_degrees() -> None:
    chosen = cached()
    answer = ask(polygon_address(chosen, field(chosen)))
    height, width = recipe_of(chosen).lattice.size_px(300)
    found = rows(answer.text)
    assert len(found) == 3 and {row["pixels"] for row in found} == {str(height * width)}


@pytest.mark.parametrize(
    ("texts", "words"),
    [
        ({"quantity": "nbr2"}, "'nbr2'. Choose one of B02"),
        ({"at": "1;2"}, "names no point"),
        ({"at": "1,2"}, "outside the picture"),
        ({"area": ""}, "names no area"),
        ({"area": "0123456789ab"}, "is not on this server"),
        ({"mask": "sunny"}, "sunny"),
        ({"year": "2018"}, "Look at the acquisitions first"),
    ],
)
def test_an_address_that_is_wrong_is_told_and_never_guessed_at(texts: dict[str, str], words: str) -> None:
    chosen = cached()
    west, south, *_ = recipe_of(chosen).neighbourhood.bounds
    answer = ask(changed(series_address(chosen, "ndvi", west, south + 1), **texts))
    assert answer.status_code in (404, 503) and words in answer.text


def test_a_polygon_longer_than_an_address_is_refused() -> None:
    chosen = cached()
    answer = ask(polygon_address(chosen, "x" * (LONGEST + 1)))
    assert answer.status_code == 404 and "Bring it as a file" in answer.text
    assert ask("/series/secrets.csv").status_code == 404
