"""Formulas of bands: Python's own reading of the same text is the oracle, and no hostile text goes far."""

import re
import time
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from numpy.typing import NDArray

from services.composite import normalized_difference, parse_formula
from services.composite.formula import MOST_SIGNS
from services.errors import RecipeError
from services.sentinel2 import BANDS

DN = {
    band: np.random.default_rng(place).integers(0, 12_000, (4, 5)).astype(np.uint16) for place, band in enumerate(BANDS)
}


def python_reads(text: str) -> NDArray[np.float32]:
    """The text as an expression of Python in float32, with what is not finite as NaN."""
    planes = {band: plane.astype(np.float32) / np.float32(10_000) for band, plane in DN.items()}
    functions = {"sqrt": np.sqrt, "abs": np.abs, "log": np.log, "exp": np.exp, "min": np.minimum, "max": np.maximum}
    single = re.sub(r"(?<![\w.])(\d+\.?\d*)", r"single(\1)", text)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        found = np.broadcast_to(eval(single, {**planes, **functions, "single": np.float32}), (4, 5)).astype(np.float32)
    return np.where(np.isfinite(found), found, np.float32(np.nan))


def computed(text: str) -> NDArray[np.float32]:
    """By the parser under test."""
    formula = parse_formula(text)
    return formula([DN[band] for band in formula.bands])


POWERS = some.sampled_from(["2", "0.5", "(1/3)", "-1", "3.0"])


def _grown(inner: some.SearchStrategy[str]) -> some.SearchStrategy[str]:
    signs = some.sampled_from(["+", "-", "*", "/", " - -", " + -", "*-", " / "])
    return some.one_of(
        some.tuples(inner, signs, inner).map("".join),
        inner.map("({})".format),
        inner.map("-({})".format),
        inner.map(lambda text: f"-({text})" if text.startswith("-") else f"-{text}"),
        some.tuples(inner, POWERS).map(lambda pair: "({})**{}".format(*pair)),
        some.tuples(some.sampled_from(["sqrt", "abs", "log", "exp"]), inner).map(lambda pair: "{}({})".format(*pair)),
        some.tuples(some.sampled_from(["min", "max"]), inner, inner).map(lambda three: "{}({}, {})".format(*three)),
    )


TEXTS = some.recursive(some.sampled_from([*BANDS, "0.5", "1", "2.4", "10000"]), _grown, max_leaves=8).filter(
    lambda text: "B" in text and len(text) < MOST_SIGNS // 2
)


@settings(max_examples=150, deadline=None)
@given(TEXTS)
def test_a_formula_is_computed_as_python_reads_it_to_the_last_bit(text: str) -> None:
    np.testing.assert_array_equal(computed(text), python_reads(text))


@settings(max_examples=100, deadline=None)
@given(TEXTS)
def test_both_texts_of_a_formula_mean_the_same_formula(text: str) -> None:
    formula = parse_formula(text)
    assert parse_formula(formula.link) == formula == parse_formula(formula.words)
    assert re.fullmatch(r"[A-Za-z0-9.,:*()-]+", formula.link), "no sign needs an escape in a path or a query"


@pytest.mark.parametrize(
    "text", ["(B08-B04)/(B08+B04)", " ( B08 − b04 ) ÷ (B8 + B4)", "((B08-B04))/((B08+B04))", "(B08-B04):(B08--B04)"]
)
def test_one_formula_has_one_text_however_it_is_written(text: str) -> None:
    formula = parse_formula(text)
    assert (formula.link, formula.words) == ("(B08-B04):(B08--B04)", "(B08 − B04) / (B08 + B04)")
    assert formula.bands == ("B04", "B08")


def test_a_normalised_difference_is_that_of_the_registry() -> None:
    expected = normalized_difference([DN["B08"], DN["B04"]])
    np.testing.assert_allclose(computed("(B08-B04)/(B08+B04)"), expected, rtol=2e-6, atol=1e-7)


def test_constants_are_of_reflectance() -> None:
    assert parse_formula("B08 + 1")([np.array([[2500]], np.uint16)]) == np.float32(1.25)


def test_what_is_divided_by_nothing_is_no_number() -> None:
    zero = np.zeros((1, 2), np.uint16)
    for text in ("1/B04", "B04/B04", "log(B04)", "0/B04", "sqrt(B04-1)", "exp(100*B04+100)"):
        assert np.isnan(parse_formula(text)([zero])).all(), text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("(B08 - )", "after '(B08 -' a band, a number or a parenthesis was expected, and ')' stands"),
        ("(B08 - B04", "after '(B08 - B04' a closing parenthesis was expected, and its end stands"),
        ("B08 B04", "after 'B08' an operator or the end was expected, and 'B04' stands"),
        ("B08 + B13", "after 'B08 +' 'B13', which is no band"),
        ("B10", "At the start of the formula 'B10', which is no band"),
        ("sin(B08)", "'sin', which is no function"),
        ("min(B08)", "a comma was expected"),
        ("B08 ** B04", "an exponent that is no number"),
        ("1 + 2", "has no band"),
        ("", "At the start of the formula"),
    ],
)
def test_an_error_says_where_and_what(text: str, said: str) -> None:
    with pytest.raises(RecipeError) as caught:
        parse_formula(text)
    assert said in caught.value.cause
    assert "A formula is made of bands" in caught.value.remedy


@pytest.mark.parametrize(
    "text",
    [
        "(" * 200 + "B08" + ")" * 190,
        "-" * 300 + "B08",
        "9**9**9**9*B08",
        "B08**8**8**8",
        "B08" + "**-1" * 80,
        "B08**1e9",
        "9999999999999999999*B08",
        "B08.__class__.__mro__",
        "__import__('os').system('true')",
        "B08[0]",
        "lambda: B08",
        "B08 if B04 else B03",
        "B0\u0668",
        "\uff22\uff10\uff18",
        "B08 \u2215 B04",
        "B08;B04",
        "B08\x00",
        "+" * 399,
        "B08+" * 10_000 + "B08",
        "sqrt(" * 70 + "B08",
    ],
)
def test_a_hostile_text_ends_in_a_sentence_at_once(text: str) -> None:
    begun = time.process_time()
    with pytest.raises(RecipeError) as caught:
        parse_formula(text)
    assert time.process_time() - begun < 1 and len(caught.value.sentences) < 500


@settings(max_examples=200, deadline=None)
@given(some.text(alphabet="B048A+-*/():., sqrtminE_\u22121\u0661", max_size=60))
def test_any_text_is_a_formula_or_an_error_of_ours(text: str) -> None:
    try:
        assert computed(text).dtype == np.float32
    except RecipeError as error:
        assert error.cause and error.remedy
