"""A date that somebody has looked at and does not want in the picture, with the reason."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from services.errors import RecipeError
from services.recipe.interval import Interval
from services.text import quoted

LONGEST = 80
"""Characters of a reason, at most."""
NO_REASON = "no reason given"
"""The reason where somebody typed none."""
DATATAKE = timedelta(hours=1)
"""A datatake, whose start is in the key, is shorter: it may have begun so long before an acquisition."""
_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,59}")


@dataclass(frozen=True)
class Veto:
    """One acquisition that is left out whatever its cloud cover. Raises RecipeError for what is no such thing."""

    acquisition: str
    """Its key: `S2A_R079_20170607T095031`."""
    reason: str
    """In somebody's words: 1 to 80 printable characters, without space at the ends."""

    def __post_init__(self) -> None:
        check_key(self.acquisition)
        if not self.reason or self.reason != self.reason.strip() or not self.reason.isprintable():
            raise RecipeError(
                f"The reason of an excluded date must be printable characters, got {quoted(self.reason, LONGEST)}.",
                "Say in a few words why the date is excluded.",
            )
        if len(self.reason) > LONGEST:
            raise RecipeError(
                f"The reason of an excluded date is at most {LONGEST} characters long, got {len(self.reason)}.",
                "Shorten it.",
            )

    def may_be_in(self, interval: Interval) -> bool:
        """Whether there may be such an acquisition in the interval, by the time in its key; not where it has none."""
        return bool(within(interval, (self.acquisition,)))

    @classmethod
    def typed(cls, acquisition: str, words: str) -> "Veto":
        """With a reason as somebody typed it, its spaces put in order. Raises RecipeError where it is too long."""
        return cls(acquisition, " ".join(words.split()) or NO_REASON)


def check_key(key: str) -> None:
    """Raises RecipeError where it cannot be the key of an acquisition."""
    if not _KEY.fullmatch(key):
        raise RecipeError(
            f"{quoted(key, 60)} is not the key of an acquisition.",
            "The list of acquisitions has the keys, like S2A_R079_20170607T095031.",
        )


def within(interval: Interval, keys: Iterable[str]) -> tuple[str, ...]:
    """Keys of acquisitions that may be in the interval, by the time in them, sorted, each once."""
    begun = {key: _begun(key) for key in keys}
    earliest, latest = interval.start_time - DATATAKE, interval.end_time
    return tuple(sorted(key for key, time in begun.items() if time is not None and earliest < time < latest))


def _begun(acquisition: str) -> datetime | None:
    """When the datatake began, or midnight of its day where the key has that alone; UTC."""
    stamp = acquisition.rpartition("_")[2]
    try:
        return datetime.strptime(stamp, "%Y%m%dT%H%M%S" if "T" in stamp else "%Y%m%d").replace(tzinfo=UTC)
    except ValueError:
        return None


def ordered(vetoes: Iterable[Veto]) -> tuple[Veto, ...]:
    """By acquisition, one for each: of two the later one counts."""
    last = {veto.acquisition: veto for veto in vetoes}
    return tuple(last[key] for key in sorted(last))
