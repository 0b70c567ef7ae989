"""Outlines in other coordinate systems."""

import numpy as np
import pytest
from pyproj import Transformer

from services.errors import AreaError
from services.formats import Outline
from services.geo import to_degrees

BOX = ((24.0, 60.0), (25.0, 60.0), (25.0, 61.0), (24.0, 61.0), (24.0, 60.0))


@pytest.mark.parametrize("epsg", [3067, 32635, 3857, 4258])
def test_other_coordinate_systems_are_brought_to_degrees_as_pyproj_does(epsg: int) -> None:
    degrees = np.array(BOX)
    there = Transformer.from_crs(4326, epsg, always_xy=True).transform(*degrees.T)
    ring = tuple(zip(*(part.tolist() for part in there), strict=True))
    found = to_degrees(Outline(((ring,),), name="a", epsg=epsg, features=2, notes=("b",)))
    assert np.allclose(found.polygons[0][0], degrees, atol=1e-8)
    assert (found.epsg, found.name, found.features) == (4326, "a", 2)
    assert found.notes == ("b", f"The coordinates were brought from EPSG:{epsg} to longitude and latitude.")


@pytest.mark.parametrize(("epsg", "words"), [(999_999, "999999"), (4978, "4978"), (5773, "5773"), (4979, "4979")])
def test_what_is_no_coordinate_system_of_a_map_is_refused(epsg: int, words: str) -> None:
    with pytest.raises(AreaError, match=f"EPSG:{words} is not known"):
        to_degrees(Outline(((BOX,),), epsg=epsg))


def test_numbers_outside_of_their_coordinate_system_are_refused_with_the_first() -> None:
    with pytest.raises(AreaError, match=r"1e\+15, 6700000 are outside of EPSG:3067"):
        to_degrees(Outline((((*BOX, (1e15, 6.7e6)),),), epsg=3067))
