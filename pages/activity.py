"""Look back: the jobs of all members, what was spent and saved, and the cache that they share."""

import streamlit as st

from pages.components.activity.cache_panel import cache_panel
from pages.components.activity.job_list import job_list
from pages.components.activity.ledger_panel import ledger, month
from pages.components.activity.member_field import member_field
from pages.components.activity.orders_line import orders_line
from pages.components.frame.page_header import head
from pages.components.shared import messages
from pages.components.shared.glossary import words_on
from pages.state import session
from pages.state.member import may
from services.access import Role

for problem in session.problems():
    messages.tell(problem)

title, who = st.columns([3, 1])
with title:
    head("activity", "Activity")
with who:
    member_field()
    with messages.told():
        if may(Role.ADMINISTRATOR):
            st.page_link("members.py", label="Members and audit log", query_params=session.address())
with messages.told():
    job_list()
with st.container(key="orders-line"), messages.told():
    orders_line()
spent, kept = st.columns([17, 9], gap="large")
with spent, messages.told():
    ledger()
with kept:
    with messages.told():
        month()
    with st.container(key="stock"), messages.told():
        cache_panel()
words_on("activity")
