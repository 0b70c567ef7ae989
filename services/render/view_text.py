"""The text of a view, as links and caches have it: what is shown, and after each `~` how.

::

    true, ndvi …             a view of VIEWS
    rgb-B12-B8A-B04          any three bands as red, green and blue; grey-B05: one in grey
    index-(B08-B05):(B08--B05)   an index by a formula of reflectance (`:` divides, `--` adds; `/` and `+` are read too)
    si-EVI                   an index of the community's list
    …~0.02..0.3              low and high end of the stretch in reflectance, or of the range of an index
    …~0..0.3,0..0.2,0..0.2   the same for each of three bands
    …~g1.8~magma             gamma of colours, and palette of an index

One meaning has one text: numbers have four digits, and what is as at the start is left out.
"""

import difflib
import re
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from services.composite import LISTED, OWN, even_ticks, index_by_formula, listed_indices, parse_formula
from services.errors import RecipeError
from services.render.palettes import PALETTES
from services.render.views import BRIGHTEST, BRIGHTEST_NIR, BRIGHTEST_SWIR, VIEWS, View, views_of
from services.sentinel2 import BANDS
from services.text import quoted

COLOURS, GREY = "rgb-", "grey-"
MOST_SIGNS = 700
LOWEST, HIGHEST, LEAST_SPAN = -100_000.0, 100_000.0, 1e-4
"""Of limits, and of the distance of two."""
LEAST_GAMMA, MOST_GAMMA = 0.2, 5.0
Limits = tuple[tuple[float, float], ...]
_NUMBER = r"-?[0-9]+(?:\.[0-9]+)?"
_PAIR = re.compile(rf"({_NUMBER})\.\.({_NUMBER})")
_BRIGHT = dict.fromkeys(("B06", "B07", "B08", "B8A", "B09"), BRIGHTEST_NIR) | dict.fromkeys(
    ("B11", "B12"), BRIGHTEST_SWIR
)
"""Reflectance that becomes full brightness in a free combination; BRIGHTEST for the others."""


def parse_view(text: str, bands: tuple[str, ...]) -> View:
    """What a text means, whether these bands allow it or not: they decide what `bands` is, and what an error offers.

    Raises RecipeError with the part that has no meaning.
    """
    if len(text) > MOST_SIGNS:
        raise RecipeError(f"A view of {len(text):,} signs is too long.", f"At most {MOST_SIGNS} are read.")
    head, *options = text.split("~")
    view = _shown(head, bands)
    for option in options:
        view = _with_option(view, option)
    return view


def view_named(text: str, bands: Sequence[str]) -> View:
    """The view of a text, which these bands allow. Raises RecipeError for no text of a view, and for missing bands."""
    view = parse_view(text, tuple(bands))
    missing = ", ".join(band for band in view.bands if band not in bands)
    if missing:
        possible = ", ".join(one.name for one in views_of(bands))
        raise RecipeError(
            f"The view {view.title} needs {missing}, and the bands are {', '.join(bands)}.",
            f"Add {missing} to the bands, or choose one of {possible}.",
        )
    return view


def unstyled(view: View) -> View:
    """The same in its fixed scale, as at the start."""
    return parse_view(view.name.partition("~")[0], view.bands)


def restyle(view: View, limits: Limits | None = None, gamma: float | None = None, palette: str | None = None) -> View:
    """The same view in another stretch or range: one pair for all channels, or one for each; what is None stays.

    Raises RecipeError for numbers that are no stretch.
    """
    first, pairs = unstyled(view), _checked(limits or view.limits, view)
    fixed = pairs == _checked(first.limits, view)
    options = [] if fixed else [_said_limits(pairs)]
    if view.index and first.index:
        colours = PALETTES[palette].name if palette else view.index.palette
        options += [colours] if colours != first.index.palette else []
        ticks = first.index.ticks if fixed else even_ticks(*pairs[0])
        return replace(first, name=_joined(first, options), index=replace(first.index, ticks=ticks, palette=colours))
    opened = _gamma(view.gamma if gamma is None else gamma)
    options += [f"g{_number(opened)}"] if opened != first.gamma else []
    black, white = zip(*pairs, strict=True)
    dark = black if any(black) else ()
    return replace(first, name=_joined(first, options), white=white, black=dark, gamma=opened)


def _joined(first: View, options: Sequence[str]) -> str:
    return "~".join((first.name, *options))


def _shown(head: str, bands: tuple[str, ...]) -> View:
    """What stands before the first `~`."""
    possible = {view.name: view for view in views_of(bands)}
    if head in VIEWS or head in possible:
        return VIEWS[head] if head in VIEWS else possible[head]
    for begins, make in _HEADS.items():
        if head.startswith(begins):
            return make(head.removeprefix(begins))
    raise RecipeError(f"There is no view {quoted(head)}.", f"Choose one of {', '.join(possible)}.")


def _free(names: str) -> View:
    """`B12-B8A-B04`, or one of them; what VIEWS has is called so."""
    bands = tuple(names.split("-"))
    unknown = next((band for band in bands if band not in BANDS), None)
    if unknown is not None:
        raise RecipeError(f"A view names {quoted(unknown)}, which is no band.", f"Bands are {', '.join(BANDS)}.")
    if len(bands) not in (1, 3):
        raise RecipeError(f"A view names {len(bands)} bands.", "Name three, as red, green and blue, or one for grey.")
    white = tuple(_BRIGHT.get(band, BRIGHTEST) for band in bands)
    begins, title = (COLOURS, "Own colours") if len(bands) == 3 else (GREY, "Grey")
    own = View(f"{begins}{names}", title, bands, white)
    return next((view for view in VIEWS.values() if view.meaning == own.meaning), own)


def _own_index(formula: str) -> View:
    return View.of(index_by_formula(parse_formula(formula)))


def _listed(name: str) -> View:
    """By its short name, in whatever case where that is clear."""
    listed = listed_indices()
    alike = [one for one in listed if one.casefold() == name.casefold()]
    if name not in listed and len(alike) != 1:
        near = difflib.get_close_matches(name, listed, 3, 0.5) or list(listed)[:3]
        raise RecipeError(
            f"The list of spectral indices has no {quoted(name)} for these bands.", f"Near it are {', '.join(near)}."
        )
    return View.of(listed[name if name in listed else alike[0]].index)


_HEADS: dict[str, Callable[[str], View]] = {COLOURS: _free, GREY: _free, OWN: _own_index, LISTED: _listed}


def _with_option(view: View, option: str) -> View:
    """Read one part after a `~`."""
    pairs = [_PAIR.fullmatch(part) for part in option.split(",")]
    found = [(float(pair[1]), float(pair[2])) for pair in pairs if pair]
    if len(found) == len(pairs):
        return restyle(view, tuple(found))
    if view.index and option in PALETTES:
        return restyle(view, palette=option)
    if not view.index and re.fullmatch(rf"g{_NUMBER}", option):
        return restyle(view, gamma=float(option[1:]))
    said = f"a palette ({', '.join(PALETTES)})" if view.index else "a gamma as g1.4"
    raise RecipeError(
        f"The view {view.title} cannot be shown with {quoted(option)}.", f"Write limits as 0..0.3, or {said}."
    )


def _checked(limits: Limits, view: View) -> Limits:
    """A pair for each channel, in four digits."""
    channels = len(view.limits)
    if len(limits) not in (1, channels):
        raise RecipeError(f"The view {view.title} got {len(limits)} pairs of limits.", f"Give one, or {channels}.")
    rounded = tuple((_round(low), _round(high)) for low, high in limits)
    for low, high in rounded:
        if not (LOWEST <= low <= HIGHEST and LOWEST <= high <= HIGHEST and high - low >= LEAST_SPAN):
            raise RecipeError(
                f"Limits from {low:g} to {high:g} are no stretch.",
                f"Take ends from {LOWEST:g} to {HIGHEST:g}, the high one at least {LEAST_SPAN:g} above the low one.",
            )
    return rounded * (channels // len(rounded))


def _gamma(number: float) -> float:
    if not LEAST_GAMMA <= number <= MOST_GAMMA:
        raise RecipeError(f"A gamma of {number:g} is no use.", f"It is from {LEAST_GAMMA:g} to {MOST_GAMMA:g}.")
    return _round(number)


def _said_limits(pairs: Limits) -> str:
    shown = pairs[:1] if len(set(pairs)) == 1 else pairs
    return ",".join(f"{_number(low)}..{_number(high)}" for low, high in shown)


def _round(number: float) -> float:
    """Four digits, and none beyond the sixth decimal: a name must not get hundreds of signs."""
    return round(float(f"{number:.4g}"), 6) + 0.0


def _number(number: float) -> str:
    return np.format_float_positional(number, trim="-")
