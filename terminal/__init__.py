"""What the commands of the terminal share."""
