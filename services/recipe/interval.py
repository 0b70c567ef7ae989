"""Days in UTC."""

import cmath
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from services.errors import RecipeError
from services.sentinel2 import FIRST_DATE

_YEAR = 366
"""Days of the longest year."""


def _middle(months: Sequence[int]) -> int:
    """Day of the year, from 0: December and February have theirs in January. That of the year where none stands out."""
    around = sum(cmath.exp(2j * cmath.pi * (month - 0.5) / 12) for month in months)
    return round(cmath.phase(around) / (2 * cmath.pi) * _YEAR) % _YEAR if abs(around) > 1e-6 else _YEAR // 2


@dataclass(frozen=True, order=True)
class Interval:
    """Days in UTC, from `start` up to but without `end`."""

    start: date
    end: date

    def __post_init__(self) -> None:
        if self.end <= self.start:
            raise RecipeError(
                f"The interval from {self.start} to {self.end} is empty.",
                "Choose a last day that is not before the first.",
            )
        if self.end <= FIRST_DATE:
            raise RecipeError(
                f"Sentinel-2 has no pictures before {FIRST_DATE}, got an interval that ends {self.end}.",
                "Choose a later interval.",
            )

    @classmethod
    def through(cls, first: date, last: date) -> "Interval":
        """Both days are part of it, as people say it. Raises RecipeError."""
        if last < first:
            raise RecipeError(f"The days from {first} to {last} are none.", "Choose a last day that is not before.")
        return cls(first, last + timedelta(days=1))

    @classmethod
    def of_year(cls, year: int) -> "Interval":
        """[1 January, 1 January of the next year)."""
        if not 1 <= year < 9999:
            raise RecipeError(f"{year} is not a year.", "Give a year from 2015 on.")
        return cls(date(year, 1, 1), date(year + 1, 1, 1))

    @property
    def label(self) -> str:
        """`2017` for a whole year, else `2017-05-01/2017-09-01`: for programs and names, without the end itself."""
        whole = self.start == date(self.start.year, 1, 1) and self.end == date(self.start.year + 1, 1, 1)
        return str(self.start.year) if whole else f"{self.start}/{self.end}"

    @property
    def of_years(self) -> bool:
        """Whether it is one calendar year or several."""
        return {(day.month, day.day) for day in (self.start, self.end)} == {(1, 1)}

    @property
    def last(self) -> date:
        """The last day that is part of it."""
        return self.end - timedelta(days=1)

    @property
    def words(self) -> str:
        """For people: `2017`, `2021 to 2024`, `2017-05-01 to 2017-08-31`, or a day; the last one is part of it."""
        if self.of_years:
            first, last = self.start.year, self.last.year
            return f"{first} to {last}" if last > first else str(first)
        return f"{self.start} to {self.last}" if self.last > self.start else str(self.start)

    def apart(self, day: date, months: Sequence[int] = ()) -> int:
        """Days from the middle of these months of the year; where there are none from its own, or where it is longer
        than a year from that of the calendar year."""
        length = (self.end - self.start).days
        if length <= _YEAR and not months:
            return abs((day - self.start).days - length // 2)
        off = abs(day.timetuple().tm_yday - 1 - _middle(months))
        return min(off, _YEAR - off)

    @property
    def years(self) -> tuple[int, ...]:
        """The calendar years that it touches."""
        return tuple(range(self.start.year, (self.end - timedelta(days=1)).year + 1))

    @property
    def start_time(self) -> datetime:
        """Midnight UTC at the start."""
        return datetime(self.start.year, self.start.month, self.start.day, tzinfo=UTC)

    @property
    def end_time(self) -> datetime:
        """Midnight UTC at the end, which is not part of the interval."""
        return datetime(self.end.year, self.end.month, self.end.day, tzinfo=UTC)
