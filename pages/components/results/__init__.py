"""The results page: progress, picture, dates, limit curve, downloads."""
