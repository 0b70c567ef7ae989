"""Addresses beside the pages: files of results, map tiles, previews, grid lines, tables, security headers."""
