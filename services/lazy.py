"""What an object finds out about itself once, when it is first asked."""

from collections.abc import Callable
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
