"""Results: the files of the view that is shown, and its timelapse."""

import io
import time

from PIL import Image
from streamlit.testing.v1 import AppTest

from pages.components.take.timelapse import left_out_words, picture_that_moves
from services.animation import Timelapse
from tests.pages.made import go
from tests.pages.routes.test_files import ask
from tests.pages.routes.test_series import cached
from tests.pages.seen import click, downloads, html_of


def test_results_offer_the_view_that_is_shown_and_its_timelapse(frame: AppTest) -> None:
    go(frame, "results", cached(), view="ndvi")
    offered = downloads(frame)
    assert {"Vegetation (NDVI) as PNG", "NDVI values as COG, 300 m"} <= set(offered)
    assert ask(offered["NDVI values as COG, 300 m"]).content[:2] in (b"II", b"MM")
    click(frame, "Make the timelapse of Vegetation (NDVI)")
    until = time.monotonic() + 60
    while '<figure class="np-timelapse"' not in html_of(frame) and time.monotonic() < until:
        frame.run()
    (words,) = [one for one in downloads(frame) if "as WebP" in one]
    assert words.startswith("Vegetation (NDVI), 2 pictures: 2017-06-07 to 2017-06-12, as WebP, ")
    answer = ask(downloads(frame)[words])
    assert answer.headers["content-type"] == "image/webp"
    with Image.open(io.BytesIO(answer.content)) as moving_picture:
        assert moving_picture.n_frames == 2  # type: ignore[attr-defined]
    assert 'alt="Simulated data. Timelapse of Vegetation (NDVI), 2 pictures' in html_of(frame)


def test_what_moves_has_a_still_for_who_wishes_no_motion() -> None:
    picture = picture_that_moves("a.webp", "a.png", "Words", (10, 20), plays=True)
    assert '<source media="(prefers-reduced-motion: reduce)" srcset="a.png">' in picture
    video = picture_that_moves("a.mp4", "a.png", "Words", (10, 20), plays=False)
    assert "controls" in video and "autoplay" not in video


def test_what_is_left_out_is_named_as_far_as_it_can_be_read() -> None:
    days = tuple(f"2017-06-{day:02d}" for day in range(1, 16))
    made = Timelapse("", "", "", 2, 2, ("a",), days, 0.5, 1, "", simulated=False)
    assert left_out_words(made).endswith("2017-06-12 and 3 more.")
