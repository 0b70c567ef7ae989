"""The areas that were there before, with their grids and tiles: what "Undo" goes back to. Of the session alone.

By their names in the stock of areas: twenty large outlines of each session would fill the memory.
"""

from dataclasses import dataclass, replace

import streamlit as st

from pages.state.choices import Choices
from pages.state.context import areas
from services.area import AOI
from services.errors import AreaError
from services.grid import TileIndex
from services.recipe import Veto

STEPS = 20
"""Most changes that can be undone."""
_PAST = "area_past"


@dataclass(frozen=True)
class Step:
    """What was chosen before an area came, changed or went."""

    area: str
    """Digest of the area; empty for none."""
    outline: str
    """Digest of its outline."""
    grid: str
    """As `Grid.from_spec` takes it."""
    centre: TileIndex | None
    vetoes: tuple[Veto, ...]
    """They are of acquisitions of that place."""
    included: tuple[str, ...]
    """So are these."""
    same_place: bool
    """Whether the area after it was this one, drawn anew: then the dates by hand of now are of it too."""

    def leads_elsewhere(self, chosen: Choices) -> bool:
        """Whether the outline is another than that which is chosen."""
        return self.outline != _outline(chosen.aoi)


def note(before: Choices, after: Choices, *, same_place: bool = False) -> None:
    """Remember what was before a change, where the outline changes; another name or grid is no such change."""
    step = Step(
        area=before.aoi.digest if before.aoi else "",
        outline=_outline(before.aoi),
        grid=before.grid.spec if before.grid else "",
        centre=before.centre,
        vetoes=before.vetoes,
        included=before.included,
        same_place=same_place,
    )
    if step.leads_elsewhere(after):
        st.session_state[_PAST] = (*_steps(), step)[-STEPS:]


def latest(chosen: Choices) -> Step | None:
    """The step that "Undo" takes back; one that leads where one is already is left out."""
    return next((step for step in reversed(_steps()) if step.leads_elsewhere(chosen)), None)


def back(chosen: Choices) -> Choices | None:
    """What is chosen after the latest step is taken back, which is forgotten then; None where there is none.

    Raises AreaError where the area is no longer stored.
    """
    step = latest(chosen)
    if step is None:
        return None
    steps = _steps()
    st.session_state[_PAST] = steps[: len(steps) - 1 - steps[::-1].index(step)]
    by_hand = chosen if step.same_place else step
    vetoes, included = by_hand.vetoes, by_hand.included
    if not step.area:
        return replace(chosen, aoi=None, grid=None, centre=None, vetoes=vetoes, included=included)
    aoi = areas().open(step.area)
    if aoi is None:
        raise AreaError("The area of before is not on this server any more.", "Bring it again.")
    return replace(chosen.with_area(aoi, step.grid), centre=step.centre, vetoes=vetoes, included=included)


def _steps() -> tuple[Step, ...]:
    steps: tuple[Step, ...] = st.session_state.get(_PAST, ())
    return steps


def _outline(aoi: AOI | None) -> str:
    return aoi.outline_digest if aoi else ""
