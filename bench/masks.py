"""How much cloud masks let in, on a real series: `python -m bench masks`, with the series of the shared data beside us.

A series is `bands` (time, y, x, band: B02, B03, B04, B08; DN), `scl` (time, y, x) and `dates`. What is contaminated is
judged without any mask: for each date a reference is made of the nine cloudless dates that lie nearest in the season,
their median; an observation is contaminated where its blue is BRIGHT above it, or its near infrared under DARK of it
while its blue is no brighter (shadow). Snow (SCL 11) is left out of both counts: it is no cloud. The NDVI of a year is
the median over a mask's clear observations, off where it is more than OFF from that of all uncontaminated ones.

The series has no short-wave infrared, so the six-band network of the mask `csmask` cannot be run on it: what stands
here is the same package's network for four bands, at 10 m and on means of 3 × 3 px. And the network's seconds.
"""

import time
import warnings
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from services.csmask import cloud_classes
from services.mask_comparison import Residual, brighter
from services.recipe import MASKS, clear_observations
from services.sentinel2 import SCRIPT_BANDS

SERIES = Path(__file__).resolve().parents[2] / "shared" / "data" / "real_s2" / "romania_10m" / "data.npz"
BRIGHT, DARK, OFF = 0.04, 0.6, 0.1
"""Reflectance; part of a reflectance; NDVI."""
NEAREST = 9
"""Cloudless dates of a reference."""
YEARS = range(2016, 2021)
"""Whole ones."""
SNOW = 11
Stack = NDArray[np.bool_]
Values = NDArray[np.float32]


def reference(values: Values, days: NDArray[np.int64], clean: NDArray[np.int64]) -> Values:
    """Of each date the median of the cloudless ones that are nearest in the season, itself left out."""
    found = []
    for place, day in enumerate(days):
        others = clean[clean != place]
        apart = np.abs(days[others] - day)
        season = np.minimum(apart % 365, -apart % 365)
        nearest = others[np.argsort(season + apart / 73, kind="stable")[:NEAREST]]
        found.append(np.median(values[nearest], axis=0))
    return np.stack(found)


def contaminated(bands: Values, scl: NDArray[np.uint8], days: NDArray[np.int64]) -> Stack:
    """Which observations are cloud, haze or shadow by the reference."""
    cloudy = np.isin(scl, (3, 7, 8, 9, 10)).mean(axis=(1, 2)) >= 0.02
    snowy = (scl == SNOW).mean(axis=(1, 2)) >= 0.02
    clean = np.flatnonzero(~cloudy & ~snowy)
    blue, infrared = bands[..., 0], bands[..., 3]
    usual = reference(blue, days, clean)
    dark = (infrared < DARK * reference(infrared, days, clean)) & (blue < usual)
    return (blue - usual > BRIGHT) | dark


def yearly(ndvi: Values, clear: Stack, years: NDArray[np.int64]) -> Values:
    """The median of each year, (year, y, x)."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "All-NaN slice")
        return np.stack([np.nanmedian(np.where(clear, ndvi, np.nan)[years == year], axis=0) for year in YEARS])


def networks(bands: Values) -> dict[str, NDArray[np.uint8]]:
    """Classes by the network for four bands, at 10 m and at 30 m; nothing where the package is not installed."""
    if not MASKS["csmask"].is_here:
        return {}
    from ukis_csmask.mask import CSmask

    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Your input image is smaller")
        names, here = ["blue", "green", "red", "nir"], ["CPUExecutionProvider"]
        network = CSmask(bands[0].copy(), names, "l2a", providers=here, intra_op_num_threads=1)

    def classes(picture: Values) -> NDArray[np.uint8]:
        """As a new `CSmask` for each picture, which would read its weights each time."""
        network.img = network.normalize(picture.copy(), network.band_mean, network.band_std)
        return np.asarray(network._csm()[..., 0])

    def coarse(picture: Values) -> NDArray[np.uint8]:
        height, width = picture.shape[:2]
        whole = np.pad(picture, ((0, -height % 3), (0, -width % 3), (0, 0)), mode="edge")
        means = whole.reshape(whole.shape[0] // 3, 3, whole.shape[1] // 3, 3, -1).mean(axis=(1, 3))
        return classes(means.astype(np.float32)).repeat(3, axis=0).repeat(3, axis=1)[:height, :width]

    return {
        "csmask, 4 bands, 10 m": np.stack([classes(one) for one in bands]),
        "csmask, 4 bands, 30 m": np.stack([coarse(one) for one in bands]),
    }


def masks(bands: Values, scl: NDArray[np.uint8]) -> dict[str, Stack]:
    """What counts as clear, by the name of the mask."""
    valid = np.ones_like(scl)
    cautious, clear = MASKS["cautious"], MASKS["clear"]
    plain = replace(cautious, grown=clear.grown)
    found = {"clear (the mask of before)": clear_observations(valid, scl, clear)}
    found["class 7 too"] = clear_observations(valid, scl, cautious)
    found["class 7 too, square 3 px, 7 not grown"] = clear_observations(valid, scl, replace(plain, round=False), 3)
    for grow in range(1, 6):
        found[f"class 7 too, disk {grow} px, 7 not grown"] = clear_observations(valid, scl, plain, grow)
        found[f"cautious, disk {grow} px"] = clear_observations(valid, scl, cautious, grow)
    for name, classes in networks(bands).items():
        for grow in (0, 3):
            found[f"{name}, {grow} px"] = clear_observations(valid, classes, MASKS["csmask"], grow)
    return found


def table(bands: Values, scl: NDArray[np.uint8], dates: NDArray[np.datetime64], say: Callable[[str], None]) -> None:
    """A line for each mask."""
    days = dates.astype("datetime64[D]").astype(np.int64)
    years = dates.astype("datetime64[Y]").astype(np.int64) + 1970
    cloud, snow = contaminated(bands, scl, days), scl == SNOW
    red, infrared = bands[..., 2], bands[..., 3]
    ndvi = (infrared - red) / (infrared + red)
    made = masks(bands, scl)
    truth = yearly(ndvi, made["clear (the mask of before)"] & ~cloud & ~snow, years)
    say(f"contaminated: {cloud[~snow].mean():.1%} of all observations, {cloud[scl == 7].mean():.1%} of class 7")
    say("mask | contaminated of kept | of the clean kept | NDVI off (snow left out) | with snow | residual's estimate")
    for name, clear in made.items():
        kept = clear & ~snow
        off = [np.nanmean(np.abs(yearly(ndvi, one, years) - truth) > OFF) for one in (kept, clear)]
        share = Residual.of(kept, *brighter(bands[..., 0], kept)).share
        clean = np.count_nonzero(kept & ~cloud) / np.count_nonzero(~cloud & ~snow)
        say(f"{name} | {cloud[kept].mean():.1%} | {clean:.1%} | {off[0]:.2%} | {off[1]:.2%} | {share or 0:.1%}")


def window_seconds() -> Mapping[str, float]:
    """Of the network for one frame by one thread: its own time, whatever else runs."""
    found, chance = {}, np.random.default_rng(1)
    for side in (110, 165, 330):
        frame = {band: chance.integers(300, 3000, (side, side)).astype(np.uint16) for band in SCRIPT_BANDS}
        cloud_classes(frame)
        begun = time.thread_time()
        cloud_classes(frame)
        found[f"{side} px"] = time.thread_time() - begun
    return found


def main() -> None:
    """The table, where the series is there; the seconds, where the network is installed."""
    if SERIES.is_file():
        with np.load(SERIES, allow_pickle=False) as series:
            bands = series["bands"].astype(np.float32) / np.float32(10_000)
            table(bands, series["scl"], series["dates"], print)
    else:
        print(f"{SERIES.name} is not beside us: no table")
    if MASKS["csmask"].is_here:
        told = ", ".join(f"{size} {seconds:.2f} s" for size, seconds in window_seconds().items())
        print(f"ukis-csmask, one thread, a frame of: {told}")


if __name__ == "__main__":
    main()
