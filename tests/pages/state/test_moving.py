"""What a timelapse is wished of, and its link."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from pages.state.moving import Wishes, wishes_of
from services.animation import DATES, FORMATS, KINDS, SECONDS, SIDES

wishes = some.builds(
    Wishes,
    some.sampled_from(list(KINDS)),
    some.sampled_from(SECONDS),
    some.sampled_from(SIDES),
    some.sampled_from(list(FORMATS)),
).flatmap(lambda one: some.booleans().map(lambda masked: Wishes(*_parts(one), masked=masked and one.kind == DATES)))


def _parts(one: Wishes) -> tuple[str, float, int, str]:
    return one.kind, one.seconds, one.side, one.form


@given(before=wishes)
def test_a_link_brings_back_what_was_wished(before: Wishes) -> None:
    assert wishes_of(before.question()) == (before, ())


def test_what_is_as_at_the_start_is_not_in_the_link() -> None:
    assert Wishes().question() == {}
    assert Wishes(kind="months", seconds=1.0).question() == {"timelapse": "months,1,990,webp"}


@pytest.mark.parametrize(
    "text",
    ["weeks,1,990,webp", "dates,3,990,webp", "dates,1,991,webp", "dates,1,990,avi", "dates,1,990,gif,x", "dates"],
)
def test_what_is_not_possible_is_left_out_and_told(text: str) -> None:
    found, (problem,) = wishes_of({"timelapse": text})
    assert found == Wishes() and "is not usable" in problem.cause
