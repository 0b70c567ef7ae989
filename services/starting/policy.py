"""The content security policy of the application's pages."""

TILES = ("https://tile.openstreetmap.org", "https://tiles.maps.eox.at")
"""Hosts of the tile layers that `assets/map.js` offers where the setting online_basemap is true."""


def policy(*, online: bool) -> str:
    """The content security policy. The frame of a map runs the script that it is sent, hence the two unsafe words."""
    images = " ".join(["'self'", "data:", "blob:", *(TILES if online else ())])
    return "; ".join(
        [
            "default-src 'self'",
            "script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:",
            "style-src 'self' 'unsafe-inline'",
            f"img-src {images}",
            "font-src 'self' data:",
            "connect-src 'self' ws: wss: data: blob:",
            "worker-src 'self' blob:",
            "object-src 'none'",
            "base-uri 'self'",
            "form-action 'self'",
            "frame-ancestors 'self'",
        ]
    )
