"""Evalscripts: a script's text comes in, the bands it reads and the band that each output passes through go out."""

from services.demo.protocol.evalscript.script import DATA_MASK, ENGINE, OPTICAL, REFLECTANCE, Script, read_script

__all__ = ["DATA_MASK", "ENGINE", "OPTICAL", "REFLECTANCE", "Script", "read_script"]
