"""Tables of entries: what is in them, what is not, and that no entry stands in for another one."""

from dataclasses import dataclass

import pytest

from services.errors import RecipeError
from services.recipe import MASKS, METHODS
from services.registry import Registry


@dataclass(frozen=True)
class Fruit:
    """An entry."""

    name: str


def test_entries_are_found_by_name_and_stay_in_their_order() -> None:
    pear, apple = Fruit("pear"), Fruit("apple")
    found = Registry("fruit", (pear, apple))
    assert found["apple"] is apple
    assert list(found) == ["pear", "apple"]


def test_an_unknown_name_raises_and_says_which_there_are() -> None:
    found = Registry("fruit", (Fruit("pear"), Fruit("apple")))
    with pytest.raises(RecipeError, match=r"^There is no fruit 'plum'\. Choose one of pear, apple\.$"):
        found["plum"]


def test_a_name_that_somebody_sent_is_shown_short_and_in_one_line() -> None:
    with pytest.raises(RecipeError) as caught:
        Registry("fruit", (Fruit("pear"),))["x\n" * 1000]
    assert len(str(caught.value)) < 200 and "\n" not in str(caught.value)


def test_two_entries_of_one_name_are_refused_at_once() -> None:
    with pytest.raises(ValueError, match="pear, pear"):
        Registry("fruit", (Fruit("pear"), Fruit("pear")))


def test_masks_and_methods_are_such_tables() -> None:
    for table in (MASKS, METHODS):
        with pytest.raises(RecipeError, match=f"There is no {table.noun} 'none-such'"):
            table["none-such"]
