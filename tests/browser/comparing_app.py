"""An application for the tests of the comparison alone: one page, and its own pictures, under our own guard."""

import io
import threading
from pathlib import Path

import numpy as np
import streamlit as st
from PIL import Image
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from pages.routes.security_headers import SecurityHeaders

WIDTH, HEIGHT = 480, 360
"""Pixels of every picture."""
_gate = threading.Event()
_gate.set()


def land(seed: int) -> np.ndarray:
    """Fields and a lake, simulated: the same place whatever the seed, in other greens. Uint8, height, width, 4."""
    place, year = np.random.default_rng(1), np.random.default_rng(seed)
    fields = place.integers(0, 9, (12, 16)).repeat(30, 0).repeat(30, 1)
    colours = np.array([90, 105, 60]) + year.integers(-28, 40, (9, 1)) + year.integers(-12, 12, (9, 3))
    down, along = np.mgrid[:HEIGHT, :WIDTH]
    picture = colours[fields] + year.normal(0, 4, (HEIGHT, WIDTH, 1))
    picture[np.hypot((along - 300) / 1.6, down - 200) < 60 + 6 * np.sin(along / 20)] = 38, 62, 78
    picture[abs(along - 90 - 20 * np.sin(down / 60)) < 3] = 176, 168, 150
    clear = np.hypot(along - 60, down - 300) > 20 + 10 * (seed % 5)
    return np.dstack([picture.clip(0, 255), 255 * clear]).astype(np.uint8)


def change() -> np.ndarray:
    """Blue and orange patches on neutral grey."""
    down, along = np.mgrid[:HEIGHT, :WIDTH]
    picture = np.full((HEIGHT, WIDTH, 4), (222, 222, 222, 255), np.uint8)
    picture[np.hypot(along - 140, down - 90) < 50] = 217, 120, 50, 255
    picture[np.hypot(along - 380, down - 280) < 40] = 60, 110, 180, 255
    return picture


def picture(request: Request) -> Response:
    """One of them; those whose name begins with "late" wait until they are let go, and "none" is not there."""
    name = request.path_params["name"]
    if name.startswith("late"):
        _gate.wait(30)
    if name == "none":
        return PlainTextResponse("no such picture", status_code=404)
    pixels = change() if name == "change" else land(int("".join(filter(str.isdigit, name))))
    body = io.BytesIO()
    Image.fromarray(pixels).save(body, "PNG")
    return Response(body.getvalue(), media_type="image/png", headers={"Cache-Control": "no-store"})


def gate(request: Request) -> Response:
    """Hold the late pictures back, or let them go."""
    (_gate.set if request.path_params["word"] == "open" else _gate.clear)()
    return PlainTextResponse("ok")


def health(request: Request) -> Response:
    """It runs."""
    return PlainTextResponse("ok")


app = st.App(
    Path(__file__).with_name("comparing.py"),
    routes=[
        Route("/pictures/{name}.png", picture),
        Route("/gate/{word}", gate, methods=["POST"]),
        Route("/health", health),
    ],
    middleware=[Middleware(SecurityHeaders, prefix="", online=False)],
)
