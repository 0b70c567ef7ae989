"""The documented formula."""

from datetime import timedelta

import pytest
from shapely import box

from services.demo.units import process_units, search_units


def test_a_published_request_costs_what_its_header_said() -> None:
    assert process_units(631, 1047, ["B02", "B03", "B04"], float32=False) == 2.5202064514160156


@pytest.mark.parametrize(
    ("size", "bands", "float32", "units"),
    [
        ((512, 512), ["B02", "B03", "B04"], False, 1.0),
        ((512, 512), ["B02", "B03", "B04", "dataMask"], False, 1.0),
        ((512, 512), ["dataMask"], False, 1 / 3),
        ((512, 512), ["B02", "B03", "B04"], True, 2.0),
        ((512, 512), ["B02", "B03", "B04", "SCL", "CLM", "dataMask"], False, 5 / 3),
        ((330, 330), ["B02", "B03", "B04", "B08", "B11", "B12"], False, 330 * 330 / 512**2 * 2),
        ((1, 1), ["B02"], False, 0.005),
        ((10, 10), ["B02", "B03", "B04"], False, 0.01),
    ],
)
def test_a_request_costs_size_times_bands_times_format(
    size: tuple[int, int], bands: list[str], float32: bool, units: float
) -> None:
    assert process_units(*size, bands, float32=float32) == pytest.approx(units)


def test_a_search_costs_area_times_months_within_bounds() -> None:
    assert search_units(box(25, 60, 25.1, 60.1), timedelta(days=365)) == pytest.approx(0.12)
    assert search_units(None, timedelta(days=1)) == pytest.approx(0.01)
    assert search_units(box(0, 0, 40, 40), timedelta(days=3000)) == 1.0
