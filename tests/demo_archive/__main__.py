"""Runs the demo archive with what only tests see, and the options of the product's: `python -m tests.demo_archive`."""

from services.demo.__main__ import main
from tests.demo_archive.middleware import RecordingArchive

if __name__ == "__main__":
    main(RecordingArchive)
