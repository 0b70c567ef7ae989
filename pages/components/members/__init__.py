"""The page of members: who may come in, and what was done."""
