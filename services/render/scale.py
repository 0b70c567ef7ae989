"""The bar that says how long something on a picture is on the ground."""

_LENGTHS = (10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000, 200_000, 500_000)


def scale_metres(most: float) -> int:
    """The longest round length of at most so many metres; the shortest of all where none is."""
    return max((length for length in _LENGTHS if length <= most), default=_LENGTHS[0])


def metres_words(length: int) -> str:
    """`500 m`, `2 km`."""
    return f"{length // 1000} km" if length >= 1000 else f"{length} m"
