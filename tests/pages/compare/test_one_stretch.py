"""One view, one stretch and one index for all pictures of a comparison, and for their difference."""

from streamlit.testing.v1 import AppTest

from pages.components.compare.matrix_table import Select
from pages.components.symbology import stretch
from pages.state.context import product
from services.composite import listed_indices
from tests.pages.seen import address, click, html_of
from tests.pages.test_compare import cells, fill, known, opened, question, table_that_says


def test_a_press_stretches_all_pictures_by_the_first_selected_one(frame: AppTest) -> None:
    known(2017, 2018)
    fill(2017, 10)
    fill(2018, 10)
    frame.session_state[stretch.OPEN] = True
    opened(frame, left="2018,10", right="2017,10")
    before = {place: cell.picture for place, cell in cells(frame).items() if cell.picture}
    assert {(2017, 10), (2018, 10)} <= set(before)
    with table_that_says(Select(())):
        click(frame, "Percentiles")
        frame.run()
    first = product().preview_service.histogram(question(2018, maxcc=10), "true")
    limits = ",".join(f"{low:.4g}..{high:.4g}" for low, high in first.percentiles(2, 98))
    assert address(frame)["view"] == f"true~{limits}"
    after = cells(frame)
    assert all(after[place].picture and after[place].picture != picture for place, picture in before.items())


def test_the_difference_is_of_the_index_that_is_shown(frame: AppTest) -> None:
    known(2017, 2018)
    fill(2017, 20)
    fill(2018, 20)
    opened(frame, left="2017,20", right="2018,20", mode="difference", view="si-SAVI~0..0.6~magma")
    assert f"{listed_indices()['SAVI'].index.title}, B minus A" in html_of(frame)
    assert "<dt>Median</dt>" in html_of(frame)
    assert frame.selectbox(key="difference_quantity").value == "si-SAVI"
