"""What a timelapse is wished of, as one value and as the text of a link: `timelapse=months,0.5,660,mp4,masked`."""

from collections.abc import Mapping
from dataclasses import dataclass

from pages.state.address import Addressed, Problems, from_link, one_of
from services.animation import DATES, FORMATS, KINDS, SECONDS, SIDES

_MASKED = "masked"


@dataclass(frozen=True)
class Wishes:
    """Names and numbers as a request for one has them."""

    kind: str = DATES
    """Name in KINDS."""
    seconds: float = SECONDS[1]
    """That a picture is seen."""
    side: int = SIDES[-1]
    """Px of the longest side."""
    form: str = "webp"
    """Name in FORMATS."""
    masked: bool = False
    """Of dates: whether clouds are left out."""

    def question(self) -> dict[str, str]:
        """As the text of a link; nothing where it is as at the start."""
        if self == Wishes():
            return {}
        texts = self.kind, f"{self.seconds:g}", f"{self.side}", self.form, *([_MASKED] if self.masked else ())
        return {"timelapse": ",".join(texts)}


def wishes_of(question: Mapping[str, str]) -> tuple[Wishes, Problems]:
    """Those of a link; what cannot be used is left as at the start, and the reason comes with it."""
    return from_link(Wishes(), question, {"timelapse": _read})


def _read(_: Wishes, text: str) -> Wishes:
    """Raises ValueError."""
    kind, seconds, side, form, *masked = text.split(",")
    if masked not in ([], [_MASKED]) or float(seconds) not in SECONDS or int(side) not in SIDES:
        raise ValueError(text)
    kind = one_of(kind, KINDS)
    return Wishes(kind, float(seconds), int(side), one_of(form, list(FORMATS)), bool(masked) and kind == DATES)


_STATE = Addressed("timelapse", ("timelapse",), wishes_of)
read, put, problems, follow_address = _STATE.read, _STATE.put, _STATE.problems, _STATE.follow_address
