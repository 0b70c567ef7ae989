"""Links from an order to the other pages: the picture of some of its tiles, with the order's question."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any
from urllib.parse import parse_qsl

from pages.state.choices import Choices
from services.orders import Order, Sheet
from services.recipe import Recipe

RULE = "tile"
"""How an order chooses dates: name in DATE_RULES."""
_SAME = {one.name for one in fields(Choices)} & {one.name for one in fields(Recipe)} - {"centre", "radius", "date_rule"}
"""Choices that are called as in a recipe and mean the same, but for the place."""


def place_of(link: str) -> Mapping[str, str]:
    """Area and grid of an order, as texts of a link; empty where they are not known."""
    return {key: text for key, text in parse_qsl(link) if key in ("area", "grid")}


def place_in(order: Order, sheet: Sheet, place: Mapping[str, str]) -> Mapping[str, str]:
    """The same with the grid of that sheet's zone, where the order has several."""
    cut = place.get("grid", "").partition("z")[0]
    return place if len(order.sheets) == 1 else {**place, "grid": f"{cut}z{sheet.lattice.epsg % 100:02d}"}


def question_around(recipe: Recipe, place: Mapping[str, str], radius: int = 1) -> dict[str, str]:
    """The link of the picture around the recipe's centre: the order's question, its dates chosen tile by tile."""
    asked: dict[str, Any] = {name: getattr(recipe, name) for name in sorted(_SAME)}
    chosen = Choices(**asked, date_rule=RULE, radius=radius)
    return {**place, "centre": str(recipe.centre), **chosen.question()}
