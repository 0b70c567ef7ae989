"""The strip of dates in the browser: by mouse, by keyboard, on a phone, and faster than the page."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import FloatRect, Locator, Request, expect

from tests.browser.conftest import Application, application
from tests.browser.visit import Visit

FIRST, SECOND, THIRD = "S2A_R079_20170302T095031", "S2B_R079_20170307T095031", "S2A_R079_20170312T095031"
LAST = "S2B_R079_20171222T095031"


@pytest.fixture(scope="module")
def dates(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Application]:
    """The page with nothing but the strip and the form."""
    with application(tmp_path_factory.mktemp("dates"), "tests/browser/strip_app.py") as running:
        yield running


def face(here: Visit, day: str) -> Locator:
    """The date of that day."""
    return here.page.get_by_role("button", name=re.compile(f"^{day}, S2"))


def scroll(here: Visit) -> Locator:
    return here.page.get_by_role("group", name=re.compile("^Dates of"))


def box(what: Locator) -> FloatRect:
    found = what.bounding_box()
    assert found is not None
    return found


def in_sight(here: Visit, what: Locator) -> bool:
    """Whether all of its width is inside the strip."""
    frame, inside = box(scroll(here)), box(what)
    return frame["x"] - 0.5 <= inside["x"] and inside["x"] + inside["width"] <= frame["x"] + frame["width"] + 0.5


def heard(here: Visit, *keys: str) -> None:
    """Wait until Python has heard exactly that."""
    expect(here.page.locator(".stText", has_text="AnswerCallback:")).to_have_text(f"AnswerCallback: {list(keys)!r}")
    here.settle()


def pressed(here: Visit) -> list[str | None]:
    return [one.get_attribute("aria-label") for one in here.page.locator(".face[aria-pressed=true]").all()]


def test_the_mouse_picks_a_date_once_and_again_picks_none(dates: Application, visit: Callable[..., Visit]) -> None:
    here = visit(dates)
    face(here, "2017-03-07").click()
    heard(here, SECOND)
    expect(face(here, "2017-03-07")).to_have_attribute("aria-pressed", "true")
    here.see("2017-03-07, S2B")
    face(here, "2017-03-12").click()
    heard(here, SECOND, THIRD)
    assert len(pressed(here)) == 1 and str(pressed(here)[0]).startswith("2017-03-12")
    face(here, "2017-03-12").click()
    heard(here, SECOND, THIRD, "")
    assert pressed(here) == []
    here.press("Run again")
    heard(here, SECOND, THIRD, "")


def test_the_keyboard_goes_along_the_dates_and_picks(dates: Application, visit: Callable[..., Visit]) -> None:
    here = visit(dates)
    keyboard = here.page.keyboard
    here.page.get_by_role("button", name="Later dates").focus()
    keyboard.press("Tab")
    expect(face(here, "2017-03-02")).to_be_focused()
    for key, day in (
        ("ArrowLeft", "2017-03-02"),
        ("ArrowRight", "2017-03-07"),
        ("ArrowRight", "2017-03-12"),
        ("ArrowLeft", "2017-03-07"),
        ("End", "2017-12-22"),
        ("ArrowRight", "2017-12-22"),
        ("Home", "2017-03-02"),
    ):
        keyboard.press(key)
        expect(face(here, day)).to_be_focused()
        assert in_sight(here, face(here, day)), key
    keyboard.press("ArrowRight")
    keyboard.press("Enter")
    heard(here, SECOND)
    expect(face(here, "2017-03-07")).to_be_focused()
    keyboard.press("ArrowRight")
    keyboard.press("Space")
    heard(here, SECOND, THIRD)
    expect(face(here, "2017-03-12")).to_be_focused()
    assert here.page.locator(".face[tabindex='0']").count() == 1
    keyboard.press("Tab")
    expect(here.page.get_by_label("Use 2017-03-12")).to_be_focused()
    keyboard.press("Tab")
    inside = scroll(here).evaluate("strip => strip.contains(strip.getRootNode().activeElement)")
    assert not inside, "a second Tab leads out of the strip"
    keyboard.press("Shift+Tab")
    keyboard.press("Shift+Tab")
    expect(face(here, "2017-03-12")).to_be_focused()


def test_nothing_is_lost_where_the_page_is_slower_than_the_hand(
    dates: Application, visit: Callable[..., Visit]
) -> None:
    here = visit(dates, "/?slow=1")
    for day in ("2017-03-02", "2017-03-07", "2017-03-12", "2017-03-12"):
        face(here, day).click()
    heard(here, FIRST, SECOND, THIRD, "")
    assert pressed(here) == []


def test_what_python_does_not_do_is_not_shown(dates: Application, visit: Callable[..., Visit]) -> None:
    here = visit(dates, "/?refuse=1")
    face(here, "2017-03-07").click()
    heard(here, SECOND)
    expect(here.page.locator(".face[aria-pressed=true]")).to_have_count(0)


def test_a_date_picked_elsewhere_comes_into_sight(dates: Application, visit: Callable[..., Visit]) -> None:
    here = visit(dates)
    face(here, "2017-03-12").click()
    heard(here, THIRD)
    assert not in_sight(here, face(here, "2017-12-22"))
    here.press("Pick the last")
    expect(face(here, "2017-12-22")).to_have_attribute("aria-pressed", "true")
    assert in_sight(here, face(here, "2017-12-22"))
    place = scroll(here).evaluate("strip => strip.scrollLeft")
    here.press("Run again")
    assert scroll(here).evaluate("strip => strip.scrollLeft") == place > 0
    here.press("Other year")
    expect(scroll(here)).to_have_accessible_name("Dates of 2018")
    assert in_sight(here, face(here, "2018-03-02")) and pressed(here) == []


def test_a_link_opens_at_its_date(dates: Application, visit: Callable[..., Visit]) -> None:
    here = visit(dates, f"/?picked={LAST}")
    expect(face(here, "2017-12-22")).to_have_attribute("aria-pressed", "true")
    assert in_sight(here, face(here, "2017-12-22"))


def test_the_buttons_scroll_and_say_where_the_ends_are(dates: Application, visit: Callable[..., Visit]) -> None:
    here = visit(dates)
    earlier, later = (here.page.get_by_role("button", name=f"{word} dates") for word in ("Earlier", "Later"))
    expect(earlier).to_have_attribute("aria-disabled", "true")
    later.click()
    expect(earlier).to_have_attribute("aria-disabled", "false")
    earlier.click()
    expect(earlier).to_have_attribute("aria-disabled", "true")
    scroll(here).evaluate("strip => { strip.scrollLeft = strip.scrollWidth; }")
    expect(later).to_have_attribute("aria-disabled", "true")


@pytest.mark.parametrize("count", [0, 1, 3])
def test_few_dates_need_no_buttons(dates: Application, visit: Callable[..., Visit], count: int) -> None:
    here = visit(dates, f"/?count={count}")
    here.see(f"{count} dates.")
    expect(here.page.locator(".face")).to_have_count(count)
    expect(here.page.locator(".movers")).to_be_hidden()


def test_months_states_and_numbers_are_words(dates: Application, visit: Callable[..., Visit]) -> None:
    here = visit(dates)
    expect(scroll(here).get_by_role("group")).to_have_count(10)
    expect(scroll(here).get_by_role("group", name="December 2017").get_by_role("button")).to_have_count(5)
    seen = here.page.locator(".face").evaluate_all(
        "faces => faces.map(face => [face.dataset.state, face.querySelector('.state').innerText, face.innerText])"
    )
    words = {"kept": "used", "over": "over the limit"}
    assert {state for state, _, _ in seen} == set(words)
    for state, word, text in seen:
        assert word.strip() == words[state]
        assert re.search(r"scene cloud cover\s+(\d+|< 1|> 99) %", text), text
        assert re.search(r"clear in this picture\s+((\d+|< 1|> 99) %|–)", text), text
        assert (state == "over") == bool(re.search(r"\d %\s>\s30 %", text)), text
    widths = (
        here.page.locator(".face")
        .first.locator(".track")
        .evaluate_all("tracks => tracks.map(track => track.firstChild.offsetWidth / track.offsetWidth)")
    )
    numbers = re.findall(r"(\d+) %", str(face(here, "2017-03-02").get_attribute("aria-label")))
    assert widths == pytest.approx([int(number) / 100 for number in numbers[:2]], abs=0.015)


def test_what_is_not_in_the_cache_says_so(dates: Application, visit: Callable[..., Visit]) -> None:
    here = visit(dates)
    absent = face(here, "2017-03-22")
    expect(absent.get_by_text("not cached")).to_be_visible()
    expect(absent.locator("img")).to_be_hidden()
    expect(absent).to_have_accessible_name(re.compile("clear in this picture not known; .*picture not cached$"))
    expect(face(here, "2017-03-02").get_by_text("not cached")).to_be_hidden()


def test_a_picture_that_is_gone_meanwhile_says_so_too(dates: Application, visit: Callable[..., Visit]) -> None:
    here = visit(dates, "/?count=0")
    here.page.route("**/pictures/0-*.png", lambda route: route.fulfill(status=200, body="no picture"))
    here.open("/")
    expect(face(here, "2017-03-02").get_by_text("not cached")).to_be_visible()


def test_a_server_that_fails_is_not_taken_for_an_empty_cache(dates: Application, visit: Callable[..., Visit]) -> None:
    here = visit(dates, "/?count=0")
    here.page.route("**/pictures/0-*.png", lambda route: route.fulfill(status=500, body="fault"))
    here.open("/")
    expect(face(here, "2017-03-02").get_by_text("could not be shown")).to_be_visible()
    expect(face(here, "2017-03-02").get_by_text("not cached")).to_be_hidden()
    assert here.errors and all("500" in said for said in here.errors), "as the browser logs each"
    here.errors.clear()


def test_pictures_are_asked_for_when_they_come_near(dates: Application, visit: Callable[..., Visit]) -> None:
    here = visit(dates, "/?count=0")
    asked = list[str]()

    def keep(request: Request) -> None:
        if "/pictures/" in request.url:
            asked.append(request.url.rpartition("/")[2])

    here.page.on("request", keep)
    here.open("/")
    expect(face(here, "2017-03-07").locator(".box.came img")).to_be_visible()
    assert not any(name.startswith("59-") for name in asked) and len(asked) < 52
    scroll(here).evaluate("strip => { strip.scrollLeft = strip.scrollWidth; }")
    expect(face(here, "2017-12-22").locator(".box.came img")).to_be_visible()
    here.press("Run again")
    assert len(asked) == len(set(asked)), "none twice"


def test_everything_has_a_name(dates: Application, visit: Callable[..., Visit]) -> None:
    here = visit(dates, f"/?picked={SECOND}", dark=True)
    tree = here.page.locator(".dates").aria_snapshot()
    controls = re.findall(r"- (button|group|img)\b(.*)", tree)
    assert {kind for kind, _ in controls} == {"button", "group"}, "a picture says nothing that the words do not"
    assert [kind for kind, rest in controls if not rest.startswith(' "')] == []
    assert len(re.findall(r"\[pressed\]", tree)) == 1


def test_a_phone_shows_the_strip_and_the_page_does_not_move_sideways(
    dates: Application, visit: Callable[..., Visit]
) -> None:
    here = visit(dates, f"/?picked={SECOND}", width=420, height=844)
    assert here.page.evaluate("() => document.scrollingElement.scrollWidth") <= 420
    frame = box(scroll(here))
    assert frame["x"] >= 0 and frame["x"] + frame["width"] <= 420
    heights = {round(box(one)["height"]) for one in here.page.locator(".face").all()}
    assert len(heights) == 1 and heights.pop() < 260
    assert in_sight(here, face(here, "2017-03-07"))
