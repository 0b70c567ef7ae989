"""Dates left out by a command line."""

import pytest

from services.errors import RecipeError
from services.recipe import Recipe, Veto
from services.recipe.veto import NO_REASON
from terminal.vetoes import vetoed
from tests.services.overpasses import overpasses
from tests.services.scenes import recipe

FOUND = overpasses(3)


def test_a_key_means_one_acquisition_and_a_day_all_of_it() -> None:
    twice = (*FOUND, *overpasses(1))  # two of one day
    asked = vetoed(recipe(), ["S2A_R079_001: haze over the bay ", "2017-04-11", "2017-04-01:a: b"], lambda _: twice)
    assert asked.vetoes == (
        Veto("S2A_R079_000", "a: b"),
        Veto("S2A_R079_001", "haze over the bay"),
        Veto("S2A_R079_002", NO_REASON),
    )


def test_they_come_to_those_of_the_recipe() -> None:
    before = recipe(vetoes=(Veto("S2A_R079_000", "snow"), Veto("S2A_R079_002", "snow")))
    asked = vetoed(before, ["2017-04-11:haze"], lambda _: FOUND)
    assert asked.vetoes == (Veto("S2A_R079_000", "snow"), Veto("S2A_R079_002", "haze"))


@pytest.mark.parametrize("word", ["2017-04-02", "S2A_R079_007:haze", "", "haze", "2017", ":"])
def test_a_word_that_means_no_acquisition_is_named(word: str) -> None:
    with pytest.raises(RecipeError, match="is no acquisition in 2017") as caught:
        vetoed(recipe(), [word], lambda _: FOUND)
    assert repr(word.partition(":")[0]) in caught.value.cause


def test_a_reason_that_is_too_long_is_refused() -> None:
    with pytest.raises(RecipeError, match="at most 80"):
        vetoed(recipe(), ["2017-04-01:" + "x" * 81], lambda _: FOUND)


@pytest.mark.parametrize("words", [None, []])
def test_nobody_is_asked_where_nothing_is_vetoed(words: list[str] | None) -> None:
    def never(asked: Recipe) -> tuple[()]:
        raise AssertionError(asked)

    assert vetoed(recipe(), words, never) == recipe()
