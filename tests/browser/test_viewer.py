"""The comparison in the browser: swipe, zoom, flicker and the table, by mouse, finger and keyboard."""

import io
import re
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
import requests
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Browser, FloatRect, Locator, expect

from tests.browser.comparing_app import HEIGHT, WIDTH, land
from tests.browser.conftest import Application, application
from tests.browser.visit import Visit

MOVED = "() => [...document.querySelectorAll('*')].reduce((sum, one) => sum + one.scrollTop, 0)"
"""How far anything of the page is scrolled down."""


@pytest.fixture(scope="module")
def comparing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Application]:
    """The page with nothing but the two components."""
    with application(tmp_path_factory.mktemp("comparing"), "tests/browser/comparing_app.py") as running:
        yield running


@pytest.fixture
def gate(comparing: Application) -> Iterator[Callable[[str], None]]:
    """Holds late pictures back ("close") or lets them go ("open")."""

    def turn(word: str) -> None:
        requests.post(f"{comparing.url}/gate/{word}", timeout=30).raise_for_status()

    yield turn
    turn("open")


@pytest.fixture
def special(
    chromium: Browser, comparing: Application, request: pytest.FixtureRequest
) -> Iterator[Callable[..., Visit]]:
    """A visit with another kind of device; clean at the end as every visit."""
    visits: list[Visit] = []

    def begin(path: str = "/", **device: Any) -> Visit:
        context = chromium.new_context(**({"viewport": {"width": 1360, "height": 900}} | device))
        context.set_default_timeout(60_000)
        visits.append(Visit(context.new_page(), comparing.url, request.node.name))
        visits[-1].open(path)
        ready(visits[-1])
        return visits[-1]

    yield begin
    for one in visits:
        one.look("last")
        one.page.context.close()
        one.assert_clean()


def ready(here: Visit) -> None:
    """Wait until the pictures are there, and bring them on the screen."""
    expect(here.page.locator(".viewer .left.here")).to_be_attached()
    expect(here.page.locator(".layer[aria-busy]")).to_have_count(0)
    here.page.locator(".viewer .bar").evaluate("bar => bar.scrollIntoView({block: 'start'})")


def compare(here: Visit, mode: str) -> None:
    """Choose a mode, and wait until Python knows."""
    here.page.get_by_role("radio", name=mode).check()
    here.see(f"'{mode.split()[0].lower()}'")
    here.settle()
    here.page.locator(".viewer .bar").evaluate("bar => bar.scrollIntoView({block: 'start'})")


def slider(here: Visit) -> Locator:
    return here.page.get_by_role("slider", name="Split of the two pictures")


def box(what: Locator) -> FloatRect:
    found = what.bounding_box()
    assert found is not None
    return found


def split_seen(here: Visit) -> tuple[float, float]:
    """Percent of the left picture that is not clipped, and where the handle stands."""
    left, handle = box(here.page.locator(".layer.left")), box(here.page.locator(".handle"))
    clip = here.page.locator(".layer.left").evaluate("layer => getComputedStyle(layer).clipPath")
    found = re.fullmatch(r"inset\(0px calc\(100% - ([\d.]+)%\) 0px 0px\)|inset\(0px (?:([\d.]+)%|0px) 0px 0px\)", clip)
    assert found is not None, clip
    shown = float(found[1]) if found[1] else 100 - float(found[2] or 0)
    return shown, 100 * (handle["x"] + handle["width"] / 2 - left["x"]) / left["width"]


def view(here: Visit, place: str) -> tuple[float, float, float]:
    """Of a layer: its enlargement, and the part of the picture that is left and above of its frame."""
    return tuple(
        here.page.locator(f".layer.{place}").evaluate(
            """layer => { const frame = layer.getBoundingClientRect(), sheet = layer.firstChild.getBoundingClientRect();
                return [sheet.width / frame.width, (frame.left - sheet.left) / sheet.width,
                        (frame.top - sheet.top) / sheet.height]; }"""
        )
    )


def seen(what: Locator) -> NDArray[np.uint8]:
    """The pixels on the screen."""
    return np.array(Image.open(io.BytesIO(what.screenshot())).convert("RGB"))


def runs(here: Visit) -> int:
    found = re.search(r"Runs: (\d+)", here.page.locator(".stApp").inner_text())
    assert found is not None
    return int(found[1])


def heard(here: Visit) -> str:
    return here.page.locator(".stText", has_text="AnswerCallback:").inner_text()


def cell(here: Visit, name: str) -> Locator:
    """The picture of a cell."""
    return here.page.get_by_role("button", name=re.compile("^" + re.escape(name)))


def test_the_split_moves_by_keyboard_and_says_where_it_is(comparing: Application, visit: Callable[..., Visit]) -> None:
    here = visit(comparing)
    ready(here)
    slider(here).focus()
    for key, percent in (
        ("ArrowRight", 51),
        ("ArrowLeft", 50),
        ("PageUp", 60),
        ("End", 100),
        ("Home", 0),
        ("PageUp", 10),
    ):
        here.page.keyboard.press(key)
        expect(slider(here)).to_have_value(str(percent))
        expect(slider(here)).to_have_attribute("aria-valuetext", f"{percent} % left: 2017, ≤ 10 %")
        shown, handle = split_seen(here)
        assert shown == percent and abs(handle - percent) < 0.1, key
    assert runs(here) == 1, "a split is nothing that Python hears of"


def test_every_pixel_is_where_it_belongs_on_both_sides(comparing: Application, visit: Callable[..., Visit]) -> None:
    here = visit(comparing)
    ready(here)
    here.page.get_by_role("button", name="Zoom in").click()
    expect(here.page.get_by_role("status", name="Zoom")).to_have_text("200 %")
    screen = seen(here.page.locator(".stage")).astype(int)
    height, width, _ = screen.shape
    rows, columns = np.mgrid[height // 3 : 2 * height // 3, 0:width]
    sides = [(2017_10, columns[0] < width // 2 - 30), (2020_10, columns[0] > width // 2 + 30)]
    at, found = (rows - height / 2, columns - width / 2), screen[rows, columns]
    exact = [
        [np.array_equal(found[:, part], twice(seed, at[0] + down, at[1] + along)[:, part]) for seed, part in sides]
        for down in (-1, 0, 1)
        for along in (-1, 0, 1)
    ]
    assert [True, True] in exact, exact


def twice(seed: int, down: NDArray[np.float64], along: NDArray[np.float64]) -> NDArray[np.int64]:
    """A picture at 200 %, by the distance in pixels of the screen from its middle."""
    rows, columns = (HEIGHT + down).astype(int) // 2, (WIDTH + along).astype(int) // 2
    return land(seed)[rows, columns, :3].astype(int)


def test_the_mouse_moves_the_split_and_the_picture_when_it_is_large(
    comparing: Application, visit: Callable[..., Visit]
) -> None:
    here = visit(comparing)
    ready(here)
    stage, mouse = box(here.page.locator(".stage")), here.page.mouse
    middle = stage["y"] + stage["height"] / 2

    def x(percent: float) -> float:
        return stage["x"] + stage["width"] * percent / 100

    mouse.move(x(50), middle)
    mouse.down()
    mouse.move(x(30), middle + 40, steps=5)
    mouse.up()
    expect(slider(here)).to_have_value("30")
    mouse.click(x(80), middle)
    expect(slider(here)).to_have_value("80")
    for _ in range(2):
        here.page.get_by_role("button", name="Zoom in").click()
    before = view(here, "left")
    mouse.move(x(40), middle)
    mouse.down()
    mouse.move(x(30), middle - 30, steps=5)
    mouse.up()
    after = view(here, "left")
    expect(slider(here)).to_have_value("80")
    assert abs(after[1] - before[1] - 0.1 / before[0]) < 0.002, "a tenth of the frame to the left"
    assert after[2] > before[2] and view(here, "right") == after
    mouse.move(x(80), middle)
    mouse.down()
    mouse.move(x(20), middle, steps=5)
    mouse.up()
    expect(slider(here)).to_have_value("20")
    assert view(here, "left") == after, "the handle moves the split alone"


def test_both_pictures_are_zoomed_alike(comparing: Application, visit: Callable[..., Visit]) -> None:
    here = visit(comparing)
    ready(here)
    compare(here, "Side by side")
    before = runs(here)
    left, right = box(here.page.locator(".layer.left")), box(here.page.locator(".layer.right"))
    assert left["y"] == right["y"] and left["width"] == right["width"] and left["x"] + left["width"] < right["x"]
    scrolled = here.page.evaluate(MOVED)
    here.page.mouse.move(right["x"] + 0.25 * right["width"], right["y"] + 0.5 * right["height"])
    here.page.keyboard.down("Control")
    here.page.mouse.wheel(0, -150)
    here.page.keyboard.up("Control")
    here.page.wait_for_function("() => true")
    expect(here.page.locator(".viewer.zoomed")).to_be_attached()
    k, x, y = view(here, "right")
    assert view(here, "left") == pytest.approx((k, x, y), abs=1e-6)
    assert x + 0.25 / k == pytest.approx(0.25, abs=0.01), "the place under the pointer stays"
    assert here.page.evaluate(MOVED) == scrolled
    here.page.mouse.wheel(0, -120)
    here.page.wait_for_function(f"before => ({MOVED})() < before", arg=scrolled)
    assert view(here, "right") == pytest.approx((k, x, y), abs=1e-6), "a plain wheel moves the page"
    here.page.locator(".stage").focus()
    here.page.keyboard.press("+")
    larger = view(here, "left")
    assert larger[0] > k
    here.page.keyboard.press("ArrowRight")
    assert view(here, "left")[1] > larger[1] and view(here, "right") == pytest.approx(view(here, "left"), abs=1e-6)
    here.page.keyboard.press("0")
    assert view(here, "right") == pytest.approx((1, 0, 0), abs=1e-6)
    here.page.get_by_role("button", name="Zoom in").click()
    here.page.get_by_role("button", name="Fit").click()
    assert view(here, "left") == pytest.approx((1, 0, 0), abs=1e-6)
    assert runs(here) == before, "a zoom is nothing that Python hears of"


def test_fingers_move_the_split_pinch_and_scroll(special: Callable[..., Visit]) -> None:
    here = special(viewport={"width": 420, "height": 844}, has_touch=True, is_mobile=True)
    touch = here.page.context.new_cdp_session(here.page)

    def put(kind: str, *places: tuple[float, float]) -> None:
        points = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(places)]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    def stroke(start: tuple[float, float], end: tuple[float, float]) -> None:
        put("touchStart", start)
        for part in range(1, 9):
            put("touchMove", tuple(a + (b - a) * part / 8 for a, b in zip(start, end, strict=True)))  # type: ignore[arg-type]
        put("touchEnd")

    stage = box(here.page.locator(".stage"))
    assert stage["x"] >= 0 and stage["x"] + stage["width"] <= 420
    x, y = stage["x"] + stage["width"] / 2, stage["y"] + stage["height"] / 2
    stroke((x, y), (x + stage["width"] / 4, y))
    expect(slider(here)).to_have_value("75")
    stroke((x - 100, y), (stage["x"] + stage["width"] / 10, y + 10))
    expect(slider(here)).to_have_value("10")
    scrolled = here.page.evaluate(MOVED)
    stroke((x + 60, y), (x + 62, y + 200))
    here.page.wait_for_function(f"before => ({MOVED})() < before", arg=scrolled)
    expect(slider(here)).to_have_value("10")
    here.page.locator(".viewer .bar").evaluate("bar => bar.scrollIntoView({block: 'start'})")
    stage = box(here.page.locator(".stage"))
    x, y = stage["x"] + stage["width"] / 2, stage["y"] + stage["height"] / 2
    put("touchStart", (x - 30, y), (x + 30, y))
    for apart in range(30, 100, 10):
        put("touchMove", (x - apart, y), (x + apart, y))
    put("touchEnd")
    k, left, top = view(here, "left")
    assert k == pytest.approx(3, abs=0.05) and view(here, "right") == (k, left, top)
    assert left + 0.5 / k == pytest.approx(0.5, abs=0.01), "what is between the fingers stays there"
    stroke((x + 40, y), (x - 40, y - 30))
    after = view(here, "left")
    assert after[1] > left and after[2] > top and view(here, "right") == after
    expect(slider(here)).to_have_value("10")


def test_a_flicker_pauses_and_goes_on(comparing: Application, visit: Callable[..., Visit]) -> None:
    here = visit(comparing)
    ready(here)
    compare(here, "Flicker")
    on = here.page.locator(".viewer")
    for place in ("left", "right", "left"):
        expect(on).to_have_attribute("data-on", place)
        expect(here.page.locator(".layer.left")).to_be_visible(visible=place == "left")
    here.page.get_by_role("button", name="Pause").click()
    held = on.get_attribute("data-on")
    here.page.wait_for_timeout(1600)
    assert on.get_attribute("data-on") == held
    here.page.get_by_role("button", name=f"Show {'B' if held == 'left' else 'A'}").click()
    assert on.get_attribute("data-on") != held
    expect(here.page.get_by_role("status").filter(has_text="≤ 10 %")).to_be_attached()
    here.page.locator(".stage").focus()
    here.page.keyboard.press("Space")
    expect(here.page.get_by_role("button", name="Pause")).to_be_visible()
    expect(on).to_have_attribute("data-on", str(held))


def test_who_wants_less_motion_switches_by_hand(special: Callable[..., Visit]) -> None:
    here = special("/?mode=flicker", reduced_motion="reduce")
    expect(here.page.get_by_role("button", name="Play")).to_be_visible()
    here.page.wait_for_timeout(1600)
    expect(here.page.locator(".viewer")).to_have_attribute("data-on", "left")
    here.page.get_by_role("button", name="Show B").click()
    expect(here.page.locator(".viewer")).to_have_attribute("data-on", "right")
    expect(here.page.get_by_role("button", name="Play")).to_be_visible()


def test_the_mode_is_in_the_link_and_python_may_set_it(comparing: Application, visit: Callable[..., Visit]) -> None:
    here = visit(comparing, "/?mode=difference")
    ready(here)
    expect(here.page.get_by_role("radio", name="Difference")).to_be_checked()
    here.see("Shown: difference")
    here.page.get_by_role("radio", name="Swipe").check()
    here.page.get_by_role("radio", name="Flicker").check()
    here.see("'flicker'")
    here.settle()
    assert "mode=flicker" in here.page.url
    expect(here.page.get_by_role("radio", name="Flicker")).to_be_checked()
    here.press("Run again")
    expect(here.page.get_by_role("radio", name="Flicker")).to_be_checked()
    here.press("Set side")
    expect(here.page.get_by_role("radio", name="Side by side")).to_be_checked()
    here.see("Shown: side")
    assert heard(here).count("'flicker'") == 1


def test_a_new_picture_takes_the_place_of_the_old_one_when_it_has_come(
    comparing: Application, visit: Callable[..., Visit], gate: Callable[[str], None]
) -> None:
    here = visit(comparing)
    ready(here)
    here.page.get_by_role("button", name="Zoom in").click()
    gate("close")
    here.press("Others")
    expect(here.page.locator(".layer.left[aria-busy=true]")).to_be_attached()
    before, size = view(here, "left"), box(here.page.locator(".stage"))
    assert "/pictures/2017" in str(here.page.locator(".layer.left img").get_attribute("src"))
    gate("open")
    expect(here.page.locator(".layer.left img")).to_have_attribute("src", "/pictures/late201710.png")
    expect(here.page.locator(".layer[aria-busy]")).to_have_count(0)
    assert view(here, "left") == before and box(here.page.locator(".stage")) == size


def test_places_have_their_size_before_the_pictures(
    comparing: Application, visit: Callable[..., Visit], gate: Callable[[str], None]
) -> None:
    gate("close")
    here = visit(comparing, "/?version=late")
    expect(here.page.locator(".layer.left[aria-busy=true]")).to_be_attached()
    expect(slider(here)).to_have_attribute("aria-valuetext", "50 % left: 2017, ≤ 10 %")
    places = [box(here.page.locator(name).first) for name in (".box", ".stage", ".captions")]
    gate("open")
    ready(here)
    here.page.locator(".box").first.scroll_into_view_if_needed()
    here.page.wait_for_function(
        "() => [...document.querySelectorAll('*')].some(e => e.shadowRoot?.querySelector('.pick img')?.naturalWidth)"
    )
    after = [box(here.page.locator(name).first) for name in (".box", ".stage", ".captions")]
    assert [(one["width"], one["height"]) for one in after] == [(one["width"], one["height"]) for one in places]
    assert places[1]["width"] / places[1]["height"] == pytest.approx(WIDTH / HEIGHT, abs=0.01)


def test_a_picture_that_does_not_come_is_said(comparing: Application, visit: Callable[..., Visit]) -> None:
    here = visit(comparing, "/?broken=1")
    expect(here.page.locator(".layer.right").get_by_role("alert")).to_contain_text("did not come")
    expect(here.page.locator(".layer.left.here")).to_be_attached()
    assert here.errors and all("404" in error and "/pictures/none.png" in error for error in here.errors)
    here.errors.clear()


def test_words_are_words(comparing: Application, visit: Callable[..., Visit]) -> None:
    hostile = "%3Cimg%20src=x%20onerror=alert(1)%3E**b**"
    here = visit(comparing, f"/?title={hostile}")
    ready(here)
    expect(here.page.locator(".captions p").first).to_contain_text("<img src=x onerror=alert(1)>**b**")
    expect(here.page.locator(".captions img, .chip img")).to_have_count(0)


def test_one_picture_is_enlarged_two_are_compared_a_third_replaces_the_older(
    comparing: Application, visit: Callable[..., Visit]
) -> None:
    here = visit(comparing, "/?cells=")
    expect(here.page.locator(".viewer")).to_have_count(0)
    cell(here, "2017, ≤ 5 %").click()
    here.see("Shown: enlarge")
    expect(cell(here, "2017, ≤ 5 %")).to_have_attribute("aria-pressed", "true")
    expect(here.page.get_by_role("radio")).to_have_count(0)
    cell(here, "2019, ≤ 10 %").click()
    here.see("Shown: swipe")
    expect(here.page.locator(".box.chosen .chip")).to_have_text(["A left", "B right"])
    cell(here, "2020, ≤ 5 %").click()
    here.see("Select 2019,10 2020,5")
    expect(cell(here, "2017, ≤ 5 %")).to_have_attribute("aria-pressed", "false")
    expect(slider(here)).to_have_attribute("aria-valuetext", "50 % left: 2019, ≤ 10 %")
    here.press("Run again")
    cell(here, "2019, ≤ 10 %").click()
    here.see("Select 2020,5")
    here.settle()
    assert heard(here).count("Select") == 4, "each once, and no more when the page runs again"


def test_a_fetch_is_asked_for_once(comparing: Application, visit: Callable[..., Visit]) -> None:
    here = visit(comparing)
    fetch = cell(here, "Fetch 2018, ≤ 5 %")
    fetch.dblclick()
    here.see("Fetch 2018,5")
    expect(fetch).to_be_hidden()
    here.settle()
    expect(here.page.get_by_role("progressbar", name="Progress of 2018, ≤ 5 %")).to_have_attribute("value", "0.3")
    here.press("Run again")
    here.press("Finish")
    expect(cell(here, "2018, ≤ 5 %")).to_be_visible()
    assert heard(here).count("Fetch") == 1


def test_nothing_is_lost_where_the_page_is_slower_than_the_hand(
    comparing: Application, visit: Callable[..., Visit]
) -> None:
    here = visit(comparing, "/?slow=1")
    cell(here, "Fetch 2018, ≤ 5 %").click()
    cell(here, "Fetch 2019, ≤ 20 %").click()
    cell(here, "2017, ≤ 5 %").click()
    cell(here, "2019, ≤ 10 %").click()
    here.see("Select 2017,5 2019,10")
    here.settle()
    events = heard(here)
    assert events.count("Fetch 2018,5") == 1 and events.count("Fetch 2019,20") == 1
    expect(here.page.locator(".box.chosen .chip")).to_have_text(["A left", "B right"])


def test_a_refused_fetch_may_be_asked_for_again(comparing: Application, visit: Callable[..., Visit]) -> None:
    here = visit(comparing, "/?refuse=1")
    fetch = cell(here, "Fetch 2018, ≤ 5 %")
    for times in (1, 2):
        fetch.click()
        expect(here.page.locator(".stText", has_text="AnswerCallback:")).to_contain_text(repr(["Fetch 2018,5"] * times))
        expect(fetch).to_have_attribute("aria-disabled", "false")
    here.settle()
    assert heard(here).count("Fetch") == 2


def test_the_table_is_a_table_and_goes_by_keyboard(comparing: Application, visit: Callable[..., Visit]) -> None:
    here = visit(comparing)
    table = here.page.get_by_role("table", name=re.compile("^Median pictures"))
    expect(table.get_by_role("columnheader")).to_have_text(
        ["Year", "≤ 5 % cloud cover", "≤ 10 % cloud cover", "≤ 20 % cloud cover"]
    )
    expect(table.get_by_role("rowheader")).to_have_text(["2017", "2018", "2019", "2020"])
    for words in ("23 dates · 8.0 % without data · 14 looks", "Asking the catalogue", "No acquisition has 5 %"):
        expect(table).to_contain_text(words)
    cell(here, "2017, ≤ 5 %").focus()
    here.page.keyboard.press("ArrowDown")
    expect(cell(here, "Fetch 2018, ≤ 5 %")).to_be_focused()
    here.page.keyboard.press("ArrowRight")  # over a cell where nothing can be done
    expect(cell(here, "2018, ≤ 20 %")).to_be_focused()
    here.page.keyboard.press("Tab")
    expect(cell(here, "2019, ≤ 10 %")).to_be_focused()
    here.page.keyboard.press("Space")
    here.see("Select 2020,10 2019,10")
    expect(cell(here, "2019, ≤ 10 %")).to_be_focused()
    cell(here, "Fetch 2018, ≤ 5 %").focus()
    here.page.keyboard.press("Enter")
    here.see("Fetch 2018,5")
    here.settle()
    inside = here.page.locator("td[data-state=making] .note").first
    expect(inside).to_be_focused()


@pytest.mark.parametrize("mode", ["swipe", "side", "flicker", "difference"])
def test_everything_has_a_name(comparing: Application, visit: Callable[..., Visit], mode: str) -> None:
    here = visit(comparing, f"/?mode={mode}", dark=mode in ("side", "difference"))
    ready(here)
    tree = "\n".join(here.page.locator(name).aria_snapshot() for name in (".matrix", ".viewer"))
    controls = re.findall(r"- (button|radio|slider|progressbar|img|table|group|radiogroup)\b(.*)", tree)
    assert {"button", "radio", "progressbar", "img", "table"} <= {kind for kind, _ in controls}
    assert [kind for kind, rest in controls if not rest.startswith(' "')] == []


def test_a_phone_shows_all_of_it(special: Callable[..., Visit]) -> None:
    here = special(viewport={"width": 420, "height": 844}, has_touch=True, is_mobile=True)
    assert here.page.evaluate("() => document.scrollingElement.scrollWidth") <= 420
    scroll = here.page.locator(".matrix .scroll")
    year = here.page.get_by_role("rowheader", name="2017")
    before = box(year)["x"]
    scroll.evaluate("scroll => { scroll.scrollLeft = scroll.scrollWidth; }")
    assert scroll.evaluate("scroll => scroll.scrollLeft") > 20 and abs(box(year)["x"] - before) < 1
    widths = {round(box(one)["width"], 2) for one in here.page.locator(".box").all()}
    assert len(widths) == 1, "one size for all pictures"
    for place in (".stage", ".bar", ".captions"):
        there = box(here.page.locator(f".viewer {place}"))
        assert there["x"] >= 0 and there["x"] + there["width"] <= 420
