"""The demo archive by itself: served, or published as files."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from services.settings import load_settings
from terminal.question import Question

ROOT = Path(__file__).resolve().parents[1]
"""Where Python finds the archive, whatever folder the command is given in."""


def demo(
    port: Annotated[int, typer.Option(help="Port; 0 takes a free one.")] = 8600,
    publish: Annotated[
        Path | None, typer.Option(help="Write STAC items and Cloud Optimized GeoTIFFs to this folder instead.")
    ] = None,
    aoi: Annotated[str, typer.Option("--aoi", "--area", help="The area to publish, as large as the pictures.")] = "",
    year: Annotated[int | None, typer.Option(help="A calendar year to publish, UTC.")] = None,
    from_: Annotated[str, typer.Option("--from", help="First day to publish, e.g. 2024-06-01.")] = "",
    to: Annotated[str, typer.Option(help="Last day to publish, which is part of it.")] = "",
    root: Annotated[str, typer.Option(help="Address at which the folder will be served; its path if empty.")] = "",
) -> None:
    """Run the demo archive, a simulated world that speaks the Sentinel Hub protocol; or publish that world as files."""
    if publish is None:
        os.chdir(ROOT)
        os.execv(sys.executable, [sys.executable, "-m", "services.demo", "--port", str(port)])  # noqa: S606 - our own program
    question = Question(load_settings(), aoi=aoi, year=year, from_=from_, to=to)
    days = question.interval
    command = [sys.executable, "-m", "services.demo.publish", str(publish.absolute()), "--root", root]
    command += ["--from", days.start.isoformat(), "--to", days.end.isoformat()]
    done = subprocess.run(command, input=question.area.geometry.wkt, text=True, check=False, cwd=ROOT)
    raise typer.Exit(done.returncode)
