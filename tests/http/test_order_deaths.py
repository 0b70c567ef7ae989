"""A worker that dies at any state of a part of an order over two zones: the next one ends it and pays nothing twice."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from numpy.typing import NDArray

from services.grid import Lattice, TileIndex
from services.orders import Order, OrderStore, Sheet, made_area
from tests.actors import a_member
from tests.http.archive_log import asked
from tests.http.dying_orders import STATES
from tests.http.killing import CONNECTIONS, ROOT, environment
from tests.http.test_orders import RECIPE, carried_out
from tests.http.test_spending import product
from tests.services.ledger_rows import of_pixels

WEST = Lattice(32634, 660_000.0, 6_738_000.0, 600.0, 600.0)
TILES = [TileIndex(6, 0), TileIndex(7, 0)]
ORDER = Order.of(RECIPE, [Sheet.of(WEST, TILES), Sheet.of(RECIPE.lattice, TILES)], outputs=("tiles",))
"""Four tiles, each a part of its own, for 6 and 7 lie in two squares of 7 × 7."""


def pixels(home: Path) -> list[NDArray[Any]]:
    """Of all tiles."""
    found = []
    for tiles in made_area(ORDER, home).sets:
        for index in tiles.indices:
            with rasterio.open(tiles.path(index)) as opened:
                found.append(opened.read())
    return found


@pytest.fixture(scope="module")
def calm(archive: str, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, int]:
    """The home of an order whose worker lives, and how many requests it took."""
    ours = product(archive, tmp_path_factory.mktemp("calm"), connections=CONNECTIONS)
    ours.orders.start(ORDER, a_member("anna"), cap=0)
    asked(archive)
    row = carried_out(ours.workshop)
    assert (row.state, row.parts) == ("done", 4)
    return ours.settings.home, len(asked(archive))


def test_whoever_dies_at_whatever_state_of_a_part_the_next_one_ends_it_alike(
    archive: str, home: Path, calm: tuple[Path, int]
) -> None:
    products = {state: product(archive, home / state) for state in STATES}
    for each in products.values():
        each.orders.start(ORDER, a_member("anna"), cap=0)
    command = [sys.executable, "-m", "tests.http.dying_orders", *(str(home / state) for state in STATES)]
    told = environment(product(archive, home).settings)
    done = subprocess.run(command, cwd=ROOT, env=told, capture_output=True, text=True, check=True, timeout=300)
    assert [int(word) for word in done.stdout.split()] == [-9, 0] * len(STATES), done.stderr
    for state, each in products.items():
        row, counts = each.orders.get(ORDER.digest), OrderStore(each.database).counts(ORDER.digest)
        assert (row.state, row.cause, counts["done"][0]) == ("done", "", row.parts), state
        paid = len(of_pixels(each.ledger))
        assert calm[1] <= paid <= calm[1] + CONNECTIONS, f"{state}: what was in flight may be asked for again"
        for ours, theirs in zip(pixels(calm[0]), pixels(home / state), strict=True):
            assert np.array_equal(ours, theirs), state
