"""What can go wrong, as a tree. Each error is a sentence with its cause and a sentence with the remedy.

::

    NinepatchError
    ├── InputError             exit 2  what somebody brought or chose
    │   ├── AreaError                  the area cannot be used
    │   ├── GridError                  the grid or the tile cannot be made
    │   ├── RecipeError                a choice of the recipe is not possible
    │   ├── SettingsError              the configuration is not usable
    │   ├── JobError                   there is no such job
    │   ├── OrderError                 there is no such order, or it cannot be made
    │   └── LibraryError               the team's library of areas cannot do this
    ├── NoDataError            exit 3  the question is right, the archive has no answer
    │   ├── EmptyIntervalError         no acquisition at all
    │   └── NothingUnderLimitError     acquisitions, all cloudier than the limit
    ├── ProviderError          exit 4  the far end
    │   ├── CredentialsMissing         no account is configured
    │   ├── CredentialsRefused         the account was refused
    │   ├── ProviderUnreachable        no connection
    │   ├── QuotaSpent                 the account's units or requests are used up
    │   ├── RequestRefused             the service says the request is wrong
    │   ├── ServiceFailed              the service failed for longer than we wait
    │   └── BadResponse                what came is not what was asked for
    ├── BudgetReached          exit 6  the team's own limit on what is spent
    │   ├── MonthReached               the part of a month that may be spent
    │   └── CapacityExceeded           the machine's memory or disk, or the limits of cache and results, are too small
    ├── NotAllowed             exit 8  one's role on this server does not suffice
    ├── StorageError           exit 5  the cache or the results cannot be written or read
    │   └── StoreUnreachable           the store of all machines does not answer
    ├── ClusterUnreachable     exit 1  the machines that compose are not there
    └── Cancelled              exit 130  somebody stopped the job

Foreign errors (requests, oauthlib, sentinelhub, diskcache, rasterio, json) are translated where they enter.
"""

from pathlib import Path


class NinepatchError(Exception):
    """Anything that a person is told in a sentence."""

    exit_status = 1

    def __init__(self, cause: str, remedy: str = "", place: Path | str = "") -> None:
        super().__init__(cause, remedy)
        self.cause = cause
        """What happened, with the offending value; one sentence."""
        self.remedy = remedy
        """What to do next; one sentence, or empty."""
        self.place = place
        """The file or folder of this machine that it is about: for its terminal and log, and never part of a sentence,
        for those are shown to people who need not know how the server is built."""

    @property
    def sentences(self) -> str:
        """Both, for people of other machines."""
        return f"{self.cause} {self.remedy}".strip()

    def __str__(self) -> str:
        return f"{self.cause.removesuffix('.')} ({self.place}). {self.remedy}" if self.place else self.sentences


class InputError(NinepatchError):
    """What somebody brought or chose is not usable."""

    exit_status = 2


class AreaError(InputError):
    """The area cannot be used. Not for a tile that lies outside it: see GridError."""


class GridError(InputError):
    """The grid, tile or neighbourhood cannot be made."""


class RecipeError(InputError):
    """A choice of the recipe is not possible."""


class SettingsError(InputError):
    """The configuration is not usable. Not for missing credentials: see CredentialsMissing."""


class JobError(InputError):
    """There is no job with that number. Not for one that failed, which says so itself."""


class OrderError(InputError):
    """There is no such order, or it cannot be made so. Not for the question in it: see RecipeError."""


class LibraryError(InputError):
    """The library of areas cannot save, rename or open this one. Not for the outline itself: see AreaError."""


class GalleryError(InputError):
    """The gallery cannot save or change this picture. Not for a recipe that is not possible: see RecipeError."""


class NoDataError(NinepatchError):
    """The archive has nothing for this question. Not for a request that failed: see ProviderError."""

    exit_status = 3


class EmptyIntervalError(NoDataError):
    """There is no acquisition in the interval."""


class NothingUnderLimitError(NoDataError):
    """There are acquisitions, and none is at or under the max. cloud cover."""


class ProviderError(NinepatchError):
    """The provider could not or would not answer."""

    exit_status = 4


class CredentialsMissing(ProviderError):
    """No account is configured for the provider."""


class CredentialsRefused(ProviderError):
    """The provider does not accept the account."""


class ProviderUnreachable(ProviderError):
    """No connection to the provider."""


class QuotaSpent(ProviderError):
    """The account's monthly units or requests are used up. Not for a rate limit, which is waited for."""


class RequestRefused(ProviderError):
    """The service says that the request is wrong (4xx other than 401, 403 and 429)."""


class ServiceFailed(ProviderError):
    """The service kept failing or delaying past the bound on tries and time."""


class BadResponse(ProviderError):
    """What came back is not what was asked for: members, shape, type or bands."""


class AcquisitionGone(ProviderError):
    """A file of one acquisition is not there, though the catalogue names it. The picture is made without that date."""


class BudgetReached(NinepatchError):
    """A budget of the settings is used up or would be. Not for the account's quota: see QuotaSpent."""

    exit_status = 6


class MonthReached(BudgetReached):
    """What may be spent in a month is spent: the next one has as much again."""


class CapacityExceeded(BudgetReached):
    """It would need more memory or disk than there is. Not for a disk that turns out full: see StorageError."""


class NotAllowed(NinepatchError):
    """Somebody's role does not allow it. Not for a budget: see BudgetReached."""

    exit_status = 8


class StorageError(NinepatchError):
    """The cache or the results folder cannot be read or written."""

    exit_status = 5


class ClusterUnreachable(NinepatchError):
    """The cluster that composes orders cannot be joined. Not for one that is not configured: see SettingsError."""


class StoreUnreachable(StorageError):
    """The object store that several machines share does not answer. Not for one that refuses the keys."""


class Cancelled(NinepatchError):
    """Somebody stopped the job. What had been fetched is kept."""

    exit_status = 130
