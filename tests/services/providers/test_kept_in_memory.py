"""Kept answers in memory: the same objects for the same answer, and never more than so many bytes of all."""

from pathlib import Path
from typing import Any

import pytest

from services.ninepatch import Ninepatch
from services.providers import cached_search, keep_search, kept_answers
from services.recipe import Interval
from services.settings import load_settings
from services.storage import MemoryCache
from tests.services.providers.tiny_provider import register
from tests.services.scenes import recipe


def test_answers_in_memory_are_bounded_in_bytes_and_shared(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    register(monkeypatch)
    product = Ninepatch(load_settings(home=tmp_path, provider="tiny"))
    question = recipe(px=20, provider="tiny")
    found, provider = product.search(question), product.provider(question)
    years = [Interval.of_year(2016 + number) for number in range(len(found))]
    for number, year in enumerate(years):
        keep_search(provider, product.settings, question.neighbourhood, year, found[number:])

    def read(limit: int) -> MemoryCache[Any]:
        cache = MemoryCache[Any](limit)
        monkeypatch.setattr(kept_answers, "_answers", cache)
        for year in years:
            first, again = (cached_search(provider, product.settings, question.neighbourhood, year) for _ in range(2))
            assert first is not None and again is not None and first[0].granules is again[0].granules
            assert cache.bytes <= limit
        return cache

    all_of_them = read(10**9)
    assert len(all_of_them) == len(years) >= 3
    assert len(read(all_of_them.bytes // 2 + all_of_them.bytes // len(years))) < len(years)
