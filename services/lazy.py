"""What is found out, or imported, when it is first asked for."""

from collections.abc import Callable, Sequence
from importlib import import_module
from threading import Thread
from time import sleep
from typing import Any, Generic, TypeVar, overload

T = TypeVar("T")


class lazy(Generic[T]):  # noqa: N801 - a decorator, written as property is
    """As `functools.cached_property`, without the lock that Python 3.11 has in it: one for all objects of a class.

    Fifty sessions waited at that lock for a third of a page's time. Two threads that ask at once may both find out;
    the values are the same, and one of them stays.
    """

    def __init__(self, find: Callable[[Any], T]) -> None:
        self._find, self.__doc__ = find, find.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, instance: None, owner: type) -> "lazy[T]": ...

    @overload
    def __get__(self, instance: object, owner: type) -> T: ...

    def __get__(self, instance: object | None, owner: type) -> "T | lazy[T]":
        if instance is None:
            return self
        found = self._find(instance)
        return instance.__dict__.setdefault(self._name, found)  # type: ignore[no-any-return] # a dictionary of anything


def late(package: str, **names: str) -> Callable[[str], Any]:
    """The `__getattr__` of a package: these names are of its modules, which are imported when one is first asked for.

    A second of imports that only who composes or draws a figure needs is no part of the application's start.
    """

    def found(name: str) -> Any:
        if name not in names:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        return getattr(import_module(f"{package}.{names[name]}"), name)

    return found


def import_ahead(*groups: Sequence[str], pause: float = 0.0, then: Callable[[], None] = lambda: None) -> None:
    """Import these modules in a thread of its own, a pause after each group, so that who needs one need not wait;
    `then` is called after all."""

    def work() -> None:
        for modules in groups:
            for name in modules:
                import_module(name)
            sleep(pause)
        then()

    Thread(target=work, name="imports", daemon=True).start()
