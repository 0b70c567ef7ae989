"""The compare page: matrix of years and limits, two sides, their difference."""
