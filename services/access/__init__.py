"""Who may do what: actors, roles and what was done; where the application is reached, and how people log in."""

from services.access.actor import Actor, Role
from services.access.audit import Action, AuditLog, record
from services.access.cookie_secret import cookie_secret
from services.access.entrance import (
    FORWARDED_VARIABLE,
    PATH,
    VISITOR_HEADER,
    Entrance,
    Login,
    host_of,
    loopback,
    peer_address,
)
from services.access.log_outs import LogOuts
from services.access.roster import LONGEST_NAME, REMOVED, ROLES, Member, OwnBudget, Roster, known_as

__all__ = [
    "FORWARDED_VARIABLE",
    "LONGEST_NAME",
    "PATH",
    "REMOVED",
    "ROLES",
    "VISITOR_HEADER",
    "Action",
    "Actor",
    "AuditLog",
    "Entrance",
    "LogOuts",
    "Login",
    "Member",
    "OwnBudget",
    "Role",
    "Roster",
    "cookie_secret",
    "host_of",
    "known_as",
    "loopback",
    "peer_address",
    "record",
]
