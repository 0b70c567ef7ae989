"""A bucket for tests: moto's S3 server on this machine, over real HTTP."""

import logging
from collections.abc import Iterator

import pytest
import requests

from services.settings import Settings, load_settings


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    """The address of an S3 service with one empty bucket, `team`."""
    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    address = "http://{}:{}".format(*server.get_host_and_port())
    requests.put(f"{address}/team", timeout=10).raise_for_status()
    yield address
    server.stop()


def with_bucket(endpoint: str, prefix: str, **changes: object) -> Settings:
    """Settings with a store in that bucket."""
    keys = {"store_access_key": "tests", "store_secret_key": "secret"}
    return load_settings(store=f"s3://team/{prefix}", store_endpoint=endpoint, **keys | changes)


def store_variables(endpoint: str) -> dict[str, str]:
    """The same as an environment has them, which other processes read."""
    settings = {"STORE": "s3://team/all", "STORE_ENDPOINT": endpoint, "STORE_ACCESS_KEY": "tests"}
    return {f"NINEPATCH_{name}": value for name, value in settings.items()} | {"NINEPATCH_STORE_SECRET_KEY": "secret"}
