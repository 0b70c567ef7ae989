"""Actors: each role may do what the lesser ones may, and a refusal says who would be needed."""

import pytest

from services.access import Actor, Role
from services.errors import NotAllowed


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("needed", Role)
def test_a_role_may_do_what_it_is_or_less(role: Role, needed: Role) -> None:
    if role >= needed:
        Actor("ada", role).require(needed, "clear the cache")
    else:
        with pytest.raises(NotAllowed, match=f"clear the cache.*{needed.title}.*ada is .* {role.title}"):
            Actor("ada", role).require(needed, "clear the cache")


def test_what_is_anothers_takes_an_administrator() -> None:
    Actor("ada", Role.MEMBER).require_own("ada", "stop a job")
    Actor("ada", Role.ADMINISTRATOR).require_own("bob", "stop a job")
    with pytest.raises(NotAllowed, match="stop a job of bob"):
        Actor("ada", Role.MEMBER).require_own("bob", "stop a job")
    with pytest.raises(NotAllowed, match="must be a member"):
        Actor("ada", Role.VIEWER).require_own("ada", "stop a job")
