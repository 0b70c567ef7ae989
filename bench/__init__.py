"""Figures: the product beside the original script, in one run, on one machine."""
