"""A Process request, read strictly from its body and its Accept header."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from services.demo.bounds import Bounds, read_bounds
from services.demo.errors import Refusal
from services.demo.evalscript import Script, read_script
from services.demo.payload import Part
from services.demo.search import FIRST
from services.demo.units import process_units

TIFF, PNG, JPEG, JSON = "image/tiff", "image/png", "image/jpeg", "application/json"
TAR = ("application/x-tar", "application/tar")
USERDATA = "userdata"
ORDERS = ("mostRecent", "leastRecent", "leastCC")
RESAMPLINGS = ("NEAREST", "BILINEAR", "BICUBIC")
_ALIASES = {"sentinel-2-l2a", "S2L2A"}


@dataclass(frozen=True)
class Member:
    """One file of the answer."""

    identifier: str
    format: str
    """image/tiff, image/png, image/jpeg or application/json."""
    quality: int
    """Of a JPEG, 0 to 100."""


@dataclass(frozen=True)
class ProcessRequest:
    """What is asked for."""

    bounds: Bounds
    begin: datetime
    end: datetime
    """Both inclusive, UTC."""
    max_cloud_cover: float
    """Percent of the tile, at most."""
    order: str
    """mostRecent, leastRecent or leastCC."""
    harmonize: bool
    """Take the offset of newer baselines away."""
    script: Script
    members: tuple[Member, ...]
    tar: str
    """Media type of the archive that holds the members; empty where one goes alone."""

    @property
    def units(self) -> float:
        """What it costs."""
        tiffs = [one.identifier for one in self.members if one.format == TIFF]
        float32 = any(self.script.outputs[one].sample_type == "FLOAT32" for one in tiffs)
        window = self.bounds.window
        return process_units(window.width, window.height, self.script.inputs, float32=float32)


def read_request(body: Any, accept: str) -> ProcessRequest:
    """Raises Refusal."""
    whole = Part(body)
    source, output = whole.part("input"), whole.part("output")
    data = _only_data(source)
    bounds = read_bounds(source.part("bounds"), output)
    chosen, processing = data.part("dataFilter"), data.part("processing")
    begin, end = _times(chosen.part("timeRange"))
    for name in ("upsampling", "downsampling"):
        processing.choice(name, RESAMPLINGS, "NEAREST")
    cloud_cover = chosen.number("maxCloudCoverage", 0, 100)
    script = read_script(whole.text("evalscript"))
    members, tar = _members(output, accept, script)
    return ProcessRequest(
        bounds=bounds,
        begin=begin,
        end=end,
        max_cloud_cover=100.0 if cloud_cover is None else cloud_cover,
        order=chosen.choice("mosaickingOrder", ORDERS, "mostRecent"),
        harmonize=processing.flag("harmonizeValues", True),
        script=script,
        members=members,
        tar=tar,
    )


def _times(times: Part) -> tuple[datetime, datetime]:
    """From when to when, both inclusive; without them, all that there is."""
    begin, end = times.instant("from", FIRST), times.instant("to", datetime.now(UTC))
    if begin > end and "to" in times:
        raise Refusal("`from` should be before `to`.", parameter=times.place("from"))
    return begin, end


def _only_data(source: Part) -> Part:
    """The one data source."""
    data = source.parts("data")
    if not data:
        raise Refusal("`data` should have at least one item.", parameter=source.place("data"))
    for one in data:
        kind = one.text("type")
        if not kind:
            raise one.wrong("type", "the name of a collection")
        if kind not in _ALIASES:
            raise Refusal(
                f"The demo archive has no collection `{kind}`, but sentinel-2-l2a.", parameter=one.place("type")
            )
    if len(data) > 1:
        raise Refusal("The demo archive does not support data fusion.", parameter=source.place("data"))
    return data[0]


def _members(output: Part, accept: str, script: Script) -> tuple[tuple[Member, ...], str]:
    """What is sent, and the media type of the archive around it. The header outranks the body."""
    wanted = accept.split(",")[0].split(";")[0].strip().lower()
    parts = output.parts("responses") or [Part({}, "output->responses[0]")]
    tar = wanted if wanted in TAR else ""
    if len(parts) > 1 and not tar:
        raise Refusal("Several responses need the header Accept: application/tar.", parameter="output->responses")
    if not (tar or wanted in {"", "*/*", TIFF, PNG, JPEG, JSON}):
        raise Refusal(f"The media type `{wanted}` of the header Accept is not supported.")
    members = [_member(part, wanted if wanted in {TIFF, PNG, JPEG, JSON} else "", script) for part in parts]
    if len({one.identifier for one in members}) < len(members):
        raise Refusal("Each response should have its own identifier.", parameter="output->responses")
    return tuple(members), tar


def _member(part: Part, wanted: str, script: Script) -> Member:
    identifier = part.text("identifier", "default")
    form = part.part("format")
    kind = wanted or form.choice("type", (TIFF, PNG, JPEG, JSON), PNG)
    quality = form.number("quality", 0, 100)
    if identifier == USERDATA or kind == JSON:
        if not (identifier == USERDATA and kind == JSON):
            raise Refusal("application/json is for the response `userdata` only.", parameter=part.place("identifier"))
        return Member(identifier, JSON, 0)
    if identifier not in script.outputs:
        message = f"The script has no output '{identifier}'; it has {', '.join(script.outputs)}."
        raise Refusal(message, parameter=part.place("identifier"))
    _check_samples(kind, identifier, script)
    return Member(identifier, kind, 90 if quality is None else round(quality))


SAMPLES: Mapping[str, tuple[set[str], set[int]]] = {
    PNG: ({"UINT8", "UINT16", "AUTO"}, {1, 3, 4}),
    JPEG: ({"UINT8", "AUTO"}, {1, 3}),
}
"""Sample types and counts of channels that a picture can have."""


def _check_samples(kind: str, identifier: str, script: Script) -> None:
    output = script.outputs[identifier]
    if kind in SAMPLES:
        types, counts = SAMPLES[kind]
        if output.sample_type not in types or len(output.sources) not in counts:
            raise Refusal(
                f"{kind} cannot hold output '{identifier}' with {len(output.sources)} bands of {output.sample_type}."
            )
