"""Ports of this machine at which nobody listens."""

import socket
from contextlib import ExitStack


def free_ports(count: int) -> list[int]:
    """So many different ones."""
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [int(one.getsockname()[1]) for one in sockets]


def free_port() -> int:
    """One of them."""
    return free_ports(1)[0]
