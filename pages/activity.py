"""Look back: the jobs of all members, what was spent and saved, and the cache that they share."""

import streamlit as st

from pages.components import choices, messages
from pages.components.glossary import words_on
from pages.components.joblist import job_list
from pages.components.lead import head
from pages.components.member import member_field
from pages.components.spending import ledger, month
from pages.components.stock import stock

for problem in choices.problems():
    messages.tell(problem)

title, who = st.columns([3, 1], vertical_alignment="bottom")
with title:
    head("activity", "Activity")
with who:
    member_field()
with messages.told():
    job_list()
spent, kept = st.columns([17, 9], gap="large")
with spent, messages.told():
    ledger()
with kept:
    with messages.told():
        month()
    with st.container(key="stock"), messages.told():
        stock()
words_on("activity")
