"""Engines: parts of an order in, stored tiles and their receipts out; by threads, by processes, or on a cluster."""

from services.engines.part import ORDERS, TILES, ComposePart, PartReceipt, TileReceipt
from services.engines.registry import Engine, engine_of
from services.engines.shelf import bring, discard, hand_on, kept_below

__all__ = [
    "ORDERS",
    "TILES",
    "ComposePart",
    "Engine",
    "PartReceipt",
    "TileReceipt",
    "bring",
    "discard",
    "engine_of",
    "hand_on",
    "kept_below",
]
