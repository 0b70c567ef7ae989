"""What the page of the gallery draws, and the way into it."""
