"""Memory that is freed goes back to the system."""

import platform
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
PROGRAM = """
import sys, threading
from pathlib import Path
import numpy as np
from services.runtime.worker import tune_malloc
assert tune_malloc()

def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096

def fill():
    blocks = [np.ones(300_000, np.uint8) for _ in range(300)]
    del blocks[::2]
    del blocks

before = resident()
threads = [threading.Thread(target=fill) for _ in range(8)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(resident() - before)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only the GNU C library needs to be told")
def test_what_threads_have_freed_is_no_longer_resident() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60
    )
    assert int(done.stdout) < 20e6, "of 720 MB"
