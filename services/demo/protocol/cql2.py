"""CQL2 filters of the catalogue, as text or JSON: comparisons of `eo:cloud_cover` joined by `and`."""

import math
import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from services.demo.protocol.payload import ApiError

QUERYABLE = "eo:cloud_cover"
_OPERATORS: dict[str, Callable[[float, float], bool]] = {
    "=": operator.eq, "eq": operator.eq, "<>": operator.ne, "!=": operator.ne, "neq": operator.ne,
    "<": operator.lt, "lt": operator.lt, "<=": operator.le, "lte": operator.le,
    ">": operator.gt, "gt": operator.gt, ">=": operator.ge, "gte": operator.ge,
}  # fmt: skip
_NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
_CONDITION = re.compile(
    rf"\"?(?P<name>[A-Za-z_][\w:.]*)\"?(?:\s*(?P<operator><=|>=|<>|!=|=|<|>)\s*(?P<value>{_NUMBER})"
    rf"|\s+between\s+(?P<low>{_NUMBER})\s+and\s+(?P<high>{_NUMBER})|(?P<nothing>))(?P<end>\s+and\s+|$|)",
    re.IGNORECASE,
)
_DEEPEST = 20


@dataclass(frozen=True)
class Comparison:
    """One condition on the cloud cover in percent."""

    operator: str
    value: float

    def holds(self, cover: float) -> bool:
        """Whether a cloud cover passes."""
        return _OPERATORS[self.operator](cover, self.value)


def parse_filter(value: Any, language: str) -> tuple[Comparison, ...]:
    """All of which must hold. Raises ApiError where the filter is not of the supported kind."""
    if value is None:
        return ()
    if isinstance(value, str) and language in {"", "cql2-text"}:
        return _from_text(value.strip())
    if isinstance(value, dict) and language in {"", "cql2-json"}:
        return _from_json(value, 0)
    raise _refused(f"The filter does not match filter-lang `{language or 'cql2-text'}`.")


def _from_text(text: str) -> tuple[Comparison, ...]:
    found: list[Comparison] = []
    position, more = 0, True
    while more:
        match = _CONDITION.match(text, position)
        if match:
            _check(match["name"])
        if match is None or match["nothing"] is not None or (not match["end"] and match.end() < len(text)):
            raise _refused(f"The filter cannot be read at `{text[position : position + 40]}`; only `and` joins.")
        if match["operator"]:
            found.append(Comparison(match["operator"], float(match["value"])))
        else:
            found += [Comparison(">=", float(match["low"])), Comparison("<=", float(match["high"]))]
        position, more = match.end(), bool(match["end"])
    return tuple(found)


def _from_json(value: Any, depth: int) -> tuple[Comparison, ...]:
    arguments = value.get("args") if isinstance(value, dict) else None
    if not isinstance(arguments, list) or depth > _DEEPEST:
        raise _refused("The filter should be an object with `op` and `args`.")
    name = value.get("op")
    if name == "and":
        return tuple(found for argument in arguments for found in _from_json(argument, depth + 1))
    _check(arguments[0].get("property") if arguments and isinstance(arguments[0], dict) else None)
    numbers = arguments[1:]
    if name == "between" and len(numbers) == 1 and isinstance(numbers[0], list):
        numbers = numbers[0]
    if not all(isinstance(number, int | float) and math.isfinite(number) for number in numbers):
        raise _refused(f"`{QUERYABLE}` is compared with numbers.")
    if name == "between" and len(numbers) == 2:
        return Comparison(">=", float(numbers[0])), Comparison("<=", float(numbers[1]))
    if name not in _OPERATORS or len(numbers) != 1:
        raise _refused(f"The operator `{name}` with {len(numbers)} values is not supported.")
    return (Comparison(name, float(numbers[0])),)


def _check(name: Any) -> None:
    if name != QUERYABLE:
        raise _refused(f"Querying by `{name}` is not supported; `{QUERYABLE}` is.")


def _refused(message: str) -> ApiError:
    return ApiError(message, parameter="filter")
