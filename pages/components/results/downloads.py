"""The files of a result as links: they are streamed from disk by a route and pass through no session."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from html import escape

import streamlit as st

from pages.components.acquisitions.bill import bill
from pages.components.results.removals import keep_toggle, made_room_for
from pages.components.results.requested_result import RequestedResult
from pages.components.shared.definition_list import heading
from pages.routes.bundle import EVERYTHING
from pages.routes.files import address
from services.export import DOWNLOADS, PICTURE, Result, ResultFile, stem
from services.grid import Tile
from services.recipe import Recipe
from services.text import megabytes


def offered(question: RequestedResult, recipe: Recipe) -> None:
    """The files of the present choices, or the press that makes them."""
    if question.result is not None:
        downloads(question.result, question.digest)
        return
    heading("Downloads")
    st.text("The picture above is made at the moment. Its files are made when you ask for them, and kept.")
    with st.container(width=420):
        bill(recipe, there=True)


def downloads(result: Result, digest: str) -> None:
    """The whole picture's files in a list, and each tile's in the place that it has in the picture."""
    links = Links(result, digest)
    heading("Downloads")
    made_room_for(digest)
    keep_toggle(digest)
    whole, tiles = st.columns([8, 13], gap="large")
    with whole:
        st.html(f'<ul class="np-files">{"".join(links.rows())}</ul>')
    with tiles:
        st.html(links.grid())


@dataclass(frozen=True)
class Links:
    """The files of one result as HTML. Names of files are ours: letters, digits, hyphens."""

    result: Result
    digest: str

    @cached_property
    def recipe(self) -> Recipe:
        """What the result answers."""
        return Recipe.from_dict(self.result.recipe)

    @cached_property
    def of_tiles(self) -> Mapping[tuple[str, str], ResultFile]:
        """By kind and index of the tile."""
        return {(file.kind, file.tile): file for file in self.result.files if file.tile}

    def rows(self) -> list[str]:
        """Link, size and name of everything in one, and of each file of the whole picture."""
        return [self.everything()] + [
            f"<li>{self.link(file, file.title)}<span>{megabytes(file.size)}</span>"
            f"<small>{escape(file.download)}</small></li>"
            for one in DOWNLOADS.values()
            if one.on_page and not one.of_tiles
            for file in self.result.of_kind(one.name)
        ]

    def everything(self) -> str:
        """All files in one zip, which is made while it is sent."""
        name, size = f"{stem(self.recipe)}.zip", megabytes(sum(file.size for file in self.result.files))
        link = f'<a href="{address(self.digest, EVERYTHING)}" download="{name}">Everything in one zip</a>'
        return f"<li>{link}<span>{size}</span><small>{name}</small></li>"

    def grid(self) -> str:
        """The tiles as they lie in the picture, north row first."""
        side = self.recipe.neighbourhood.side
        tiles = enumerate(self.recipe.neighbourhood.tiles)
        cells = "".join(self.cell(tile, *divmod(place, side)) for place, tile in tiles)
        name = next((file.download for file in self.of_tiles.values()), "")
        style = f"--side: {side}; --ratio: {self.result.width} / {self.result.height}"
        return (
            f'<div class="np-patches" style="{style}">{cells}</div>'
            f'<p class="np-names">Each tile where it lies in the picture; names like <code>{escape(name)}</code></p>'
        )

    def cell(self, tile: Tile, row: int, column: int) -> str:
        """One tile: its part of the picture, its index, its files."""
        last = max(1, self.recipe.neighbourhood.side - 1)
        image = f"background-image: url('{address(self.digest, PICTURE)}')"
        at = f"background-position: {100 * column / last:g}% {100 * row / last:g}%"
        offered = (one for one in DOWNLOADS.values() if one.on_page and one.of_tiles)
        items = "".join(self.item(tile, one.name, one.label) for one in offered)
        centre = " np-centre" if tile.index == self.recipe.centre else ""
        picture = f'<i style="{image}; {at}" aria-hidden="true"></i>'
        return f'<div class="np-patch{centre}">{picture}<b>{tile.index}</b><ul>{items}</ul></div>'

    def item(self, tile: Tile, kind: str, title: str) -> str:
        """One file of a tile with its size."""
        file = self.of_tiles.get((kind, str(tile.index)))
        if file is None:
            return ""
        return f"<li>{self.link(file, title, f'{title} of tile {tile.index}')}<span>{megabytes(file.size)}</span></li>"

    def link(self, file: ResultFile, title: str, spoken: str = "") -> str:
        """It downloads under the name that it shows when pointed at."""
        name = escape(file.download)
        label = f' aria-label="{escape(spoken)}"' if spoken else ""
        return (
            f'<a href="{address(self.digest, file.path)}" download="{name}" title="{name}"{label}>{escape(title)}</a>'
        )
