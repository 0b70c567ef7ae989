"""Actor: who does something, and their role. Whatever spends, changes or removes is told one, and refuses by it."""

from dataclasses import dataclass
from enum import IntEnum

from services.errors import NotAllowed


class Role(IntEnum):
    """What somebody may do; each may do what those before it may."""

    VIEWER = 1
    """Looks and downloads."""
    MEMBER = 2
    """Spends within an own budget, stops own jobs, saves areas."""
    ADMINISTRATOR = 3
    """Everybody's jobs, cache, areas and ledger, and who is a member."""

    @property
    def title(self) -> str:
        """What people read."""
        return self.name.lower()


@dataclass(frozen=True)
class Actor:
    """Somebody whose name is proven, or who is alone at this machine."""

    name: str
    """The name that jobs, ledger, budgets and audit log go by: with a login the e-mail address, in lower case."""
    role: Role

    def require(self, role: Role, doing: str) -> None:
        """Raises NotAllowed where the role is a lesser one; `doing` goes on after "To": `clear the cache`."""
        if self.role < role:
            raise NotAllowed(
                f"To {doing} one must be {_article(role)} {role.title}, and {self.name or 'you'} "
                f"{'is' if self.name else 'are'} {_article(self.role)} {self.role.title}.",
                "Ask an administrator of this server.",
            )

    def require_own(self, owner: str, doing: str) -> None:
        """The same for what belongs to a member: it takes a member for one's own, an administrator for another's."""
        role = self.role_for(owner)
        self.require(role, doing if role is Role.MEMBER else f"{doing} of {owner or 'others'}")

    def role_for(self, owner: str) -> Role:
        """The role that it takes to change what belongs to `owner`."""
        return Role.MEMBER if owner and owner == self.name else Role.ADMINISTRATOR


def _article(role: Role) -> str:
    return "an" if role is Role.ADMINISTRATOR else "a"
