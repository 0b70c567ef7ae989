"""A JSON body validated as untrusted input: by name and type, refused with its place in the service's words."""

import json
import math
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from http import HTTPStatus
from types import UnionType
from typing import Any

from shapely import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

BAD_PAYLOAD = "COMMON_BAD_PAYLOAD"
EXCEPTION = "COMMON_EXCEPTION"
RENDERER = "RENDERER_EXCEPTION"


class ApiError(Exception):
    """A request that is refused. Not for faults of the archive itself, which become a 500."""

    def __init__(
        self,
        message: str,
        status: int = 400,
        code: str = BAD_PAYLOAD,
        parameter: str = "",
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.code = code
        self.parameter = parameter
        """Where in the body: `output->resx`; empty where it is not one place."""
        self.headers = headers or {}

    def process_body(self) -> dict[str, Any]:
        """As the Process API says it."""
        error: dict[str, Any] = {
            "status": self.status,
            "reason": HTTPStatus(self.status).phrase,
            "message": self.message,
            "code": self.code,
        }
        if self.parameter:
            error["errors"] = [{"parameter": self.parameter, "violation": self.message}]
        return {"error": error}

    def catalog_body(self) -> dict[str, Any]:
        """As the catalogue says it."""
        return {"code": self.status, "description": self.message}


def unauthorized() -> ApiError:
    """No token, or one that is not valid (any more)."""
    return ApiError(
        "You are not authorized! Please provide a valid access token within the header "
        "[Authorization: Bearer <accessToken>] of your request.",
        401,
        "COMMON_UNAUTHORIZED",
    )


def not_found(path: str) -> ApiError:
    """There is nothing at that address."""
    return ApiError(f"There is nothing at {path}.", 404, "COMMON_NOT_FOUND")


def parse_json(body: bytes) -> Any:
    """The JSON of a body. Raises ApiError where it is empty or not JSON."""
    if not body.strip():
        raise ApiError("Request body should be non-empty.")
    try:
        return json.loads(body, parse_constant=_no_constant)
    except RecursionError:
        raise ApiError("The request body is nested too deeply.") from None
    except ValueError as error:
        raise ApiError(f"The request body is not valid JSON: {error}.") from None


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is not JSON")


def instant(text: Any, place: str) -> datetime:
    """An RFC 3339 date-time as UTC. Raises ApiError."""
    try:
        if not isinstance(text, str) or "T" not in text.upper():
            raise ValueError
        time = datetime.fromisoformat(text.upper())
        if time.tzinfo is None:
            raise ValueError
        return time.astimezone(UTC)
    except (ValueError, OverflowError):
        raise ApiError(
            f"`{text}` is not a date-time of RFC 3339 such as 2017-06-07T00:00:00Z.", parameter=place
        ) from None


class JsonObject:
    """One JSON object of a body, and its place: `input->bounds`."""

    def __init__(self, value: Any, place: str = "") -> None:
        if not isinstance(value, dict):
            raise ApiError(f"`{place or 'body'}` should be an object, got {_short(value)}.", parameter=place or "body")
        self._value = value
        self._place = place

    def __contains__(self, key: str) -> bool:
        return self._value.get(key) is not None

    def place(self, key: str) -> str:
        """Of one member: `output->resx`."""
        return f"{self._place}->{key}" if self._place else key

    def wrong(self, key: str, wanted: str) -> ApiError:
        """A refusal of one member, with its value."""
        return ApiError(f"`{key}` should be {wanted}, got {_short(self._value.get(key))}.", parameter=self.place(key))

    def raw(self, key: str) -> Any:
        """Whatever is there; None where nothing is."""
        return self._value.get(key)

    def part(self, key: str) -> "JsonObject":
        """An object; an empty one where nothing is there."""
        value = self._value.get(key)
        return JsonObject({} if value is None else value, self.place(key))

    def parts(self, key: str) -> list["JsonObject"]:
        """A list of objects; empty where nothing is there."""
        return [JsonObject(item, f"{self.place(key)}[{number}]") for number, item in enumerate(self.items(key))]

    def _typed(self, key: str, kind: type | UnionType, wanted: str) -> Any:
        """A value of a kind, where true and false are no numbers; None where nothing is there."""
        value = self._value.get(key)
        if value is not None and (not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool)):
            raise self.wrong(key, wanted)
        return value

    def items(self, key: str) -> list[Any]:
        """A list; empty where nothing is there."""
        return self._typed(key, list, "an array") or []

    def texts(self, key: str) -> list[str]:
        """A list of strings; empty where nothing is there."""
        items = self.items(key)
        if not all(isinstance(item, str) for item in items):
            raise self.wrong(key, "an array of strings")
        return items

    def text(self, key: str, default: str = "") -> str:
        """A string."""
        value: str | None = self._typed(key, str, "a string")
        return default if value is None else value

    def choice(self, key: str, choices: Sequence[str], default: str) -> str:
        """One of some strings."""
        value = self.text(key, default)
        if value not in choices:
            raise self.wrong(key, f"one of {', '.join(choices)}")
        return value

    def flag(self, key: str, default: bool) -> bool:
        """True or false."""
        value: bool | None = self._typed(key, bool, "true or false")
        return default if value is None else value

    def number(self, key: str, low: float = -math.inf, high: float = math.inf) -> float | None:
        """A finite number inside [low, high]; None where nothing is there."""
        value: float | None = self._typed(key, int | float, "a number")
        if value is None:
            return None
        if not math.isfinite(value):
            raise self.wrong(key, "a number")
        if not low <= value <= high:
            raise self.wrong(key, f"between {low:g} and {high:g}")
        return float(value)

    def whole(self, key: str) -> int | None:
        """A whole number; None where nothing is there."""
        value: int | None = self._typed(key, int, "a whole number")
        return value

    def numbers(self, key: str, count: int) -> tuple[float, ...] | None:
        """So many finite numbers; None where nothing is there."""
        if key not in self:
            return None
        items = self.items(key)
        if len(items) != count or not all(_finite(item) for item in items):
            raise self.wrong(key, f"an array of {count} numbers")
        return tuple(float(item) for item in items)

    def instant(self, key: str, default: datetime) -> datetime:
        """A date-time of RFC 3339, as UTC."""
        return instant(self._value[key], self.place(key)) if key in self else default


def positions(value: Any) -> Iterator[tuple[float, float]]:
    """Every position inside nested GeoJSON coordinates. Raises ValueError where something else is there."""
    if not isinstance(value, list) or not value:
        raise ValueError
    if all(_finite(item) for item in value):
        if len(value) < 2:
            raise ValueError
        yield float(value[0]), float(value[1])
    else:
        for item in value:
            yield from positions(item)


def _finite(item: Any) -> bool:
    return isinstance(item, int | float) and not isinstance(item, bool) and math.isfinite(item)


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 80 else f"{text[:77]}…"


MOST_POSITIONS = 100_000


def polygons(value: Any, place: str) -> BaseGeometry:
    """A Polygon or MultiPolygon with closed rings, made valid. Raises ApiError."""
    kind = value.get("type") if isinstance(value, dict) else None
    if kind not in {"Polygon", "MultiPolygon"}:
        raise ApiError(f"`{place}` should be a Polygon or a MultiPolygon of GeoJSON.", parameter=place)
    coordinates = value.get("coordinates")
    rings = [coordinates] if kind == "Polygon" else coordinates
    try:
        if len(list(positions(coordinates))) > MOST_POSITIONS:
            raise ApiError(f"`{place}` has more than {MOST_POSITIONS} positions.", parameter=place)
        shape = MultiPolygon([Polygon(_ring(one[0]), [_ring(hole) for hole in one[1:]]) for one in rings])
    except (ValueError, TypeError, IndexError, RecursionError):
        raise ApiError(
            f"`{place}` is not a valid geometry: rings are closed lists of 4 or more positions.", parameter=place
        ) from None
    valid = shape if shape.is_valid else shape.buffer(0)
    if valid.is_empty or valid.area == 0:
        raise ApiError(f"`{place}` has no area.", parameter=place)
    return valid


def _ring(value: Any) -> list[tuple[float, float]]:
    """Raises ValueError where it is not a closed ring."""
    points = [point for item in value for point in positions(item)]
    if len(points) < 4 or points[0] != points[-1] or len(points) != len(value):
        raise ValueError
    return points
