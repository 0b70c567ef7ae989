"""Health, readiness, metrics and diagnosis: stores in, out what they say of the server."""

from services.observing.doctor import Finding, State, diagnose
from services.observing.health import HealthReport, examine
from services.observing.metrics import Metrics

__all__ = ["Finding", "HealthReport", "Metrics", "State", "diagnose", "examine"]
