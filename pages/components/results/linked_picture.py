"""What a link to a result shows in the place of the picture, where it is not what is chosen."""

from pages.components.results.downloads import downloads
from pages.components.results.picture_state import as_made, not_here
from pages.components.results.progress import watch
from pages.components.results.removals import removed
from pages.components.results.requested_result import RequestedResult


def show_linked(question: RequestedResult) -> None:
    """A picture that a link names: as it was made, or as far as it is."""
    if question.result is not None:
        as_made(question.result, question.digest)
        downloads(question.result, question.digest)
    elif question.job is not None and question.job.unfinished and question.recipe is not None:
        watch(question.job, question.recipe)
    elif not removed(question.digest):
        not_here(question)
