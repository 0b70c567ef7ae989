"""A date whose files turn out to be gone is left out of the picture, which says so; the others are made."""

import csv
import io
from pathlib import Path
from typing import Any

import pytest

from services.errors import AcquisitionGone, NothingUnderLimitError
from services.ninepatch import Ninepatch
from services.providers import Block, remember_gone
from services.settings import load_settings
from tests.services.providers.tiny_provider import TinySource, register
from tests.services.scenes import recipe

RECIPE = recipe(px=20, provider="tiny", maxcc=25)
"""Keeps three of the tiny archive's dates."""
REASON = "The file B04.tif is not there any more."


@pytest.fixture
def product(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Ninepatch:
    """An empty home; the archive's files of 12 June are gone."""
    register(monkeypatch)
    lose(monkeypatch, "0612")
    return Ninepatch(load_settings(home=tmp_path / "home", provider="tiny"))


def lose(monkeypatch: pytest.MonkeyPatch, *days: str) -> None:
    """The files of these days are gone, which the archive remembers."""
    read = TinySource.read_block

    def read_block(self: TinySource, block: Any, *others: Any) -> Block:
        if block.acquisition.key.rpartition("_")[2][4:8] in days:
            assert self.provider is not None
            assert self.home is not None
            remember_gone(self.provider, self.home, block.acquisition, REASON)
            raise AcquisitionGone(REASON)
        return read(self, block, *others)

    monkeypatch.setattr(TinySource, "read_block", read_block)


@pytest.mark.parametrize("watched", [False, True])
def test_the_picture_is_made_of_the_others_and_says_so(product: Ninepatch, watched: bool) -> None:
    result, spent = product.fetch(RECIPE, watched=watched)
    assert [one.date for one in result.observations] == ["2017-06-07", "2017-06-17"]
    assert result.median_observations <= 2
    assert spent.planes_fetched == 2 * 9 * 5
    folder = product.results.folder(RECIPE.digest)
    rows = {row["date"]: row for row in csv.DictReader(io.StringIO((folder / "dates.csv").read_text()))}
    assert {date: row["kept"] for date, row in rows.items()} == {
        "2017-06-07": "yes",
        "2017-06-12": "no",
        "2017-06-17": "yes",
        "2017-06-22": "no",
    }
    assert rows["2017-06-12"]["reason"] == REASON
    assert "20170612" not in (folder / "item.json").read_text()


def test_later_plans_do_not_ask_for_it(product: Ninepatch) -> None:
    assert len(product.estimate(RECIPE)[0]) == 3
    product.fetch(RECIPE)
    kept, planned = product.estimate(RECIPE)
    assert (len(kept), planned.requests) == (2, 0)
    assert product.notes(RECIPE) == (f"2017-06-12 is excluded. {REASON}",)
    _, again = product.fetch(RECIPE)
    assert again.requests == 0


def test_the_cache_is_filled_with_the_others(product: Ninepatch) -> None:
    spent = product.fill(RECIPE)
    assert (spent.planes_fetched, product.estimate(RECIPE)[1].requests) == (2 * 9 * 5, 0)


def test_where_nothing_is_left_the_sentence_says_why(product: Ninepatch, monkeypatch: pytest.MonkeyPatch) -> None:
    lose(monkeypatch, "0607", "0617")
    for _ in range(2):
        with pytest.raises(NothingUnderLimitError) as caught:
            product.fetch(RECIPE)
        assert caught.value.cause == f"The files of 3 dates are not there, and no other is used. {REASON}"
        assert "Ask again tomorrow" in caught.value.remedy
    with pytest.raises(NothingUnderLimitError, match=r"0 of 4 dates ≤ 0 %; the clearest has 3 %\."):
        product.fetch(RECIPE.with_(maxcc=0))
