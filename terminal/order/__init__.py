"""Orders in the terminal: the bill of a whole area, its start, how far it is, and what one does to it."""

import typer

from terminal.order.asking import estimate, start
from terminal.order.changing import cancel, pause, remove, resume, retry
from terminal.order.looking import export, listed, report, status

__all__ = ["order"]

order = typer.Typer(no_args_is_help=True, help="One picture of a whole area: its bill, its start, how far it is.")
order.command()(estimate)
order.command()(start)
order.command("list")(listed)
order.command()(status)
order.command()(pause)
order.command()(resume)
order.command()(cancel)
order.command()(retry)
order.command()(remove)
order.command()(report)
order.command()(export)
