"""A second word before something is spent or removed."""

import sys
from typing import Annotated

import typer

from services.errors import OrderError

Yes = Annotated[bool, typer.Option("--yes", help="Do not ask; needed where nobody sits at a terminal.")]


def confirm(question: str, remedy: str, *, yes: bool) -> None:
    """Somebody says so, or has said so. Raises OrderError where nobody can be asked, and typer.Abort."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise OrderError("Nobody sits at the terminal to confirm it.", remedy)
    typer.confirm(question, abort=True, err=True)
