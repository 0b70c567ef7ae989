"""Which of many tiles footprints meet and hold: as if each footprint had been asked about each tile."""

import numpy as np
import shapely
from hypothesis import given
from hypothesis import strategies as some

from services.catalogue.squares import met_and_whole, within

places = some.integers(-4, 12)
sides = some.integers(1, 9)
triangles = some.lists(some.tuples(places, places), min_size=3, max_size=3, unique=True).map(shapely.Polygon)
grounds = some.lists(
    some.one_of(
        some.builds(lambda x, y, width, height: shapely.box(x, y, x + width, y + height), places, places, sides, sides),
        triangles.filter(lambda shape: shape.area > 0),
    ),
    min_size=1,
    max_size=4,
)


@given(grounds)
def test_only_asking_about_the_near_ones_changes_nothing(found: list[shapely.Polygon]) -> None:
    squares = np.array([(x, y, x + 1.0, y + 1.0) for x in range(8) for y in range(8)])
    boxes = shapely.box(*squares.T)
    met, whole = met_and_whole(np.array(found, np.object_), squares)
    assert met.tolist() == [[one.intersects(box) for box in boxes] for one in found]
    assert whole.tolist() == [all(one.intersects(box) == one.covers(box) for one in found) for box in boxes]
    reached = within(squares, shapely.GeometryCollection(found).bounds).tolist()
    assert set(np.flatnonzero(met.any(axis=0)).tolist()) <= set(reached)
