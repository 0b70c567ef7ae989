"""Orders whose worker dies the moment that a part enters a state; each is a child of a process that imports once."""

import os
import signal
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

from services.cancellation import never
from services.ninepatch import Ninepatch
from services.orders import OrderRun, OrderStore
from services.runtime.worker import COMPOSING
from services.settings import load_settings

STATES = ("waiting", "fetching", "fetched", "composing", "done")
"""Of a part, in which the worker dies: once the state is written down, and before anything else is done."""
NEVER = "never"


class DyingStore(OrderStore):
    """Kills its process with the first part that enters the state."""

    last_word = NEVER

    def put_parts(self, *words: Any, **named: Any) -> None:
        """See OrderStore: there all parts begin to wait."""
        super().put_parts(*words, **named)
        self._enter("waiting")

    def part(self, *words: Any, **values: Any) -> None:
        """See OrderStore."""
        super().part(*words, **values)
        self._enter(values.get("state"))

    def _enter(self, state: str | None) -> None:
        if state == self.last_word:
            os.kill(os.getpid(), signal.SIGKILL)


def carry_out(home: Path, state: str) -> None:
    """The order that waits in that home."""
    DyingStore.last_word = state
    run = sys.modules[OrderRun.__module__]
    run.OrderStore = DyingStore  # type: ignore[attr-defined] # which the run opens
    product = Ninepatch(load_settings(home=home))
    life, store = product.database.locks.worker(), OrderStore(product.database)
    row = store.claim(life.name)
    assert row is not None
    OrderRun(product.workshop, row, never).run()()
    life.close()


def main() -> None:
    """In the homes that are named, each called by the state in which the worker dies; how each of them ended."""
    for module in COMPOSING:
        import_module(module)
    for home in map(Path, sys.argv[1:]):
        for state in (home.name, NEVER):
            child = os.fork()
            if child == 0:
                status = 1
                try:
                    carry_out(home, state)
                    status = 0
                finally:
                    sys.stderr.flush()
                    os._exit(status)
            sys.stdout.write(f"{os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])}\n")


if __name__ == "__main__":
    main()
