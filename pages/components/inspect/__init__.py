"""Looking into a picture: the place that is marked in it, its values and its series."""
