"""Metrics in Prometheus' words: jobs, units, cache, disk, providers; read from the stores at each scrape.

Web and worker are processes of their own; what both do is in the stores, so that one of them can tell it all.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress

from prometheus_client import CollectorRegistry, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric, SummaryMetricFamily
from prometheus_client.registry import Collector

from services.accounting import ProviderActivity, activity
from services.errors import NinepatchError
from services.jobs import SPENDING, JobStore
from services.ninepatch import Ninepatch
from services.observing.health import examine
from services.providers import all_providers, find_provider
from services.storage import disk_state

_MOST = 1000
"""Running jobs that are looked at."""
SECONDS = (0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
"""Bounds of the histogram of our own answers."""


class Metrics:
    """The registry of one process."""

    def __init__(self, product: Ninepatch, jobs: JobStore) -> None:
        self._registry = CollectorRegistry()
        self._registry.register(_Stores(product, jobs))
        self.answers = Histogram(
            "ninepatch_http_seconds",
            "Seconds until an answer was sent, by route and status.",
            ("route", "status"),
            buckets=SECONDS,
            registry=self._registry,
        )

    def text(self) -> bytes:
        """In the text format 0.0.4."""
        return generate_latest(self._registry)


class _Stores(Collector):
    """Reads what the stores have; what cannot be read is left out of that scrape."""

    def __init__(self, product: Ninepatch, jobs: JobStore) -> None:
        self._product, self._jobs = product, jobs

    def describe(self) -> Iterable[Metric]:
        """Nothing is read before the first scrape."""
        return ()

    def collect(self) -> Iterator[Metric]:
        """All of them."""
        for part in (self._health, self._of_jobs, self._of_providers, self._of_disk, self._of_store):
            with suppress(NinepatchError, OSError):
                yield from part()

    def _health(self) -> Iterator[Metric]:
        report = examine(self._product.settings, lambda: self._jobs, lambda: self._product.ledger)
        yield _gauge(
            "ninepatch_well", "1 where a part is well, else 0.", "part", {p.name: p.well for p in report.parts}
        )
        workers = GaugeMetricFamily("ninepatch_workers", "Workers that live.")
        workers.add_metric([], len(self._jobs.workers()))
        yield workers

    def _of_jobs(self) -> Iterator[Metric]:
        yield _gauge("ninepatch_jobs", "Jobs by their state.", "state", self._jobs.counts())
        waiting = GaugeMetricFamily("ninepatch_jobs_held_back", "Running jobs that a provider asks to wait.")
        waiting.add_metric(
            [], sum(bool(job.waiting) for job in self._jobs.recent(*SPENDING, states=("running",), limit=_MOST))
        )
        yield waiting

    def _of_providers(self) -> Iterator[Metric]:
        found = activity(self._product.ledger)
        for name, help_text, value in _SPENT:
            yield _gauge(name, help_text, "provider", {one.provider: value(one) for one in found})
        units = {one.provider: one.units for one in found}
        settings = self._product.settings
        used = {*units, find_provider(settings).name}
        quotas = {one.name: one.limits.units_per_month for one in all_providers(settings) if one.name in used}
        left = {name: quota - units.get(name, 0.0) for name, quota in quotas.items() if quota}
        yield _gauge("ninepatch_units_left", "Units of the month's quota that are left.", "provider", left)
        errors = CounterMetricFamily(
            "ninepatch_errors", "Requests that failed this month.", labels=("provider", "kind")
        )
        seconds = SummaryMetricFamily(
            "ninepatch_request_seconds", "Seconds of requests this month.", labels=("provider",)
        )
        for one in found:
            seconds.add_metric([one.provider], one.blocks, one.seconds)
            for kind, count in one.errors:
                errors.add_metric([one.provider, kind], count)
        yield from (errors, seconds)

    def _of_disk(self) -> Iterator[Metric]:
        product, room = self._product, self._product.results.room
        disk = disk_state(product.settings)
        stock = product.frames.stock()
        sizes = {"disk_free": disk.free, "disk_total": disk.total, "frames": stock.bytes, "results": room.volume()}
        limits = {"frames": stock.limit, "results": room.limit}
        yield _gauge("ninepatch_bytes", "Bytes of the disk that are free and that stores take.", "of", sizes)
        yield _gauge("ninepatch_limit_bytes", "Bytes that a store may take.", "of", limits)

    def _of_store(self) -> Iterator[Metric]:
        """Of all machines: each of them says the same."""
        frames = self._product.frames.stored()
        if frames is not None:
            sizes = {"frames": frames.bytes, "orders": self._product.orders.stored()}
            told = "Bytes that the store of all machines holds, by the rows of the database."
            yield _gauge("ninepatch_store_bytes", told, "of", sizes)


_SPENT: tuple[tuple[str, str, Callable[[ProviderActivity], float]], ...] = (
    ("ninepatch_units", "Processing units charged this month.", lambda one: one.units),
    ("ninepatch_requests", "Requests that were answered this month.", lambda one: one.requests),
    ("ninepatch_received_bytes", "Bytes that came this month.", lambda one: one.bytes),
)


def _gauge(name: str, told: str, label: str, values: Mapping[str, float]) -> Metric:
    family = GaugeMetricFamily(name, told, labels=(label,))
    for key, value in values.items():
        family.add_metric([key], float(value))
    return family
