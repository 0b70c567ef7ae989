"""Bodies and polygons read strictly."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from services.demo.protocol.payload import ApiError, JsonObject, instant, parse_json, polygons, positions


def refusal(call: Any) -> ApiError:
    with pytest.raises(ApiError) as caught:
        call()
    return caught.value


@pytest.mark.parametrize("body", [b"", b"  \n"])
def test_an_empty_body_is_refused_in_the_words_of_the_service(body: bytes) -> None:
    assert refusal(lambda: parse_json(body)).message == "Request body should be non-empty."


@pytest.mark.parametrize("body", [b"{", b"NaN", b'{"a": Infinity}', b"\xff", b"[" * 100_000, b"'a'"])
def test_what_is_not_json_is_refused(body: bytes) -> None:
    error = refusal(lambda: parse_json(body))
    assert (error.status, error.code) == (400, "COMMON_BAD_PAYLOAD")


def test_a_violation_names_its_place_and_value() -> None:
    part = JsonObject({"output": {"resx": "10"}})
    error = refusal(lambda: part.part("output").number("resx")).process_body()["error"]
    assert error["status"] == 400
    assert error["reason"] == "Bad Request"
    assert error["errors"] == [{"parameter": "output->resx", "violation": error["message"]}]
    assert '"10"' in error["message"]


@pytest.mark.parametrize(
    ("method", "value"),
    [
        ("part", 5),
        ("part", []),
        ("items", {}),
        ("texts", ["a", 1]),
        ("text", 1),
        ("number", True),
        ("number", "1"),
        ("number", [1]),
        ("whole", 1.5),
        ("whole", True),
    ],
)
def test_a_value_of_another_type_is_refused(method: str, value: Any) -> None:
    assert refusal(lambda: getattr(JsonObject({"key": value}), method)("key")).parameter == "key"


def test_numbers_flags_and_choices_are_bounded() -> None:
    part = JsonObject({"cloud": 101, "flag": "yes", "order": "newest", "bbox": [1, 2, 3]})
    refusal(lambda: part.number("cloud", 0, 100))
    refusal(lambda: part.flag("flag", True))
    refusal(lambda: part.choice("order", ("mostRecent",), "mostRecent"))
    refusal(lambda: part.numbers("bbox", 4))


def test_what_is_missing_or_null_has_its_default() -> None:
    part = JsonObject({"null": None})
    for key in ("null", "absent"):
        assert key not in part
        assert part.text(key, "x") == "x"
        assert part.number(key) is None
        assert part.items(key) == []
        assert part.flag(key, True) is True
        assert part.numbers(key, 4) is None


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("2017-06-07T09:53:40Z", datetime(2017, 6, 7, 9, 53, 40, tzinfo=UTC)),
        ("2017-06-07T09:53:40.024z", datetime(2017, 6, 7, 9, 53, 40, 24000, tzinfo=UTC)),
        ("2017-06-07T12:53:40+03:00", datetime(2017, 6, 7, 9, 53, 40, tzinfo=UTC)),
    ],
)
def test_a_date_time_becomes_utc(text: str, wanted: datetime) -> None:
    assert instant(text, "from") == wanted


@pytest.mark.parametrize("text", ["2017-06-07", "2017-06-07T09:53:40", "2017-13-07T00:00:00Z", "now", "", 5, None])
def test_what_is_no_date_time_is_refused(text: Any) -> None:
    assert refusal(lambda: instant(text, "from")).parameter == "from"


def test_positions_come_out_of_any_nesting() -> None:
    assert list(positions([[[1, 2], [3, 4, 5]], [[6, 7]]])) == [(1, 2), (3, 4), (6, 7)]


@pytest.mark.parametrize("wrong", ["[]", "[[]]", '"ab"', "[1]", '[["a", "b"]]', "[[1, true]]", "null"])
def test_other_lists_hold_no_positions(wrong: str) -> None:
    with pytest.raises(ValueError, match=r"^$"):
        list(positions(json.loads(wrong)))


SQUARE = [[0, 0], [2, 0], [2, 2], [0, 2], [0, 0]]
HOLE = [[0.5, 0.5], [1.5, 0.5], [1.5, 1.5], [0.5, 1.5], [0.5, 0.5]]


@pytest.mark.parametrize(
    ("value", "area"),
    [
        ({"type": "Polygon", "coordinates": [SQUARE]}, 4),
        ({"type": "Polygon", "coordinates": [SQUARE, HOLE]}, 3),
        ({"type": "MultiPolygon", "coordinates": [[SQUARE], [[[x + 5, y] for x, y in SQUARE]]]}, 8),
        ({"type": "Polygon", "coordinates": [[[x, y, 9] for x, y in SQUARE]]}, 4),
    ],
)
def test_a_polygon_keeps_its_area(value: Any, area: float) -> None:
    assert polygons(value, "geometry").area == pytest.approx(area)


@pytest.mark.parametrize(
    "value",
    [
        None,
        5,
        {},
        {"type": "Point", "coordinates": [0, 0]},
        {"type": "Polygon"},
        {"type": "Polygon", "coordinates": []},
        {"type": "Polygon", "coordinates": [[]]},
        {"type": "Polygon", "coordinates": SQUARE},
        {"type": "Polygon", "coordinates": [SQUARE[:-1]]},
        {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [0, 0]]]},
        {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [2, 2], [0, 0]]]},
        {"type": "Polygon", "coordinates": [[["a", 0], [1, 1], [2, 2], [0, 0]]]},
        {"type": "MultiPolygon", "coordinates": [SQUARE]},
        {"type": "FeatureCollection", "features": []},
    ],
)
def test_anything_else_is_refused(value: Any) -> None:
    with pytest.raises(ApiError) as caught:
        polygons(value, "input->bounds->geometry")
    assert caught.value.parameter == "input->bounds->geometry"
