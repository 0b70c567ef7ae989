"""Those who watch the server: stores in, health and metrics out."""

from services.observing.health import HealthReport, Part, examine
from services.observing.metrics import Metrics

__all__ = ["HealthReport", "Metrics", "Part", "examine"]
