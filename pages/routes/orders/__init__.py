"""Addresses of orders: where their parts lie, overview, files, map tiles, failures, and any tile's program."""
