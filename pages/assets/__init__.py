"""Style sheets, scripts and vendored files that the browser gets from here."""
