"""Runs the demo archive on the loopback interface: `python -m services.demo --port 8600`."""

import argparse
import os
import socket
import threading

import uvicorn
from starlette.types import ASGIApp

from services.demo.protocol import ENGINE, TokenIssuer, application


def options() -> argparse.ArgumentParser:
    """What the command line may say."""
    parser = argparse.ArgumentParser(prog="python -m services.demo", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one, which is printed")
    parser.add_argument("--parent", type=int, default=0, help="end when this process is gone")
    return parser


def follow(parent: int, server: uvicorn.Server) -> None:
    """End the server once the process that started it is gone."""
    gone = threading.Event()
    while os.getppid() == parent:
        gone.wait(0.5)
    server.should_exit = True
    gone.wait(2)
    os._exit(0)


def serve(app: ASGIApp, port: int, parent: int) -> None:
    """Until it is told to stop."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    listener.listen(512)
    config = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=1,
        lifespan="off",
    )
    server = uvicorn.Server(config)
    if parent:
        threading.Thread(target=follow, args=(parent, server), daemon=True).start()
    ENGINE.start()
    print(f"http://127.0.0.1:{listener.getsockname()[1]}", flush=True)  # noqa: T201 - whoever started it reads this
    server.run(sockets=[listener])


if __name__ == "__main__":
    serve(application(TokenIssuer()), **vars(options().parse_args()))
