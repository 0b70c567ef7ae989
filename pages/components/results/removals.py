"""Results that made room, and those that never do: nothing goes without a sentence."""

from datetime import UTC, datetime

import streamlit as st

from pages.components.shared import messages
from pages.state.context import product, settings
from services.text import megabytes


def made_room_for(digest: str) -> None:
    """What was removed when that result was made, if anything was."""
    gone = product().results.room.removals(digest)
    if gone:
        size = megabytes(sum(one.bytes for one in gone))
        title = f"{len(gone)} older picture{'' if len(gone) == 1 else 's'} made room for this one"
        messages.say(title, ", ".join(one.name for one in gone), f"{size} of files. {_again()}")


def removed(digest: str) -> bool:
    """Say how that result went; False where nothing is known of it."""
    gone = product().results.room.removal(digest)
    if gone is None:
        return False
    day = datetime.fromtimestamp(gone.removed, UTC)
    messages.say(
        "The files of this picture made room for a newer one", f"{gone.name}, on {day:%Y-%m-%d %H:%M} UTC. {_again()}"
    )
    return True


def keep_toggle(digest: str) -> None:
    """Whether the result stays whatever else is made."""
    room = product().results.room
    kept = room.is_kept(digest)
    words = f"Files take {settings().results_gb:g} GB in all; beyond it those make room that were not seen for longest."
    if st.toggle("Keep these files", value=kept, key=f"keep-{digest}", help=words) != kept:
        room.keep(digest, kept=not kept)


def _again() -> str:
    limit = f"Finished pictures take {settings().results_gb:g} GB at most (results_gb)."
    return f"{limit} They can be made again from the cache: choose the same once more."
