"""A JSON body, read strictly: values are asked for by name and type, and what is wrong is refused with its place."""

import json
import math
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from services.demo.errors import Refusal

_MAX_DEPTH_ERROR = "The request body is nested too deeply."


def parsed(body: bytes) -> Any:
    """The JSON of a body. Raises Refusal where it is empty or not JSON."""
    if not body.strip():
        raise Refusal("Request body should be non-empty.")
    try:
        return json.loads(body, parse_constant=_no_constant)
    except RecursionError:
        raise Refusal(_MAX_DEPTH_ERROR) from None
    except ValueError as error:
        raise Refusal(f"The request body is not valid JSON: {error}.") from None


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is not JSON")


def instant(text: Any, place: str) -> datetime:
    """An RFC 3339 date-time as UTC. Raises Refusal."""
    try:
        if not isinstance(text, str) or "T" not in text.upper():
            raise ValueError
        time = datetime.fromisoformat(text.upper())
        if time.tzinfo is None:
            raise ValueError
        return time.astimezone(UTC)
    except (ValueError, OverflowError):
        raise Refusal(
            f"`{text}` is not a date-time of RFC 3339 such as 2017-06-07T00:00:00Z.", parameter=place
        ) from None


class Part:
    """One JSON object of a body, and its place: `input->bounds`."""

    def __init__(self, value: Any, place: str = "") -> None:
        if not isinstance(value, dict):
            raise Refusal(f"`{place or 'body'}` should be an object, got {_short(value)}.", parameter=place or "body")
        self._value = value
        self._place = place

    def __contains__(self, key: str) -> bool:
        return self._value.get(key) is not None

    def place(self, key: str) -> str:
        """Of one member: `output->resx`."""
        return f"{self._place}->{key}" if self._place else key

    def wrong(self, key: str, wanted: str) -> Refusal:
        """A refusal of one member, with its value."""
        return Refusal(f"`{key}` should be {wanted}, got {_short(self._value.get(key))}.", parameter=self.place(key))

    def raw(self, key: str) -> Any:
        """Whatever is there; None where nothing is."""
        return self._value.get(key)

    def part(self, key: str) -> "Part":
        """An object; an empty one where nothing is there."""
        value = self._value.get(key)
        return Part({} if value is None else value, self.place(key))

    def parts(self, key: str) -> list["Part"]:
        """A list of objects; empty where nothing is there."""
        return [Part(item, f"{self.place(key)}[{number}]") for number, item in enumerate(self.items(key))]

    def items(self, key: str) -> list[Any]:
        """A list; empty where nothing is there."""
        value = self._value.get(key)
        if value is not None and not isinstance(value, list):
            raise self.wrong(key, "an array")
        return value or []

    def texts(self, key: str) -> list[str]:
        """A list of strings; empty where nothing is there."""
        items = self.items(key)
        if not all(isinstance(item, str) for item in items):
            raise self.wrong(key, "an array of strings")
        return items

    def text(self, key: str, default: str = "") -> str:
        """A string."""
        value = self._value.get(key, default)
        if value is None:
            return default
        if not isinstance(value, str):
            raise self.wrong(key, "a string")
        return value

    def choice(self, key: str, choices: Sequence[str], default: str) -> str:
        """One of some strings."""
        value = self.text(key, default)
        if value not in choices:
            raise self.wrong(key, f"one of {', '.join(choices)}")
        return value

    def flag(self, key: str, default: bool) -> bool:
        """True or false."""
        value = self._value.get(key)
        if value is not None and not isinstance(value, bool):
            raise self.wrong(key, "true or false")
        return default if value is None else value

    def number(self, key: str, low: float = -math.inf, high: float = math.inf) -> float | None:
        """A finite number inside [low, high]; None where nothing is there."""
        value = self._value.get(key)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise self.wrong(key, "a number")
        if not low <= value <= high:
            raise self.wrong(key, f"between {low:g} and {high:g}")
        return float(value)

    def whole(self, key: str) -> int | None:
        """A whole number; None where nothing is there."""
        value = self._value.get(key)
        if value is not None and (isinstance(value, bool) or not isinstance(value, int)):
            raise self.wrong(key, "a whole number")
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
