"""What is lacking, in few pieces."""

from collections import Counter
from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from services.grid import Cell, cover_missing
from services.grid.tiling import Piece, Rectangle, cover
from services.sentinel2 import DATA_MASK

Missing = dict[Cell, frozenset[str]]
Left = frozenset[tuple[Cell, str]]
BANDS = ("B02", "B03", "B04", "B08", "B11", "SCL")
ORDER = (*BANDS, DATA_MASK)


@st.composite
def patterns(draw: st.DrawFn, side: int, lacks: int) -> Missing:
    """A square of cells with at most so many different lacks."""
    sets = draw(st.lists(st.frozensets(st.sampled_from(ORDER)), min_size=1, max_size=lacks))
    return {cell: draw(st.sampled_from(sets)) for cell in product(range(3, 3 + side), range(-1, side - 1))}


def asked(found: tuple[Piece, ...]) -> Counter[tuple[Cell, str]]:
    return Counter((cell, plane) for planes, place in found for cell in place.cells for plane in planes)


def lacking(missing: Missing) -> Left:
    return frozenset((cell, plane) for cell, planes in missing.items() for plane in planes)


def cells_by_lack(missing: Missing) -> list[set[Cell]]:
    """Those that lack the same."""
    lacks = {planes for planes in missing.values() if planes}
    return [{cell for cell, planes in missing.items() if planes == lack} for lack in lacks]


def cells_by_plane(missing: Missing) -> list[set[Cell]]:
    """Those that lack a plane; planes with the same cells once."""
    sides = {frozenset(cell for cell, planes in missing.items() if plane in planes) for plane in ORDER}
    return [set(cells) for cells in sides if cells]


def pieces_of(sides: list[set[Cell]], columns: int, rows: int) -> int:
    """How many rectangles it is where each goes by itself."""
    return sum(len(cover(cells, columns, rows)) for cells in sides)


def price(found: tuple[Piece, ...]) -> int:
    """Bands of all cells; a mask counts where it is alone."""
    return sum(len(place.cells) * max(1, len(set(planes) - {DATA_MASK})) for planes, place in found)


@settings(max_examples=60, deadline=None)
@given(missing=patterns(5, 5), columns=st.integers(1, 6), rows=st.integers(1, 6))
def test_any_cut_is_whole_and_at_one_price_and_no_worse_than_planes_by_themselves(
    missing: Missing, columns: int, rows: int
) -> None:
    found = cover_missing(missing, ORDER, columns, rows)
    assert asked(found) == Counter(lacking(missing))
    assert all(place.columns <= columns and place.rows <= rows for _, place in found)
    assert all(planes == tuple(plane for plane in ORDER if plane in planes) for planes, _ in found)
    assert price(found) == sum(len(planes - {DATA_MASK}) or bool(planes) for planes in missing.values())
    assert len(found) <= pieces_of(cells_by_lack(missing), columns, rows)
    if not any(DATA_MASK in planes for planes in missing.values()):  # a mask may forbid it
        assert len(found) <= pieces_of(cells_by_plane(missing), columns, rows)


def test_cells_that_lack_the_same_go_together() -> None:
    """One tile lacks all that nine others lack in part: two requests, not one a band."""
    missing = {cell: frozenset({"B02", "B03"}) for cell in product(range(3), range(2))}
    missing[0, 2] = frozenset({"B04", "B08", "B11"})
    assert [planes for planes, _ in cover_missing(missing, ORDER, 9, 9)] == [("B02", "B03"), ("B04", "B08", "B11")]


def test_planes_that_the_same_cells_lack_go_together() -> None:
    """A cell in the middle lacks one plane more: it does not break up the others."""
    missing = dict.fromkeys(product(range(3), range(3)), frozenset({"B02", "B03"}))
    missing[1, 1] = frozenset({"B02", "B03", "B04"})
    assert cover_missing(missing, ORDER, 9, 9) == (
        (("B02", "B03"), Rectangle(0, 0, 3, 3)),
        (("B04",), Rectangle(1, 1, 1, 1)),
    )


def test_a_mask_goes_alone_only_where_nothing_else_is_lacking() -> None:
    mask, more = frozenset({DATA_MASK}), frozenset({"B02", DATA_MASK})
    assert cover_missing({(0, 0): mask, (1, 0): more, (2, 0): frozenset({"B02"})}, ORDER, 9, 9) == (
        ((DATA_MASK,), Rectangle(0, 0, 1, 1)),
        (("B02", DATA_MASK), Rectangle(1, 0, 1, 1)),
        (("B02",), Rectangle(2, 0, 1, 1)),
    )


def test_nothing_is_lacking_and_all_is_lacking() -> None:
    nine = list(product(range(3), range(3)))
    assert cover_missing({}, ORDER, 5, 5) == cover_missing(dict.fromkeys(nine, frozenset()), ORDER, 5, 5) == ()
    assert cover_missing(dict.fromkeys(nine, frozenset(ORDER)), ORDER, 5, 5) == ((ORDER, Rectangle(0, 0, 3, 3)),)
