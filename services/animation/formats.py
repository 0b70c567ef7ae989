"""Files that move: frames in, one after the other, a WebP, GIF or MP4 out; no more than one frame is in memory.

All of them by the encoders in PyAV's wheel: Pillow's own writers of WebP and GIF keep every frame until the end.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow

from services.errors import StorageError
from services.registry import Registry

if TYPE_CHECKING:
    from av import VideoFrame
    from av.video.stream import VideoStream

Frame = NDArray[np.uint8]
"""(height, width, 3) of an even size."""
_COLOURS = 256
"""Of a GIF."""
_BT601, _LIMITED = 6, 1
"""FFmpeg's numbers of how colours become luma and chroma; a video that does not say it is shown in other colours."""


@dataclass(frozen=True)
class Format:
    """A kind of file."""

    name: str
    """Its suffix too, and FFmpeg's name of the container."""
    title: str
    """What people read."""
    codec: str
    """FFmpeg's name of the encoder."""
    pixels: str
    """FFmpeg's name of the layout of a frame."""
    options: Mapping[str, str]
    """Of the encoder."""
    container: Mapping[str, str] = field(default_factory=dict)
    """Options of the file."""
    moves: bool = False
    """Whether a browser plays it by itself, as a picture; a video has controls."""


FORMATS = Registry(
    "format",
    (
        Format(
            "webp",
            "WebP",
            "libwebp_anim",
            "yuv420p",
            {"quality": "80", "compression_level": "1"},
            {"loop": "0"},
            moves=True,
        ),
        Format("gif", "GIF", "gif", "pal8", {}, {"loop": "0"}, moves=True),
        Format("mp4", "MP4", "libx264", "yuv420p", {"preset": "veryfast", "crf": "20"}, {"movflags": "faststart"}),
    ),
)
"""In the order of the page."""


def encode(path: Path, form: Format, frames: Iterable[Frame], seconds: float, sample: Frame) -> None:
    """Write them all, each for so many seconds; `sample` is of their size, and has the colours of them all.

    Raises StorageError where the disk refuses.
    """
    import av  # FFmpeg's libraries, for who makes a timelapse alone

    turned = _turned(form, sample)
    try:
        with av.open(str(path), "w", format=form.name, options=dict(form.container)) as file:
            rate = 1 / Fraction(seconds).limit_denominator(100)
            stream = cast("VideoStream", file.add_stream(form.codec, rate=rate))
            stream.height, stream.width = sample.shape[:2]
            stream.pix_fmt, stream.options = form.pixels, dict(form.options)
            if form.pixels == "yuv420p":
                stream.codec_context.colorspace, stream.codec_context.color_range = _BT601, _LIMITED
            for frame in frames:
                file.mux(stream.encode(turned(frame)))
            file.mux(stream.encode())
    except av.FFmpegError as error:
        raise StorageError(
            f"The {form.title} could not be written: {error.strerror}.", "Check the disk under NINEPATCH_HOME."
        ) from error


def _turned(form: Format, sample: Frame) -> "Callable[[Frame], VideoFrame]":
    """From a frame to what the encoder takes: a GIF has one palette for all frames, so that nothing flickers."""
    from av import VideoFrame

    if form.pixels != "pal8":
        return lambda frame: VideoFrame.from_ndarray(frame, format="rgb24")
    palette = Pillow.fromarray(sample).quantize(_COLOURS)
    colours = np.zeros((_COLOURS, 4), np.uint8)  # opacity, red, green, blue
    found = np.array(palette.getpalette(), np.uint8).reshape(-1, 3)
    colours[:, 0], colours[: len(found), 1:] = 255, found

    def indexed(frame: Frame) -> VideoFrame:
        places = np.asarray(Pillow.fromarray(frame).quantize(palette=palette, dither=Pillow.Dither.FLOYDSTEINBERG))
        return VideoFrame.from_ndarray((places, colours), format="pal8")  # type: ignore[arg-type] # as it documents

    return indexed
