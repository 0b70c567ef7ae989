"""The cache of frames that everybody shares: one band of one tile at one acquisition under one key."""

from services.cache.coverage import Box, CacheCoverage, Inventory, part_of_cache
from services.cache.frame_key import FrameKey, angle_px, frame_key, frame_keys, keys_of, touched_keys
from services.cache.frame_store import Amount, Frames, FrameStore, MissingFrame, plane_type
from services.cache.packs import Stored
from services.cache.plane_codec import decode

__all__ = [
    "Amount",
    "Box",
    "CacheCoverage",
    "FrameKey",
    "FrameStore",
    "Frames",
    "Inventory",
    "MissingFrame",
    "Stored",
    "angle_px",
    "decode",
    "frame_key",
    "frame_keys",
    "keys_of",
    "part_of_cache",
    "plane_type",
    "touched_keys",
]
