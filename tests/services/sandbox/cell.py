"""Puts the prisoner between walls, and tells what came of its attempts."""

import json
from collections.abc import Sequence
from typing import Any

from services.sandbox.client import Ended, run

PRISONER = "tests.services.prisoner"


def ended(*words: str, seconds: int = 5, wait: float = 20, walls: Sequence[str] | None = None) -> Ended:
    """After trying the words between those walls, or all."""
    request = json.dumps({"words": words, "seconds": seconds, "walls": walls})
    return run(PRISONER, request.encode() + b"\n", wait, 3)


def tried(*words: str, **options: Any) -> dict[str, Any]:
    """What came of the words."""
    answer = json.loads(ended(*words, **options).answer)
    assert isinstance(answer, dict)
    return answer
