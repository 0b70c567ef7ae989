"""What is lacking, in the fewest pieces."""

from collections import Counter
from functools import cache
from itertools import combinations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.grid import Cell, cover_missing, tiling
from services.grid.tiling import Piece, Rectangle, best_cut, cover
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


def fewest(missing: Missing, columns: int, rows: int) -> int:
    """By trying every rectangle with every set of planes, each plane by itself."""
    only_mask = {cell for cell, planes in missing.items() if planes == {DATA_MASK}}

    @cache
    def least(left: Left) -> int:
        if not left:
            return 0
        cell, plane = min(left, key=lambda one: (one[0], one[1]))
        best = 10**6
        for (x0, y0), (x1, y1) in product(missing, missing):
            cells = set(product(range(x0, x1 + 1), range(y0, y1 + 1)))
            if cell not in cells or x1 - x0 >= columns or y1 - y0 >= rows:
                continue
            for count in range(1, len(ORDER) + 1):
                for planes in combinations({name for _, name in left}, count):
                    block = frozenset(product(cells, planes))
                    if plane in planes and block <= left and (planes != (DATA_MASK,) or cells <= only_mask):
                        best = min(best, 1 + least(left - block))
        return best

    return least(lacking(missing))


def price(found: tuple[Piece, ...]) -> int:
    """Bands of all cells; a mask counts where it is alone."""
    return sum(len(place.cells) * max(1, len(set(planes) - {DATA_MASK})) for planes, place in found)


@settings(max_examples=150, deadline=None)
@given(lacks=st.lists(st.frozensets(st.sampled_from(["B02", "SCL", DATA_MASK])), min_size=4, max_size=4))
@pytest.mark.parametrize(("columns", "rows"), [(2, 2), (1, 2)])
def test_no_fewer_pieces_do_for_2_by_2_cells_and_three_planes(
    lacks: list[frozenset[str]], columns: int, rows: int
) -> None:
    missing = dict(zip(product(range(2), range(2)), lacks, strict=True))
    found = best_cut(frozenset(missing.items()), ("B02", "SCL", DATA_MASK), columns, rows)
    assert len(found.pieces) == fewest(missing, columns, rows)
    assert asked(found.pieces) == Counter(lacking(missing))


@settings(max_examples=25, deadline=None)
@given(lacks=st.lists(st.frozensets(st.sampled_from(["B02", "B03", DATA_MASK])), min_size=6, max_size=6))
def test_no_fewer_pieces_do_for_3_by_2_cells(lacks: list[frozenset[str]]) -> None:
    missing = dict(zip(product(range(3), range(2)), lacks, strict=True))
    assert len(cover_missing(missing, ("B02", "B03", DATA_MASK), 3, 2)) == fewest(missing, 3, 2)


@settings(max_examples=300, deadline=None)
@given(missing=patterns(3, 4))
def test_3_by_3_cells_with_four_different_lacks_are_cut_exactly(missing: Missing) -> None:
    found = best_cut(frozenset(missing.items()), ORDER, 25, 25)
    assert found.exact
    assert asked(found.pieces) == Counter(lacking(missing))


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
    alike: dict[frozenset[str], set[Cell]] = {}
    for cell, planes in missing.items():
        alike.setdefault(planes, set()).add(cell)
    assert len(found) <= sum(len(cover(cells, columns, rows)) for planes, cells in alike.items() if planes)


def test_a_pattern_that_neither_simple_way_cuts_best() -> None:
    both, one, other = frozenset({"B02", "B03"}), frozenset({"B02"}), frozenset({"B03"})
    missing = {(0, 1): both, (1, 1): other, (0, 0): one, (1, 0): both}
    assert cover_missing(missing, ORDER, 9, 9) == (
        (("B02",), Rectangle(0, 0, 2, 1)),
        (("B02", "B03"), Rectangle(0, 1, 1, 1)),
        (("B03",), Rectangle(1, 0, 1, 2)),
    )


def test_a_mask_goes_alone_only_where_nothing_else_is_lacking() -> None:
    mask, more = frozenset({DATA_MASK}), frozenset({"B02", DATA_MASK})
    assert cover_missing({(0, 0): mask, (1, 0): more, (2, 0): frozenset({"B02"})}, ORDER, 9, 9) == (
        ((DATA_MASK,), Rectangle(0, 0, 1, 1)),
        (("B02", DATA_MASK), Rectangle(1, 0, 1, 1)),
        (("B02",), Rectangle(2, 0, 1, 1)),
    )


def test_a_search_that_is_given_up_keeps_the_best_that_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tiling, "LOOKS", 0)
    both, one, other = frozenset({"B02", "B03"}), frozenset({"B02"}), frozenset({"B03"})
    missing = {(7, 1): both, (8, 1): other, (7, 0): one, (8, 0): both}
    found = best_cut(frozenset(missing.items()), ORDER, 7, 7)
    assert (len(found.pieces), found.exact) == (4, False)
    assert asked(found.pieces) == Counter(lacking(missing))


def test_nothing_is_lacking_and_all_is_lacking() -> None:
    nine = list(product(range(3), range(3)))
    assert cover_missing({}, ORDER, 5, 5) == cover_missing(dict.fromkeys(nine, frozenset()), ORDER, 5, 5) == ()
    assert cover_missing(dict.fromkeys(nine, frozenset(ORDER)), ORDER, 5, 5) == ((ORDER, Rectangle(0, 0, 3, 3)),)
