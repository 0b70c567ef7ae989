"""What somebody brought, before it is taken: its features one by one, and the area of those that are chosen."""

import time
from collections.abc import Collection
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice

from services.area.aoi import AOI, aoi_from_outline, polygons_of
from services.errors import AreaError
from services.formats import FileLimits, Outline, Rings, check_size, outline_from_text, stem_of
from services.geo import to_degrees
from services.sandbox import outline_from_file
from services.settings import Settings

SECONDS = 2.0
"""How long the features of a file are looked at one by one: beyond it there is no choice among them."""


@dataclass(frozen=True)
class Feature:
    """One thing in a file."""

    name: str
    """As the file calls it, or `Feature 3`; two may have the same. A user's word."""
    area_km2: float | None
    """As `AOI.area_km2`; None where it is no polygon by itself."""


@dataclass(frozen=True)
class Part:
    """One thing in a file as an area of its own."""

    name: str
    """As `Feature.name`."""
    aoi: AOI | None
    reason: str = ""
    """Why it is no area by itself, a sentence; empty where it is one."""


@dataclass(frozen=True)
class UploadedFeatures:
    """An outline in degrees of one or several features. Made by the functions below."""

    outline: Outline
    name: str
    """What the area is called where no single feature with a name is chosen; may be empty."""
    limits: Settings
    repair: bool
    """Whether small crossings are mended."""

    @cached_property
    def features(self) -> tuple[Feature, ...]:
        """To choose among, in the order of the file; empty where there is nothing to choose, or too much to look at."""
        if len(self.outline.members) < 2 or len(self.outline.members) > self.limits.max_features:
            return ()
        begun, found = time.monotonic(), list[Feature]()
        for number, ((name, _), rings) in enumerate(zip(self.outline.members, self._shares, strict=True), 1):
            if time.monotonic() - begun > SECONDS:
                return ()
            found.append(Feature(name or f"Feature {number:,}", self._area(rings)))
        return tuple(found)

    def parts(self) -> tuple[Part, ...]:
        """Each feature as an area, in the order of the file. Raises AreaError for more than a file may have."""
        members = self.outline.members
        if len(members) < 2:
            return (Part(self._whole.name, self._whole),)
        if len(members) > self.limits.max_features:
            raise AreaError(
                f"There are {len(members):,} features; at most {self.limits.max_features:,} are taken one by one.",
                "Give them in several files, or raise the setting max_features.",
            )
        return tuple(self._part(number, name) for number, (name, _) in enumerate(members))

    def _part(self, number: int, name: str) -> Part:
        called = name or f"Feature {number + 1:,}"
        try:
            return Part(called, self.aoi((number,)))
        except AreaError as error:
            return Part(called, None, error.sentences)

    def aoi(self, selection: Collection[int] = ()) -> AOI:
        """The union of the features with these numbers, from 0; of all for none. Raises AreaError and IndexError."""
        chosen = sorted(set(selection))
        members = self.outline.members
        if not chosen or len(chosen) == len(members):
            return self._whole
        own = members[chosen[0]][0] if len(chosen) == 1 else ""
        used = f"{len(chosen):,} of {len(members):,} features {'is' if len(chosen) == 1 else 'are'} used."
        part = replace(
            self.outline,
            polygons=tuple(rings for number in chosen for rings in self._shares[number]),
            features=len(chosen),
            members=tuple(members[number] for number in chosen),
            notes=(*self.outline.notes, used),
        )
        return aoi_from_outline(part, own or self.name, self.limits, repair=self.repair)

    @cached_property
    def _whole(self) -> AOI:
        """Asked for when it comes, and again when it is shown."""
        return aoi_from_outline(self.outline, self.name, self.limits, repair=self.repair)

    @cached_property
    def _shares(self) -> tuple[tuple[Rings, ...], ...]:
        """The polygons of each feature."""
        polygons = iter(self.outline.polygons)
        return tuple(tuple(islice(polygons, count)) for _, count in self.outline.members)

    def _area(self, rings: tuple[Rings, ...]) -> float | None:
        try:
            polygons, _ = polygons_of(replace(self.outline, polygons=rings), repair=self.repair)
        except AreaError:
            return None
        return AOI("", polygons).area_km2 if polygons else None


def read_features(data: bytes, filename: str, *, limits: Settings | None = None) -> UploadedFeatures:
    """From a file as `read_aoi` reads it.

    Raises AreaError where it cannot be read, or where neither all of it nor a single feature is an area.
    """
    limits = limits or Settings.model_construct()
    outline = outline_from_file(data, filename, FileLimits.of(limits))
    return _usable(outline, outline.name or stem_of(filename), limits, repair=True)


def parse_features(text: str, *, limits: Settings | None = None) -> UploadedFeatures:
    """From a text as `parse_aoi` reads it. Raises AreaError as `read_features`."""
    limits = limits or Settings.model_construct()
    return _usable(outline_from_text(text, limits), "", limits, repair=False)


def _usable(outline: Outline, name: str, limits: Settings, *, repair: bool) -> UploadedFeatures:
    check_size(outline.vertices, len(outline.polygons), limits)
    uploaded = UploadedFeatures(to_degrees(outline), name, limits, repair)
    if not any(feature.area_km2 for feature in uploaded.features):
        uploaded.aoi()
    return uploaded
