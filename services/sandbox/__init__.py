"""A confined child process: the bytes of a file in, its validated Outline out."""

from services.sandbox.client import outline_from_file

__all__ = [
    "outline_from_file",
]
