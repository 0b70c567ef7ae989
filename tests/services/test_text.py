"""Texts without case and accents."""

import pytest

from services.text import fold


@pytest.mark.parametrize(
    ("written", "typed"),
    [("Ångström", "angstrom"), ("Øst", "ost"), ("Łódź", "lodz"), ("Straße", "strasse"), ("ＡＢＣ", "abc"), ("Й", "й")],
)
def test_case_and_accents_do_not_matter(written: str, typed: str) -> None:
    assert fold(written) == fold(typed)


def test_marks_that_are_vowels_are_kept() -> None:
    assert fold("कि") != fold("कु")
