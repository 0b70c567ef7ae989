"""Those who watch the server: stores in, health, metrics and what is wrong out."""

from services.observing.doctor import Finding, State, diagnose
from services.observing.health import HealthReport, Part, examine
from services.observing.metrics import Metrics

__all__ = ["Finding", "HealthReport", "Metrics", "Part", "State", "diagnose", "examine"]
