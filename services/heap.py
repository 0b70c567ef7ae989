"""How the process's memory goes back to the system; only the GNU C library, which keeps a lot, needs to be told."""

import ctypes
import sys

_ARENA_MAX, _MMAP_THRESHOLD = -8, -3
"""Names of parameters (malloc.h of the GNU C library)."""
ARENAS = 2
"""Heaps that threads share; by default each of many threads fills one of its own, and none shrinks."""
OWN_MAPPING = 256 * 1024
"""Bytes from which on memory goes back to the system the moment it is freed; a block of planes has some megabytes."""


def give_back() -> bool:
    """Before threads are started: freed blocks of pixels go back at once. Whether it was understood."""
    if not sys.platform.startswith("linux"):
        return False
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):  # another C library
        return False
    mallopt.argtypes, mallopt.restype = (ctypes.c_int, ctypes.c_int), ctypes.c_int
    return all([mallopt(_ARENA_MAX, ARENAS), mallopt(_MMAP_THRESHOLD, OWN_MAPPING)])
