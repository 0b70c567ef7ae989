"""Everything the product knows, without a user interface."""

__version__ = "0.8.0"
"""Of the whole product: CHANGELOG.md says what is in it; files, pages and the terminal name it."""
