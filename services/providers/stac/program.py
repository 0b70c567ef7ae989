"""How the exported program reads open data; no account and no secret is in it."""

from services.providers.base import Program
from services.reducers import Chapter

CATALOGUE = Chapter("The catalogue", "Open data: it needs no account.", "")
FETCH = Chapter(
    "The pixels",
    "From the files of the catalogue.",
    """\
def fetch_tile(tile, acquisitions):
    \"\"\"The EOPatch of each acquisition.\"\"\"
    raise SystemExit("This program cannot read open data yet.")
""",
)


def program_of() -> Program:
    """The catalogue's part of the program."""
    return Program((), (), "", CATALOGUE, FETCH)
