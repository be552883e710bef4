"""What a SAML login is checked with, and what a reply in XML says.

The reply is documented as JSON; its sample is a SAML 2.0 response. What of one takes which part is inferred.
"""

import hashlib
import hmac
from typing import Any

from localsign.signing_today.models.people import Application

_ASSERTION = "{urn:oasis:names:tc:SAML:2.0:assertion}"
# Attributes that a person has several of; and the names of LDAP for what the reply in JSON calls otherwise.
_SEVERAL = ("isMemberOf",)
_LDAP = {"sn": "surname", "mail": "rfc822Mailbox", "uid": "userid"}


def key(application: Application, domain: str) -> str:
    """The key that the identity provider of `domain` shares with the service (inferred: one for each domain)."""
    return hmac.new(
        application.saml_secret.encode(), domain.encode("utf-8", "surrogatepass"), hashlib.sha256
    ).hexdigest()


def read_xml(reply: bytes) -> dict[str, Any]:
    """A SAML 2.0 response in the members of one in JSON; ValueError for what is none.

    An attribute has its FriendlyName, else the end of its Name. The NameID is the user unless an attribute is.
    """
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(reply, parser)
    except etree.XMLSyntaxError as error:
        raise ValueError(str(error)) from None
    said: dict[str, Any] = {}
    for found in root.iter(f"{_ASSERTION}NameID"):
        said["userid"] = _text(found)
    for found in root.iter(f"{_ASSERTION}Conditions"):
        said |= {"_not_before": found.get("NotBefore"), "_not_onorafter": found.get("NotOnOrAfter")}
    for found in root.iter(f"{_ASSERTION}Attribute"):
        called = found.get("FriendlyName") or (found.get("Name") or "").rpartition("/")[2].rpartition(":")[2]
        name = _LDAP.get(called, called)
        values = [_text(one) for one in found.iter(f"{_ASSERTION}AttributeValue")]
        said[name] = values if name in _SEVERAL else next(iter(values), None)
    return said


def _text(element: Any) -> str:
    return "".join(element.itertext()).strip()
