"""What the tests of the gate share."""

from pathlib import Path

import pytest

from tests.pages.access.gating import Gated, Make


@pytest.fixture
def gated(tmp_path: Path) -> Make:
    """Makes gates of settings."""
    return lambda **changes: Gated(tmp_path, **changes)
