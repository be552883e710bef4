"""The permissions that an API client can have, by the names the dashboard shows."""

SIGN = "Signature API"  # documented: integration guide of Sign API v2
EVENTS = "Events Management"  # inferred: the name of the API
SECURE_SHARE = "Secure Share API"  # inferred from the name of Sign's
FLOW_EDITOR = "Flow Editor"  # documented: Mint API, both
FLOW_VIEWER = "Flow Viewer"

ALL = (SIGN, EVENTS, SECURE_SHARE, FLOW_EDITOR, FLOW_VIEWER)
