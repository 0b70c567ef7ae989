"""What an order lacks and why, with the ground that it would show: for the table and the map of failures."""

from collections.abc import Mapping, Sequence

from services.grid import Lattice, TileIndex
from services.mosaic import Gap
from services.orders.rows import Failure, OrderReport, PartRow


def gaps_of(report: OrderReport, parts: Sequence[PartRow]) -> tuple[Gap, ...]:
    """Of each failure its part or tile. Raises OrderError where another version of the program wrote the order."""
    lattices = {sheet.lattice.epsg: sheet.lattice for sheet in report.row.order.sheets}
    rows = {part.number: part for part in parts}
    return tuple(_gap(failure, lattices, rows) for failure in report.failures)


def _gap(failure: Failure, lattices: Mapping[int, Lattice], rows: Mapping[int, PartRow]) -> Gap:
    told = failure.part, lattices[failure.epsg]
    if failure.tile:
        x, y = map(int, failure.tile.split(","))
        return Gap(*told, TileIndex(x, y), failure.cause, failure.remedy)
    part = rows[failure.part]
    return Gap(*told, TileIndex(part.x, part.y), failure.cause, failure.remedy, part.columns, part.rows)
