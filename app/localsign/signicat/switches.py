"""What no source tells of the authentication host, and what localsign does unless told otherwise."""

from localsign.core.switches import Switch

INVALID_CLIENT_STATUS = Switch(
    "platform.invalid-client-status",
    default="400",
    alternatives=("401",),
    source="Recorded as 400 for credentials in the form; RFC 6749 wants 401 where HTTP Basic was used.",
    text="The status of `invalid_client` for a client that came with an Authorization header.",
)
MISSING_SCOPE = Switch(
    "platform.missing-scope",
    default="accept",
    alternatives=("refuse",),
    source="Undocumented. Every sample sends `scope`; RFC 6749 allows a default or `invalid_scope`.",
    text="What a token request without `scope` gets: a token for signicat-api, or `invalid_scope`.",
)
REVOKED_TOKENS = Switch(
    "platform.revoked-tokens",
    default="refuse",
    alternatives=("accept",),
    source="Undocumented. Gateways that check tokens by themselves accept a revoked one until it expires.",
    text="What the APIs do with a revoked token that has not expired; introspection always calls it inactive.",
)

SWITCHES = (INVALID_CLIENT_STATUS, MISSING_SCOPE, REVOKED_TOKENS)
