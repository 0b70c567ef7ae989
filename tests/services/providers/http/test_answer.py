"""What an answer says that it cost, by whichever of its names."""

import pytest

from services.providers.http import Answer

SPENT, OLD = "x-processingunits-spent", "x-processunits"


@pytest.mark.parametrize(
    ("headers", "units"),
    [
        ({SPENT: "1.66168212890625"}, 1.66168212890625),
        ({OLD: "2.5"}, 2.5),
        ({"X-ProcessingUnits-Spent": "0.01"}, 0.01),
        ({"X-PROCESSUNITS": "0"}, 0.0),
        ({SPENT: "1.5", OLD: "3"}, 1.5),
        ({OLD: "3", SPENT: "1.5"}, 1.5),
        ({SPENT: "", OLD: "3"}, 3.0),
        ({SPENT: "many", OLD: "3"}, 3.0),
        ({}, None),
        ({SPENT: "many"}, None),
        ({SPENT: "nan"}, None),
        ({SPENT: "inf", OLD: "-1"}, None),
    ],
)
def test_units_are_read_under_both_names_in_any_case_and_the_one_that_says_spent_wins(
    headers: dict[str, str], units: float | None
) -> None:
    assert Answer(200, headers, b"", 0.1).units == units
