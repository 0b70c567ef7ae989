"""The series of many polygons at once: a file is brought, and their figures are taken as tables."""

from collections.abc import Sequence

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from pages.components.inspect.quantity_picker import chosen_quantity, possible_quantities
from pages.components.shared import messages
from pages.limits import give_back, refusal
from pages.state.context import product, settings
from services.area import Part, read_features
from services.formats import FORMATS, SUFFIXES
from services.recipe import Recipe
from services.render import View
from services.series import PolygonTable
from services.text import plural

_FILE, _READ, _MADE = "polygons_file", "polygons_read", "polygons_made"
"""Keys of the uploader, of what was read, and of the tables: of which file, picture and quantity, as CSV and as
GeoParquet."""
_AT_ONCE = 25
"""Polygons between two steps of the progress."""


@st.fragment
def polygon_file(recipe: Recipe, view: View) -> None:
    """Bring a file, compute, and take the tables."""
    with st.expander("Series of many polygons, from a file"), messages.told():
        file = st.file_uploader(
            ", ".join(kind.title for kind in FORMATS),
            type=[suffix.removeprefix(".") for suffix in SUFFIXES],
            max_upload_size=settings().max_upload_mb,
            key=_FILE,
        )
        if sentence := refusal():
            messages.say("This file was not taken", sentence, kind="problem")
        if file is None:
            _let_go()
            return
        parts = _parts(file)
        messages.recall(_FILE)
        if parts:
            _series(recipe, view, file.file_id, parts)


def _parts(file: UploadedFile) -> tuple[Part, ...]:
    """What is in it, read once for each file that came; nothing where it cannot be read, which is shown."""
    seen, parts = st.session_state.get(_READ, ("", ()))
    if seen != file.file_id:
        _let_go()
        parts = ()
        with messages.caught(_FILE):
            parts = read_features(file.getvalue(), file.name, limits=settings()).parts()
        st.session_state[_READ] = file.file_id, parts
    found: tuple[Part, ...] = parts
    return found


def _let_go() -> None:
    """The file that was read takes no memory any more."""
    seen, _ = st.session_state.pop(_READ, ("", ()))
    st.session_state.pop(_MADE, None)
    if seen:
        give_back(seen)


def _series(recipe: Recipe, view: View, file: str, parts: Sequence[Part]) -> None:
    """The button, and the tables once they are made."""
    possible, first = possible_quantities(recipe, view), chosen_quantity(recipe, view)
    place = list(possible).index(first)
    quantity = st.selectbox("Series of", list(possible), place, possible.__getitem__, key="polygons_quantity")
    title, asked = possible[quantity], (file, recipe.digest, quantity)
    if st.button(f"Compute for {plural(len(parts), 'polygon')}", key="polygons_compute"):
        table = computed(recipe, parts, quantity)
        said = f"{plural(len(parts), 'polygon')}, {plural(table.rows, 'row')}: {title}."
        st.session_state[_MADE] = asked, said, table.to_csv(), table.to_geoparquet()
    made = st.session_state.get(_MADE)
    if made is None or made[0] != asked:
        return
    st.html(f'<p class="np-said" role="status">{made[1]}</p>')
    with st.container(horizontal=True):
        for label, suffix, data, media in (
            ("CSV", "csv", made[2], "text/csv"),
            ("GeoParquet", "parquet", made[3], "application/vnd.apache.parquet"),
        ):
            st.download_button(label, data, f"ninepatch_series.{suffix}", media, on_click="ignore")


def computed(recipe: Recipe, parts: Sequence[Part], quantity: str) -> PolygonTable:
    """Some polygons after the other, with a bar that says how far it is. Raises MissingFrame and RecipeError."""
    bar, service, tables = st.progress(0.0, "Reading the cached dates"), product().series_service, list[PolygonTable]()
    for first in range(0, len(parts), _AT_ONCE):
        tables.append(service.many(recipe, parts[first : first + _AT_ONCE], quantity))
        done = min(len(parts), first + _AT_ONCE)
        bar.progress(done / len(parts), f"{done:,} of {plural(len(parts), 'polygon')}")
    bar.empty()
    series = tuple(one for table in tables for one in table.series)
    return PolygonTable(series, tuple(one for table in tables for one in table.geometries))
