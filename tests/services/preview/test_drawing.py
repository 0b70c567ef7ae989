"""Pictures that are drawn while a page goes on."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

import pytest

from services.errors import StorageError
from services.preview import StillDrawing
from services.preview.drawing import MOST, DrawingRoom


@contextmanager
def held(room: DrawingRoom) -> Iterator[Callable[[], None]]:
    """The room's only thread draws something else until the block ends, or it is let go."""
    begun, go_on = threading.Event(), threading.Event()

    def draw() -> None:
        begun.set()
        go_on.wait(30)

    with pytest.raises(StillDrawing):
        room.drawn("held", draw, 0)
    begun.wait(30)
    yield go_on.set
    go_on.set()


def test_what_is_done_in_time_comes_back() -> None:
    assert DrawingRoom().drawn("one", lambda: 41 + 1, 30) == 42


def test_an_error_of_the_drawing_is_raised_where_it_is_waited_for_and_not_kept() -> None:
    room, error = DrawingRoom(), StorageError("The disk is full.", "Make space.")

    def refuse() -> int:
        raise error

    with pytest.raises(StorageError) as found:
        room.drawn("one", refuse, 30)
    assert found.value is error
    assert room.drawn("one", lambda: 2, 30) == 2


def test_a_timeout_of_the_drawing_itself_is_an_error() -> None:
    def refuse() -> int:
        raise TimeoutError("of its own")

    with pytest.raises(TimeoutError, match="of its own"):
        DrawingRoom().drawn("one", refuse, 30)


def test_who_is_impatient_comes_back_and_it_is_drawn_once() -> None:
    room, drawings = DrawingRoom(1), list[int]()

    def draw() -> int:
        drawings.append(1)
        return len(drawings)

    with held(room) as let_go:
        for _ in range(3):
            with pytest.raises(StillDrawing):
                room.drawn("one", draw, 0)
        let_go()
        assert room.drawn("one", draw, 30) == 1
    assert drawings == [1]


def test_the_newest_comes_first() -> None:
    room, order = DrawingRoom(1), list[int]()
    with held(room) as let_go:
        for number in range(4):
            with pytest.raises(StillDrawing):
                room.drawn(number, partial(order.append, number), 0)
        let_go()
        room.drawn(0, lambda: None, 30)
    assert order == [3, 2, 1, 0]


def test_the_oldest_is_given_up_where_there_are_too_many() -> None:
    room, drawn = DrawingRoom(1), set[int]()
    with held(room) as let_go:
        for number in range(MOST + 1):
            with pytest.raises(StillDrawing):
                room.drawn(number, partial(drawn.add, number), 0)
        let_go()
        room.drawn(1, lambda: None, 30)
    assert drawn == set(range(1, MOST + 1))
