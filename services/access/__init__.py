"""Who may do what: actors and their roles; where the application is reached, and how people prove who they are."""

from services.access.actor import Actor, Role
from services.access.cookie_secret import cookie_secret
from services.access.entrance import Entrance, Login, PublicUrl, host_of, loopback

__all__ = ["Actor", "Entrance", "Login", "PublicUrl", "Role", "cookie_secret", "host_of", "loopback"]
