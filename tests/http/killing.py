"""Processes of ours that are killed, and what must hold however they died."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from PIL import Image

from services.ninepatch import Ninepatch
from services.recipe import Recipe
from services.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
CONNECTIONS = 2
"""Of each of them."""


@contextmanager
def killed_at_last(command: list[str], **options: Any) -> Iterator["subprocess.Popen[bytes]"]:
    """A process that is killed, never asked to end."""
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, **options)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def environment(settings: Settings) -> dict[str, str]:
    """Of a process for these settings."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("NINEPATCH_", "STREAMLIT_"))}
    return clean | {
        "NINEPATCH_HOME": str(settings.home),
        "NINEPATCH_PROVIDER": settings.provider,
        "NINEPATCH_DEMO_URL": settings.demo_url,
        "NINEPATCH_CONNECTIONS": str(CONNECTIONS),
        "NINEPATCH_ONLINE_BASEMAP": "false",
    }


@contextmanager
def worker(settings: Settings, log: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """As the web application starts it."""
    command = [sys.executable, "cli.py", "worker", "--parent", str(os.getpid())]
    with log.open("ab") as output, killed_at_last(command, env=environment(settings), stderr=output) as process:
        yield process


def same_result(product: Ninepatch, calm: Ninepatch, recipe: Recipe) -> None:
    """Composites bit for bit as where nobody was killed."""
    folders = [one.results.folder(recipe.digest) for one in (product, calm)]
    names = ["median.tif", *(f"tiles/{tile.name}.tif" for tile in recipe.neighbourhood.tiles)]
    for name in names:
        pixels = []
        for folder in folders:
            with rasterio.open(folder / name) as opened:
                pixels.append(opened.read())
        assert np.array_equal(pixels[0], pixels[1]), name
    pictures = [np.asarray(Image.open(folder / "picture.png").convert("RGBA")) for folder in folders]
    assert np.array_equal(pictures[0], pictures[1])


def databases_are_intact(home: Path) -> None:
    """All of them, by SQLite's own check."""
    found = [*home.glob("*.sqlite"), *home.glob("*/cache.db")]
    assert {path.name for path in found} == {"jobs.sqlite", "cache.db"}
    for path in found:
        with closing(sqlite3.connect(path)) as database:
            assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)], path
