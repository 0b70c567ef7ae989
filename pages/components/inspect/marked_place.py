"""The place that is marked in a picture: from its parts to metres and back, and what runs again when it changes."""

from collections.abc import Sequence

import streamlit as st

from pages.components.shared.viewer import Look, Marked, Place
from pages.state import inspection
from pages.state.inspection import Inspection, Point
from services.geo import Bounds
from services.preview import raster
from services.recipe import Recipe

PICTURE, PANEL, LINK = "look", "inspect", "share"
"""Keys of the fragments that show the mark: the picture, what is found there, and the link."""


def marked_in(recipe: Recipe) -> Inspection:
    """What is looked into, as far as it lies in the picture."""
    return inspection.read().within(recipe.neighbourhood.bounds)


def look_at(recipe: Recipe) -> Look:
    """For the viewer."""
    bounds, now, (height, width) = recipe.neighbourhood.bounds, marked_in(recipe), raster(recipe).shape
    return Look(
        ground=bounds,
        pixels=(width, height),
        side=recipe.neighbourhood.side,
        at=_part(bounds, now.at) if now.at is not None else None,
        ring=tuple(_part(bounds, point) for point in now.ring),
    )


def mark(recipe: Recipe, marked: Marked) -> None:
    """Somebody marked a place: it is what is looked into from now on."""
    points = [_metres(recipe.neighbourhood.bounds, place) for place in marked.places]
    pixel = marked.kind == "pixel"
    inspection.change(at=points[0] if pixel else None, ring=() if pixel else tuple(points))


def run_again(fragments: Sequence[str]) -> None:
    """These alone show what is marked."""
    st.rerun(list(fragments))


def _part(bounds: Bounds, point: Point) -> Place:
    west, south, east, north = bounds
    return (point[0] - west) / (east - west), (north - point[1]) / (north - south)


def _metres(bounds: Bounds, place: Place) -> Point:
    west, south, east, north = bounds
    return west + place[0] * (east - west), north - place[1] * (north - south)
