"""The acquisitions page: interval, cloud limit, mask, dates, bill."""
