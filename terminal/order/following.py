"""Staying with an order until it has ended: a progress bar for people, and its exit status."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

from terminal.order.words import evened, plain_report, state_of
from terminal.output import people

if TYPE_CHECKING:  # a second of imports, which the other commands do without
    from services.ninepatch import Ninepatch
    from services.orders import OrderReport, OrderRow

EVERY_SECONDS = 1.0
GAPS = 7
"""Exit status of an order that is done without some of its tiles."""
STATUS = {"done": 0, "gaps": GAPS, "failed": 1, "cancelled": 130}
"""Exit status of an order that has ended."""


def follow(product: "Ninepatch", key: str, *, as_json: bool) -> None:
    """Until it has ended, or somebody paused it; then its report, and its status. Raises OrderError."""
    columns = TextColumn("{task.description}"), BarColumn(), TaskProgressColumn()
    with Progress(*columns, console=people, disable=as_json) as bar:
        task = bar.add_task("waiting for a worker", total=None)
        report = product.orders.report(key)
        while report.row.unfinished and not _rests(report.row):
            bar.update(task, description=_told(report), completed=_made(report), total=report.row.tiles or None)
            time.sleep(EVERY_SECONDS)
            report = product.orders.report(key)
        bar.update(task, description=_told(report), completed=_made(report), total=report.row.tiles or None)
    tell_end(report, as_json=as_json)


@contextmanager
def telling() -> Iterator[Callable[[str, float], None]]:
    """A line of what is done and how much of it is, which goes when it is done."""
    columns = TextColumn("{task.description} …"), BarColumn(), TaskProgressColumn()
    with Progress(*columns, console=people, transient=True, disable=not people.is_terminal) as bar:
        task = bar.add_task("", total=1.0)
        yield lambda words, part: bar.update(task, description=words, completed=part)


def tell_end(report: "OrderReport", *, as_json: bool) -> None:
    """How it is; ends with the status of an order that has ended otherwise than whole."""
    row = report.row
    if as_json:
        print(json.dumps(plain_report(report)))
    else:
        words = f"{row.cause} {row.remedy}".strip() or row.waiting
        print(f"{row.id} {row.name}: {state_of(row)}{f', {words}' if words else ''}")
        print(" · ".join(filter(None, (_told(report), evened(row)))))
        for failure in report.failures:
            where = f"tile {failure.tile} of EPSG:{failure.epsg}" if failure.tile else f"part {failure.part}"
            people.print(f"{where}: {failure.cause} {failure.remedy}", markup=False, highlight=False, soft_wrap=True)
    if status := STATUS.get(row.state, 0):
        raise typer.Exit(status)


def _rests(row: "OrderRow") -> bool:
    """Whether nothing goes on before another month, or before somebody says so."""
    return row.state == "paused" and (not row.until or row.until > time.time() + 3600)


def _made(report: "OrderReport") -> int:
    return sum(report.tiles.get(state, 0) for state in ("done", "no data", "failed"))


def _told(report: "OrderReport") -> str:
    """One line of how far it is."""
    row = report.row
    waiting = row.waiting or ("until a worker takes it" if row.state == "queued" else "")
    parts = [f"{state_of(row)}{f', {waiting}' if row.unfinished and waiting else ''}"]
    parts.append(f"{_made(report):,} of {row.tiles:,} tiles")
    if row.units:
        parts.append(f"{row.units:,.1f}{f' of {row.cap:,.0f}' if row.cap else ''} units")
    if report.seconds_left is not None and row.unfinished:
        parts.append(f"about {report.seconds_left / 60:,.0f} min left")
    return " · ".join(parts)
