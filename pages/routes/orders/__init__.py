"""Addresses of orders: where their parts lie, their overview, files, map tiles, failures, and the program of any tile."""
