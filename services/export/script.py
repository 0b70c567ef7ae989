"""A result as a program that makes it again with plain eo-learn, and as a notebook; no secret is in them."""

import hashlib
import json
import textwrap
from collections.abc import Sequence
from html import escape
from importlib.metadata import version
from string import Template
from typing import Any

import numpy as np

from services import __version__
from services.catalogue import Acquisition, window
from services.composite import Image, looks_near, scenes_of
from services.export.script_chapters import (
    CHOICES,
    CLEAR,
    COMPUTED,
    DATES,
    DISK,
    FIGURE,
    GROWTH,
    IMPORTS,
    MASK,
    RUN,
    SQUARE,
)
from services.nbar import AS_SEEN, CHAPTER, NORMALISED, literals
from services.plan import one_tile, sum_of_costs
from services.providers import Provider
from services.recipe import MASKS, Recipe
from services.reducers import Chapter
from services.render import BRIGHTEST, GAMMA, Provenance, views_of
from services.sentinel2 import DATA_MASK, SCL

_PACKAGES = ("numpy", "matplotlib", "fs", "setuptools")
"""What each program needs beside eo-learn; with another `fs` or `setuptools` eo-learn may not be imported."""
_GROWS = "opencv-python-headless"
"""What it needs besides where clouds grow, or their distance is asked for."""
_NEEDED = {name: f"{name}=={version(name)}" for name in ("eo-learn", *_PACKAGES, _GROWS)}
"""Read once: they are found through sys.path, which Streamlit changes while other requests are answered."""
_COMPUTES = {"csmask": "ukis-csmask[cpu]==1.0.0"}
"""What it needs besides where a mask of that name is computed; as requirements-csmask.txt pins it."""
_IMPORTS = (
    "from eolearn.core import EOExecutor, EOWorkflow, FeatureType, OutputTask, linearly_connect_tasks",
    "from matplotlib import pyplot as plt",
)
_MARKDOWN = "\\`*_{}[]()#+-.!|$~"
_WIDTH = 110


def checksum(images: Sequence[Image]) -> str:
    """Of the pixels of tiles, one after another: SHA-256 of reflectance in float32, -1 where there is none."""
    found = hashlib.sha256()
    for image in images:
        pixels = np.where(np.isnan(image.reflectance), np.float32(-1), image.reflectance)
        found.update(np.ascontiguousarray(pixels, "<f4").tobytes())
    return found.hexdigest()


class Script:
    """The program of a result; `kept` is what went into it, oldest first, and `expected` the checksum of its tiles."""

    def __init__(self, provenance: Provenance, provider: Provider, kept: Sequence[Acquisition], expected: str) -> None:
        self.provenance, self.provider, self.recipe = provenance, provider, provenance.recipe
        self.kept = sorted(kept, key=lambda one: one.time)
        self._asks = provider.program(self.recipe, self.kept)
        self.expected = expected

    def program(self) -> str:
        """`reproduce.py`."""
        told = "\n".join((f"{self._title}, again with plain eo-learn.", "", *self._introduction))
        parts = [f'"""{_safe(told)}\n"""\n']
        for chapter in self.chapters():
            words = textwrap.wrap(chapter.words, _WIDTH)
            comment = "".join(f"# {line}\n" for line in (f"{chapter.heading}.", *words))
            gap = "\n" if "\ndef " in f"\n{parts[-1]}" or chapter.code.startswith("def ") else ""
            parts.append(gap + (comment if chapter.heading != IMPORTS.heading else "") + chapter.code)
        return "\n".join(parts)

    def notebook(self) -> str:
        """`reproduce.ipynb`: the same in cells (nbformat 4.5)."""
        words = "\n\n".join(
            [f"# {_markdown(self._title)}, again with plain eo-learn", *map(_markdown, self._introduction)]
        )
        cells = [_cell("markdown", words, 0)]
        for chapter in self.chapters():
            cells.append(_cell("markdown", f"## {chapter.heading}\n\n{chapter.words}", len(cells)))
            cells.append(_cell("code", chapter.code.rstrip("\n"), len(cells)))
        kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
        metadata = {"kernelspec": kernel, "language_info": {"name": "python"}}
        return json.dumps({"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}, indent=1) + "\n"

    def chapters(self) -> list[Chapter]:
        """All of them, with everything in its place."""
        order = (
            IMPORTS,
            CHOICES,
            DATES,
            self._asks.account,
            self._asks.fetch,
            CLEAR,
            *([CHAPTER] if self.recipe.nbar else []),
            self.provenance.method.program,
            RUN,
            FIGURE,
        )
        fill = self._fill()
        return [Chapter(one.heading, Template(one.words).substitute(fill), _filled(one, fill)) for one in order]

    @property
    def _title(self) -> str:
        notice = f"{self.provenance.notice}: " if self.provenance.simulated else ""
        recipe, method = self.recipe, self.provenance.method.of(len(self.kept))
        tile = f"tile {recipe.centre}" + (" and its neighbours" if recipe.radius else "")
        return f"{notice}{recipe.area}, {tile}, {recipe.when}, {method}"

    @property
    def _introduction(self) -> list[str]:
        recipe, beyond, terms = self.recipe, set(self._beyond()), self.provider.terms
        pairs = [one for tile in recipe.neighbourhood.tiles for one in self.kept if (tile.name, one.key) not in beyond]
        asked = (part for one in pairs for part in one_tile(recipe, one, terms).remaining({}))
        cost = self._asks.cost or sum_of_costs(asked)
        packages = [*_PACKAGES, *([_GROWS] if self._opencv else [])]
        needed = (*(_NEEDED[name] for name in packages), *filter(None, [_COMPUTES.get(recipe.mask)]))
        needs = " ".join((_NEEDED["eo-learn"], *self._asks.packages, *needed))
        return [
            f"Used: acquisitions with a scene cloud cover of at most {recipe.maxcc} %{self.provenance.least_coverage}. "
            f"{self.provenance.mask}. "
            f"{self.provenance.method.meaning}",
            *filter(None, [self.provenance.nbar]),
            *(f"Excluded: {vetoed}." for vetoed in self.provenance.vetoes),
            *self.provenance.by_hand,
            f"It asks {self.provider.title} for {len(pairs)} pictures: about "
            f"{self.provider.words.price_in_full(cost)}.",
            f"{self.provenance.attribution}.",
            f"Recipe {recipe.digest}, written {self.provenance.made:%Y-%m-%d} by Ninepatch {__version__}; "
            "it needs nothing of it.",
            f"Needs Python 3.11 and: pip install {needs}",
            *([self._asks.needs] if self._asks.needs else []),
            f"Writes {self._out}: reflectance of each tile as .npy (height, width, band), and figure.png.",
        ]

    @property
    def _out(self) -> str:
        return f"reproduced_{self.recipe.digest}"

    @property
    def _growing(self) -> tuple[int, ...]:
        """Classes that grow; empty where none does."""
        return MASKS[self.recipe.mask].growing if self.recipe.grow else ()

    @property
    def _opencv(self) -> bool:
        """Whether something needs it."""
        return bool(self._growing) or looks_near(self.recipe)

    def _beyond(self) -> list[tuple[str, str]]:
        tiles = self.recipe.neighbourhood.tiles
        return [(tile.name, one.key) for tile in tiles for one in self.kept if not one.touches(tile)]

    def _fill(self) -> dict[str, str]:
        """Literals by their names."""
        recipe, method = self.recipe, self.provenance.method
        chapters = self._asks.account, self._asks.fetch, method.program, *([CHAPTER] if recipe.nbar else [])
        modules = {name for one in chapters for name in one.imports}
        tiles = [f"    {_text(tile.name)}: {tuple(map(float, tile.bounds))!r}," for tile in recipe.neighbourhood.tiles]
        title = textwrap.fill(f"{self._title}, max. cloud cover {recipe.maxcc} %", _WIDTH - 20).splitlines(
            keepends=True
        )
        beyond = ", ".join(f"({_text(tile)}, {_text(key)})" for tile, key in self._beyond())
        return {
            "cv2": "import cv2\n" if self._opencv else "",
            "days": _days(recipe, self.kept),
            "imports": "\n".join(sorted((*_IMPORTS, *_imported(recipe), *self._asks.imports))),
            "plain": "".join(f"import {name}\n" for name in sorted({"hashlib", *modules})),
            "title": "\n".join(f"    {_text(line)}" for line in title),
            "bands": _text(list(recipe.bands)),
            "epsg": _text(str(recipe.lattice.epsg)),
            "size": repr(recipe.lattice.size_px(recipe.resolution)),
            "tiles": "\n".join(tiles),
            "out": _text(self._out),
            "acquisitions": "\n".join(map(_acquisition, self.kept)),
            "beyond": f"{{{beyond}}}" if beyond else "set()",
            "expected": _text(self.expected),
            "attribution": _text(self.provenance.attribution),
            "observations": NORMALISED if recipe.nbar else AS_SEEN,
            **(literals(recipe) if recipe.nbar else {}),
            **self._asks.fill,
            **_mask(recipe, self._growing),
            **_colours(recipe),
        }


def _imported(recipe: Recipe) -> tuple[str, ...]:
    """What computes the mask."""
    return ("from ukis_csmask.mask import CSmask",) if MASKS[recipe.mask].sources else ()


def _mask(recipe: Recipe, growing: Sequence[int]) -> dict[str, str]:
    preset = MASKS[recipe.mask]
    invalid = preset.invalid
    planes = [f"(FeatureType.MASK, {_text(plane)})" for plane in (SCL, DATA_MASK) if plane in recipe.fetched]
    what = "ukis-csmask" if preset.sources else "the scene classification"
    constants = [f"MASKED = {list(invalid)}  # classes of {what} that do not count"] * bool(invalid)
    words = ", and its class is none of those that are masked" if invalid else ""
    if growing:
        constants += [f"GROWING = {list(growing)}  # clouds and their shadows", f"GROW = {recipe.grow}  # pixels"]
        constants += [DISK] * preset.round
        words += f", and no cloud or shadow lies within {recipe.grow} pixels in the same tile"
    if preset.sources:
        constants += [COMPUTED]
    classes = "cloud_classes(patch)" if preset.sources else 'patch.mask["SCL"][0, ..., 0]'
    masking = Template(MASK * bool(invalid) + GROWTH * bool(growing))
    return {
        "masks": f"[{', '.join(planes)}]",
        "clear_words": words,
        "mask_constants": "\n".join([*constants, "", ""]) if constants else "",
        "mask_code": masking.substitute(classes=classes, kernel="DISK" if preset.round else SQUARE),
    }


def _days(recipe: Recipe, kept: Sequence[Acquisition]) -> str:
    """Days of each acquisition from the middle of the season, by its key."""
    scenes = scenes_of(recipe, [one.date for one in kept], [one.cloud_cover for one in kept])
    lines = (f"    {_text(one.key)}: {apart},\n" for one, apart in zip(kept, scenes.apart, strict=True))
    return f"{{\n{''.join(lines)}}}"


def _colours(recipe: Recipe) -> dict[str, str]:
    """Bands as red, green and blue and what becomes white: the first view in colour, else the first band in grey."""
    view = next((view for view in views_of(recipe.bands) if view.index is None), None)
    bands, white = (view.bands, view.white) if view else (recipe.bands[:1], (BRIGHTEST,))
    gamma = view.gamma if view else GAMMA
    many = 3 if len(bands) == 1 else 1
    return {"shown": _text(list(bands) * many), "white": repr(list(white) * many), "gamma": repr(gamma)}


def _acquisition(one: Acquisition) -> str:
    begin, end = window(one)
    return f"    ({_text(one.key)}, {_text(begin.isoformat())}, {_text(end.isoformat())}, {float(one.cloud_cover)!r}),"


def _text(words: str | list[str]) -> str:
    """A text, or a list of texts, as Python has it: JSON is the same, but for an emoji that it escapes in halves."""
    plain = json.dumps(words, ensure_ascii=False)
    return "".join(one if one.isprintable() else f"\\U{ord(one):08x}" for one in plain)


def _filled(chapter: Chapter, fill: dict[str, str]) -> str:
    return Template(chapter.code).substitute(fill)


def _safe(words: str) -> str:
    """Words that do not end the docstring in which they stand."""
    plain = words.replace("\\", "/").replace('"', "'")
    return "\n".join(textwrap.fill(line, _WIDTH, break_long_words=False) for line in plain.split("\n"))


def _markdown(words: str) -> str:
    """Words that are only words in a notebook, whatever an area is called."""
    return "".join(f"\\{one}" if one in _MARKDOWN else one for one in escape(words, quote=False))


def _cell(kind: str, source: str, number: int) -> dict[str, Any]:
    more: dict[str, Any] = {"execution_count": None, "outputs": []} if kind == "code" else {}
    return {"cell_type": kind, "id": f"part-{number}", "metadata": {}, "source": source} | more
