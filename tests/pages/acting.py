"""Pages as somebody else sees them: every page and component asks a stand-in who is there."""

import importlib
import pkgutil
import sys

import pytest

import pages.components
import pages.state
from pages.state import member
from services.access import Actor


def acting(monkeypatch: pytest.MonkeyPatch, who: Actor) -> None:
    """Until the test ends, whoever is at the page is `who`."""
    for package in (pages.components, pages.state):
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            importlib.import_module(found.name)
    for attribute, stand_in in ((member.actor, lambda: who), (member.member, lambda: who.name)):
        name = attribute.__name__
        for module in [one for key, one in sys.modules.items() if key.startswith("pages.")]:
            if vars(module).get(name) is attribute:
                monkeypatch.setattr(module, name, stand_in)
