"""Parts of pages: functions that draw one thing and return what was picked."""
