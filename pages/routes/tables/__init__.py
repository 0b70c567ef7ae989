"""Tables by addresses of their own: usage and audit log, and series of pixels and polygons."""
