"""The demo archive for tests and benchmarks: options come in, an archive that logs and fails on demand goes out."""

from functools import partial

from services.runtime import demo_archive

recording_archive = partial(demo_archive, module="tests.demo_archive")
"""As `demo_archive`, with the addresses `/_test/…` beside the product's; `middleware` says which."""

__all__ = ["recording_archive"]
