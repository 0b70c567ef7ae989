"""Taking what one sees: the present view as files, and a timelapse of it."""
