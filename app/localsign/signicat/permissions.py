"""The permissions that an API client can have, by the names the dashboard shows."""

SIGN = "Signature API"  # documented: integration guide of Sign API v2

SECURE_SHARE = "Secure Share API"  # inferred from the name of Sign's

ALL = (SIGN, SECURE_SHARE)
