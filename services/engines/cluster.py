"""The engine of many machines: eo-learn's RayExecutor on a cluster that runs already, with a loop of ours around it.

Ray runs whatever it is sent, so a cluster must prove who sends it: by a token (`RAY_AUTH_MODE=token`), or, where
somebody says so (`disabled`), by a network that nobody else is in. A task names the home and the tile; settings, and
what is secret of them, are read on the node that composes it. A node may die: its tiles are composed again elsewhere.
"""

import logging
import os
from collections.abc import Iterable
from typing import Any

import ray
from eolearn.core import WorkflowResults
from eolearn.core.extra.ray import RayExecutor, _ray_workflow_executor
from ray.exceptions import RayError

from services.engines.part import ComposePart, TileReceipt
from services.engines.pooled import POLL_SECONDS, Handing, Pooled
from services.engines.shelf import bring
from services.errors import ClusterUnreachable, NinepatchError, SettingsError
from services.export import crc_of
from services.grid import TileIndex
from services.settings import Settings

AUTH_MODE = "RAY_AUTH_MODE"
_TASK = {"num_cpus": 1, "max_retries": 5}
"""One core a tile; so often it is sent again where its node or process died."""


class HandingRay(Handing, RayExecutor):
    """eo-learn's executor for Ray, handing out."""


class Cluster(Pooled["ray.ObjectRef[WorkflowResults]"]):
    """As many tiles at once as the cluster has cores. This process joins it with the first part, through a node of it
    on this machine."""

    name = "ray"

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings.home)
        self._settings, self._address = settings, settings.ray_address

    def close(self) -> None:
        """See Engine; the cluster goes on."""
        if ray.is_initialized():
            ray.shutdown()

    def _places(self) -> int:
        self._join()
        return max(1, int(ray.cluster_resources().get("CPU", 0)))

    def _join(self) -> None:
        if ray.is_initialized():
            return
        if ":" not in self._address:  # `auto` would join whatever cluster was here last
            raise SettingsError("The engine ray has no address.", "Set ray_address to that of the head, `host:6379`.")
        if os.environ.get(AUTH_MODE) not in ("token", "disabled"):
            raise SettingsError(
                f"{AUTH_MODE} is not set: anybody who reaches the cluster could run programs on it.",
                "Set it to `token` for all nodes and this worker, or to `disabled` where the network is theirs alone.",
            )
        os.environ.setdefault("RAY_BACKEND_LOG_LEVEL", "error")  # it writes to this worker's log
        try:
            ray.init(self._address, log_to_driver=False, configure_logging=False, logging_level=logging.ERROR)
        except (RayError, ConnectionError, RuntimeError, ValueError) as error:
            raise ClusterUnreachable(
                f"The cluster at {self._address} cannot be joined.",
                "See that its head runs, that a node of it runs on this machine, and that all have the same token.",
            ) from error

    def _executor(self, *made_of: Any) -> HandingRay:
        executor = HandingRay(*made_of, ray_remote_kwargs=_TASK)
        executor.hand_out = _ray_workflow_executor.options(**_TASK).remote
        return executor

    def _ready(self, handles: list[Any]) -> Iterable[Any]:
        ready, _ = ray.wait(handles, num_returns=1, timeout=POLL_SECONDS)
        more, _ = ray.wait(handles, num_returns=len(handles), timeout=0)
        return dict.fromkeys((*ready, *more))

    def _result(self, handle: Any) -> WorkflowResults | BaseException:
        try:
            found: WorkflowResults = ray.get(handle)
        except RayError as error:
            return NinepatchError(
                f"The cluster did not compose the tile: {type(error).__name__}.",
                "See the logs of its nodes: each needs this program in the same place, memory, and the home.",
            )
        return found

    def _receipt(self, part: ComposePart, index: TileIndex, handle: Any) -> TileReceipt:
        receipt = super()._receipt(part, index, handle)
        if receipt.cause or self._is_here(part, receipt):
            return receipt
        bring(self._settings, part.files(index), again=True)
        if self._is_here(part, receipt):
            return receipt
        elsewhere = NinepatchError(
            "The tile was written, but to the disk of another machine.",
            "Set store to a bucket that all nodes reach, or use nodes of the worker's machine alone.",
        )
        return TileReceipt.failed(receipt.epsg, index, elsewhere)

    def _is_here(self, part: ComposePart, receipt: TileReceipt) -> bool:
        """Whether the files that it tells of lie in this home: an older one is another."""
        picture, *more = (self._home / name for name in part.files(receipt.index))
        return picture.is_file() and crc_of(picture) == receipt.crc and all(path.is_file() for path in more)

    def _drop(self, handles: Iterable[Any]) -> None:
        for handle in handles:
            ray.cancel(handle)
