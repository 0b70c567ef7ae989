"""How open data is asked for: questions and addresses in, answers and parts of files out, within bounds."""

from services.providers.stac.asking.client import Client

__all__ = ["Client"]
