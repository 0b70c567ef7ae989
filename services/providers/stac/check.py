"""Whether a catalogue of open data can be used, with the figures that tell why where it cannot."""

import time
from functools import partial
from typing import TYPE_CHECKING

from services.cancellation import never
from services.catalogue import Acquisition, GranuleFile
from services.errors import BadResponse, NinepatchError
from services.providers.agreement import DAYS, PLACE, sample
from services.providers.base import AskPage, Step, directly, ignore
from services.providers.stac.catalog import Question, ask_page, following, search_bodies
from services.providers.stac.header import read_header
from services.providers.stac.source import OpenCatalogue
from services.settings import Settings
from services.text import plural

if TYPE_CHECKING:
    from services.providers.stac.provider import OpenData


def check_catalogue(provider: "OpenData", settings: Settings, ask: AskPage = directly) -> list[Step]:
    """One step after the other, up to the first that fails; an error is its sentence. Pages are asked for by `ask`."""
    steps: list[Step] = []
    step = "catalogue"
    try:
        source = provider.open(settings)
        steps.append(Step(step, True, _page(source, ask)))
        step = "search"
        clearest, told = _searched(source, ask)
        steps.append(Step(step, True, told))
        file = next(file for file in clearest.granules[0].files if file.plane == "B04")
        if provider.sign_url:
            step = "signature"
            steps.append(Step(step, True, _signature(source, file)))
        step = "header"
        steps.append(Step(step, True, _header(source, file)))
        step = "block"
        steps.append(Step(step, True, _block(provider, settings, clearest)))
    except NinepatchError as error:
        steps.append(Step(step, False, str(error)))
    return steps


def _page(source: OpenCatalogue, ask: AskPage) -> str:
    """One page of one item, and how it leads to the next."""
    profile, begun = source.profile, time.monotonic()
    question = Question("POST", f"{profile.base_url}/search", next(search_bodies(profile, PLACE.bounds_wgs84, DAYS, 1)))
    page = ask(partial(ask_page, source, question))
    after = following(page, question, profile)
    leads = f"leads on by {after.method}" if after else "leads no further"
    version = ", ".join(sorted({str(item.get("stac_version", "none")) for item in page["features"]})) or "none"
    return (
        f"{profile.host} answered for {profile.collection} with {plural(len(page['features']), 'item')} in "
        f"{time.monotonic() - begun:.2f} s; STAC {version}; the page {leads}."
    )


def _searched(source: OpenCatalogue, ask: AskPage) -> tuple[Acquisition, str]:
    begun = time.monotonic()
    found = source.search(PLACE, DAYS, never, ask)
    whole = sorted((one for one in found if not one.gone), key=lambda one: (-one.coverage, one.cloud_cover, one.key))
    if not whole:
        raise BadResponse(f"{source.profile.title} has no acquisition of {DAYS.words} there.", "Report this sentence.")
    baselines = ", ".join(sorted({number for one in found for number in one.baselines})) or "unknown"
    return whole[0], (
        f"{plural(len(found), 'date')} of {DAYS.words} in {time.monotonic() - begun:.2f} s, of processing baselines "
        f"{baselines}; the clearest is {whole[0].key}."
    )


def _signature(source: OpenCatalogue, file: GranuleFile) -> str:
    begun = time.monotonic()
    source.signatures.token(file.href, never)
    until = source.signatures.expiry(file.href)
    return f"A signature was given in {time.monotonic() - begun:.2f} s; it is renewed at {until:%Y-%m-%d %H:%M:%S} UTC."


def _header(source: OpenCatalogue, file: GranuleFile) -> str:
    begun = time.monotonic()
    header = read_header(lambda start, size, etag: source.read_range(file.href, start, size, etag, never, ignore))
    blocks = f"{header.coding.width} × {header.coding.height} px"
    return (
        f"{file.href}: {header.width} × {header.height} px in {plural(len(header.offsets), 'block')} of {blocks}, "
        f"{header.size:,} bytes (the catalogue says {file.size:,}), ETag {header.etag or 'none'}, "
        f"transform {tuple(header.transform)} (the catalogue says {file.transform}), EPSG:{file.epsg}, "
        f"offset {file.offset}; {time.monotonic() - begun:.2f} s."
    )


def _block(provider: "OpenData", settings: Settings, acquisition: Acquisition) -> str:
    one = sample(provider, provider.open(settings), acquisition)
    (planes,) = one.block.frames.values()
    red = planes["B04"]
    return (
        f"{one.products}: {one.block.bytes:,} bytes in {plural(one.block.requests, 'request')}, {one.seconds:.2f} s; "
        f"B04 {int(red.min())} to {int(red.max())}, mean {float(red.mean()):.3f}, checksum {one.checksum}."
    )
