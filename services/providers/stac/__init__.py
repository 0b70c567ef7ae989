"""Open data: STAC catalogues whose pixels are Cloud Optimized GeoTIFFs; items in, acquisitions and blocks out."""
