"""Identities: what people sign with. No call makes one, so an account gets one when it is made."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from localsign.core.work import Work

_LIFE = timedelta(days=3 * 365)
_ISSUER = "localsign Test CA"


def row(
    identity_id: UUID, user_id: UUID, holder: str, expires_at: datetime, *, is_token: bool = False
) -> dict[str, Any]:
    """The row of a new identity: a remote one, or with `is_token` one on a smart card."""
    return {
        "id": identity_id,
        "user_id": user_id,
        "label": f"Token {holder}" if is_token else holder,
        "expires_at": expires_at,
        "shown": _shown(holder, is_token),
        "appearance": None,
    }


def expiry(work: Work) -> datetime:
    """When an identity that is made now ends."""
    return (work.now + _LIFE).replace(hour=23, minute=59, second=59, microsecond=0)


def _shown(holder: str, is_token: bool) -> dict[str, Any]:
    """The members that a client only looks at, by the names of the wire."""
    shown: dict[str, Any] = {
        "actions": {},
        "provider": "Approval Signing Today",
        "providerType": "token" if is_token else "remote",
        "subjectCommonName": holder,
        "issuerCommonName": _ISSUER,
        "tags": ["qualified"] if is_token else [],
    }
    if is_token:
        shown["providerData"] = {
            "smartcardID": 4711,
            "middlewareID": "bit4xpki",
            "ATR": "3bff1800008131fe55006b02090403010101434e5310318065",
            "reader": "localsign virtual reader 0",
            "tokenInfo": {"ulMinPinLen": 4, "ulMaxPinLen": 8, "manufacturerID": "localsign", "label": "CNS"},
        }
    return shown
