"""Jobs: recipes in, a queue of fetches and their results out, which outlive browsers and processes."""

from services.jobs.capacity import Demand, Room, check_capacity, claim
from services.jobs.pipeline import CacheFill, FetchPipeline, Progress, Spent, described, missing, observations_of, shown
from services.jobs.queue import (
    FETCH,
    FILL,
    LOOK,
    SPENDING,
    TITLES,
    UNFINISHED,
    Job,
    JobStore,
    job_id,
)
from services.jobs.underway import Fetching, bringing, fetching

__all__ = [
    "FETCH",
    "FILL",
    "LOOK",
    "SPENDING",
    "TITLES",
    "UNFINISHED",
    "CacheFill",
    "Demand",
    "FetchPipeline",
    "Fetching",
    "Job",
    "JobStore",
    "Progress",
    "Room",
    "Spent",
    "bringing",
    "check_capacity",
    "claim",
    "described",
    "fetching",
    "job_id",
    "missing",
    "observations_of",
    "shown",
]
