"""Filters of the catalogue: CQL2 as text or JSON, comparisons of `eo:cloud_cover` joined by `and`."""

import math
import re
from dataclasses import dataclass
from typing import Any

from services.demo.protocol.payload import ApiError

QUERYABLE = "eo:cloud_cover"
_OPERATORS = {
    "=": "eq", "eq": "eq", "<>": "neq", "!=": "neq", "neq": "neq", "<": "lt", "lt": "lt", "<=": "lte", "lte": "lte",
    ">": "gt", "gt": "gt", ">=": "gte", "gte": "gte",
}  # fmt: skip
_NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
_PROPERTY = r"\"?(?P<name>[A-Za-z_][\w:.]*)\"?"
_NAME = re.compile(_PROPERTY)
_COMPARISON = re.compile(rf"{_PROPERTY}\s*(?P<operator><=|>=|<>|!=|=|<|>)\s*(?P<value>{_NUMBER})")
_BETWEEN = re.compile(rf"{_PROPERTY}\s+between\s+(?P<low>{_NUMBER})\s+and\s+(?P<high>{_NUMBER})", re.IGNORECASE)
_AND = re.compile(r"\s+and\s+", re.IGNORECASE)
_DEEPEST = 20


@dataclass(frozen=True)
class Comparison:
    """One condition on the cloud cover in percent."""

    operator: str
    """eq, neq, lt, lte, gt or gte."""
    value: float

    def holds(self, cover: float) -> bool:
        """Whether a cloud cover passes."""
        return {
            "eq": cover == self.value,
            "neq": cover != self.value,
            "lt": cover < self.value,
            "lte": cover <= self.value,
            "gt": cover > self.value,
            "gte": cover >= self.value,
        }[self.operator]


def parse_filter(value: Any, language: str) -> tuple[Comparison, ...]:
    """All of which must hold. Raises ApiError where the filter is not of the supported kind."""
    if value is None:
        return ()
    if isinstance(value, str) and language in {"", "cql2-text"}:
        return _from_text(value.strip())
    if isinstance(value, dict) and language in {"", "cql2-json"}:
        return _from_json(value, 0)
    raise ApiError(f"The filter does not match filter-lang `{language or 'cql2-text'}`.", parameter="filter")


def _from_text(text: str) -> tuple[Comparison, ...]:
    found: list[Comparison] = []
    position = 0
    while True:
        between = _BETWEEN.match(text, position)
        match = between or _COMPARISON.match(text, position)
        if match is None:
            named = _NAME.match(text, position)
            _check(named["name"] if named else QUERYABLE)
            raise ApiError(f"The filter cannot be read at `{text[position : position + 40]}`.", parameter="filter")
        _check(match["name"])
        if between:
            found += [Comparison("gte", float(between["low"])), Comparison("lte", float(between["high"]))]
        else:
            found.append(Comparison(_OPERATORS[match["operator"]], float(match["value"])))
        position = match.end()
        if position == len(text):
            return tuple(found)
        joint = _AND.match(text, position)
        if joint is None:
            raise ApiError(
                f"The filter cannot be read at `{text[position : position + 40]}`; only `and` joins.",
                parameter="filter",
            )
        position = joint.end()


def _from_json(value: Any, depth: int) -> tuple[Comparison, ...]:
    arguments = value.get("args") if isinstance(value, dict) else None
    if not isinstance(arguments, list) or depth > _DEEPEST:
        raise ApiError("The filter should be an object with `op` and `args`.", parameter="filter")
    operator = value.get("op")
    if operator == "and":
        return tuple(found for argument in arguments for found in _from_json(argument, depth + 1))
    named = arguments[0] if arguments and isinstance(arguments[0], dict) else {}
    numbers = arguments[1:]
    if operator == "between" and len(numbers) == 1 and isinstance(numbers[0], list):
        numbers = numbers[0]
    _check(named.get("property"))
    if not all(isinstance(number, int | float) and math.isfinite(number) for number in numbers):
        raise ApiError(f"`{QUERYABLE}` is compared with numbers.", parameter="filter")
    if operator == "between" and len(numbers) == 2:
        return Comparison("gte", float(numbers[0])), Comparison("lte", float(numbers[1]))
    if operator not in _OPERATORS or len(numbers) != 1:
        raise ApiError(f"The operator `{operator}` with {len(numbers)} values is not supported.", parameter="filter")
    return (Comparison(_OPERATORS[operator], float(numbers[0])),)


def _check(name: Any) -> None:
    if name != QUERYABLE:
        raise ApiError(f"Querying by `{name}` is not supported; `{QUERYABLE}` is.", parameter="filter")
