"""Sign API v2."""
