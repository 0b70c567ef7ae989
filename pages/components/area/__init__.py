"""The area page: ways to an area, its map, its grid and the centre tile."""
