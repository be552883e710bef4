"""What a SAML login is checked with."""

import hashlib
import hmac

from localsign.signing_today.models.people import Application


def key(application: Application, domain: str) -> str:
    """The key that the identity provider of `domain` shares with the service (inferred: one for each domain)."""
    return hmac.new(
        application.saml_secret.encode(), domain.encode("utf-8", "surrogatepass"), hashlib.sha256
    ).hexdigest()
