"""The whole area: what all of its tiles take, the orders that make them, and what came of each."""

import streamlit as st

from pages.components.frame.page_header import head
from pages.components.orders.one_order import one_order
from pages.components.orders.order_list import BILL, ORDER, order_list
from pages.components.orders.whole_area import whole_area
from pages.components.shared import messages
from pages.components.shared.empty_state import no_area
from pages.components.shared.glossary import words_on
from pages.state import session

for problem in session.problems():
    messages.tell(problem)
# A link of a page to itself leaves the browser's address as it was, and the next run would begin from that.
st.query_params.from_dict(st.query_params.to_dict())
key = st.query_params.get(ORDER, "")
head("orders", "Order" if key else "The whole area" if BILL in st.query_params else "Orders", link=bool(key))
with messages.told():
    if key:
        one_order(key)
    elif BILL in st.query_params and session.read().aoi is None:
        no_area()
    elif BILL in st.query_params:
        whole_area()
if key:
    st.page_link("orders.py", label="All orders", query_params=session.address())
else:
    order_list(billed=BILL in st.query_params)
words_on("orders")
