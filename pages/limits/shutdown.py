"""Shutdown in time: a browser that reads no further would keep a server that is told to end as long as it likes."""

import asyncio
import signal
import threading
from types import FrameType

import uvicorn

LINGER_SECONDS = 10.0
"""For downloads that are nearly done; what comes after has its own time, above all the worker's leave."""


def end_in_time() -> None:
    """To be called within the life of the application: whoever listens to the signal still does."""
    before = signal.getsignal(signal.SIGTERM)
    server = getattr(before, "__self__", None)
    if not isinstance(server, uvicorn.Server) or threading.current_thread() is not threading.main_thread():
        return
    loop = asyncio.get_running_loop()

    def told(number: int, frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(loop.call_later, LINGER_SECONDS, setattr, server, "force_exit", True)
        server.handle_exit(number, frame)

    signal.signal(signal.SIGTERM, told)
