"""An application for the tests of the strip of dates alone: one page, and its own pictures, under our own guard."""

import io
from pathlib import Path

import numpy as np
import streamlit as st
from PIL import Image
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from pages.routes.security_headers import SecurityHeaders

SIDE = 84
"""Pixels of a picture."""


def picture(request: Request) -> Response:
    """Fields under so many clouds, simulated; a corner without data."""
    number, clouds = (int(part) for part in request.path_params["name"].split("-"))
    place, day = np.random.default_rng(1), np.random.default_rng(number)
    land = np.array([80, 98, 58]) + place.integers(-25, 25, (7, 7, 3)).repeat(12, 0).repeat(12, 1)
    sky = np.asarray(
        Image.fromarray(day.random((6, 6)).astype(np.float32)).resize((SIDE, SIDE), Image.Resampling.BICUBIC)
    )
    cover = np.clip((np.argsort(np.argsort(sky.ravel())).reshape(SIDE, SIDE) / SIDE**2 - 1 + clouds / 100) * 8, 0, 1)
    pixels = np.dstack([land * (1 - cover[..., None]) + 232 * cover[..., None], np.full((SIDE, SIDE), 255)])
    if number % 5 == 2:
        pixels[np.add.outer(np.arange(SIDE), np.arange(SIDE)) < SIDE // 2, 3] = 0
    body = io.BytesIO()
    Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(body, "PNG")
    return Response(body.getvalue(), media_type="image/png", headers={"Cache-Control": "no-store"})


def health(request: Request) -> Response:
    """It runs."""
    return PlainTextResponse("ok")


app = st.App(
    Path(__file__).with_name("strip.py"),
    routes=[Route("/pictures/{name}.png", picture), Route("/health", health)],
    middleware=[Middleware(SecurityHeaders, prefix="", online=False)],
)
