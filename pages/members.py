"""Who may come in and as what, what each has spent, and the audit log; for administrators."""

import streamlit as st

from pages.components.frame.page_header import head
from pages.components.members.audit_table import audit_table
from pages.components.members.member_form import member_form
from pages.components.members.member_table import member_table
from pages.components.shared import messages
from pages.components.shared.glossary import words_on
from pages.state import session
from pages.state.member import actor
from services.access import Role

for problem in session.problems():
    messages.tell(problem)

head("members", "Members")
with messages.told():
    actor().require(Role.ADMINISTRATOR, "see the members")
    people, change = st.columns([17, 9], gap="large")
    with people:
        names = member_table()
    with change, messages.told():
        member_form(names)
    with messages.told():
        audit_table()
words_on("members")
