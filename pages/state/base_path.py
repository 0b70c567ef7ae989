"""Where the application is on its server: the base path, which Streamlit puts before its routes and not before ours."""

import streamlit as st

BASE = (st.get_option("server.baseUrlPath") or "").strip("/")
PREFIX = f"/{BASE}" if BASE else ""
