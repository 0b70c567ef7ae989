"""Expiry of sessions: Streamlit forgets those that were left only when somebody else leaves, with what they hold."""

import asyncio
import ctypes
import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from streamlit.runtime import Runtime
from streamlit.runtime.memory_session_storage import MemorySessionStorage

EVERY_SECONDS = 15.0


@asynccontextmanager
async def swept() -> AsyncIterator[None]:
    """Look every 15 seconds, as long as it is open."""
    sweeping = asyncio.create_task(_sweep())
    try:
        yield
    finally:
        sweeping.cancel()
        with suppress(asyncio.CancelledError):
            await sweeping


async def _sweep() -> None:
    while True:
        await asyncio.sleep(EVERY_SECONDS)
        if forget_sessions():
            await asyncio.to_thread(give_back_memory)


def forget_sessions() -> int:
    """Let go of sessions whose time to come back is over, with their files; how many that were.

    To be called in the event loop, as Streamlit does all that it does with sessions.
    """
    storage = Runtime.instance()._session_mgr._session_storage  # type: ignore[attr-defined] # there is no public way
    assert isinstance(storage, MemorySessionStorage)
    gone = storage._cache.expire()  # type: ignore[attr-defined] # the same
    for _, info in gone:
        info.session.shutdown()
    return len(gone)


def give_back_memory() -> None:
    """What nobody names any more goes back to the system, also where an allocator would keep it."""
    gc.collect()
    with suppress(AttributeError):  # another C library than GNU's
        ctypes.CDLL(None).malloc_trim(0)
