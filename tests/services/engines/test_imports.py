"""A worker's threads import eo-learn at once: one ahead of what is asked, one for the order that waits already.

Its parts import each other: whoever begins with a part, and not with `eolearn.core`, may be given half of it.
"""

import subprocess
import sys

import pytest

TWO_AT_ONCE = """
import sys, threading
import services.composite, services.engines
failed, start = [], threading.Barrier(2)
def work(name):
    start.wait()
    try:
        __import__(name)
    except ImportError as error:
        failed.append(str(error))
threads = [threading.Thread(target=work, args=(name,)) for name in ("services.composite.workflow", sys.argv[1])]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
print(failed)
"""


@pytest.mark.parametrize("engine", ["threads", "processes"])
def test_an_engine_may_be_imported_while_the_workflow_is(engine: str) -> None:
    command = [sys.executable, "-W", "ignore", "-c", TWO_AT_ONCE, f"services.engines.{engine}"]
    assert subprocess.run(command, capture_output=True, text=True, timeout=120, check=True).stdout.strip() == "[]"
