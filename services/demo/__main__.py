"""Runs the demo archive on the loopback interface: `python -m services.demo --port 8600`."""

import argparse
import os
import socket
import threading

import uvicorn

from services.demo.protocol import ENGINE, LIFE_SECONDS, UNLIMITED, Middleware, Options, Policy, application


def options() -> argparse.Namespace:
    """What the command line says."""
    parser = argparse.ArgumentParser(prog="python -m services.demo", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one, which is printed")
    parser.add_argument("--latency", type=float, default=0.0, help="seconds before each answer")
    parser.add_argument("--bandwidth", type=float, default=0.0, help="Mbit/s of all answers together; 0 is no limit")
    parser.add_argument("--remember", action="store_true", help="answer what was asked before from memory")
    parser.add_argument("--token-seconds", type=float, default=LIFE_SECONDS, help="life of a token")
    for name in ("requests-per-minute", "units-per-minute", "units-per-month"):
        parser.add_argument(f"--{name}", type=float, default=UNLIMITED, help="limit of the account")
    parser.add_argument("--parent", type=int, default=0, help="end when this process is gone")
    return parser.parse_args()


def follow(parent: int, server: uvicorn.Server) -> None:
    """End the server once the process that started it is gone."""
    gone = threading.Event()
    while os.getppid() == parent:
        gone.wait(0.5)
    server.should_exit = True
    gone.wait(2)
    os._exit(0)


def main(middleware: Middleware | None = None) -> None:
    """Until it is told to stop; `middleware` as for `application`."""
    chosen = options()
    policy = Policy(chosen.requests_per_minute, chosen.units_per_minute, chosen.units_per_month)
    app = application(
        Options(chosen.latency, chosen.bandwidth, chosen.remember, chosen.token_seconds, policy), middleware
    )
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", chosen.port))
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
    if chosen.parent:
        threading.Thread(target=follow, args=(chosen.parent, server), daemon=True).start()
    ENGINE.start()
    print(f"http://127.0.0.1:{listener.getsockname()[1]}", flush=True)  # noqa: T201 - whoever started it reads this
    server.run(sockets=[listener])


if __name__ == "__main__":
    main()
