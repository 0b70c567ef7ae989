"""The seconds in which the application is imported: its port answers at once, with a page that becomes the application.

Whoever would have to log in, and every program, gets a page that loads again by itself, or 503.
"""

from services.starting.listener import begin, end, hold, listening
from services.starting.policy import TILES, policy
from services.starting.shell import Shell

__all__ = ["TILES", "Shell", "begin", "end", "hold", "listening", "policy"]
