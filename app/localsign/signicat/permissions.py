"""The permissions that an API client can have, by the names the dashboard shows."""

SIGN = "Signature API"  # documented: integration guide of Sign API v2

ALL = (SIGN,)
