"""Evalscripts: the bands and outputs that one declares, and which band each output passes through."""

import random
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from services.demo.protocol.evalscript.supervisor import EngineSupervisor
from services.demo.protocol.payload import EXCEPTION, RENDERER, ApiError, JsonObject

DN, REFLECTANCE, PERCENT, DEGREES = "DN", "REFLECTANCE", "PERCENT", "DEGREES"
OPTICAL = ("B01", "B02", "B03", "B04", "B05", "B06", "B07", "B08", "B8A", "B09", "B11", "B12")
DATA_MASK = "dataMask"
UNITS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(OPTICAL, (REFLECTANCE, DN)),
    **dict.fromkeys(("SCL", "CLP", "CLM", DATA_MASK), (DN,)),
    **dict.fromkeys(("SNW", "CLD"), (PERCENT,)),
    **dict.fromkeys(("sunAzimuthAngles", "sunZenithAngles", "viewAzimuthMean", "viewZenithMean"), (DEGREES,)),
}
"""Band → its units, the default first."""
SAMPLE_TYPES = ("INT8", "UINT8", "INT16", "UINT16", "FLOAT32", "AUTO")


ENGINE = EngineSupervisor()
LONGEST = 100_000
"""Characters of a script."""
_PROBES = 48
SCALES = (1, 100)
"""By which a script may multiply a band: itself, and hundredths of it as whole numbers."""


@dataclass(frozen=True)
class Output:
    """One image that the script makes."""

    id: str
    sources: tuple[str, ...]
    """The input band of each of its channels."""
    scales: tuple[int, ...]
    """By what each is multiplied."""
    sample_type: str
    nodata: float | None


@dataclass(frozen=True)
class Script:
    """An evalscript that passes bands through."""

    inputs: dict[str, str]
    """Band → unit, in the order of the script."""
    outputs: dict[str, Output]
    """By id."""
    userdata: Any
    """What `updateOutputMetadata` leaves; None where there is none."""


@lru_cache(maxsize=512)
def read_script(text: str) -> Script:
    """Raises ApiError where the script is wrong, or does more than pass bands through."""
    if not text.strip():
        raise ApiError("Missing or empty evalscript.", code=EXCEPTION)
    if len(text) > LONGEST:
        raise ApiError(f"The evalscript is longer than {LONGEST} characters.")
    if not text.lstrip().startswith("//VERSION=3"):
        raise ApiError("The demo archive reads evalscripts that begin with //VERSION=3 only.", code=RENDERER)
    found = ENGINE.ask({"script": text})["found"]
    if "error" in found:
        raise ApiError(f"The script has no function {found['error']}.", code=RENDERER)
    if found["more"]:
        raise ApiError(f"The demo archive does not support {found['more'][0]} in evalscripts.", code=RENDERER)
    setup = JsonObject(found["setup"], "setup")
    inputs = _inputs(setup)
    declared = _outputs(setup)
    return _probed(text, inputs, declared, bool(found["metadata"]))


def _inputs(setup: JsonObject) -> dict[str, str]:
    """Band → unit."""
    items = setup.items("input")
    if not items:
        raise ApiError("setup() should have an input with bands.", code=RENDERER)
    if all(isinstance(item, str) for item in items):
        items = [{"bands": items}]
    parts = [JsonObject(item, f"setup->input[{number}]") for number, item in enumerate(items)]
    mosaickings = {part.text("mosaicking", "SIMPLE") for part in parts} | {setup.text("mosaicking", "SIMPLE")}
    if unsupported := mosaickings - {"SIMPLE"}:
        raise ApiError(f"The demo archive supports the mosaicking SIMPLE only, got {min(unsupported)}.", code=RENDERER)
    if len(parts) > 1:
        raise ApiError("The demo archive has one data source, so setup() can have one input.", code=RENDERER)
    bands = parts[0].texts("bands")
    if not bands:
        raise ApiError("setup() should have an input with bands.", code=RENDERER)
    units = parts[0].raw("units")
    each = units if isinstance(units, list) else [units] * len(bands)
    if len(each) != len(bands):
        raise ApiError(f"There are {len(bands)} bands and {len(each)} units.", code=RENDERER)
    return {band: _unit(band, unit) for band, unit in zip(bands, each, strict=True)}


def _unit(band: str, unit: Any) -> str:
    if band not in UNITS:
        raise ApiError(f"Collection 'S2L2A' has no band '{band}'", code=RENDERER)
    if unit is None:
        return UNITS[band][0]
    if not isinstance(unit, str) or unit.upper() not in UNITS[band]:
        raise ApiError(f"Band '{band}' has unsupported units '{unit}'; it has {', '.join(UNITS[band])}.", code=RENDERER)
    return unit.upper()


def _outputs(setup: JsonObject) -> list[tuple[str, int, str, float | None]]:
    """Id, count of channels, sample type and no-data value of each."""
    value = setup.raw("output")
    parts = [JsonObject(value, "setup->output")] if not isinstance(value, list) else setup.parts("output")
    found: list[tuple[str, int, str, float | None]] = []
    for part in parts:
        identifier, count = part.text("id", "default"), part.whole("bands")
        sample_type = part.text("sampleType", "AUTO").upper()
        if count is None or count < 1:
            raise ApiError(f"Output '{identifier}' should say how many bands it has.", code=RENDERER)
        if sample_type not in SAMPLE_TYPES:
            raise ApiError(f"Output '{identifier}' has the unknown sampleType '{sample_type}'.", code=RENDERER)
        if identifier in {one[0] for one in found}:
            raise ApiError(f"There are two outputs '{identifier}'.", code=RENDERER)
        found.append((identifier, count, sample_type, part.number("nodataValue")))
    if not found:
        raise ApiError("setup() should have an output.", code=RENDERER)
    return found


def _probed(
    text: str, inputs: dict[str, str], declared: list[tuple[str, int, str, float | None]], metadata: bool
) -> Script:
    """Calls evaluatePixel with made-up samples, and sees which band comes out where."""
    factor = 1 if set(inputs.values()) == {DN} else 0.0001
    given = {"serviceVersion": "1.0.0", "normalizationFactor": factor}
    probes = [_probe(inputs, number) for number in range(_PROBES)]
    answer = ENGINE.ask({"script": text, "probes": probes, "input": given, "metadata": metadata})
    outputs = {}
    for identifier, count, sample_type, nodata in declared:
        results = [_channels(one, identifier, single=len(declared) == 1) for one in answer["results"]]
        if wrong := [len(one) for one in results if len(one) != count]:
            message = f"Output '{identifier}' has {count} bands, but evaluatePixel returned {wrong[0]} values."
            raise ApiError(message, code=RENDERER)
        found = [_source(probes, [one[channel] for one in results], identifier) for channel in range(count)]
        sources, scales = tuple(band for band, _ in found), tuple(scale for _, scale in found)
        outputs[identifier] = Output(identifier, sources, scales, sample_type, nodata)
    return Script(inputs, outputs, answer.get("userdata"))


def _channels(result: dict[str, Any], identifier: str, *, single: bool) -> list[Any]:
    """What evaluatePixel returned for one output."""
    if single and "list" in result:
        return list(result["list"])
    channels = result.get("named", {}).get(identifier)
    if not isinstance(channels, list):
        raise ApiError(
            "Script must return an array." if single else f"Script must return an array for output '{identifier}'.",
            code=RENDERER,
        )
    return channels


def _source(probes: list[dict[str, float]], values: list[Any], identifier: str) -> tuple[str, int]:
    """The band whose samples these are, and by what they are multiplied."""
    for band in probes[0]:
        for scale in SCALES:
            if values == [scale * probe[band] for probe in probes]:
                return band, scale
    raise ApiError(
        f"The demo archive passes bands through and does not compute: output '{identifier}' holds something that is "
        "not one of the input bands.",
        code=RENDERER,
    )


def _probe(inputs: dict[str, str], number: int) -> dict[str, float]:
    """One sample a band, from nothing to the largest, such that no two bands agree in all of them."""
    sample: dict[str, float] = {}
    for band, unit in inputs.items():
        dice = random.Random(f"{band} {number}")  # noqa: S311 - made-up samples, the same every time
        if band == DATA_MASK:
            sample[band] = dice.randrange(2) if number > 1 else number
        elif band in {"SCL", "CLM"}:
            sample[band] = dice.randrange(12 if band == "SCL" else 2)
        elif unit == REFLECTANCE:
            sample[band] = dice.choice((0.0, dice.random() / 2, dice.random() / 2, dice.random() * 6.5))
        elif unit == DN and band != "CLP":
            sample[band] = dice.choice((0, dice.randrange(5000), dice.randrange(5000), dice.randrange(65536)))
        else:
            sample[band] = dice.randrange(101)
    return sample
