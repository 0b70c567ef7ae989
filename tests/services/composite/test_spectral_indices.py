"""The community's indices: computed as the package itself computes them, under its names, with its references."""

import sys

import numpy as np
import pytest
import spyndex

from services.composite import listed_indices
from services.sentinel2 import BANDS

LETTERS = {
    **{"A": "B01", "B": "B02", "G": "B03", "R": "B04", "RE1": "B05", "RE2": "B06", "RE3": "B07"},
    **{"N": "B08", "N2": "B8A", "WV": "B09", "S1": "B11", "S2": "B12"},
}
DN = {
    band: np.random.default_rng(place).integers(1, 9_000, (6, 7)).astype(np.uint16) for place, band in enumerate(BANDS)
}


@pytest.mark.parametrize("name", sorted(listed_indices()))
def test_an_index_is_what_the_package_computes(name: str) -> None:
    reflectance = {letter: DN[band].astype(np.float64) / 10_000 for letter, band in LETTERS.items()}
    constants = {one: found.default for one, found in spyndex.constants.items() if found.default is not None}
    with np.errstate(all="ignore"):
        expected = np.broadcast_to(spyndex.computeIndex(name, params={**reflectance, **constants}), (6, 7))
    index = listed_indices()[name].index
    found = index.of([DN[band] for band in index.bands])
    known = np.isfinite(expected) & (np.abs(expected) < 1e4)
    np.testing.assert_allclose(found[known], expected[known], rtol=2e-3, atol=2e-3)
    assert np.isnan(found[np.isnan(expected)]).all()


def test_those_are_listed_that_level_2a_has_bands_for() -> None:
    there = set(LETTERS) | {one for one, found in spyndex.constants.items() if found.default is not None}
    assert set(listed_indices()) == {name for name, one in spyndex.indices.items() if set(one.bands) <= there}
    assert len(listed_indices()) > 200


def test_an_entry_says_what_it_is_and_who_proposed_it() -> None:
    evi = listed_indices()["EVI"]
    assert (evi.title, evi.domain) == ("Enhanced Vegetation Index", "vegetation")
    assert evi.reference == spyndex.indices["EVI"].reference
    assert evi.formula.words == "2.5 × (B08 − B04) / (B08 + 6 × B04 − 7.5 × B02 + 1)"
    assert evi.index.name == "si-EVI" and evi.index.source == evi.reference


def test_the_key_of_an_index_is_its_formula_and_not_its_name() -> None:
    meaning = repr(listed_indices()["EVI"].index.meaning)
    assert "7.5 × B02" in meaning and "EVI" not in meaning


def test_every_range_is_one() -> None:
    for listed in listed_indices().values():
        ticks = listed.index.ticks
        assert len(ticks) == 5 and list(ticks) == sorted(set(ticks)), listed.name


def test_the_code_of_the_package_is_not_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "spyndex")
    listed_indices.cache_clear()
    assert "NDVI" in listed_indices() and "spyndex" not in sys.modules
