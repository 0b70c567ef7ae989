"""Everything the product knows, without a user interface."""
