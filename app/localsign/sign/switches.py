"""What the documentation of Sign v2 leaves open, and what localsign does unless told otherwise."""

from localsign.core.switches import Switch

UNKNOWN_MEMBERS = Switch(
    "sign.unknown-members",
    default="reject",
    alternatives=("ignore",),
    source="Undocumented. The schemas list their members and say nothing of others.",
    text="What Sign does with members of a request that its schema does not have.",
)
URL_RENEWAL = Switch(
    "sign.url-renewal",
    default="on_read",
    alternatives=("never",),
    source="Undocumented. The link is documented to expire, a new one is not documented to be asked for.",
    text="Whether reading a session renews a signature URL that has expired.",
)

SWITCHES = (UNKNOWN_MEMBERS, URL_RENEWAL)
