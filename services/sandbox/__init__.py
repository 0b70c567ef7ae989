"""A confined child process: the bytes of a file in, its validated Outline out."""

from services.sandbox.client import confinement, outline_from_file
from services.sandbox.walls import Confinement

__all__ = [
    "Confinement",
    "confinement",
    "outline_from_file",
]
