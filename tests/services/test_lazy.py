"""A value that is found once, and no lock that other objects wait at."""

import threading
from dataclasses import dataclass

from services.lazy import lazy

FOUND: list[str] = []


@dataclass(frozen=True)
class Thing:
    name: str
    turn: threading.Barrier

    @lazy
    def twice(self) -> str:
        """The name two times."""
        self.turn.wait(30)
        FOUND.append(self.name)
        return 2 * self.name


def test_it_is_found_once_and_two_objects_find_theirs_at_the_same_time() -> None:
    both = threading.Barrier(2)  # neither passes it alone: a lock for the class would end in a broken barrier
    things = Thing("a", both), Thing("b", both)
    threads = [threading.Thread(target=lambda thing=thing: thing.twice) for thing in things]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert [thing.twice for thing in things] == ["aa", "bb"]
    assert sorted(FOUND) == ["a", "b"]
    assert Thing.twice.__doc__ == "The name two times."
