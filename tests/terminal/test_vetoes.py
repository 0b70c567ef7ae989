"""Dates left out by a command line."""

import pytest

from services.errors import RecipeError
from services.recipe import Recipe, Veto
from services.recipe.veto import NO_REASON
from terminal.vetoes import by_hand
from tests.services.overpasses import overpasses
from tests.services.scenes import recipe

FOUND = overpasses(3)


def test_a_key_means_one_acquisition_and_a_day_all_of_it() -> None:
    twice = (*FOUND, *overpasses(1))  # two of one day
    asked = by_hand(
        recipe(), ["S2A_R079_001: haze over the bay ", "2017-04-11", "2017-04-01:a: b"], None, lambda _: twice
    )
    assert asked.vetoes == (
        Veto("S2A_R079_000", "a: b"),
        Veto("S2A_R079_001", "haze over the bay"),
        Veto("S2A_R079_002", NO_REASON),
    )


def test_they_come_to_those_of_the_recipe() -> None:
    before = recipe(vetoes=(Veto("S2A_R079_000", "snow"), Veto("S2A_R079_002", "snow")))
    asked = by_hand(before, ["2017-04-11:haze"], None, lambda _: FOUND)
    assert asked.vetoes == (Veto("S2A_R079_000", "snow"), Veto("S2A_R079_002", "haze"))


@pytest.mark.parametrize("word", ["2017-04-02", "S2A_R079_007:haze", "", "haze", "2017", ":"])
def test_a_word_that_means_no_acquisition_is_named(word: str) -> None:
    with pytest.raises(RecipeError, match="is no acquisition in 2017") as caught:
        by_hand(recipe(), [word], None, lambda _: FOUND)
    assert repr(word.partition(":")[0]) in caught.value.cause


def test_a_reason_that_is_too_long_is_refused() -> None:
    with pytest.raises(RecipeError, match="at most 80"):
        by_hand(recipe(), ["2017-04-01:" + "x" * 81], None, lambda _: FOUND)


@pytest.mark.parametrize("words", [None, []])
def test_nobody_is_asked_where_nothing_is_vetoed(words: list[str] | None) -> None:
    def never(asked: Recipe) -> tuple[()]:
        raise AssertionError(asked)

    assert by_hand(recipe(), words, None, never) == recipe()


def test_a_date_is_taken_in_by_its_day_and_loses_against_its_veto() -> None:
    asked = by_hand(recipe(), ["2017-04-01:haze"], ["2017-04-01", "S2A_R079_001"], lambda _: FOUND)
    assert (asked.vetoes, asked.included) == ((Veto("S2A_R079_000", "haze"),), ("S2A_R079_001",))


def test_a_date_to_take_in_that_is_not_there_is_named() -> None:
    with pytest.raises(RecipeError, match="--include '2017-04-02' is no acquisition"):
        by_hand(recipe(), None, ["2017-04-02"], lambda _: FOUND)
