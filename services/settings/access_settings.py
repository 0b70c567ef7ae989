"""Who may come in: the address that is served, the login, and the roles of people."""

from typing import Annotated

from pydantic import BaseModel, Field, SecretStr

from services.settings.fields import Copied, CopiedSecret, Words


class AccessSettings(BaseModel):
    """The part of `Settings` that decides who reaches the server, and as what."""

    listen: str = "127.0.0.1"
    """Address of this machine on which the application listens; another one than its own loopback needs a login, or
    `trusted_network`."""
    port: Annotated[int, Field(gt=0, le=65535)] = 8501
    """Where it listens."""
    public_url: str = ""
    """Address that people type, `https://maps.example.org/team`: the only host and origin that is then answered, with
    secure cookies where it is https; links to share begin with it. Empty where only this machine is served."""
    trusted_network: bool = False
    """Without a login, let everybody who reaches the server be an administrator."""
    oidc_issuer: str = ""
    """OpenID Connect: address of the issuer, below which `.well-known/openid-configuration` lies; empty is no login."""
    oidc_client_id: Copied = ""
    oidc_client_secret: CopiedSecret = SecretStr("")
    oidc_prompt: str = ""
    """What the issuer is told in `prompt`: `login`, `select_account`, or nothing where empty."""
    oidc_scopes: str = "openid email profile"
    """What is asked for, between blanks; some issuers tell groups only where theirs is among them."""
    oidc_email_claim: str = "email"
    """The claim by which a person is known; `email_verified` must be true beside it, unless it is another claim."""
    oidc_groups_claim: str = "groups"
    """The claim that lists a person's groups."""
    cookie_secret: CopiedSecret = SecretStr("")
    """Signs the cookie of the login; made at the first start, and kept in NINEPATCH_HOME, where empty."""
    session_hours: Annotated[float, Field(gt=0, le=24 * 30)] = 12
    """How long a login holds."""
    proxy_addresses: Words = ()
    """Addresses or networks (`10.0.0.0/8`) of the proxies that are believed who somebody is; none where empty."""
    proxy_secret: CopiedSecret = SecretStr("")
    """What such a proxy sends in `proxy_proof_header`; at least 16 characters."""
    proxy_proof_header: str = "X-Ninepatch-Proxy"
    proxy_email_header: str = "X-Forwarded-Email"
    """Where the proxy says who somebody is."""
    proxy_groups_header: str = "X-Forwarded-Groups"
    """Where it lists the person's groups, between commas."""
    administrators: Words = ()
    """Who may do everything: e-mail addresses, `@domain`, or `group:name`."""
    members: Words = ()
    """Who may spend and save, likewise."""
    viewers: Words = ()
    """Who may look and download, likewise."""

    @property
    def logs_in(self) -> bool:
        """Whether people prove who they are."""
        return bool(self.oidc_issuer or self.proxy_addresses)
