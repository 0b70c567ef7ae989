"""Frames with the six bands of a network → their plane of clouds and shadows, computed once and kept in the cache."""

from services.csmask.derivation import Derivation
from services.csmask.model import cloud_classes

__all__ = ["Derivation", "cloud_classes"]
